#include "microstructure/label_image.h"

#include "core/failure.h"
#include "core/hdf5_handle.h"
#include "microstructure/diffuse_profile.h"
#include "microstructure/grain_orientations.h"
#include "microstructure/label_export.h"
#include "microstructure/label_specks.h"
#include "microstructure/mean_orientation.h"
#include "microstructure/random.h"
#include "microstructure/rotation.h"
#include "temporary_folder.h"

#include <deal.II/base/numbers.h>

#include <gtest/gtest.h>

#include <hdf5.h>
#include <vtkCellData.h>
#include <vtkImageData.h>
#include <vtkIntArray.h>
#include <vtkMetaImageWriter.h>
#include <vtkNew.h>
#include <vtkPNGWriter.h>
#include <vtkPointData.h>
#include <vtkStructuredPointsWriter.h>
#include <vtkTIFFWriter.h>
#include <vtkUnsignedShortArray.h>
#include <vtkXMLImageDataWriter.h>
#include <zlib.h>

using namespace lithoclase;
using dealii::Point;
using dealii::Tensor;

namespace
{
using Shape = std::vector<std::size_t>; // first axis first

/// Writes a .npy file of labels, from the first rank.
template <typename LabelAt>
void write_npy(const std::string &file, const Shape &n, const LabelAt &label_at)
{
  if (on_rank_0()) {
    std::string shape;
    std::size_t size = 1;
    for (auto length = n.rbegin(); length != n.rend(); ++length) {
      shape += std::to_string(*length) + ", ";
      size *= *length;
    }
    std::string header = "{'descr': '<i4', 'fortran_order': False, 'shape': (" + shape + "), }";
    header.resize((header.size() + 11) / 64 * 64 + 53, ' ');
    header += '\n';
    std::ofstream stream(file, std::ios::binary);
    stream.write("\x93NUMPY\x01\x00", 8);
    const std::uint16_t length = header.size();
    stream.write(reinterpret_cast<const char *>(&length), 2);
    stream << header;
    for (std::size_t i = 0; i < size; ++i) {
      const std::int32_t label = label_at(i);
      stream.write(reinterpret_cast<const char *>(&label), 4);
    }
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

template <int dim>
Point<dim> centre(std::size_t voxel, const Shape &n)
{
  Point<dim> point;
  for (unsigned int a = 0; a < dim; voxel /= n[a], ++a)
    point[a] = voxel % n[a] + 0.5;
  return point;
}

/// An image with voxels of 1 m, bands of 4 m.
template <int dim>
LabelImage<dim> image_of(LabelImageParameters parameters, const std::string &file, const Shape &n,
                         const std::array<bool, dim> &periodic = {})
{
  parameters.file = file;
  parameters.spacing = {1.};
  Point<dim> upper;
  for (unsigned int a = 0; a < dim; ++a)
    upper[a] = n[a];
  return {parameters, {}, upper, periodic, 1., 4., MPI_COMM_WORLD};
}

double degrees_between(double cosine)
{
  return std::acos(std::min(1., cosine)) * 180. / dealii::numbers::PI;
}

template <int dim>
void compare_with_voronoi(const std::string &file, std::size_t length, unsigned int n_grains)
{
  const Shape n(dim, length);
  Random random(5, RandomUse::grain_seeds);
  std::vector<Point<dim>> seeds(n_grains);
  for (Point<dim> &seed : seeds)
    for (unsigned int a = 0; a < dim; ++a)
      seed[a] = random.uniform(0., length);
  Point<dim> upper;
  for (unsigned int a = 0; a < dim; ++a)
    upper[a] = length;
  const Voronoi<dim> voronoi(seeds, {}, upper, {}, 4.);
  write_npy(file, n, [&](std::size_t i) {
    PointStructure<dim> structure;
    voronoi.evaluate(centre<dim>(i, n), structure);
    return 3 + structure.grain;
  });
  const LabelImage<dim> image = image_of<dim>({}, file, n);

  double wrong = 0., far = 0., bands = 0., exact_bands = 0., worst_distance = 0.;
  constexpr unsigned int n_points = 20000;
  for (unsigned int i = 0; i < n_points; ++i) {
    Point<dim> point;
    for (unsigned int a = 0; a < dim; ++a)
      point[a] = random.uniform(0., length);
    PointStructure<dim> structure, exact;
    image.evaluate(point, structure);
    voronoi.evaluate(point, exact);
    bands += structure.band_sum();
    exact_bands += exact.band_sum();
    const double distance = voronoi.distance_to_boundary(point);
    if (distance > 1.) {
      far += 1.;
      wrong += structure.grain != exact.grain;
      // Facets outside the box are not in the image.
      double to_side = length;
      for (unsigned int a = 0; a < dim; ++a)
        to_side = std::min({to_side, point[a], length - point[a]});
      if (distance < to_side)
        worst_distance = std::max(worst_distance, std::abs(*image.distance_to_boundary(point) - distance));
    }
  }
  EXPECT_LT(wrong / far, 0.001);
  EXPECT_NEAR(bands / exact_bands, 1., 0.02); // area of boundaries
  // Near junctions a boundary ends a voxel or two early: which of three planes goes on is in the eye of the
  // pixels. Only the mesh and the picture ask for this distance.
  EXPECT_LT(worst_distance, 2.5);
  EXPECT_NEAR(image.boundaries().size(), voronoi.n_boundaries(), 0.1 * voronoi.n_boundaries());
}
} // namespace

TEST(LabelImage, TiltedBoundaryHasNoStaircase)
{
  const TemporaryFolder folder;
  const Shape n{64, 64};
  for (const double degrees : {17., 30., 45., 73.}) {
    const double angle = degrees * dealii::numbers::PI / 180.;
    const Tensor<1, 2> normal(Point<2>(std::cos(angle), std::sin(angle)));
    const auto distance_at = [&](const Point<2> &point) { return (point - Point<2>(32.37, 32.)) * normal; };
    write_npy(folder / "line.npy", n,
              [&](std::size_t i) { return distance_at(centre<2>(i, n)) > 0. ? 7 : 3; });
    const LabelImage<2> image = image_of<2>({}, folder / "line.npy", n);
    ASSERT_EQ(image.n_grains(), 2u);

    Random random(1, RandomUse::noise);
    double mean_square = 0., worst = 0., mean = 0., count = 0.;
    for (unsigned int i = 0; i < 20000; ++i) {
      // Away from the sides, where the fit is one-sided.
      const Point<2> point(random.uniform(8., 56.), random.uniform(8., 56.));
      const double distance = distance_at(point);
      if (std::abs(distance) > 3.2)
        continue;
      PointStructure<2> structure;
      image.evaluate(point, structure);
      ASSERT_EQ(structure.n_bands, 1u);
      const double off = degrees_between(structure.bands[0].normal * normal);
      mean_square += off * off;
      worst = std::max(worst, off);
      mean += structure.bands[0].indicator - boundary_band(distance, 4.);
      count += 1.;
    }
    EXPECT_LT(std::sqrt(mean_square / count), 2.) << degrees;
    EXPECT_LT(worst, 6.) << degrees;
    EXPECT_NEAR(mean / count, 0., 0.01) << degrees;
  }
}

TEST(LabelImage, BandIntegratesToItsWidthAcrossATiltedPlane)
{
  const TemporaryFolder folder;
  const Shape n{32, 32, 32};
  const Tensor<1, 3> normal = Tensor<1, 3>(Point<3>(0.3, 0.5, 0.8)) / std::sqrt(0.98);
  write_npy(folder / "plane.npy", n,
            [&](std::size_t i) { return (centre<3>(i, n) - Point<3>(16., 16., 16.)) * normal > 0. ? 2 : 1; });
  const LabelImage<3> image = image_of<3>({}, folder / "plane.npy", n);
  double integral = 0.;
  constexpr unsigned int steps = 1000;
  for (unsigned int i = 0; i < steps; ++i) {
    PointStructure<3> structure;
    image.evaluate(Point<3>(16., 16., 16.) + ((i + 0.5) / steps * 16. - 8.) * normal, structure);
    integral += 16. / steps * structure.band_sum();
    if (structure.n_bands > 0)
      EXPECT_LT(degrees_between(structure.bands[0].normal * normal), 3.);
  }
  EXPECT_NEAR(integral, 4., 0.02);
}

TEST(LabelImage, CurvedWallsStayInPlace)
{
  const TemporaryFolder folder;
  const Shape n{40, 40, 40};
  const Point<3> middle(20.21, 19.67, 20.11);
  write_npy(folder / "ball.npy", n,
            [&](std::size_t i) { return centre<3>(i, n).distance(middle) < 12. ? 0 : 1; });
  LabelImageParameters parameters;
  parameters.empty_labels = {"0"};
  const LabelImage<3> image = image_of<3>(parameters, folder / "ball.npy", n);
  EXPECT_TRUE(image.has_phase(VoxelCode::empty));
  EXPECT_FALSE(image.has_phase(VoxelCode::liquid));
  EXPECT_EQ(image.depth(VoxelCode::liquid, middle, -9.).value, -9.);
  Random random(1, RandomUse::noise);
  double mean = 0.;
  constexpr unsigned int n_points = 2000;
  for (unsigned int i = 0; i < n_points; ++i) {
    const Tensor<2, 3> rotation = random_rotation(random);
    Tensor<1, 3> radial;
    for (unsigned int a = 0; a < 3; ++a)
      radial[a] = rotation[a][0];
    const double height = random.uniform(-3., 3.);
    const Depth<3> depth = image.depth(VoxelCode::empty, middle + (12. + height) * radial, -9.);
    EXPECT_NEAR(depth.value, -height, 0.35);
    EXPECT_LT(degrees_between(-(depth.gradient * radial)), 4.);
    mean += (depth.value + height) / n_points;
  }
  EXPECT_NEAR(mean, 0., 0.08); // 0.7 % of the radius
  EXPECT_NEAR(image.depth(VoxelCode::empty, middle, -9.).value, 12., 0.8);
}

TEST(LabelImage, GrainsOfAVoronoiPolycrystalComeBack)
{
  const TemporaryFolder folder;
  compare_with_voronoi<2>(folder / "grains_2d.npy", 160, 30);
  compare_with_voronoi<3>(folder / "grains_3d.npy", 64, 20);
}

TEST(LabelImage, ContinuesAcrossPeriodicSides)
{
  const TemporaryFolder folder;
  const Shape n{32, 24};
  // A stripe with one boundary on the side of the box.
  write_npy(folder / "stripe.npy", n, [&](std::size_t i) { return centre<2>(i, n)[0] < 16. ? 1 : 2; });
  for (const bool periodic : {false, true}) {
    const LabelImage<2> image = image_of<2>({}, folder / "stripe.npy", n, {{periodic, false}});
    PointStructure<2> structure;
    image.evaluate({31., 12.}, structure);
    EXPECT_EQ(structure.n_bands, periodic ? 1u : 0u);
    EXPECT_NEAR(*image.distance_to_boundary({31., 12.}), periodic ? 1. : 15., 0.05);
  }
}

TEST(LabelImage, CropsMirrorsResamplesAndFillsSpecks)
{
  const TemporaryFolder folder;
  const Shape n{16, 8};
  write_npy(folder / "map.npy", n, [&](std::size_t i) {
    return i == 35 ? 9 : i % 16 < 4 ? 1 : i % 16 < 8 ? 2 : 3;
  });
  LabelImageParameters parameters;
  parameters.file = folder / "map.npy";
  parameters.spacing = {1.};
  parameters.crop = {"2:9", "0:7"};
  parameters.mirror = {"x"};
  parameters.resampled_spacing = {2.};
  parameters.smallest_part = 3;
  parameters.liquid_labels = {"3"};
  std::vector<std::uint32_t> codes;
  const LabelTable table = prepare_labels(parameters, codes);
  EXPECT_EQ(table.n, (std::array<unsigned long long, 3>{{4, 4, 1}}));
  EXPECT_EQ(table.spacing[0], 2.);
  EXPECT_EQ(table.grains, (std::vector<std::int32_t>{1, 2}));
  for (unsigned int j = 0; j < 4; ++j) {
    EXPECT_EQ(VoxelCode::phase(codes[4 * j]), VoxelCode::liquid);
    EXPECT_EQ(codes[4 * j + 1], 1u);
    EXPECT_EQ(codes[4 * j + 2], 1u);
    EXPECT_EQ(codes[4 * j + 3], 0u);
  }

  std::vector<std::int32_t> labels{1, 1, 1, 1, 5, 6, 1, 2, 2, 2, 2, 2};
  EXPECT_EQ(remove_specks({{4, 3, 1}}, labels, 2), 2u);
  EXPECT_EQ(labels, (std::vector<std::int32_t>{1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2}));
}

namespace
{
/// Puts the image of a tilted plane onto voxels of other sides, its own being 1.
template <int dim>
void expect_plane_in_place(const std::string &file, const Shape &n, const Tensor<1, dim> &normal,
                           const double spacing)
{
  Point<dim> middle;
  for (unsigned int a = 0; a < dim; ++a)
    middle[a] = 0.5 * n[a] + 0.13;
  write_npy(file, n, [&](std::size_t i) { return (centre<dim>(i, n) - middle) * normal > 0. ? 2 : 1; });
  LabelImageParameters parameters;
  parameters.resampled_spacing = {spacing};
  const LabelImage<dim> image = image_of<dim>(parameters, file, n);
  EXPECT_EQ(image.n_voxels(), static_cast<std::size_t>(std::pow(std::round(n[0] / spacing), dim)));
  Random random(1, RandomUse::noise);
  double mean = 0., count = 0.;
  for (unsigned int i = 0; i < 5000; ++i) {
    Point<dim> point;
    for (unsigned int a = 0; a < dim; ++a)
      point[a] = random.uniform(0.25 * n[a], 0.75 * n[a]);
    const double distance = (point - middle) * normal;
    PointStructure<dim> structure;
    image.evaluate(point, structure);
    if (std::abs(distance) > std::max(1., spacing))
      EXPECT_EQ(structure.grain, distance > 0. ? 1u : 0u);
    if (std::abs(distance) > 3. || structure.n_bands == 0)
      continue;
    EXPECT_LT(degrees_between(structure.bands[0].normal * normal), 6.);
    mean += (distance > 0. ? 1. : -1.) * (*image.distance_to_boundary(point) - std::abs(distance));
    count += 1.;
  }
  EXPECT_NEAR(mean / count, 0., 0.1 * std::max(1., spacing)) << spacing;
}
} // namespace

TEST(LabelImage, BoundariesStayInPlaceOnOtherVoxels)
{
  const TemporaryFolder folder;
  for (const double spacing : {0.6, 1.7}) {
    expect_plane_in_place<2>(folder / "line.npy", {80, 80}, Tensor<1, 2>(Point<2>(0.6, 0.8)), spacing);
    expect_plane_in_place<3>(folder / "plane.npy", {40, 40, 40},
                             Tensor<1, 3>(Point<3>(0.3, 0.5, 0.8)) / std::sqrt(0.98), spacing);
  }
}

TEST(LabelImage, OrientationsOfBunge)
{
  // phi_1 = 90 degrees: the crystal's x axis is the sample's y axis; Phi = 90 degrees: its z axis is the
  // sample's x axis.
  const double right = 0.5 * dealii::numbers::PI;
  const Tensor<2, 3> turned = rotation_from_euler(right, right, 0.);
  EXPECT_NEAR(turned[1][0], 1., 1e-12);
  EXPECT_NEAR(turned[0][2], 1., 1e-12);
  Random random(2, RandomUse::orientations);
  for (unsigned int i = 0; i < 100; ++i) {
    const Tensor<2, 3> rotation = i == 0   ? rotation_about(2, 0.4)
                                  : i == 1 ? rotation_from_euler(0.3, 2. * right, 0.2)
                                           : random_rotation(random);
    const std::array<double, 3> euler = euler_angles(rotation);
    EXPECT_NEAR((rotation_from_euler(euler[0], euler[1], euler[2]) - rotation).norm(), 0., 1e-9);
  }
}

namespace
{
constexpr std::array<int, 3> vtk_size{{5, 4, 3}};

int vtk_label(int i, int j, int k)
{
  return 10 + i + 100 * (j / 2) + 40 * k;
}

/// Labels at the points (or cells) of an image.
template <typename Array>
vtkSmartPointer<vtkImageData> vtk_image(bool on_cells, int n_layers = vtk_size[2], int first_layer = 0,
                                        bool top_row_first = false)
{
  auto image = vtkSmartPointer<vtkImageData>::New();
  const int more = on_cells ? 1 : 0;
  image->SetDimensions(vtk_size[0] + more, vtk_size[1] + more, n_layers + more);
  image->SetSpacing(0.5, 0.5, 2.);
  vtkNew<Array> array;
  array->SetName("label");
  for (int k = 0; k < n_layers; ++k)
    for (int j = 0; j < vtk_size[1]; ++j)
      for (int i = 0; i < vtk_size[0]; ++i)
        array->InsertNextValue(vtk_label(i, top_row_first ? vtk_size[1] - 1 - j : j, first_layer + k));
  if (on_cells)
    image->GetCellData()->SetScalars(array);
  else
    image->GetPointData()->SetScalars(array);
  return image;
}

template <typename Writer>
void write_vtk(vtkImageData *image, const std::string &file)
{
  vtkNew<Writer> writer;
  writer->SetInputData(image);
  writer->SetFileName(file.c_str());
  writer->Write();
}

void expect_labels(const std::string &file, bool spacing, const std::string &dataset = "")
{
  const LabelVoxels voxels = read_labels(file, dataset);
  ASSERT_EQ(voxels.n, (std::array<std::size_t, 3>{{5, 4, 3}})) << file;
  for (int k = 0, place = 0; k < vtk_size[2]; ++k)
    for (int j = 0; j < vtk_size[1]; ++j)
      for (int i = 0; i < vtk_size[0]; ++i)
        ASSERT_EQ(voxels.labels[place++], vtk_label(i, j, k)) << file << " " << i << " " << j << " " << k;
  ASSERT_EQ(bool(voxels.spacing), spacing) << file;
  if (spacing)
    EXPECT_EQ(*voxels.spacing, (std::array<double, 3>{{0.5, 0.5, 2.}})) << file;
}
} // namespace

namespace
{
/// The labels in the order of a file, each followed by a separator.
std::string labels_as_text(const std::string &separator)
{
  std::string text;
  for (int k = 0; k < vtk_size[2]; ++k)
    for (int j = 0; j < vtk_size[1]; ++j)
      for (int i = 0; i < vtk_size[0]; ++i)
        text += std::to_string(vtk_label(i, j, k)) + separator;
  return text;
}

/// The labels as numbers of 16 bits; `big`: the most significant byte first.
std::string labels_as_bytes(bool big)
{
  std::string bytes;
  for (int k = 0; k < vtk_size[2]; ++k)
    for (int j = 0; j < vtk_size[1]; ++j)
      for (int i = 0; i < vtk_size[0]; ++i) {
        const int label = vtk_label(i, j, k);
        const char low = static_cast<char>(label % 256), high = static_cast<char>(label / 256);
        bytes += big ? high : low;
        bytes += big ? low : high;
      }
  return bytes;
}

void write(const std::string &file, const std::string &content)
{
  std::ofstream(file, std::ios::binary) << content;
}

/// The same crystal, whatever rotation of the cube it is described by.
void expect_same_crystal(const std::array<double, 3> &a, const std::array<double, 3> &b, double degrees)
{
  const double angle =
      cubic_misorientation(rotation_from_euler(a[0], a[1], a[2]), rotation_from_euler(b[0], b[1], b[2]));
  EXPECT_NEAR(angle * 180. / dealii::numbers::PI, 0., degrees);
}
} // namespace

TEST(LabelReader, AllFormatsGiveTheSameLabels)
{
  const TemporaryFolder folder;
  if (!on_rank_0())
    return;
  write_vtk<vtkXMLImageDataWriter>(vtk_image<vtkIntArray>(true), folder / "cells.vti");
  expect_labels(folder / "cells.vti", true);
  expect_labels(folder / "cells.vti", true, "label");
  write_vtk<vtkXMLImageDataWriter>(vtk_image<vtkIntArray>(false), folder / "points.vti");
  expect_labels(folder / "points.vti", true);
  write_vtk<vtkStructuredPointsWriter>(vtk_image<vtkIntArray>(true), folder / "legacy.vtk");
  expect_labels(folder / "legacy.vtk", true);
  write_vtk<vtkMetaImageWriter>(vtk_image<vtkUnsignedShortArray>(false), folder / "meta.mha");
  expect_labels(folder / "meta.mha", true);
  write_vtk<vtkTIFFWriter>(vtk_image<vtkUnsignedShortArray>(false, vtk_size[2], 0, true),
                           folder / "stack.tif"); // VTK does not turn the layers of a stack
  expect_labels(folder / "stack.tif", false);
  for (int k = 0; k < vtk_size[2]; ++k) { // "layer_10" comes after "layer_9"
    write_vtk<vtkPNGWriter>(vtk_image<vtkUnsignedShortArray>(false, 1, k),
                            folder / ("layer_" + std::to_string(9 + k) + ".png"));
    write_vtk<vtkTIFFWriter>(vtk_image<vtkUnsignedShortArray>(false, 1, k),
                             folder / ("layer_" + std::to_string(9 + k) + ".tif"));
  }
  expect_labels(folder / "layer_*.png", false);
  expect_labels(folder / "layer_*.tif", false);

  std::ofstream nrrd(folder / "labels.nrrd");
  nrrd << "NRRD0004\ntype: int\ndimension: 3\nsizes: 5 4 3\nspacings: 0.5 0.5 2\nendian: little\nencoding: "
          "raw\n\n";
  for (int k = 0; k < vtk_size[2]; ++k)
    for (int j = 0; j < vtk_size[1]; ++j)
      for (int i = 0; i < vtk_size[0]; ++i) {
        const std::int32_t label = vtk_label(i, j, k);
        nrrd.write(reinterpret_cast<const char *>(&label), sizeof(label));
      }
  nrrd.close();
  expect_labels(folder / "labels.nrrd", true);
  std::ofstream grid(folder / "grid.vtk");
  grid << "# vtk DataFile Version 3.0\nlabels\nASCII\nDATASET RECTILINEAR_GRID\nDIMENSIONS 6 5 4\n"
          "X_COORDINATES 6 float\n0 0.5 1 1.5 2 2.5\nY_COORDINATES 5 float\n0 0.5 1 1.5 2\n"
          "Z_COORDINATES 4 float\n0 2 4 6\nCELL_DATA 60\nSCALARS label int 1\nLOOKUP_TABLE default\n";
  grid << labels_as_text("\n");
  grid.close();
  expect_labels(folder / "grid.vtk", true);
}

TEST(LabelReader, NrrdEncodings)
{
  const TemporaryFolder folder;
  if (!on_rank_0())
    return;
  const std::string sizes = "dimension: 3\nsizes: 5 4 3\n";
  write(folder / "text.nrrd",
        "NRRD0004\ntype: short\n" + sizes + "spacings: 0.5 0.5 2\nencoding: ascii\n\n" + labels_as_text(" "));
  expect_labels(folder / "text.nrrd", true);
  write(folder / "big.nrrd",
        "NRRD0004\ntype: short\n" + sizes + "endian: big\nencoding: raw\n\n" + labels_as_bytes(true));
  expect_labels(folder / "big.nrrd", false);
  const std::string bytes = labels_as_bytes(false);
  gzFile packed = gzopen((folder / "labels.raw.gz").c_str(), "wb");
  gzwrite(packed, bytes.data(), bytes.size());
  gzclose(packed);
  write(folder / "detached.nhdr", "NRRD0004\ntype: uint16\n" + sizes +
                                      "space directions: (0.5,0,0) (0,0.5,0) (0,0,2)\nendian: little\n"
                                      "encoding: gzip\ndata file: labels.raw.gz\n");
  expect_labels(folder / "detached.nhdr", true);
  std::ifstream stream(folder / "labels.raw.gz", std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::string head = "NRRD0004\ntype: uint16\n" + sizes + "endian: little\nencoding: gz\n\n";
  write(folder / "packed.nrrd", head + content);
  expect_labels(folder / "packed.nrrd", false);
  write(folder / "short.nrrd", head + content.substr(0, content.size() - 20));
  EXPECT_THROW(read_labels(folder / "short.nrrd", ""), InputError);
}

TEST(LabelReader, NeperTessellation)
{
  const TemporaryFolder folder;
  if (!on_rank_0())
    return;
  const std::string general = " **general\n   3\n   5 4 3\n   0.5 0.5 2\n";
  write(folder / "text.tesr", "***tesr\n **format\n   2.1\n" + general + " **data\n   ascii\n " +
                                  labels_as_text(" ") + "\n***end\n");
  expect_labels(folder / "text.tesr", true);
  write(folder / "old.tesr", "***tesr\n **format\n   2.0 binary16\n" + general + "  *hasvoid 0\n **data\n" +
                                 labels_as_bytes(false) + "\n***end\n");
  expect_labels(folder / "old.tesr", true);
  write(folder / "binary.tesr", "***tesr\n **format\n   2.2\n" + general + " **data\n   binary16_big\n" +
                                    labels_as_bytes(true) + "\n***end\n");
  expect_labels(folder / "binary.tesr", true);
  write(folder / "labels.raw", labels_as_bytes(false));
  write(folder / "detached.tesr",
        "***tesr\n **format\n   2.1\n" + general + " **data\n   binary16\n  *file labels.raw\n***end\n");
  expect_labels(folder / "detached.tesr", true);

  const double right = 0.5 * dealii::numbers::PI;
  const auto two_cells = [](const std::string &orientations) {
    return "***tesr\n **format\n   2.1\n **general\n   2\n   2 2\n   1 1\n **cell\n   2\n  *id\n   7 42\n  "
           "*ori\n   " +
           orientations + "\n  *crysym\n   cubic\n **data\n   ascii\n 1 2 0 1\n***end\n";
  };
  // Cells 1 and 2 are called 7 and 42.
  write(folder / "euler.tesr", two_cells("euler-bunge\n 17.188733853924695 40.10704565915763 0\n 0 90 0"));
  write(folder / "axis.tesr", two_cells("axis-angle:passive\n 0 0 1 -20\n 1 0 0 -90"));
  write(folder / "rodrigues.tesr", two_cells("rodrigues:active\n 0 0 0.17632698070846498\n 1 0 0"));
  const LabelVoxels euler = read_labels(folder / "euler.tesr", "");
  EXPECT_EQ(euler.labels, (std::vector<std::int32_t>{7, 42, 0, 7}));
  expect_same_crystal(euler.orientations.at(7), {{0.3, 0.7, 0.}}, 1e-5);
  expect_same_crystal(euler.orientations.at(42), {{0., right, 0.}}, 1e-5);
  for (const std::string name : {"axis.tesr", "rodrigues.tesr"})
    expect_same_crystal(read_labels(folder / name, "").orientations.at(7), {{20. * right / 90., 0., 0.}},
                        1e-5);
  write(folder / "kocks.tesr", two_cells("euler-kocks\n 1 2 3\n 0 90 0"));
  EXPECT_THROW(read_labels(folder / "kocks.tesr", ""), InputError);
}

TEST(LabelReader, TablesOfPoints)
{
  const TemporaryFolder folder;
  if (!on_rank_0())
    return;
  std::string lines, reversed;
  for (int k = 0; k < vtk_size[2]; ++k)
    for (int j = 0; j < vtk_size[1]; ++j)
      for (int i = 0; i < vtk_size[0]; ++i) {
        const std::string line = "0.3 0.7 0.1 " + std::to_string(0.25 + 0.5 * i) + " " +
                                 std::to_string(0.5 * j) + " " + std::to_string(2 * k) + " " +
                                 std::to_string(vtk_label(i, j, k)) + " 1 43\n";
        lines += line;
        reversed = line + reversed;
      }
  const std::string head =
      "# File written from DREAM.3D\n# X_STEP: 0.5\n#\n# phi1 PHI phi2 x y z FeatureId PhaseId Symmetry\n";
  write(folder / "dream3d.txt", head + lines);
  expect_labels(folder / "dream3d.txt", true);
  write(folder / "reversed.txt", head + reversed); // in any order
  expect_labels(folder / "reversed.txt", true);
  const LabelVoxels voxels = read_labels(folder / "dream3d.txt", "");
  expect_same_crystal(voxels.orientations.at(10), {{0.3, 0.7, 0.1}}, 1e-5);
  EXPECT_EQ(voxels.phases.at(10), 1);
  write(folder / "short.txt", head + lines.substr(0, lines.size() - 4));
  EXPECT_THROW(read_labels(folder / "short.txt", ""), InputError);
}

TEST(LabelReader, GrainsOfAnEbsdMap)
{
  const TemporaryFolder folder;
  if (!on_rank_0())
    return;
  // Two crystals 20 degrees apart with a spread of 2 degrees, the second one described by different rotations
  // of the cube; one point is not indexed.
  std::string map =
      "Channel Text File\nXCells\t6\nPhase\tX\tY\tBands\tError\tEuler1\tEuler2\tEuler3\tMAD\tBC\tBS\n";
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 6; ++i) {
      const bool second = i > 2, lost = i == 5 && j == 3;
      const double angle = (second ? 30. + (j % 2) * 90. : 10.) + (i % 3) - 1.;
      map += std::string(lost ? "0" : "1") + "\t" + std::to_string(0.2 * i) + "\t" + std::to_string(0.2 * j) +
             "\t7\t0\t" + std::to_string(angle) + "\t0\t0\t0.5\t100\t200\n";
    }
  write(folder / "map.ctf", map);
  const LabelVoxels voxels = read_labels(folder / "map.ctf", "");
  ASSERT_EQ(voxels.n, (std::array<std::size_t, 3>{{6, 4, 1}}));
  EXPECT_NEAR((*voxels.spacing)[0], 0.2, 1e-12);
  for (int place = 0; place < 24; ++place)
    EXPECT_EQ(voxels.labels[place], place == 23 ? 0 : place % 6 > 2 ? 2 : 1) << place;
  const double degree = dealii::numbers::PI / 180.;
  expect_same_crystal(voxels.orientations.at(1), {{10. * degree, 0., 0.}}, 1e-5);
  expect_same_crystal(voxels.orientations.at(2), {{30. * degree, 0., 0.}}, 0.1); // without the lost point
}

TEST(LabelReader, Dream3dFileWithAnglesPerVoxel)
{
  const TemporaryFolder folder;
  if (!on_rank_0())
    return;
  // Two features of two voxels each, 1 degree to both sides of 10 and 30 degrees about z.
  const double degree = dealii::numbers::PI / 180.;
  const std::array<std::int32_t, 4> labels{{1, 1, 2, 2}};
  std::array<double, 12> angles{};
  for (unsigned int i = 0; i < 4; ++i)
    angles[3 * i] = ((i < 2 ? 10. : 30.) + (i % 2 == 0 ? 1. : 89.)) * degree;
  {
    const Hdf5Handle file(
        H5Fcreate((folder / "voxels.dream3d").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links, 1);
    const auto add = [&](const char *name, const std::vector<hsize_t> &shape, hid_t type,
                         const void *values) {
      const Hdf5Handle space(H5Screate_simple(shape.size(), shape.data(), nullptr), H5Sclose);
      const Hdf5Handle set(H5Dcreate2(file, name, type, space, links, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
      H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    };
    add("/DataContainers/Map/CellData/FeatureIds", {2, 1, 2, 1}, H5T_NATIVE_INT32, labels.data());
    add("/DataContainers/Map/CellData/EulerAngles", {2, 1, 2, 3}, H5T_NATIVE_DOUBLE, angles.data());
  }
  const LabelVoxels voxels = read_labels(folder / "voxels.dream3d", "");
  expect_same_crystal(voxels.orientations.at(1), {{10. * degree, 0., 0.}}, 1e-5);
  expect_same_crystal(voxels.orientations.at(2), {{30. * degree, 0., 0.}}, 1e-5);
}

TEST(MeanOrientation, IsIndifferentToRotationsOfTheCube)
{
  // A crystal turned by small angles about all axes that cancel, each time described by another rotation.
  const Tensor<2, 3> crystal = rotation_from_euler(0.4, 1.1, 2.3);
  MeanOrientation mean;
  unsigned int turns = 0;
  for (unsigned int axis = 0; axis < 3; ++axis)
    for (const double angle : {0.1, -0.1}) {
      const Tensor<2, 3> symmetry = rotation_about(turns % 3, (turns % 4) * 0.5 * dealii::numbers::PI);
      ++turns;
      const Tensor<2, 3> same = crystal * rotation_about(axis, angle) * symmetry;
      mean.add(quaternion_from_euler(euler_angles(same)));
    }
  const std::array<double, 3> euler = mean.euler();
  EXPECT_NEAR(cubic_misorientation(rotation_from_euler(euler[0], euler[1], euler[2]), crystal), 0., 1e-6);
}

TEST(LabelReader, Dream3dFileBringsSpacingAnglesAndPhases)
{
  const TemporaryFolder folder;
  MicrostructureParameters parameters;
  parameters.grains.number = 4;
  SinglePoreParameters pore;
  pore.centre = {3e-6, 3e-6};
  pore.semi_axes = {1.5e-6};
  pore.filling = PoreFilling::liquid;
  parameters.pores.single_pores = {{"a", pore}};
  const Microstructure<2> generated(parameters, {}, {10e-6, 8e-6}, 0.1e-6);
  export_labels(generated, MPI_COMM_WORLD, folder / "labels.h5");
  export_labels(generated, MPI_COMM_WORLD, folder / "labels.vti");
  EXPECT_THROW(export_labels(generated, MPI_COMM_WORLD, folder / "labels.txt"), InputError);

  if (on_rank_0()) {
    const LabelVoxels voxels = read_labels(folder / "labels.h5", "");
    EXPECT_EQ(voxels.n, (std::array<std::size_t, 3>{{100, 80, 1}}));
    ASSERT_TRUE(voxels.spacing);
    EXPECT_NEAR((*voxels.spacing)[0], 0.1, 1e-6);
    EXPECT_EQ(voxels.phases.at(1), 1);
    EXPECT_EQ(voxels.phases.at(5), 3);
    EXPECT_EQ(voxels.labels, read_labels(folder / "labels.vti", "").labels);
  }
  // The way back: what was generated, from the file.
  MicrostructureParameters from_file;
  from_file.label_image.file = folder / "labels.h5";
  from_file.label_image.file_unit = 1e-6;
  from_file.label_image.liquid_labels = {"phase 3"};
  const Microstructure<2> imported(from_file, {}, {10e-6, 8e-6}, 0.1e-6, {}, MPI_COMM_WORLD);
  ASSERT_EQ(imported.n_grains(), 4u);
  for (unsigned int grain = 0; grain < 4; ++grain)
    EXPECT_NEAR((imported.orientation(grain) - generated.orientation(grain)).norm(), 0., 1e-5);
  Random random(1, RandomUse::noise);
  double wrong = 0., away = 0.;
  for (unsigned int i = 0; i < 5000; ++i) {
    const Point<2> point(random.uniform(0., 10e-6), random.uniform(0., 8e-6));
    if (std::abs(generated.distance_to_wall(point)) < 5e-6)
      EXPECT_NEAR(imported.distance_to_wall(point), generated.distance_to_wall(point), 0.1e-6);
    if (generated.distance_to_boundary(point) < 0.1e-6 || generated.distance_to_wall(point) < 0.1e-6)
      continue;
    away += 1.;
    wrong += imported.evaluate(point).grain != generated.evaluate(point).grain;
  }
  EXPECT_LT(wrong / away, 0.01);
}
