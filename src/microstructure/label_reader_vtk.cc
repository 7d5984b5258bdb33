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
#include <iostream>
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
void update(Reader &reader, const std::string &file)
{
  const VtkMessageScope messages;
  reader.Update();
  if (reader.GetErrorCode() != 0 || !messages.sentence().empty())
    throw InputError(
        "The label image '" + file + "' cannot be read, it may be cut short: " +
        (messages.sentence().empty() ? "the reader of this format gives up" : messages.sentence()));
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

/// The equal distance of the coordinates of one axis.
double equal_spacing(vtkDataArray &coordinates, const std::string &file)
{
  const vtkIdType n = coordinates.GetNumberOfTuples();
  if (n < 2)
    return 1.;
  const double spacing = (coordinates.GetTuple1(n - 1) - coordinates.GetTuple1(0)) / (n - 1);
  for (vtkIdType i = 1; i < n; ++i) {
    const double here = coordinates.GetTuple1(i) - coordinates.GetTuple1(i - 1);
    if (!(std::abs(here - spacing) <= 1e-3 * std::abs(spacing)))
      throw InputError("The label image '" + file + "' is a grid with cells of " + format_number(here) +
                       " beside cells of " + format_number(spacing) +
                       "; along each axis all must be alike: resample it.");
  }
  return spacing;
}

LabelVoxels from_data_set(vtkDataSet &data, const std::string &file, const std::string &dataset)
{
  std::array<int, 3> points{};
  std::array<double, 3> spacing{};
  if (auto *image = vtkImageData::SafeDownCast(&data)) {
    image->GetDimensions(points.data());
    image->GetSpacing(spacing.data());
    if (!image->GetDirectionMatrix()->IsIdentity())
      throw_turned_axes(file, "its direction matrix is not the unit matrix");
  } else if (auto *grid = vtkRectilinearGrid::SafeDownCast(&data)) {
    grid->GetDimensions(points.data());
    spacing = {{equal_spacing(*grid->GetXCoordinates(), file), equal_spacing(*grid->GetYCoordinates(), file),
                equal_spacing(*grid->GetZCoordinates(), file)}};
  } else
    throw InputError("The label image '" + file + "' holds a " + data.GetClassName() +
                     "; allowed are structured points and rectilinear grids.");

  LabelVoxels voxels;
  bool on_cells = false;
  vtkDataArray *array = label_array(data, file, dataset, on_cells);
  if (extension_of(file) == ".vtk")
    check_legacy_vtk(file, *array);
  for (unsigned int a = 0; a < 3; ++a)
    voxels.n[a] = on_cells ? std::max(1, points[a] - 1) : points[a];
  voxels.spacing = spacing;
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
    update(*reader, file);
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
