#include "output/diagnostics.h"

#include "core/failure.h"
#include "output/files.h"
#include "temporary_folder.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/petsc_precondition.h>
#include <deal.II/lac/petsc_solver.h>
#include <deal.II/lac/petsc_sparse_matrix.h>
#include <deal.II/lac/petsc_vector.h>
#include <deal.II/lac/sparsity_tools.h>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <tuple>

using dealii::AffineConstraints;
using dealii::DoFHandler;
using dealii::DynamicSparsityPattern;
using dealii::FEValues;
using dealii::FullMatrix;
using dealii::Point;
using dealii::QGauss;
using dealii::Quadrature;
using dealii::SolverControl;
using dealii::Tensor;
using dealii::update_gradients;
using dealii::update_JxW_values;
using dealii::update_quadrature_points;
using dealii::VectorOperation;
using namespace lithoclase;

namespace
{
constexpr double micron = 1e-6;

/// A box of 10 um x 20 um (x 8 um between them) with a finer part in the middle.
template <int dim>
struct Setting
{
  explicit Setting(const unsigned int level = 3, const bool adaptive = true)
      : mesh(MPI_COMM_WORLD, parameters(level)), state(mesh)
  {
    if (adaptive) {
      std::vector<unsigned char> wanted = mesh.no_request();
      for (const auto &cell : mesh.triangulation.active_cell_iterators())
        if (std::abs(cell->center()[0] - 4 * micron) < 2 * micron && cell->center()[dim - 1] < 12 * micron)
          wanted[cell->active_cell_index()] = level + 1;
      if (mesh.flag(wanted))
        mesh.triangulation.execute_coarsening_and_refinement();
    }
  }

  static MeshParameters parameters(const unsigned int level)
  {
    MeshParameters p;
    p.size = dim == 2 ? std::vector<double>{10 * micron, 20 * micron}
                      : std::vector<double>{10 * micron, 8 * micron, 20 * micron};
    p.coarse_cells = dim == 2 ? "1, 2" : "1, 1, 2";
    p.minimum_level = level;
    p.maximum_level = level + 1;
    return p;
  }

  /// Adds a field with the values of a function of point and component at the support points.
  Field<dim> &add_field(const std::string &name, const std::string &unit, const SpaceKind kind,
                        const std::function<double(const Point<dim> &, unsigned int)> &f)
  {
    Field<dim> &field = state.add_field(name, unit, kind);
    field.values.reinit(field.space.partitioner);
    const Quadrature<dim> support(field.space.fe().get_unit_support_points());
    FEValues<dim> fe_values(mesh.mapping, field.space.fe(), support, update_quadrature_points);
    std::vector<dealii::types::global_dof_index> dofs(support.size());
    for (const auto &cell : field.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned()) {
        fe_values.reinit(cell);
        cell->get_dof_indices(dofs);
        for (unsigned int i = 0; i < dofs.size(); ++i)
          if (field.space.owned.is_element(dofs[i]))
            field.values(dofs[i]) =
                f(fe_values.quadrature_point(i), field.space.fe().system_to_component_index(i).first);
      }
    field.update();
    return field;
  }

  std::vector<Observable> observe(const DiagnosticsParameters &parameters, const double time = 0.)
  {
    ObservableRow row;
    Diagnostics<dim>(parameters, state, flux_densities).add_observables(time, row);
    return row.entries();
  }

  std::string refusal(const DiagnosticsParameters &parameters)
  {
    try {
      Diagnostics<dim>(parameters, state, flux_densities);
    } catch (const InputError &error) {
      return error.what();
    }
    return "no error";
  }

  Mesh<dim> mesh;
  State<dim> state;
  std::vector<FluxDensity<dim>> flux_densities;
};

ObservedParameters observed(const std::string &field, const std::string &component = "")
{
  return {field, component, "parameter 'field'", "parameter 'component'"};
}

template <int dim>
double linear(const Point<dim> &p, const unsigned int component = 0)
{
  return 2. + component + 3e5 * p[0] - 1e5 * p[dim - 1];
}

template <int dim>
void probes_read_linear_fields()
{
  Setting<dim> setting;
  setting.add_field("potential", "V", SpaceKind::nodal, linear<dim>);
  setting.add_field("displacement", "m", SpaceKind::vector, linear<dim>);
  setting.add_field("rate", "A/m^3", SpaceKind::quadrature, linear<dim>);
  // Inside, on a face between cells and ranks, on vertices, and at corners of the box.
  const std::vector<std::vector<double>> points = {{1.234, 13.7}, {5., 10.},  {2.5, 5.},
                                                   {0., 0.},      {10., 20.}, {4., 7.77}};
  DiagnosticsParameters parameters;
  for (const auto &point : points) {
    std::vector<double> p = {point[0] * micron, point[1] * micron};
    if (dim == 3)
      p.insert(p.begin() + 1, 4. * micron);
    parameters.probes.push_back({"a", {observed("potential"), p, "parameter 'point'"}});
    parameters.probes.push_back(
        {"b", {observed("displacement", dim == 2 ? "y" : "z"), p, "parameter 'point'"}});
    parameters.probes.push_back({"c", {observed("displacement"), p, "parameter 'point'"}});
    parameters.probes.push_back({"d", {observed("rate"), p, "parameter 'point'"}});
  }
  const auto row = setting.observe(parameters);
  ASSERT_EQ(row.size(), 4 * points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    Point<dim> p;
    p[0] = points[i][0] * micron;
    p[dim - 1] = points[i][1] * micron;
    double norm = 0.;
    for (unsigned int c = 0; c < dim; ++c)
      norm += std::pow(linear<dim>(p, c), 2);
    // Interpolation of linear fields is exact up to round-off.
    EXPECT_NEAR(row[4 * i].value, linear<dim>(p), 1e-12 * 5.);
    EXPECT_NEAR(row[4 * i + 1].value, linear<dim>(p, dim - 1), 1e-12 * 5.);
    EXPECT_NEAR(row[4 * i + 2].value, std::sqrt(norm), 1e-12 * 10.);
    EXPECT_NEAR(row[4 * i + 3].value, linear<dim>(p), 1e-12 * 5.);
  }
  EXPECT_EQ(row[0].unit, "V");
  EXPECT_EQ(row[3].unit, "A/m^3");
}
} // namespace

TEST(Diagnostics, ProbesReadLinearFields)
{
  probes_read_linear_fields<2>();
  probes_read_linear_fields<3>();
}

TEST(Diagnostics, ProbeOnAFaceOfCellDataIsTheMean)
{
  Setting<2> setting(3, false);
  setting.add_field("grain", "1", SpaceKind::cell,
                    [](const Point<2> &p, unsigned int) { return p[1] > 10 * micron; });
  DiagnosticsParameters parameters;
  parameters.probes.push_back({"face", {observed("grain"), {3.1 * micron, 10. * micron}, ""}});
  parameters.probes.push_back({"vertex", {observed("grain"), {5. * micron, 10. * micron}, ""}});
  parameters.probes.push_back({"inside", {observed("grain"), {5. * micron, 11. * micron}, ""}});
  const auto row = setting.observe(parameters);
  EXPECT_DOUBLE_EQ(row[0].value, 0.5);
  EXPECT_DOUBLE_EQ(row[1].value, 0.5);
  EXPECT_DOUBLE_EQ(row[2].value, 1.);
}

TEST(Diagnostics, LinesAreWrittenAsTables)
{
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "lithoclase_lines_test";
  Setting<2> setting;
  setting.add_field("potential", "V", SpaceKind::nodal, linear<2>);
  setting.add_field("displacement", "m", SpaceKind::vector, linear<2>);
  DiagnosticsParameters parameters;
  parameters.lines.push_back(
      {"cut", {{"potential", "displacement"}, {0., 0.}, {6 * micron, 8 * micron}, 5, "", "", ""}});
  Diagnostics<2>(parameters, setting.state, {}).write_lines(folder.string(), 12, 3.5);
  MPI_Barrier(MPI_COMM_WORLD);
  std::ifstream file(folder / "lines" / "cut_000012.csv");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "time [s],distance [m],x [m],y [m],potential [V],displacement_x [m],displacement_y [m]");
  for (unsigned int i = 0; i < 5; ++i) {
    ASSERT_TRUE(std::getline(file, line));
    std::istringstream numbers(line);
    std::vector<double> values;
    for (std::string item; std::getline(numbers, item, ',');)
      values.push_back(std::stod(item));
    const Point<2> p(1.5 * micron * i, 2. * micron * i);
    const std::vector<double> expected = {3.5,          2.5 * micron * i, p[0],           p[1],
                                          linear<2>(p), linear<2>(p),     linear<2>(p, 1)};
    ASSERT_EQ(values.size(), expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k)
      EXPECT_NEAR(values[k], expected[k], 1e-11 * std::max(expected[k], micron)) << "12 digits are written";
  }
  EXPECT_FALSE(std::getline(file, line));
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::filesystem::remove_all(folder);
}

namespace
{
/// The lines of profiles/<name>_000003.csv, after its header has been compared.
template <int dim>
std::vector<std::vector<double>> profile(Setting<dim> &setting, const ProfileParameters &parameters,
                                         const std::string &header)
{
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "lithoclase_profiles_test";
  DiagnosticsParameters diagnostics;
  diagnostics.profiles.push_back({"cut", parameters});
  Diagnostics<dim>(diagnostics, setting.state, {}).write_lines(folder.string(), 3, 2.5);
  MPI_Barrier(MPI_COMM_WORLD);
  std::ifstream file(folder / "profiles" / "cut_000003.csv");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, header);
  std::vector<std::vector<double>> rows;
  while (std::getline(file, line)) {
    std::istringstream numbers(line);
    rows.emplace_back();
    for (std::string item; std::getline(numbers, item, ',');)
      rows.back().push_back(std::stod(item));
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::filesystem::remove_all(folder);
  MPI_Barrier(MPI_COMM_WORLD);
  return rows;
}

ProfileParameters slices(const ObservedParameters &quantity, const std::string &axis, const unsigned int n)
{
  ProfileParameters result;
  result.observed = quantity;
  result.axis = axis;
  result.slices = n;
  return result;
}

/// Profiles along x of linear(), with slices that are coarser and finer than the cells and cut them anywhere.
template <int dim>
void profiles_of_linear_fields_are_exact()
{
  Setting<dim> setting;
  setting.add_field("potential", "V", SpaceKind::nodal, linear<dim>);
  setting.add_field("displacement", "m", SpaceKind::vector, linear<dim>);
  setting.add_field("rate", "A/m^3", SpaceKind::quadrature, linear<dim>);
  const double height = 20 * micron, area = dim == 2 ? height : 8 * micron * height;
  const std::string power = dim == 2 ? "m" : "m^2",
                    centroid = dim == 2 ? ",centroid_y [m]" : ",centroid_y [m],centroid_z [m]";
  for (const unsigned int n : {1, 7, 97})
    for (const auto &[quantity, column, component] :
         std::vector<std::tuple<ObservedParameters, std::string, unsigned int>>{
             {observed("potential"), "potential_integral [V " + power + "]", 0},
             {observed("displacement", "y"), "displacement_y_integral [m " + power + "]", 1},
             {observed("rate"), "rate_integral [A/m^3 " + power + "]", 0}}) {
      const auto rows = profile(setting, slices(quantity, "x", n), "time [s],x [m]," + column + centroid);
      ASSERT_EQ(rows.size(), n);
      for (unsigned int i = 0; i < n; ++i) {
        const double x = 10 * micron * (i + 0.5) / n;
        // f = c - g z across the slice
        const double c = 2. + component + 3e5 * x, g = 1e5;
        const double mean = c - 0.5 * g * height;
        ASSERT_EQ(rows[i].size(), dim + 2u);
        EXPECT_EQ(rows[i][0], 2.5);
        // Polynomials of a degree that the rules integrate exactly; 12 digits are written.
        EXPECT_NEAR(rows[i][1], x, 1e-11 * x);
        EXPECT_NEAR(rows[i][2], area * mean, 1e-11 * area * mean);
        const double moment = (0.5 * c - g * height / 3.) * height / mean;
        EXPECT_NEAR(rows[i].back(), moment, 1e-10 * height);
        if (dim == 3)
          EXPECT_NEAR(rows[i][3], 4 * micron, 1e-10 * height);
      }
    }
}
} // namespace

TEST(Diagnostics, ProfilesOfLinearFieldsAreExact)
{
  profiles_of_linear_fields_are_exact<2>();
  profiles_of_linear_fields_are_exact<3>();
}

TEST(Diagnostics, ProfilesOfAPartOfTheBox)
{
  Setting<3> setting;
  setting.add_field("one", "1", SpaceKind::cell, [](const Point<3> &, unsigned int) { return 1.; });
  ProfileParameters parameters = slices(observed("one"), "z", 10);
  parameters.from = 3 * micron;
  parameters.to = 13 * micron;
  // Both regions end where a quarter of a cell ends. In the first half of the time, x < 2.5 um.
  parameters.where.text = "if(t<3,2.5*um,5*um)-x";
  const std::string header = "time [s],z [m],one_integral [m^2],centroid_x [m],centroid_y [m]";
  auto rows = profile(setting, parameters, header);
  ASSERT_EQ(rows.size(), 10u);
  for (unsigned int i = 0; i < 10; ++i) {
    EXPECT_NEAR(rows[i][1], (3.5 + i) * micron, 1e-11 * micron);
    EXPECT_NEAR(rows[i][2], 2.5 * 8 * micron * micron, 1e-10 * micron * micron);
    EXPECT_NEAR(rows[i][3], 1.25 * micron, 1e-10 * micron);
    EXPECT_NEAR(rows[i][4], 4 * micron, 1e-10 * micron);
  }
  // A region that ends on the axis between slices, and slices without any of it.
  parameters.where.text = "7.5*um-z";
  rows = profile(setting, parameters, header);
  EXPECT_NEAR(rows[3][2], 80 * micron * micron, 1e-9 * micron * micron);
  EXPECT_NEAR(rows[4][2], 40 * micron * micron, 1e-9 * micron * micron);
  EXPECT_EQ(rows[5][2], 0.);
  EXPECT_TRUE(std::isnan(rows[5][3])) << "no centroid of nothing";
}

TEST(Diagnostics, ProfileOfABandFollowsItsPath)
{
  // A band of damage 1 um to each side of y = 6 um + x/2, as that of a crack; resolved by 6 cells.
  Setting<2> setting(5, false);
  const auto path = [](const double x) { return 6 * micron + 0.5 * x; };
  setting.add_field("damage", "1", SpaceKind::nodal, [&](const Point<2> &p, unsigned int) {
    return std::pow(std::max(0., 1. - std::abs(p[1] - path(p[0])) / micron), 2);
  });
  for (const auto &row : profile(setting, slices(observed("damage"), "x", 100),
                                 "time [s],x [m],damage_integral [m],centroid_y [m]")) {
    EXPECT_NEAR(row[2], 2. / 3. * micron,
                0.06 * micron); // interpolation: (h/um)^2/6 for h = 0.31 um, doubled
    EXPECT_NEAR(row[3], path(row[1]), 0.03 * micron);
  }
}

TEST(Diagnostics, RefusesProfilesThatCannotBe)
{
  Setting<2> setting;
  setting.add_field("damage", "1", SpaceKind::nodal, linear<2>);
  DiagnosticsParameters p;
  p.profiles.push_back({"a", slices(observed("damge"), "x", 10)});
  ProfileParameters &profile = p.profiles[0].second;
  profile.axis_origin = "parameter 'axis'";
  profile.from_origin = "parameter 'from'";
  profile.to_origin = "parameter 'to'";
  EXPECT_EQ(setting.refusal(p), "parameter 'field' is 'damge', but this run has no such field or flux "
                                "density; did you mean 'damage'?");
  profile.observed.field = "damage";
  EXPECT_EQ(setting.refusal(p), "no error");
  profile.axis = "z";
  EXPECT_EQ(setting.refusal(p), "parameter 'axis' is 'z', but must be 'x' or 'y'.");
  profile.axis = "y";
  profile.from = 7 * micron;
  profile.to = 7 * micron;
  EXPECT_EQ(setting.refusal(p), "parameter 'to' is 7 um, but must be above 'from', which is 7 um.");
  profile.to = 21 * micron;
  EXPECT_EQ(setting.refusal(p),
            "parameter 'to' is 21 um, but must be in the box, where y goes from 0 m to 20 um.");
  profile.from = -1 * micron;
  EXPECT_EQ(setting.refusal(p),
            "parameter 'from' is -1 um, but must be in the box, where y goes from 0 m to 20 um.");
}

TEST(Diagnostics, RefusesWhatDoesNotExist)
{
  Setting<2> setting;
  setting.add_field("lithium", "1", SpaceKind::nodal, linear<2>);
  setting.add_field("displacement", "m", SpaceKind::vector, linear<2>);
  const std::vector<double> inside = {1 * micron, 1 * micron};
  DiagnosticsParameters p;
  p.probes = {{"a", {observed("lithum"), inside, "parameter 'point'"}}};
  EXPECT_EQ(setting.refusal(p), "parameter 'field' is 'lithum', but this run has no such field or flux "
                                "density; did you mean 'lithium'?");
  p.probes = {{"a", {observed("lithium"), {1 * micron, 21 * micron}, "parameter 'point'"}}};
  EXPECT_EQ(setting.refusal(p),
            "parameter 'point' has y = 21 um, but must be in the box, where y goes from 0 m to 20 um.");
  p.probes = {{"a", {observed("lithium"), {1 * micron}, "parameter 'point'"}}};
  EXPECT_EQ(setting.refusal(p), "parameter 'point' has 1 coordinates, but must have 2, one per axis.");
  p.probes = {{"a", {observed("lithium", "x"), inside, "parameter 'point'"}}};
  EXPECT_EQ(setting.refusal(p), "parameter 'component' is 'x', but 'lithium' is a scalar; leave it empty.");
  p.probes = {{"a", {observed("displacement", "z"), inside, "parameter 'point'"}}};
  EXPECT_EQ(setting.refusal(p), "parameter 'component' is 'z', but must be 'x', 'y' or 'magnitude'.");
  p = {};
  p.fluxes = {{"a", FluxParameters()}};
  EXPECT_NE(setting.refusal(p).find("no such flux density, it has none."), std::string::npos);
  p = {};
  p.integrals = {{"a", IntegralParameters()}};
  p.integrals[0].second.boundary = "bottm";
  EXPECT_NE(setting.refusal(p).find("is 'bottm', but must be 'left', 'right', 'bottom' or 'top'."),
            std::string::npos);
  p = {};
  p.interfaces = {{"a", InterfaceParameters()}};
  p.interfaces[0].second.wavelength = 7 * micron;
  EXPECT_NE(setting.refusal(p).find("whole number of half waves"), std::string::npos);
  p.interfaces[0].second.field = "displacement";
  EXPECT_NE(setting.refusal(p).find("no such scalar field"), std::string::npos);
}

TEST(Diagnostics, ErrorsOfAParabola)
{
  // Linear interpolation of x^2 on cells of size h: difference s (h - s), so that the L2 norm per length is
  // h^2/sqrt(30) and the H1 seminorm h/sqrt(3). With length in um the numbers are of order one.
  Setting<2> setting(3, false);
  setting.add_field("parabola", "V", SpaceKind::nodal,
                    [](const Point<2> &p, unsigned int) { return 1e12 * p[0] * p[0]; });
  DiagnosticsParameters parameters;
  parameters.errors.push_back({"e", {observed("parabola"), {"1e12*x^2"}}});
  parameters.errors.push_back({"shifted", {observed("parabola"), {"1e12*x^2+t"}}});
  const auto row = setting.observe(parameters, 1e6);
  const double h = 10. / 8, root_of_area = std::sqrt(200.) * micron;
  EXPECT_EQ(row[0].name, "e_l2");
  EXPECT_EQ(row[0].unit, "V m");
  EXPECT_NEAR(row[0].value, h * h / std::sqrt(30.) * root_of_area, 1e-12 * root_of_area);
  EXPECT_EQ(row[1].name, "e_h1");
  EXPECT_EQ(row[1].unit, "V");
  // The gradient of the formula by differences: relative round-off 1e-16 x^2/(2 x 1e-3 h).
  EXPECT_NEAR(row[1].value, h / std::sqrt(3.) / micron * root_of_area, 1e-8 * root_of_area / micron);
  EXPECT_EQ(row[2].name, "e_max");
  EXPECT_LT(row[2].value, h * h / 4);
  EXPECT_GT(row[2].value, 0.85 * h * h / 4) << "the points of QGauss(4) next to the middle of the cell";
  EXPECT_EQ(row[3].name, "e_l2_vertices");
  EXPECT_NEAR(row[3].value, 0., 1e-12 * root_of_area) << "the values at the vertices are exact";
  EXPECT_NEAR(row[4].value, 1e6 * root_of_area, 1e-5 * root_of_area * 1e6) << "t counts";
  parameters.errors[0].second.start_time = 2e6;
  EXPECT_TRUE(std::isnan(setting.observe(parameters, 1e6)[0].value)) << "before the start time";
  EXPECT_FALSE(std::isnan(setting.observe(parameters, 2e6)[0].value));
}

TEST(Diagnostics, ErrorsOfOneComponentInThreeDimensions)
{
  Setting<3> setting(2);
  setting.add_field("displacement", "m", SpaceKind::vector, linear<3>);
  DiagnosticsParameters parameters;
  parameters.errors.push_back({"e", {observed("displacement", "z"), {"3+3e5*x-1e5*z"}}});
  const auto row = setting.observe(parameters);
  EXPECT_EQ(row[0].unit, "m m^1.5");
  EXPECT_EQ(row[1].unit, "m m^0.5");
  const double root_of_volume = std::sqrt(10. * 8. * 20. * 1e-18);
  EXPECT_NEAR(row[0].value, root_of_volume, 1e-12 * root_of_volume)
      << "component z is larger by one than the formula";
  EXPECT_NEAR(row[2].value, 1., 1e-12);
  parameters.errors[0].second.observed.component = "";
  EXPECT_NE(setting.refusal(parameters).find("must be an axis"), std::string::npos);
}

namespace
{
IntegralParameters integral(const IntegralParameters::Operation operation, const std::string &field)
{
  IntegralParameters result;
  result.operation = operation;
  result.observed = observed(field);
  return result;
}

template <int dim>
void integrals_have_known_values()
{
  using Operation = IntegralParameters::Operation;
  Setting<dim> setting;
  setting.add_field("height", "m", SpaceKind::nodal,
                    [](const Point<dim> &p, unsigned int) { return p[dim - 1]; });
  setting.add_field("x", "1", SpaceKind::nodal,
                    [](const Point<dim> &p, unsigned int) { return p[0] / (10 * micron); });
  DiagnosticsParameters p;
  const std::string stack = dim == 2 ? "y" : "z";
  p.integrals.push_back({"volume", integral(Operation::integral, "")});
  p.integrals.push_back({"integral", integral(Operation::integral, "height")});
  p.integrals.push_back({"mean", integral(Operation::mean, "height")});
  p.integrals.push_back({"minimum", integral(Operation::minimum, "height")});
  p.integrals.push_back({"maximum", integral(Operation::maximum, "height")});
  p.integrals.push_back({"part", integral(Operation::integral, "")});
  p.integrals.back().second.where.text = "5*um-x";
  p.integrals.push_back({"part_maximum", integral(Operation::maximum, "x")});
  p.integrals.back().second.where.text = "5.1*um-x"; // vertices in this range reach to 5 um
  p.integrals.push_back({"time", integral(Operation::mean, "")});
  p.integrals.back().second.expression.text = "t*x/um";
  p.integrals.push_back({"weighted", integral(Operation::mean, "height")});
  p.integrals.back().second.expression.text = "x/um";
  p.integrals.back().second.weight = "x";
  p.integrals.push_back({"top", integral(Operation::mean, "height")});
  p.integrals.back().second.boundary = "top";
  p.integrals.push_back({"right", integral(Operation::integral, "height")});
  p.integrals.back().second.boundary = "right";
  p.integrals.push_back({"bottom_part", integral(Operation::integral, "x")});
  p.integrals.back().second.boundary = "bottom";
  p.integrals.back().second.where.text = "5*um-x";
  p.integrals.push_back({"nowhere", integral(Operation::mean, "x")});
  p.integrals.back().second.where.text = "-1";
  const auto row = setting.observe(p, 2.);
  const double right =
      dim == 2 ? 200. / 10. * micron : 200. * 8. / 80. * micron; // INT z dA over the cross-section
  const std::vector<double> expected = {
      20 * micron, 200e-12, 10 * micron, 0., 20 * micron, 10 * micron, 0.5, 10., 10 * micron * 10. * 2. / 3.,
      20 * micron, right,   0.125};
  const std::vector<std::string> units = {"m", "m m", "m", "m", "m", "m", "1", "1", "m", "m", "m", "1"};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    // Polynomials that the rules integrate exactly.
    EXPECT_NEAR(row[i].value, expected[i], 1e-11 * std::abs(expected[i])) << row[i].name;
    EXPECT_EQ(row[i].unit, units[i]) << row[i].name;
  }
  EXPECT_TRUE(std::isnan(row.back().value));
}
} // namespace

TEST(Diagnostics, IntegralsHaveKnownValues)
{
  integrals_have_known_values<2>();
  integrals_have_known_values<3>();
}

namespace
{
/// Solves div(s grad u) = 0 with u = 0 where `electrode` is positive on the bottom and u = 1 at the top.
FluxDensity<2> conduct(Setting<2> &setting, const std::function<bool(const Point<2> &)> &electrode)
{
  Field<2> &u =
      setting.add_field("u", "V", SpaceKind::nodal, [](const Point<2> &, unsigned int) { return 0.; });
  const Space<2> &space = u.space;
  const auto conductivity = [](const Point<2> &p) { return 1. + 0.5 * std::sin(3e5 * p[0]); };
  const Quadrature<2> support(space.fe().get_unit_support_points());
  AffineConstraints<double> constraints(space.relevant);
  constraints.merge(space.constraints);
  std::vector<dealii::types::global_dof_index> dofs(4);
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (!cell->is_artificial()) {
      cell->get_dof_indices(dofs);
      for (const unsigned int v : cell->vertex_indices()) {
        const Point<2> p = cell->vertex(v);
        const bool top = p[1] > 20 * micron * (1 - 1e-9), bottom = p[1] < 1e-9 * micron && electrode(p);
        if ((top || bottom) && !constraints.is_constrained(dofs[v])) {
          constraints.add_line(dofs[v]);
          constraints.set_inhomogeneity(dofs[v], top ? 1. : 0.);
        }
      }
    }
  constraints.close();
  DynamicSparsityPattern pattern(space.relevant);
  dealii::DoFTools::make_sparsity_pattern(space.dof_handler, pattern, constraints, false);
  dealii::SparsityTools::distribute_sparsity_pattern(pattern, space.owned, MPI_COMM_WORLD, space.relevant);
  dealii::PETScWrappers::MPI::SparseMatrix matrix;
  matrix.reinit(space.owned, space.owned, pattern, MPI_COMM_WORLD);
  dealii::PETScWrappers::MPI::Vector right(space.owned, MPI_COMM_WORLD),
      solution(space.owned, MPI_COMM_WORLD);
  const QGauss<2> quadrature(2);
  FEValues<2> fe_values(setting.mesh.mapping, space.fe(), quadrature,
                        update_gradients | update_quadrature_points | update_JxW_values);
  FullMatrix<double> local(4, 4);
  dealii::Vector<double> local_right(4);
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      local = 0.;
      for (unsigned int q = 0; q < quadrature.size(); ++q)
        for (unsigned int i = 0; i < 4; ++i)
          for (unsigned int j = 0; j < 4; ++j)
            local(i, j) += conductivity(fe_values.quadrature_point(q)) * fe_values.shape_grad(i, q) *
                           fe_values.shape_grad(j, q) * fe_values.JxW(q);
      cell->get_dof_indices(dofs);
      constraints.distribute_local_to_global(local, local_right, dofs, matrix, right);
    }
  matrix.compress(VectorOperation::add);
  right.compress(VectorOperation::add);
  SolverControl control(2000, 1e-13 * right.l2_norm());
  dealii::PETScWrappers::SolverCG(control, MPI_COMM_WORLD)
      .solve(matrix, solution, right, dealii::PETScWrappers::PreconditionBlockJacobi(matrix));
  for (const dealii::types::global_dof_index dof : space.owned)
    u.values(dof) = solution(dof);
  u.values.zero_out_ghost_values();
  constraints.distribute(u.values);
  u.values.update_ghost_values();

  return {"current_density", "A/m^2",
          [&u, conductivity](const auto &cell, std::vector<Tensor<1, 2>> &density,
                             std::vector<double> &divergence) {
            FEValues<2> values(u.space.mesh().mapping, u.space.fe(), QGauss<2>(2),
                               update_gradients | update_quadrature_points);
            values.reinit(typename DoFHandler<2>::active_cell_iterator(
                &cell->get_triangulation(), cell->level(), cell->index(), &u.space.dof_handler));
            values.get_function_gradients(u.values, density);
            for (unsigned int q = 0; q < density.size(); ++q)
              density[q] *= -conductivity(values.quadrature_point(q));
            std::fill(divergence.begin(), divergence.end(), 0.);
          }};
}

FluxParameters flux(const std::string &boundary, const std::string &where = "1")
{
  return {"current_density", boundary, {where}, "", ""};
}
} // namespace

TEST(Diagnostics, FluxOfAnElectrodeOnAPartOfABoundaryIsConserved)
{
  // The current density is singular at the edge of the electrode; what enters at the top leaves through it
  // nevertheless.
  Setting<2> setting;
  setting.flux_densities.push_back(conduct(setting, [](const Point<2> &p) { return p[0] <= 5 * micron; }));
  DiagnosticsParameters p;
  p.fluxes.push_back({"top", flux("top")});
  p.fluxes.push_back({"bottom", flux("bottom")});
  p.fluxes.push_back({"electrode", flux("bottom", "5*um-x+1e-12")});
  p.fluxes.push_back({"insulated", flux("bottom", "x-5*um")});
  p.fluxes.push_back({"left", flux("left")});
  p.fluxes.push_back({"top_left", flux("top", "3.3*um-x")});
  p.fluxes.push_back({"top_right", flux("top", "x-3.3*um")});
  p.probes.push_back({"density", {observed("current_density", "y"), {3 * micron, 19.9 * micron}, ""}});
  IntegralParameters mean;
  mean.observed = observed("current_density", "y");
  mean.boundary = "top";
  p.integrals.push_back({"mean", mean});
  const auto row = setting.observe(p);
  // Columns: density, mean, top, bottom, electrode, insulated, left, top_left, top_right.
  const double current = row[2].value;
  EXPECT_EQ(row[2].name, "top");
  EXPECT_EQ(row[2].unit, "A/m^2");
  EXPECT_GT(current, 0.) << "from the top, at the higher potential, into the box";
  EXPECT_NEAR(row[3].value, -current, 1e-9 * current); // tolerance of the linear solver
  EXPECT_NEAR(row[4].value, -current, 1e-9 * current);
  EXPECT_NEAR(row[5].value, 0., 1e-9 * current);
  EXPECT_NEAR(row[6].value, 0., 1e-9 * current);
  EXPECT_NEAR(row[7].value + row[8].value, current, 1e-9 * current);
  EXPECT_NEAR(-row[1].value, current, 0.02 * current) << "the density in the cells is less accurate";
  EXPECT_LT(row[0].value, -0.5 * current);
}

TEST(Diagnostics, ElectrodeOfASingleNodeKeepsItsFlux)
{
  Setting<2> setting;
  setting.flux_densities.push_back(
      conduct(setting, [](const Point<2> &p) { return std::abs(p[0] - 7.5 * micron) < 0.1 * micron; }));
  DiagnosticsParameters p;
  p.fluxes.push_back({"top", flux("top")});
  p.fluxes.push_back({"electrode", flux("bottom", "x-7*um")});
  const auto row = setting.observe(p);
  EXPECT_GT(row[0].value, 0.);
  EXPECT_NEAR(row[1].value, -row[0].value, 1e-9 * row[0].value);
}

namespace
{
/// Error of the flux through a part of the top for a given smooth field without divergence.
template <int dim>
double error_of_partial_flux(const unsigned int level)
{
  Setting<dim> setting(level, false);
  const double k = 2e5;
  setting.flux_densities.push_back(
      {"current_density", "A/m^2",
       [&, k](const auto &cell, std::vector<Tensor<1, dim>> &density, std::vector<double> &divergence) {
         const CellBox<dim> box(cell);
         const QGauss<dim> quadrature(2);
         for (unsigned int q = 0; q < quadrature.size(); ++q) {
           density[q] = Tensor<1, dim>();
           density[q][dim - 1] = std::cos(k * box.real(quadrature.point(q))[0]) *
                                 (1. + box.real(quadrature.point(q))[dim - 1] / (20 * micron));
           divergence[q] = std::cos(k * box.real(quadrature.point(q))[0]) / (20 * micron);
         }
       }});
  DiagnosticsParameters p;
  p.fluxes.push_back({"part", flux("top", "3.75*um-x")});
  return setting.observe(p)[0].value + 2. * std::sin(k * 3.75 * micron) / k / (10 * micron);
}
} // namespace

TEST(Diagnostics, FluxThroughAPartOfAnElectrodeIsOfSecondOrder)
{
  // The cut lies within a cell on the coarse mesh, and on a vertex on the fine ones.
  const double coarse = error_of_partial_flux<2>(3), middle = error_of_partial_flux<2>(4),
               fine = error_of_partial_flux<2>(5);
  EXPECT_LT(std::abs(coarse), 0.01);
  EXPECT_LT(std::abs(middle), std::abs(coarse) / 3.);
  EXPECT_LT(std::abs(fine), std::abs(middle) / 3.);
  EXPECT_LT(std::abs(error_of_partial_flux<3>(3)), 0.01);
}

namespace
{
/// A wavy interface at y = 8 um + 0.5 um cos(k (x - shift)) with a tanh profile, resolved by `level`.
void add_wavy_lithium(Setting<2> &setting, const double wavelength, const double shift)
{
  setting.add_field("lithium", "1", SpaceKind::nodal, [=](const Point<2> &p, unsigned int) {
    const double height =
        8 * micron + 0.5 * micron * std::cos(2 * dealii::numbers::PI * (p[0] - shift) / wavelength);
    return 0.5 * (1. + std::tanh((height - p[1]) / (0.8 * micron)));
  });
}
} // namespace

TEST(Diagnostics, InterfacePositionAndAmplitude)
{
  for (const double half_waves : {4., 3.}) {
    Setting<2> setting(6, false);
    const double wavelength = 20 * micron / half_waves;
    add_wavy_lithium(setting, wavelength, half_waves == 4. ? 1.3 * micron : 0.);
    DiagnosticsParameters p;
    p.interfaces.push_back({"front", InterfaceParameters()});
    p.interfaces[0].second.wavelength = wavelength;
    p.interfaces.push_back({"flat", InterfaceParameters()});
    p.interfaces[1].second.wavelength = half_waves == 4. ? 2 * micron : 4 * micron;
    const auto row = setting.observe(p);
    ASSERT_EQ(row.size(), 8u);
    EXPECT_EQ(row[0].name, "front_mean");
    EXPECT_NEAR(row[0].value, 8 * micron, 1e-4 * micron);
    EXPECT_EQ(row[1].name, "front_max");
    // The crest may lie half a cell (0.08 um) beside a vertex: 0.5 um (k s)^2/2 = 2.4e-3 um.
    EXPECT_NEAR(row[1].value, 8.5 * micron, 4e-3 * micron);
    EXPECT_EQ(row[2].name, "front_min");
    EXPECT_NEAR(row[2].value, 7.5 * micron, 4e-3 * micron);
    EXPECT_EQ(row[3].name, "front_amplitude");
    // The interpolated wave is lower by (k h)^2/12 = 3.2e-3.
    EXPECT_NEAR(row[3].value, 0.5 * micron, 0.5 * micron * 4e-3);
    EXPECT_NEAR(row[7].value, 0., 1e-3 * micron);
  }
}

TEST(Diagnostics, InterfaceWithoutMetalAndWithMetalOnly)
{
  Setting<3> setting(2);
  setting.add_field("none", "1", SpaceKind::nodal, [](const Point<3> &, unsigned int) { return 0.; });
  setting.add_field("all", "1", SpaceKind::nodal, [](const Point<3> &, unsigned int) { return 1.; });
  setting.add_field("lithium", "1", SpaceKind::nodal, [](const Point<3> &p, unsigned int) {
    return p[2] + 0.5 * p[1] < 7.3 * micron ? 1. : 0.;
  });
  DiagnosticsParameters p;
  for (const char *const name : {"none", "all", "lithium"}) {
    p.interfaces.push_back({name, InterfaceParameters()});
    p.interfaces.back().second.field = name;
  }
  const auto row = setting.observe(p);
  for (unsigned int i = 0; i < 3; ++i) {
    EXPECT_NEAR(row[i].value, 0., 1e-12 * micron);
    EXPECT_NEAR(row[3 + i].value, 20 * micron, 1e-11 * micron);
  }
  EXPECT_GT(row[7].value, row[8].value);
  EXPECT_LT(row[7].value, 7.3 * micron + 2.5 * micron);
  EXPECT_GT(row[8].value, 3.3 * micron - 2.5 * micron);
}

TEST(Diagnostics, ParametersAreReadFromAFile)
{
  ParameterFile file("",
                     {"Probes/tip/field=lithium", "Probes/tip/point=1, 2 um", "Errors/e/exact=x*t",
                      "Fluxes/i/where=x", "Interfaces/front/wavelength=5 um", "Integrals/v/operation=mean",
                      "Lines/cut/points=11", "Profiles/cut/axis=y", "Profiles/cut/to=3 um"});
  DiagnosticsParameters parameters;
  ParameterSection root = file.root();
  parameters.declare(root);
  file.finish();
  ASSERT_EQ(parameters.probes.size(), 1u);
  EXPECT_EQ(parameters.probes[0].first, "tip");
  EXPECT_EQ(parameters.probes[0].second.point, (std::vector<double>{1e-6, 2e-6}));
  EXPECT_EQ(parameters.lines.at(0).second.points, 11u);
  EXPECT_EQ(parameters.integrals.at(0).second.operation, IntegralParameters::Operation::mean);
  EXPECT_DOUBLE_EQ(parameters.interfaces.at(0).second.wavelength, 5e-6);
  EXPECT_EQ(parameters.profiles.at(0).second.axis, "y");
  EXPECT_FALSE(parameters.profiles.at(0).second.from.has_value());
  EXPECT_DOUBLE_EQ(parameters.profiles.at(0).second.to.value(), 3e-6);

  for (const auto &overrides :
       {std::vector<std::string>{"Probes/tip/field=a", "Errors/tip/exact=x"},
        std::vector<std::string>{"Probes/t,p/field=a"}, std::vector<std::string>{"Profiles/c/slices=0"}}) {
    ParameterFile bad("", overrides);
    ParameterSection section = bad.root();
    EXPECT_THROW(DiagnosticsParameters().declare(section), InputError);
  }
}

TEST(Tables, OldOnesAreRemovedAndNothingElse)
{
  const TemporaryFolder folder;
  const std::string lines = folder / "lines";
  const auto there = [&](const std::string &name) { return std::filesystem::exists(lines + "/" + name); };
  for (const unsigned long long step : {0, 3, 12})
    write_table(MPI_COMM_WORLD, lines, "mid_line", step, "a table");
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::ofstream(lines + "/my_notes.csv") << "mine";
  remove_tables(MPI_COMM_WORLD, lines, 3); // a restart after step 3
  EXPECT_TRUE(there("mid_line_000000.csv") && there("mid_line_000003.csv"));
  EXPECT_FALSE(there("mid_line_000012.csv"));
  MPI_Barrier(MPI_COMM_WORLD);
  remove_tables(MPI_COMM_WORLD, lines, {}); // a new run
  EXPECT_FALSE(there("mid_line_000000.csv") || there("mid_line_000003.csv"));
  EXPECT_TRUE(there("my_notes.csv"));
  remove_tables(MPI_COMM_WORLD, folder / "no_such_folder", {});
}
