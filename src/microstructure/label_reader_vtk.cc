#include "core/failure.h"
#include "core/text.h"
#include "microstructure/label_file_check.h"
#include "microstructure/label_reader.h"

#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkDataSetReader.h>
#include <vtkImageData.h>
#include <vtkLogger.h>
#include <vtkMatrix3x3.h>
#include <vtkMetaImageReader.h>
#include <vtkNew.h>
#include <vtkObjectFactory.h>
#include <vtkOutputWindow.h>
#include <vtkPNGReader.h>
#include <vtkPointData.h>
#include <vtkRectilinearGrid.h>
#include <vtkSmartPointer.h>
#include <vtkTIFFReader.h>
#include <vtkXMLImageDataReader.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <numeric>
#include <sstream>

namespace lithoclase
{
namespace
{
/// Keeps the errors that VTK would print, and drops its warnings (of private tags in TIFF files, for
/// instance).
class VtkMessages : public vtkOutputWindow
{
public:
  static VtkMessages *New() { return new VtkMessages; }
  void DisplayErrorText(const char *text) override { text_ += text; }
  void DisplayText(const char *) override {}

  std::string text_;
};

/// Collects the errors of VTK, and of the libraries in it that write to std::cerr, while it lives.
class VtkMessageScope
{
public:
  VtkMessageScope() : before_(vtkOutputWindow::GetInstance()), screen_(std::cerr.rdbuf(printed_.rdbuf()))
  {
    vtkOutputWindow::SetInstance(messages_);
    vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_OFF);
  }
  ~VtkMessageScope()
  {
    vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_INFO);
    std::cerr.rdbuf(screen_);
    vtkOutputWindow::SetInstance(before_);
  }
  VtkMessageScope(const VtkMessageScope &) = delete;
  VtkMessageScope &operator=(const VtkMessageScope &) = delete;

  /// The first error, without the name of VTK's file and object; the others follow from it.
  std::string sentence() const
  {
    for (const std::string &line : split(messages_->text_ + printed_.str(), '\n')) {
      const std::size_t colon = line.find("): ");
      if (!line.empty() && line.find("ERROR:") != 0)
        return colon == std::string::npos ? line : line.substr(colon + 3);
    }
    return {};
  }

private:
  vtkNew<VtkMessages> messages_;
  vtkSmartPointer<vtkOutputWindow> before_;
  std::ostringstream printed_;
  std::streambuf *screen_;
};

template <typename Reader>
void update(Reader &reader, const std::string &file, const std::string &hint = "")
{
  const VtkMessageScope messages;
  reader.Update();
  if (reader.GetErrorCode() != 0 || !messages.sentence().empty())
    throw InputError(
        "The label image '" + file + "' cannot be read, it may be cut short: " +
        (messages.sentence().empty() ? "the reader of this format gives up" : messages.sentence()) + hint);
}

/// VTK 9.1 as in Ubuntu 24.04 does not find data appended to the XML: expat 2.6 tells of the mark before them
/// later than it expects.
std::string hint_on_appended_data(const std::string &file)
{
  constexpr std::size_t head = 1 << 20; // bytes; the mark follows the description of the arrays
  std::string text(head, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(&text[0], head);
  text.resize(stream.gcount());
  if (text.find("<AppendedData") == std::string::npos)
    return "";
  return "; its data are appended to the XML, which VTK 9.1 does not find with expat 2.6: save it with "
         "another data mode (ParaView: Data Mode 'Binary'), or as .mha";
}

/// The array of labels: the named one, or the only one of the cells, or else of the points.
vtkDataArray *label_array(vtkDataSet &data, const std::string &file, const std::string &dataset,
                          bool &on_cells)
{
  std::vector<std::string> names;
  vtkDataArray *found = nullptr;
  for (const bool cells : {true, false}) {
    vtkDataSetAttributes *attributes = cells ? static_cast<vtkDataSetAttributes *>(data.GetCellData())
                                             : static_cast<vtkDataSetAttributes *>(data.GetPointData());
    for (int i = 0; i < attributes->GetNumberOfArrays(); ++i) {
      const std::string name = attributes->GetArrayName(i) ? attributes->GetArrayName(i) : "";
      names.push_back(name);
      if (attributes->GetArray(i) && (dataset.empty() || name == dataset) && !found) {
        found = attributes->GetArray(i);
        on_cells = cells;
      }
    }
  }
  if (!found || (dataset.empty() && names.size() > 1))
    throw InputError("'Microstructure/Label image/dataset' is '" + dataset + "', but '" + file + "' holds " +
                     (names.empty() ? "no array" : "the arrays " + quoted_list(names, "and")) +
                     (dataset.empty() ? "; give one of them." : suggestion(dataset, names) + "."));
  return found;
}

void append_values(vtkDataArray &array, std::size_t n, const std::string &file, LabelVoxels &voxels)
{
  switch (array.GetDataType()) {
    vtkTemplateMacro(append_labels(static_cast<const VTK_TT *>(array.GetVoidPointer(0)), n, file, voxels));
  default:
    throw InputError("The label image '" + file + "' holds values of type " + array.GetDataTypeAsString() +
                     "; labels must be whole numbers.");
  }
}

void take_values(vtkDataArray &array, const std::string &file, LabelVoxels &voxels)
{
  if (array.GetNumberOfComponents() != 1)
    throw InputError("The label image '" + file + "' has " + std::to_string(array.GetNumberOfComponents()) +
                     " values per voxel, as a colour picture has; labels are one whole number per voxel.");
  append_values(array, array.GetNumberOfTuples(), file, voxels);
}

/// Sides of the voxels along one axis of a grid. A label at a point stands for what is nearest to it.
std::vector<double> sides_along(vtkDataArray &coordinates, const bool on_cells)
{
  std::vector<double> gaps;
  for (vtkIdType i = 1; i < coordinates.GetNumberOfTuples(); ++i)
    gaps.push_back(coordinates.GetTuple1(i) - coordinates.GetTuple1(i - 1));
  if (gaps.empty())
    return {1.};
  if (on_cells)
    return gaps;
  std::vector<double> sides{gaps.front()};
  for (std::size_t i = 1; i < gaps.size(); ++i)
    sides.push_back(0.5 * (gaps[i - 1] + gaps[i]));
  sides.push_back(gaps.back());
  return sides;
}

/// Sides of the voxels of a grid, where along an axis they are equal to 1e-3 as one number.
void take_sides(vtkRectilinearGrid &grid, const bool on_cells, const std::string &file, LabelVoxels &voxels)
{
  const std::array<vtkDataArray *, 3> coordinates{
      {grid.GetXCoordinates(), grid.GetYCoordinates(), grid.GetZCoordinates()}};
  std::array<double, 3> spacing{};
  for (unsigned int a = 0; a < 3; ++a) {
    std::vector<double> sides = sides_along(*coordinates[a], on_cells);
    const double least = *std::min_element(sides.begin(), sides.end());
    const double most = *std::max_element(sides.begin(), sides.end());
    if (!(least * most > 0.))
      throw InputError("The label image '" + file + "' is a grid whose coordinates along " +
                       std::string(1, "xyz"[a]) + " neither rise nor fall from each to the next.");
    spacing[a] = std::accumulate(sides.begin(), sides.end(), 0.) / sides.size();
    if (std::max(most - spacing[a], spacing[a] - least) > 1e-3 * std::abs(spacing[a])) {
      spacing[a] = least > 0. ? least : most;
      voxels.sides[a] = std::move(sides);
    }
  }
  voxels.spacing = spacing;
}

LabelVoxels from_data_set(vtkDataSet &data, const std::string &file, const std::string &dataset)
{
  auto *image = vtkImageData::SafeDownCast(&data);
  auto *grid = vtkRectilinearGrid::SafeDownCast(&data);
  if (!image && !grid)
    throw InputError("The label image '" + file + "' holds a " + data.GetClassName() +
                     "; allowed are structured points and rectilinear grids.");
  if (image && !image->GetDirectionMatrix()->IsIdentity())
    throw_turned_axes(file, "its direction matrix is not the unit matrix");

  LabelVoxels voxels;
  bool on_cells = false;
  vtkDataArray *array = label_array(data, file, dataset, on_cells);
  if (extension_of(file) == ".vtk")
    check_legacy_vtk(file, *array);
  std::array<int, 3> points{};
  if (image) {
    image->GetDimensions(points.data());
    voxels.spacing.emplace();
    image->GetSpacing(voxels.spacing->data());
  } else {
    grid->GetDimensions(points.data());
    take_sides(*grid, on_cells, file, voxels);
  }
  for (unsigned int a = 0; a < 3; ++a)
    voxels.n[a] = on_cells ? std::max(1, points[a] - 1) : points[a];
  take_values(*array, file, voxels);
  if (voxels.labels.empty() || voxels.labels.size() != voxels.n[0] * voxels.n[1] * voxels.n[2])
    throw InputError("The label image '" + file + "' is cut short: it holds " +
                     std::to_string(voxels.labels.size()) + " values for " + std::to_string(voxels.n[0]) +
                     " x " + std::to_string(voxels.n[1]) + " x " + std::to_string(voxels.n[2]) + " voxels.");
  return voxels;
}

/// Turns each layer upside down.
void reverse_rows(LabelVoxels &voxels)
{
  const std::size_t row = voxels.n[0], n_rows = voxels.n[1];
  for (std::size_t k = 0; k < voxels.n[2]; ++k) {
    const auto layer = voxels.labels.begin() + k * n_rows * row;
    for (std::size_t j = 0; j < n_rows / 2; ++j)
      std::swap_ranges(layer + j * row, layer + (j + 1) * row, layer + (n_rows - 1 - j) * row);
  }
}

vtkSmartPointer<vtkImageReader2> image_reader(const std::string &extension)
{
  if (extension == ".png")
    return vtkSmartPointer<vtkPNGReader>::New();
  if (extension == ".mha" || extension == ".mhd")
    return vtkSmartPointer<vtkMetaImageReader>::New();
  return vtkSmartPointer<vtkTIFFReader>::New();
}
} // namespace

LabelVoxels read_vtk_labels(const std::string &file, const std::string &dataset)
{
  const std::string extension = extension_of(file);
  if (extension == ".vti") {
    check_vtk_xml(file);
    vtkNew<vtkXMLImageDataReader> reader;
    reader->SetFileName(file.c_str());
    update(*reader, file, hint_on_appended_data(file));
    return from_data_set(*reader->GetOutput(), file, dataset);
  }
  if (extension == ".vtk") {
    vtkNew<vtkDataSetReader> reader;
    reader->SetFileName(file.c_str());
    reader->ReadAllScalarsOn();
    update(*reader, file);
    if (!reader->GetOutput())
      throw InputError("The label image '" + file + "' holds no data set that VTK can read.");
    return from_data_set(*reader->GetOutput(), file, dataset);
  }
  if (extension == ".png")
    check_png(file);
  if (extension == ".mha" || extension == ".mhd")
    check_meta_image(file);
  if (extension == ".tif" || extension == ".tiff")
    check_tiff(file);
  const vtkSmartPointer<vtkImageReader2> reader = image_reader(extension);
  reader->SetFileName(file.c_str());
  update(*reader, file);
  return from_data_set(*reader->GetOutput(), file, dataset);
}

LabelVoxels read_layers(const std::vector<std::string> &files)
{
  LabelVoxels stack;
  for (std::size_t k = 0; k < files.size(); ++k) {
    LabelVoxels layer = read_vtk_labels(files[k], "");
    if (extension_of(files[k]) != ".png")
      reverse_rows(layer); // VTK's reader of TIFF files puts the top row at y = 0
    if (files.size() == 1)
      stack = std::move(layer);
    else {
      if (k == 0)
        stack.n = {{layer.n[0], layer.n[1], files.size()}};
      if (layer.n[0] != stack.n[0] || layer.n[1] != stack.n[1] || layer.n[2] != 1)
        throw InputError("The layer '" + files[k] + "' has " + std::to_string(layer.n[0]) + " x " +
                         std::to_string(layer.n[1]) + " x " + std::to_string(layer.n[2]) + " pixels, but '" +
                         files[0] + "' has " + std::to_string(stack.n[0]) + " x " +
                         std::to_string(stack.n[1]) + "; all layers of a series must be alike.");
      append_labels(layer.labels.data(), layer.labels.size(), files[k], stack);
    }
  }
  stack.spacing.reset(); // these formats know none that can be relied upon
  return stack;
}
} // namespace lithoclase
