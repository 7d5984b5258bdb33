#include "output/field_output.h"

#include "adaptive_case.h"
#include "core/failure.h"
#include "core/signals.h"
#include "output/output_grid.h"
#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

namespace lithoclase
{
namespace
{
template <int dim>
OutputFields<dim> fields_of(AdaptiveCase<dim> &test)
{
  OutputFields<dim> output;
  output.add(test.potential);
  output.add(test.displacement);
  output.add(test.history);
  output.add(test.grain);
  CellArray centres{"ionic_current_density", "A/m^2", 3, {}};
  for (const auto &cell : test.mesh.triangulation.active_cell_iterators())
    if (cell->is_locally_owned())
      for (unsigned int d = 0; d < 3; ++d)
        centres.values.push_back(d < dim ? static_cast<float>(cell->center()[d] / test.edge) : 0.f);
  output.add(std::move(centres));
  return output;
}

unsigned int count(const std::string &text, const std::string &word)
{
  unsigned int n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    ++n;
  return n;
}

unsigned int n_files(const std::string &folder)
{
  unsigned int n = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    n += entry.is_regular_file();
  return n;
}

/// Writes two outputs for the readers' test (tests/integration) if it asks for them, else into a folder of
/// this test.
template <int dim>
void write_files(const std::string &folder)
{
  AdaptiveCase<dim> test(MPI_COMM_WORLD);
  test.refine();
  test.fill();
  OutputParameters parameters;
  parameters.directory = folder;
  parameters.formats = {"vtu", "vtkhdf"};
  parameters.files_per_output = 2;
  FieldOutput<dim> output(MPI_COMM_WORLD, parameters);
  output.write(test.mesh, fields_of(test), 0., 0);
  output.write(test.mesh, fields_of(test), 1.5, 7);
  if (on_rank_0()) {
    EXPECT_EQ(count(content_of(folder + "/fields.pvd"), "<DataSet"), 2u);
    EXPECT_EQ(count(content_of(folder + "/fields.vtkhdf.series"), "\"name\""), 2u);
    EXPECT_EQ(count(content_of(folder + "/fields/fields_000007.vtkhdf"), "VTKHDF"), 1u);
  }
}
} // namespace

TEST(ArrayName, HasTheUnitWithoutASlash)
{
  EXPECT_EQ(array_name("lithium", "1"), "lithium [1]");
  EXPECT_EQ(array_name("ionic_current_density", "A/m^2"), "ionic_current_density [A m^-2]");
  EXPECT_EQ(array_name("speed", "m/s"), "speed [m s^-1]");
  EXPECT_EQ(array_name("source", "mol/m^3/s"), "source [mol m^-3 s^-1]");
}

template <typename T>
class OutputGridTest : public testing::Test
{
};
using Dimensions = testing::Types<std::integral_constant<int, 2>, std::integral_constant<int, 3>>;
TYPED_TEST_SUITE(OutputGridTest, Dimensions);

TYPED_TEST(OutputGridTest, HoldsEachVertexOnceAndTheValuesThere)
{
  constexpr int dim = TypeParam::value;
  AdaptiveCase<dim> test(MPI_COMM_WORLD);
  test.refine();
  test.fill();
  const OutputGrid grid = make_output_grid(test.mesh, fields_of(test));

  EXPECT_EQ(grid.n_cells(), test.mesh.triangulation.n_locally_owned_active_cells());
  std::vector<std::array<double, 3>> points;
  for (std::size_t p = 0; p < grid.n_points(); ++p)
    points.push_back({{grid.points[3 * p], grid.points[3 * p + 1], grid.points[3 * p + 2]}});
  std::sort(points.begin(), points.end());
  EXPECT_EQ(std::unique(points.begin(), points.end()), points.end()) << "no point twice";

  ASSERT_EQ(grid.point_arrays.size(), 2u);
  ASSERT_EQ(grid.cell_arrays.size(), 3u);
  EXPECT_EQ(grid.point_arrays[1].n_components, 3u) << "vectors have three components in 2-D, too";
  const double tolerance = 1e-6 * 20.; // of a float, relative to the largest value
  for (std::size_t i = 0; i < grid.n_points(); ++i) {
    dealii::Point<dim> p;
    for (unsigned int d = 0; d < dim; ++d)
      p[d] = grid.points[3 * i + d];
    EXPECT_NEAR(grid.point_arrays[0].values[i], test.value(p, 1.), tolerance);
    for (unsigned int c = 0; c < 3; ++c)
      EXPECT_NEAR(grid.point_arrays[1].values[3 * i + c], c < dim ? test.value(p, c + 1.) : 0., tolerance);
  }
  std::size_t i = 0;
  for (const auto &cell : test.mesh.triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      EXPECT_NEAR(grid.cell_arrays[0].values[i++], test.value(cell->center(), -2.), tolerance)
          << "mean of a cell";
    }
}

TYPED_TEST(OutputGridTest, CellsOfVtkEncloseTheirVolume)
{
  constexpr int dim = TypeParam::value;
  AdaptiveCase<dim> test(MPI_COMM_WORLD);
  test.refine();
  const OutputGrid grid = make_output_grid(test.mesh, OutputFields<dim>());
  double volume = 0.;
  const unsigned int n = grid.vertices_per_cell();
  for (std::size_t cell = 0; cell < grid.n_cells(); ++cell) {
    // Opposite corners of VTK's quadrangle (0, 2) and hexahedron (0, 6).
    const double *a = &grid.points[3 * grid.connectivity[n * cell]];
    const double *b = &grid.points[3 * grid.connectivity[n * cell + (dim == 2 ? 2 : 6)]];
    double v = 1.;
    for (unsigned int d = 0; d < dim; ++d)
      v *= b[d] - a[d];
    volume += v;
  }
  volume = dealii::Utilities::MPI::sum(volume, MPI_COMM_WORLD);
  EXPECT_NEAR(volume / test.mesh.volume(), 1., 1e-12);
}

TEST(FieldOutput, KeepsOnlyTheFieldsAskedFor)
{
  AdaptiveCase<2> test(MPI_COMM_WORLD);
  const OutputGrid grid = make_output_grid(test.mesh, fields_of(test), {"displacement"});
  ASSERT_EQ(grid.point_arrays.size(), 1u);
  EXPECT_EQ(grid.point_arrays[0].name, "displacement [m]");
  EXPECT_TRUE(grid.cell_arrays.empty());
  try {
    make_output_grid(test.mesh, fields_of(test), {"displacment"});
    FAIL();
  } catch (const InputError &error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'displacement'"), std::string::npos)
        << error.what();
  }
}

TEST(FieldOutput, WritesFilesForReaders)
{
  const TemporaryFolder folder;
  const char *asked = std::getenv("LITHOCLASE_TEST_OUTPUT");
  const std::string base = asked != nullptr ? asked : folder.path;
  write_files<2>(base + "/2d");
  write_files<3>(base + "/3d");
}

TEST(FieldOutput, WritesRanksWithoutCells)
{
  const TemporaryFolder folder;
  MeshParameters mesh_parameters;
  mesh_parameters.minimum_level = 0;
  Mesh<2> mesh(MPI_COMM_WORLD, mesh_parameters);
  State<2> state(mesh);
  OutputFields<2> output;
  output.add(state.add_field("lithium", "1", SpaceKind::nodal));
  state.reinit();
  OutputParameters parameters;
  parameters.directory = folder.path;
  parameters.formats = {"vtu", "vtkhdf"};
  parameters.files_per_output = 2;
  FieldOutput<2>(MPI_COMM_WORLD, parameters).write(mesh, output, 1., 1);
  EXPECT_TRUE(std::filesystem::exists(folder / "fields/fields_000001.vtkhdf"));
}

TEST(FieldOutput, GoesOnAfterARestartWithoutGapOrRepetition)
{
  const TemporaryFolder folder;
  AdaptiveCase<2> test(MPI_COMM_WORLD);
  OutputParameters parameters;
  parameters.directory = folder.path;
  parameters.formats = {"vtu", "vtkhdf"};
  parameters.files_per_output = 1;
  {
    FieldOutput<2> output(MPI_COMM_WORLD, parameters);
    for (unsigned int step = 0; step < 5; ++step)
      output.write(test.mesh, fields_of(test), 0.1 * step, step);
  }
  const auto check = [&](const unsigned int n) {
    MPI_Barrier(MPI_COMM_WORLD);
    const std::string list = content_of(folder / "fields.pvd"),
                      series = content_of(folder / "fields.vtkhdf.series");
    EXPECT_EQ(count(list, "<DataSet"), n) << list;
    EXPECT_EQ(count(series, "\"name\""), n) << series;
    EXPECT_EQ(n_files(folder / "fields"), 2 * n);
    for (unsigned int step = 0; step < n; ++step)
      EXPECT_EQ(count(list, "fields/fields_00000" + std::to_string(step) + ".vtu\""), 1u) << list;
    MPI_Barrier(MPI_COMM_WORLD);
  };
  check(5);
  {
    FieldOutput<2> output(MPI_COMM_WORLD, parameters, ResumePoint{0.2, 2});
    output.write(test.mesh, fields_of(test), 0.2, 2); // the last state of the run before, once more
    check(3);
    output.write(test.mesh, fields_of(test), 0.31, 3);
  }
  check(4);
  {
    FieldOutput<2> output(MPI_COMM_WORLD, parameters); // a new run in the same folder
    output.write(test.mesh, fields_of(test), 0., 0);
  }
  check(1);
}

TEST(FieldOutput, RefusesAFolderThatCannotBeMade)
{
  const TemporaryFolder folder;
  if (on_rank_0())
    std::ofstream(folder / "file") << "x";
  MPI_Barrier(MPI_COMM_WORLD);
  OutputParameters parameters;
  parameters.directory = folder / "file/results";
  EXPECT_THROW(FieldOutput<2>(MPI_COMM_WORLD, parameters), InputError);
}

TEST(FieldOutput, ReportsAFullDiskOnAllRanks)
{
  const TemporaryFolder folder;
  const SignalCatcher catcher;
  AdaptiveCase<2> test(MPI_COMM_WORLD);
  for (const std::string format : {"vtu", "vtkhdf"}) {
    OutputParameters parameters;
    parameters.directory = folder.path;
    parameters.formats = {format};
    FieldOutput<2> output(MPI_COMM_WORLD, parameters);
    rlimit before = {};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &small);
    EXPECT_THROW(output.write(test.mesh, fields_of(test), 1., 1), std::runtime_error) << format;
    setrlimit(RLIMIT_FSIZE, &before);
    MPI_Barrier(MPI_COMM_WORLD);
    EXPECT_EQ(n_files(folder / "fields"), 0u) << "nothing half written stays";
    MPI_Barrier(MPI_COMM_WORLD);
  }
}
} // namespace lithoclase
