#include "microstructure/label_resampling.h"

#include "core/failure.h"
#include "microstructure/label_preparation.h"
#include "microstructure/label_series.h"
#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>

using namespace lithoclase;

namespace
{
using Labels = std::vector<std::int32_t>;

/// Voxels of one side on new ones.
Labels resampled(const std::array<std::size_t, 3> &n, const Labels &labels,
                 const std::array<double, 3> &wanted)
{
  LabelVoxels voxels;
  voxels.n = n;
  voxels.labels = labels;
  std::array<std::vector<double>, 3> sides;
  for (unsigned int a = 0; a < 3; ++a)
    sides[a].assign(n[a], 1.);
  LabelResampling(sides, wanted).apply(voxels);
  return voxels.labels;
}

/// The same along one axis.
Labels resampled(const Labels &labels, const double wanted)
{
  return resampled({{labels.size(), 1, 1}}, labels, {{wanted, 1., 1.}});
}

void write_file(const std::string &file, const std::string &content)
{
  if (on_rank_0())
    std::ofstream(file, std::ios::binary) << content;
  MPI_Barrier(MPI_COMM_WORLD);
}

std::string rectilinear(const std::string &coordinates, const std::string &data)
{
  return "# vtk DataFile Version 3.0\nlabels\nASCII\nDATASET RECTILINEAR_GRID\n" + coordinates + data;
}

LabelImageParameters parameters_of(const std::string &file)
{
  LabelImageParameters parameters;
  parameters.file = file;
  parameters.file_unit = 1.;
  return parameters;
}

Labels prepared(const LabelImageParameters &parameters, LabelTable &table)
{
  std::vector<std::uint32_t> codes;
  table = prepare_labels(parameters, codes);
  Labels labels;
  for (const std::uint32_t code : codes)
    labels.push_back(table.grains[VoxelCode::grain(code)]);
  return labels;
}
} // namespace

TEST(LabelResampling, TheLabelOfMostVolumeWins)
{
  // 3 x 3 onto 2 x 2: the first new voxel holds all of the voxel of label 1, but more of label 2.
  const Labels labels{1, 2, 2, //
                      2, 2, 3, //
                      4, 4, 3};
  EXPECT_EQ(resampled({{3, 3, 1}}, labels, {{1.5, 1.5, 1.}}), (Labels{2, 2, 4, 3}));
  // 2 x 2 x 2 onto one voxel along y.
  EXPECT_EQ(resampled({{2, 2, 2}}, {5, 6, 5, 6, 7, 5, 8, 5}, {{1., 2., 1.}}), (Labels{5, 6, 7, 5}));
}

TEST(LabelResampling, TheFirstOfTwoAlikeWins)
{
  EXPECT_EQ(resampled({7, 3}, 2. / 3.), (Labels{7, 7, 3}));
  EXPECT_EQ(resampled({3, 7}, 2. / 3.), (Labels{3, 3, 7}));
  EXPECT_EQ(resampled({9, 2, -4, 1}, 2.), (Labels{9, -4}));
  EXPECT_EQ(resampled({5, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1}, 6.), (Labels{5, 5}));
  EXPECT_EQ(resampled({{2, 2, 1}}, {4, 6, 6, 4}, {{2., 2., 1.}}), (Labels{4}));
  // As many by decimals whose sum is not exact: 0.1 + 0.2 and 0.3.
  LabelVoxels voxels;
  voxels.n = {{6, 1, 1}};
  voxels.labels = {9, 9, 2, 2, 9, 9};
  LabelResampling({{{0.1, 0.2, 0.3, 0.3, 0.1, 0.2}, {1.}, {1.}}}, {{0.6, 1., 1.}}).apply(voxels);
  EXPECT_EQ(voxels.labels, (Labels{9, 2}));
}

TEST(LabelResampling, FinerVoxelsTakeTheNearestLabel)
{
  const Labels cube{1, 2, 3, 4, 5, 6, 7, 8};
  const Labels fine = resampled({{2, 2, 2}}, cube, {{0.5, 0.5, 0.5}});
  ASSERT_EQ(fine.size(), 64u);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(fine[i], cube[i / 32 * 4 + i / 8 % 2 * 2 + i % 4 / 2]) << i;

  const Labels line{4, 8, 3, 9, 1};
  const Labels twelve = resampled(line, 5. / 12.);
  ASSERT_EQ(twelve.size(), 12u);
  for (std::size_t i = 0; i < 12; ++i)
    EXPECT_EQ(twelve[i], line[static_cast<std::size_t>((i + 0.5) * 5. / 12.)]) << i;
}

TEST(LabelResampling, TheExtentStays)
{
  const std::array<std::vector<double>, 3> sides{{std::vector<double>(10, 1.), {1., 2., 1., 4.}, {1.}}};
  const LabelResampling resampling(sides, {{3., 1.9, 0.1}});
  EXPECT_EQ(resampling.n(), (std::array<double, 3>{{3., 4., 1.}}));
  EXPECT_NEAR(resampling.spacing()[0], 10. / 3., 1e-14);
  EXPECT_NEAR(resampling.spacing()[1], 2., 1e-14);
  EXPECT_EQ(resampling.spacing()[2], 1.);
  EXPECT_TRUE(resampling.changes());
  EXPECT_TRUE(LabelResampling(sides, {{1., 2., 1.}}).changes()); // as many voxels, but not the same ones
  EXPECT_FALSE(LabelResampling({{{1., 1.}, {2., 2.}, {1.}}}, {{1., 2., 1.}}).changes());
}

TEST(LabelResampling, DiscsKeepTheirAreaWhateverTheirLabels)
{
  // 4 x 4 discs at other places against the voxels each; label 0 or 2 in label 1.
  constexpr std::size_t n = 240;
  for (const std::int32_t disc : {0, 2})
    for (const double wanted : {0.37, 0.8, 1.6, 2.}) {
      Labels labels;
      for (std::size_t i = 0; i < n * n; ++i) {
        const std::size_t column = i % n / 60, row = i / n / 60;
        const double x = i % n % 60 + 0.5 - 30. - 0.43 * column, y = i / n % 60 + 0.5 - 30. - 0.57 * row;
        labels.push_back(x * x + y * y < 24. * 24. ? disc : 1);
      }
      const double before = double(std::count(labels.begin(), labels.end(), disc)) / labels.size();
      const Labels after = resampled({{n, n, 1}}, labels, {{wanted, wanted, 1.}});
      const double share = double(std::count(after.begin(), after.end(), disc)) / after.size();
      // Where four voxels become one, a disc that wins or loses all ties gains or loses 2 %.
      EXPECT_NEAR(share / before, 1., 0.003) << disc << " " << wanted;
    }
}

TEST(LabelResampling, GridsOfUnequalVoxels)
{
  const TemporaryFolder folder;
  write_file(folder / "cells.vtk",
             rectilinear("DIMENSIONS 4 3 1\nX_COORDINATES 4 double\n0 1 3 4\nY_COORDINATES 3 double\n"
                         "5 6.5 8\nZ_COORDINATES 1 double\n0\n",
                         "CELL_DATA 6\nSCALARS label int 1\nLOOKUP_TABLE default\n1 2 3 4 5 6\n"));
  LabelImageParameters parameters = parameters_of(folder / "cells.vtk");
  LabelTable table;
  EXPECT_EQ(prepared(parameters, table), (Labels{1, 2, 2, 3, 4, 5, 5, 6})); // the smallest side along x
  EXPECT_EQ(table.n, (std::array<unsigned long long, 3>{{4, 2, 1}}));
  EXPECT_EQ(table.spacing[0], 1.);
  EXPECT_EQ(table.spacing[1], 1.5);
  ASSERT_TRUE(table.original);
  EXPECT_EQ(table.original->n, (std::array<unsigned long long, 3>{{3, 2, 1}}));
  EXPECT_EQ(table.original->smallest[0], 1.);
  EXPECT_EQ(table.original->largest[0], 2.);
  parameters.resampled_spacing = {2., 1.5};
  EXPECT_EQ(prepared(parameters, table), (Labels{1, 2, 4, 5}));
  EXPECT_EQ(table.original->lost_labels, 2u); // 3 and 6
  parameters.crop = {"1:2", ":"};
  parameters.mirror = {"x"};
  parameters.resampled_spacing = {};
  EXPECT_EQ(prepared(parameters, table), (Labels{3, 2, 2, 6, 5, 5}));
  parameters.spacing = {1.};
  parameters.file_unit.reset();
  EXPECT_THROW(prepared(parameters, table), InputError);

  // Each of the points 0, 1, 3 stands for what is nearest to it: sides 1, 1.5 and 2.
  write_file(folder / "points.vtk",
             rectilinear("DIMENSIONS 3 2 1\nX_COORDINATES 3 float\n0 1 3\nY_COORDINATES 2 float\n0 0.5\n"
                         "Z_COORDINATES 1 float\n0\n",
                         "POINT_DATA 6\nSCALARS label int 1\nLOOKUP_TABLE default\n1 2 3 1 2 3\n"));
  const LabelVoxels voxels = read_labels(folder / "points.vtk", "");
  EXPECT_EQ(voxels.sides[0], (std::vector<double>{1., 1.5, 2.}));
  EXPECT_TRUE(voxels.sides[1].empty());
  EXPECT_EQ((*voxels.spacing)[1], 0.5);
}

TEST(LabelResampling, AnAxisAlongWhichCoordinatesFallIsTurned)
{
  const TemporaryFolder folder;
  const std::string data = "CELL_DATA 6\nSCALARS label int 1\nLOOKUP_TABLE default\n1 2 3 4 5 6\n";
  write_file(folder / "image.vtk", "# vtk DataFile Version 3.0\nlabels\nASCII\nDATASET STRUCTURED_POINTS\n"
                                   "DIMENSIONS 4 3 1\nORIGIN 0 0 0\nSPACING -0.5 1 1\n" +
                                       data);
  write_file(folder / "grid.vtk",
             rectilinear("DIMENSIONS 4 3 1\nX_COORDINATES 4 double\n3 2 1 -1\nY_COORDINATES 3 double\n"
                         "0 1 2\nZ_COORDINATES 1 double\n0\n",
                         data));
  LabelTable table;
  LabelImageParameters parameters = parameters_of(folder / "image.vtk");
  EXPECT_THROW(prepared(parameters, table), InputError);
  parameters.mirror = {"x"};
  EXPECT_EQ(prepared(parameters, table), (Labels{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(table.spacing[0], 0.5);
  EXPECT_FALSE(table.original);
  parameters.file = folder / "grid.vtk";
  EXPECT_EQ(prepared(parameters, table), (Labels{3, 3, 2, 1, 6, 6, 5, 4}));
  EXPECT_EQ(table.spacing[0], 1.);
}

TEST(LabelResampling, TheUserMaySpeakOfLabelsThatAreLost)
{
  const TemporaryFolder folder;
  write_file(folder / "grid.vtk",
             rectilinear("DIMENSIONS 7 2 1\nX_COORDINATES 7 double\n0 1 2 3 4 5 6\nY_COORDINATES 2 double\n"
                         "0 1\nZ_COORDINATES 1 double\n0\n",
                         "CELL_DATA 6\nSCALARS label int 1\nLOOKUP_TABLE default\n1 1 8 2 2 2\n"));
  write_file(folder / "angles.txt", "unit rad\n1 0.1 0 0\n8 0.8 0 0\n2 0.2 0 0\n");
  LabelImageParameters parameters = parameters_of(folder / "grid.vtk");
  parameters.resampled_spacing = {3.};
  parameters.orientation_file = folder / "angles.txt";
  LabelTable table;
  EXPECT_EQ(prepared(parameters, table), (Labels{1, 2}));
  EXPECT_EQ(table.original->lost_labels, 1u);
  EXPECT_EQ(table.orientations[0], 0.1);
  EXPECT_EQ(table.orientations[3], 0.2);
  parameters.orientation_file.clear();
  parameters.empty_labels = {"8"};
  EXPECT_EQ(prepared(parameters, table), (Labels{1, 2}));
  EXPECT_FALSE(table.has_phase[VoxelCode::empty]);
  parameters.empty_labels = {"7"};
  EXPECT_THROW(prepared(parameters, table), InputError);
  parameters.empty_labels.clear();
  parameters.resampled_spacing = {5.};
  EXPECT_THROW(prepared(parameters, table), InputError); // one voxel
}

TEST(LabelSeries, LayersAreCountedByTheNumberThatDiffers)
{
  const TemporaryFolder folder;
  const auto names = [&](const std::vector<std::string> &files, const std::string &pattern) {
    for (const std::string &file : files)
      write_file(folder / file, "");
    std::vector<std::string> found;
    for (const std::string &file : files_of_series(folder / pattern))
      found.push_back(file.substr(file.rfind('/') + 1));
    return found;
  };
  const std::vector<std::string> in_order{"a2_9_of_11.png", "a2_10_of_11.png", "a2_11_of_11.png"};
  EXPECT_EQ(names({in_order[2], in_order[0], in_order[1]}, "a2_*.png"), in_order);
  EXPECT_EQ(names({"b_top.png", "b_base.png"}, "b_*.png"),
            (std::vector<std::string>{"b_base.png", "b_top.png"}));
  EXPECT_THROW(names({"c001.png", "c002.png", "c004.png"}, "c*.png"), InputError);
  EXPECT_THROW(names({"d1.png", "d01.png"}, "d*.png"), InputError);
  EXPECT_EQ(names({"e_0.0.png", "e_0.5.png", "e_1.0.png"}, "e_*.png").size(), 3u); // heights, no numbers
}
