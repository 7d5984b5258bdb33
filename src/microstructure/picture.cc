#include "microstructure/picture.h"

#include <deal.II/base/numbers.h>

#include <vtkFreeTypeTools.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGWriter.h>
#include <vtkStdString.h>
#include <vtkTextProperty.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace lithoclase
{
namespace
{
using Colour = std::array<double, 3>; ///< red, green, blue in [0, 255]

constexpr Colour white{{255., 255., 255.}}, dark{{43., 45., 54.}}, liquid_blue{{38., 110., 201.}},
    metal_grey{{163., 167., 174.}};
constexpr std::array<Colour, 10> grain_colours{{{{236., 205., 160.}},
                                                {{190., 214., 188.}},
                                                {{226., 178., 172.}},
                                                {{204., 194., 222.}},
                                                {{244., 226., 178.}},
                                                {{170., 201., 204.}},
                                                {{216., 187., 150.}},
                                                {{212., 220., 170.}},
                                                {{238., 196., 190.}},
                                                {{184., 192., 210.}}}};

Colour mix(const Colour &a, const Colour &b, double share_of_b)
{
  const double share = std::min(1., std::max(0., share_of_b));
  return {{a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])}};
}

/// A rectangle of a plane: pixel (i, j) shows origin + (i + 1/2) pixel e_u + (j + 1/2) pixel e_v.
template <int dim>
struct Panel
{
  dealii::Point<dim> origin;
  unsigned int u, v; ///< axes to the right and upwards
  std::size_t width, height;
  std::string caption;
};

/// The picture under construction; row 0 is at the bottom.
class Canvas
{
public:
  Canvas(std::size_t width, std::size_t height) : width(width), height(height), bytes(3 * width * height, 255)
  {
  }

  void blend(long x, long y, const Colour &colour, double share)
  {
    if (x < 0 || y < 0 || x >= static_cast<long>(width) || y >= static_cast<long>(height))
      return;
    std::uint8_t *pixel = &bytes[3 * (y * width + x)];
    const Colour mixed = mix({{double(pixel[0]), double(pixel[1]), double(pixel[2])}}, colour, share);
    for (unsigned int c = 0; c < 3; ++c)
      pixel[c] = static_cast<std::uint8_t>(std::lround(mixed[c]));
  }

  void fill(long x, long y, long w, long h, const Colour &colour)
  {
    for (long j = y; j < y + h; ++j)
      for (long i = x; i < x + w; ++i)
        blend(i, j, colour, 1.);
  }

  void frame(long x, long y, long w, long h)
  {
    fill(x - 2, y - 2, w + 4, 2, dark);
    fill(x - 2, y + h, w + 4, 2, dark);
    fill(x - 2, y, 2, h, dark);
    fill(x + w, y, 2, h, dark);
  }

  /// Writes with the left end at x, vertically centred about y; returns the width.
  long text(long x, long y, const std::string &words)
  {
    vtkNew<vtkTextProperty> property;
    property->SetFontFamilyToArial();
    property->SetFontSize(22);
    property->SetColor(dark[0] / 255., dark[1] / 255., dark[2] / 255.);
    vtkNew<vtkImageData> image;
    int size[2] = {0, 0};
    if (!vtkFreeTypeTools::GetInstance()->RenderString(property, vtkStdString(words), 72, image, size))
      return 0;
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i) {
        const auto *rgba = static_cast<const std::uint8_t *>(image->GetScalarPointer(i, j, 0));
        blend(x + i, y - size[1] / 2 + j, dark, rgba[3] / 255.);
      }
    return size[0];
  }

  bool write(const std::string &file_name) const
  {
    if (!std::ofstream(file_name)) // VTK would print warnings of its own
      return false;
    vtkNew<vtkImageData> image;
    image->SetDimensions(width, height, 1);
    image->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
    std::copy(bytes.begin(), bytes.end(), static_cast<std::uint8_t *>(image->GetScalarPointer()));
    vtkNew<vtkPNGWriter> writer;
    writer->SetInputData(image);
    writer->SetFileName(file_name.c_str());
    writer->Write();
    return writer->GetErrorCode() == 0;
  }

  const std::size_t width, height;

private:
  std::vector<std::uint8_t> bytes;
};

/// A colour per grain, different from its neighbours' as far as the colours go.
template <int dim>
std::vector<Colour> colours_of_grains(const Microstructure<dim> &microstructure)
{
  std::vector<std::vector<unsigned int>> neighbours(microstructure.n_grains());
  for (unsigned int boundary = 0; boundary < microstructure.n_boundaries(); ++boundary) {
    const auto [a, b] = microstructure.grains_of_boundary(boundary);
    neighbours[a].push_back(b);
    neighbours[b].push_back(a);
  }
  constexpr unsigned int none = grain_colours.size();
  std::vector<unsigned int> choice(microstructure.n_grains(), none);
  std::array<unsigned int, grain_colours.size()> used{};
  for (unsigned int grain = 0; grain < choice.size(); ++grain) {
    std::array<unsigned int, grain_colours.size()> conflicts{};
    for (const unsigned int neighbour : neighbours[grain])
      if (choice[neighbour] != none)
        ++conflicts[choice[neighbour]];
    unsigned int best = 0;
    for (unsigned int c = 1; c < grain_colours.size(); ++c)
      if (std::make_pair(conflicts[c], used[c]) < std::make_pair(conflicts[best], used[best]))
        best = c;
    choice[grain] = best;
    ++used[best];
  }
  std::vector<Colour> colours;
  for (const unsigned int c : choice)
    colours.push_back(grain_colours[c]);
  return colours;
}

/// Brushed metal: a slow sheen and fine streaks along the rows.
Colour metal_colour(double across, std::size_t row)
{
  const double streak = ((row * 2654435761u) >> 8 & 0xff) / 255. - 0.5;
  const double light = 16. * std::sin(2. * dealii::numbers::PI * across) + 7. * streak;
  return {{metal_grey[0] + light, metal_grey[1] + light, metal_grey[2] + light}};
}

template <int dim>
Colour colour_at(const Microstructure<dim> &microstructure, const std::vector<Colour> &grains,
                 const dealii::Point<dim> &point, double pixel, double across, std::size_t row)
{
  // Edges are smoothed over one pixel by means of the distances.
  const auto inside = [&](double depth) { return 0.5 + depth / pixel; };
  const auto line = [&](double distance, double width_in_pixels) {
    return inside(0.5 * width_in_pixels * pixel - std::abs(distance));
  };

  const PointStructure<dim> structure = microstructure.evaluate(point);
  Colour colour = mix(grains[structure.grain], dark, 0.13 * std::min(1., structure.band_sum()));
  colour = mix(colour, dark, line(microstructure.distance_to_boundary(point), 2.4));

  const double wall = microstructure.distance_to_wall(point);
  const double pore = structure.empty + structure.liquid;
  if (pore > 0.)
    colour = mix(colour, mix(white, liquid_blue, structure.liquid / pore), inside(-wall));
  colour = mix(colour, dark, line(wall, 2.));

  const double lithium = microstructure.distance_to_lithium(point);
  colour = mix(colour, metal_colour(across, row), inside(lithium));
  return mix(colour, dark, line(lithium, 2.));
}

template <int dim>
std::vector<Panel<dim>> make_panels(const Microstructure<dim> &microstructure, double pixel)
{
  const dealii::Point<dim> &lower = microstructure.lower(), &upper = microstructure.upper();
  const auto panel = [&](unsigned int u, unsigned int v, const std::string &caption) {
    Panel<dim> panel{lower, u, v, 0, 0, caption};
    for (unsigned int a = 0; a < dim; ++a)
      if (a != u && a != v)
        panel.origin[a] = 0.5 * (lower[a] + upper[a]);
    panel.width = std::max(1L, std::lround((upper[u] - lower[u]) / pixel));
    panel.height = std::max(1L, std::lround((upper[v] - lower[v]) / pixel));
    return panel;
  };
  if (dim == 2)
    return {panel(0, 1, "")};
  return {panel(0, 2, "x, z"), panel(1, 2, "y, z"), panel(0, 1, "x, y")};
}

/// All pixels of a panel on the first rank.
template <int dim>
std::vector<std::uint8_t> draw_panel(const Microstructure<dim> &microstructure,
                                     const std::vector<Colour> &grains, const Panel<dim> &panel, double pixel,
                                     MPI_Comm communicator)
{
  const std::size_t rank = dealii::Utilities::MPI::this_mpi_process(communicator);
  const std::size_t n_ranks = dealii::Utilities::MPI::n_mpi_processes(communicator);
  std::vector<std::uint8_t> local;
  std::vector<int> counts(n_ranks), offsets(n_ranks);
  for (std::size_t r = 0; r < n_ranks; ++r) {
    offsets[r] = 3 * panel.width * (panel.height * r / n_ranks);
    counts[r] = 3 * panel.width * (panel.height * (r + 1) / n_ranks) - offsets[r];
  }
  for (std::size_t j = panel.height * rank / n_ranks; j < panel.height * (rank + 1) / n_ranks; ++j)
    for (std::size_t i = 0; i < panel.width; ++i) {
      dealii::Point<dim> point = panel.origin;
      point[panel.u] += (i + 0.5) * pixel;
      point[panel.v] += (j + 0.5) * pixel;
      for (unsigned int a = 0; a < dim; ++a)
        point[a] = std::min(point[a], microstructure.upper()[a]);
      const double across = (double(i) + 0.7 * j) / panel.width;
      for (const double channel : colour_at(microstructure, grains, point, pixel, across, j))
        local.push_back(static_cast<std::uint8_t>(std::lround(std::min(255., std::max(0., channel)))));
    }
  std::vector<std::uint8_t> all(rank == 0 ? 3 * panel.width * panel.height : 0);
  const int ierr = MPI_Gatherv(local.data(), local.size(), MPI_BYTE, all.data(), counts.data(),
                               offsets.data(), MPI_BYTE, 0, communicator);
  AssertThrowMPI(ierr);
  return all;
}

/// 1, 2 or 5 times a power of ten, at most `longest` [m].
double nice_length(double longest)
{
  const double power = std::pow(10., std::floor(std::log10(longest)));
  return (longest >= 5. * power ? 5. : longest >= 2. * power ? 2. : 1.) * power;
}

std::string length_label(double length)
{
  const bool in_nm = length < 0.999e-6;
  return std::to_string(std::lround(length * (in_nm ? 1e9 : 1e6))) + (in_nm ? " nm" : " um");
}

/// Scale bar and legend in the strip below the panels.
template <int dim>
void draw_strip(Canvas &canvas, long middle, long left, double pixel,
                const Microstructure<dim> &microstructure)
{
  const double bar = nice_length(0.3 * (microstructure.upper()[0] - microstructure.lower()[0]));
  const long bar_pixels = std::lround(bar / pixel);
  canvas.fill(left, middle - 4, bar_pixels, 8, dark);
  long x = left + bar_pixels + 12;
  x += canvas.text(x, middle, length_label(bar)) + 40;

  const auto entry = [&](const std::string &words, const Colour &colour, bool as_line) {
    canvas.fill(x, middle - (as_line ? 2 : 12), 24, as_line ? 4 : 24, colour);
    if (!as_line)
      canvas.frame(x, middle - 12, 24, 24);
    x += 34;
    x += canvas.text(x, middle, words) + 28;
  };
  if (microstructure.has_lithium())
    entry("lithium", metal_grey, false);
  if (microstructure.n_boundaries() > 0)
    entry("grain boundary", dark, true);
  if (microstructure.has_phase(PoreFilling::empty))
    entry("void", white, false);
  if (microstructure.has_phase(PoreFilling::liquid))
    entry("ionic liquid", liquid_blue, false);
}
} // namespace

template <int dim>
void write_picture(const Microstructure<dim> &microstructure, MPI_Comm communicator,
                   const std::string &file_name)
{
  const dealii::Tensor<1, dim> size = microstructure.upper() - microstructure.lower();
  const double longest = *std::max_element(size.begin_raw(), size.end_raw());
  const double pixel = longest / (dim == 2 ? 1200. : 640.);
  const std::vector<Colour> grains = colours_of_grains(microstructure);
  const std::vector<Panel<dim>> panels = make_panels(microstructure, pixel);

  constexpr long margin = 24, strip = 60;
  const long caption = dim == 3 ? 34 : 0;
  long width = margin, height = 0;
  for (const Panel<dim> &panel : panels) {
    width += panel.width + margin;
    height = std::max<long>(height, panel.height);
  }
  Canvas canvas(std::max(width, 860L), height + caption + margin + strip);
  long x = margin;
  for (const Panel<dim> &panel : panels) {
    const std::vector<std::uint8_t> pixels = draw_panel(microstructure, grains, panel, pixel, communicator);
    for (std::size_t k = 0; k < pixels.size() / 3; ++k)
      canvas.blend(x + k % panel.width, strip + k / panel.width,
                   {{double(pixels[3 * k]), double(pixels[3 * k + 1]), double(pixels[3 * k + 2])}}, 1.);
    canvas.frame(x, strip, panel.width, panel.height);
    if (!panel.caption.empty())
      canvas.text(x, strip + panel.height + 20, panel.caption);
    x += panel.width + margin;
  }

  draw_strip(canvas, strip / 2, margin, pixel, microstructure);

  int written = 1;
  if (dealii::Utilities::MPI::this_mpi_process(communicator) == 0)
    written = canvas.write(file_name);
  if (dealii::Utilities::MPI::min(written, communicator) == 0)
    throw std::runtime_error("The picture '" + file_name + "' cannot be written.");
}

template void write_picture(const Microstructure<2> &, MPI_Comm, const std::string &);
template void write_picture(const Microstructure<3> &, MPI_Comm, const std::string &);
} // namespace lithoclase
