#include "filled_case.h"
#include "materials/constants.h"
#include "materials/reaction_kinetics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

using namespace lithoclase;
using dealii::Point;
using dealii::SymmetricTensor;

namespace
{
using Condition = MechanicalConditionParameters::Type;
constexpr double per_pressure = constants::overpotential_per_pressure;

/// A column of two grains, 8 um high, with a flat boundary in the middle, across the last axis; rollers on
/// all sides but, if `free_top`, the top.
template <int dim>
struct Column
{
  explicit Column(const double band_width, const bool free_top = false, const double accessibility = 0.)
  {
    PetscOptionsClear(nullptr); // the defaults of another preconditioner stay else
    MeshParameters mesh_parameters;
    mesh_parameters.size.assign(dim, dim == 2 ? 1e-6 : 2e-6);
    mesh_parameters.size[dim - 1] = height;
    mesh_parameters.coarse_cells = dim == 2 ? "1, 8" : "1, 1, 4";
    mesh_parameters.minimum_level = mesh_parameters.maximum_level = 3;
    mesh = std::make_unique<Mesh<dim>>(MPI_COMM_WORLD, mesh_parameters);
    MicrostructureParameters structure;
    structure.grains.arrangement = GrainArrangement::regular;
    structure.grains.size = 0.5 * height;
    structure.band_width = band_width;
    microstructure =
        std::make_unique<Microstructure<dim>>(structure, mesh->lower(), mesh->upper(), mesh->finest_cell());
    parameters.elasticity.youngs_modulus = 150e9;
    parameters.elasticity.poisson_ratio = 0.26;
    parameters.newton.relative_tolerance = 1e-12;
    for (const std::string &side : Mesh<dim>::boundary_names())
      if (side != "top" || !free_top) {
        parameters.boundary_conditions.emplace_back(side, MechanicalConditionParameters());
        parameters.boundary_conditions.back().second.boundary = side;
        parameters.boundary_conditions.back().second.type = Condition::roller;
      }
    database = std::make_unique<MaterialDatabase>(MaterialParameters(), MPI_COMM_WORLD);
    properties = std::make_unique<ElasticProperties<dim>>(parameters.elasticity, *database, "LLZO",
                                                          "LiTFSI-Py14TFSI", *microstructure);
    state = std::make_unique<State<dim>>(*mesh);
    lithium = &state->add_field("lithium", "1", SpaceKind::nodal);
    rate = &state->add_field("nucleation_rate", "A/m^3", SpaceKind::quadrature, Transfer::recompute);
    nucleated = std::make_unique<NucleatedLithium<dim>>(*microstructure, *state, *lithium,
                                                        NucleatedLithium<dim>::Effect::presses);
    mechanics =
        std::make_unique<Mechanics<dim>>(parameters, *properties, DegradedElasticity(), *state, *lithium,
                                         nullptr, nullptr, CrackFluid<dim>(), nullptr, nucleated.get());
    state->reinit();
    nucleated->reinit(std::vector<double>(mesh->triangulation.n_active_cells() << dim, accessibility));
    mechanics->reinit();
    mechanics->prepare_step(Step{1, 0., 1.}); // the reaction reads the pressure and stiffness of the start
    state->store();
  }

  /// f(index, number, SUM b_k) at all points.
  void at_points(const std::function<void(unsigned int, dealii::types::global_dof_index, double)> &f)
  {
    const Space<dim> &space = nucleated->space();
    const std::vector<Point<dim>> unit = space.fe().get_unit_support_points();
    std::vector<dealii::types::global_dof_index> dofs(unit.size());
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned()) {
        cell->get_dof_indices(dofs);
        for (unsigned int q = 0; q < unit.size(); ++q)
          f(cell->active_cell_index() * unit.size() + q, dofs[q],
            microstructure->evaluate(space.mesh().mapping.transform_unit_to_real_cell(cell, unit[q]))
                .band_sum());
      }
  }

  /// One step with the rates as they are.
  std::map<std::string, double> make_step(const double size)
  {
    const Step step{++number, time, size};
    time += size;
    change = nucleated->grow(step, *rate);
    mechanics->prepare_step(step);
    mechanics->solve(step);
    mechanics->accept_step(step);
    ObservableRow row;
    mechanics->add_observables(step, row);
    nucleated->add_observables(row);
    limit = nucleated->max_next_time_step(step);
    state->store();
    std::map<std::string, double> result;
    for (const Observable &observable : row.entries())
      result[observable.name] = observable.value;
    return result;
  }

  /// R_n of an area ratio 0.01 with this phi_e - phi_i.
  void react(const double potential, const double barrier, const double step_size)
  {
    at_points([&](const unsigned int index, const auto dof, const double band) {
      const double area = 0.01 / microstructure->band_width() * band;
      const NucleationStall stall =
          nucleated->stall(index, rate->space.partitioner->global_to_local(dof), 0., step_size);
      rate->values(dof) = area * nucleation_current_density(kinetics, i0, potential + stall.overpotential,
                                                            barrier, area * stall.slope)
                                     .value;
    });
  }

  double c11() const { return properties->template stiffness<3>(ElasticPoint(), 0.).tensor[0][0][0][0]; }
  double c12() const { return properties->template stiffness<3>(ElasticPoint(), 0.).tensor[0][0][1][1]; }

  static constexpr double height = 8e-6, i0 = 50.;
  const ButlerVolmer kinetics;
  std::unique_ptr<Mesh<dim>> mesh;
  std::unique_ptr<Microstructure<dim>> microstructure;
  MechanicsParameters parameters;
  std::unique_ptr<MaterialDatabase> database;
  std::unique_ptr<ElasticProperties<dim>> properties;
  std::unique_ptr<State<dim>> state;
  Field<dim> *lithium = nullptr, *rate = nullptr;
  std::unique_ptr<NucleatedLithium<dim>> nucleated;
  std::unique_ptr<Mechanics<dim>> mechanics;
  unsigned long long number = 0;
  double time = 0., change = 0., limit = 0.;
};

/// In a clamped column a layer of mean content z w/L presses with C11 z w/L across and C12 z w/L along, in
/// all of it; the bands b integrate to w_s exactly by the rule of the cells.
template <int dim>
void check_confined_layer()
{
  for (const double band_width : {0.75e-6, 1e-6}) {
    Column<dim> column(band_width);
    column.at_points([&](unsigned int, const auto dof, const double band) {
      column.rate->values(dof) = 1e-3 / per_pressure * band;
    });
    const auto row = column.make_step(1.);
    const double mean = 1e-3 * band_width / column.height;
    EXPECT_NEAR(row.at("lithium_volume_nucleated") / (mean * column.height), 1., 1e-12);
    const std::string across = dim == 2 ? "yy" : "zz";
    EXPECT_NEAR(row.at("mean_stress_" + across) / (-column.c11() * mean), 1., 1e-9);
    EXPECT_NEAR(row.at("mean_stress_xx") / (-column.c12() * mean), 1., 1e-9);
    double worst = 0.;
    for (const Field<dim> &field : column.state->fields())
      if (field.name == "nucleation_pressure")
        column.at_points([&](unsigned int, const auto dof, const double band) {
          if (band > 0.)
            worst = std::max(worst, std::abs(field.values(dof) / (column.c11() * mean) - 1.));
        });
    EXPECT_LT(dealii::Utilities::MPI::max(worst, MPI_COMM_WORLD), 1e-9);
  }
}
} // namespace

TEST(NucleatedLithium, layer_in_a_clamped_column)
{
  check_confined_layer<2>();
  check_confined_layer<3>();
}

TEST(NucleatedLithium, free_column_is_pushed_apart_without_pressure)
{
  Column<2> column(1e-6, true);
  column.at_points([&](unsigned int, const auto dof, const double band) {
    column.rate->values(dof) = 1e-3 / per_pressure * band;
  });
  const auto row = column.make_step(1.);
  // The column grows by the volume of the lithium.
  const Vector &u = column.mechanics->displacement().values;
  EXPECT_NEAR(u.linfty_norm(), 1e-9, 1e-18);
  EXPECT_LT(row.at("nucleation_pressure_max"), 1e-6 * column.c11() * 1e-3);
}

TEST(NucleatedLithium, with_room_nothing_is_confined)
{
  Column<2> column(1e-6, false, 1.);
  column.react(-0.05, 0., 1.);
  const auto row = column.make_step(1.);
  EXPECT_EQ(row.at("lithium_volume_nucleated"), 0.);
  EXPECT_EQ(row.at("mean_stress_yy"), 0.);
  EXPECT_EQ(column.change, 0.);
}

/// p' = (C11/L) (V_Li/F) 0.01 j(eta + V_Li p/F), the balance of the whole layer, by Runge-Kutta in `n` steps.
double pressure_by_balance(const Column<2> &column, const double potential, const double time,
                           const unsigned int n)
{
  const auto f = [&](const double p) {
    return column.c11() / column.height * per_pressure * 0.01 *
           nucleation_current_density(column.kinetics, column.i0, potential + per_pressure * p, 0.).value;
  };
  double p = 0.;
  const double dt = time / n;
  for (unsigned int k = 0; k < n; ++k) {
    const double a = f(p), b = f(p + 0.5 * dt * a), c = f(p + 0.5 * dt * b), d = f(p + dt * c);
    p += dt / 6. * (a + 2. * b + 2. * c + d);
  }
  return p;
}

/// How the pressure rises, at first order in the step.
TEST(NucleatedLithium, pressure_rises_as_the_balance_says)
{
  const double potential = -0.05, time = 100.;
  std::vector<double> errors;
  for (const unsigned int n : {40, 80}) {
    Column<2> column(1e-6);
    double p = 0.;
    for (unsigned int k = 0; k < n; ++k) {
      column.react(potential, 0., time / n);
      p = column.make_step(time / n).at("nucleation_pressure_max");
    }
    errors.push_back(p / pressure_by_balance(column, potential, time, 4000) - 1.);
    EXPECT_GT(p, 0.3 * 0.05 / per_pressure); // well on the way
    EXPECT_LT(p, 0.99 * 0.05 / per_pressure);
  }
  EXPECT_LT(errors[1], 0.) << "growth is rather too slow";
  EXPECT_GT(errors[1], -0.05);
  EXPECT_NEAR(errors[0] / errors[1], 2., 0.2);
}

/// Growth stalls where p_n = (F/V_Li) (|phi_e - phi_i| - eta_nuc), from below and at any step size: here up
/// to 1e8 times the time in which the pressure of a clamped site would relax.
TEST(NucleatedLithium, growth_stalls_without_overshoot)
{
  const double potential = -0.05;
  for (const double barrier : {0., 5e-3}) {
    const double stalled = (std::abs(potential) - barrier) / per_pressure;
    EXPECT_NEAR(stalled, barrier == 0. ? 371e6 : 334e6, 0.5e6); // 7.42 MPa per mV
    for (const double step : {100., 1e4, 1e9}) {
      Column<2> column(1e-6);
      double before = 0.;
      for (unsigned int k = 0; k < 120; ++k) {
        column.react(potential, barrier, step);
        const double p = column.make_step(step).at("nucleation_pressure_max");
        EXPECT_GE(p, before * (1. - 1e-9)) << step << ", " << k;
        EXPECT_LE(p, stalled * (1. + 1e-9)) << step << ", " << k;
        before = p;
      }
      // The kinetics fade out over the last millivolt.
      EXPECT_NEAR(before / stalled, 1., step < 1e9 ? 2e-2 : 1e-5) << step;
    }
  }
}

/// Sweeps within one large step lead to the step of Euler's method, without the first-order error of one
/// sweep.
TEST(NucleatedLithium, sweeps_converge_to_the_implicit_step)
{
  const double potential = -0.05, size = 100.;
  Column<2> column(1e-6);
  const Step step{1, 0., size};
  column.mechanics->prepare_step(step);
  double change = 1.;
  unsigned int sweeps = 0;
  for (; change > 1e-9 && sweeps < 400; ++sweeps) {
    column.react(potential, 0., size);
    change = column.nucleated->grow(step, *column.rate);
    column.mechanics->solve(step);
  }
  EXPECT_LT(sweeps, 400u);
  ObservableRow row;
  column.nucleated->add_observables(row);
  double p = 0.;
  for (const Observable &observable : row.entries())
    if (observable.name == "nucleation_pressure_max")
      p = observable.value;
  const double rate =
      nucleation_current_density(column.kinetics, column.i0, potential + per_pressure * p, 0.).value;
  EXPECT_NEAR(p / (column.c11() / column.height * per_pressure * 0.01 * rate * size), 1., 1e-6);
  EXPECT_GT(column.nucleated->max_next_time_step(step), 1e3 * size) << "nothing is left to limit the step";
}

/// A boundary at y = 1/2 with lithium in it breaks: all lithium is booked before and after, in the content or
/// in the crack, and the crack is filled from its own site.
TEST(NucleatedLithium, broken_site_gives_its_content_to_the_crack)
{
  FilledCase filled;
  filled.nucleates = true;
  filled.structure.grains.arrangement = GrainArrangement::regular;
  filled.structure.grains.size = 2.;
  filled.structure.grains.offset = {0., 0.5};
  filled.structure.band_width = 0.25;
  filled.make();
  const Space<2> &space = filled.nucleated->space();
  std::vector<dealii::types::global_dof_index> dofs(4);
  const auto set_rate = [&](const double rate) { // in the middle of the box
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned()) {
        cell->get_dof_indices(dofs);
        const bool here =
            std::abs(cell->center()[1] - 0.5) < 0.125 && std::abs(cell->center()[0] - 0.5) < 0.25;
        for (const auto dof : dofs)
          filled.nucleation_rate->values(dof) = here ? rate / per_pressure : 0.;
      }
  };
  const auto observe = [&] {
    ObservableRow row;
    filled.nucleated->add_observables(row);
    std::map<std::string, double> result;
    for (const Observable &observable : row.entries())
      result[observable.name] = observable.value;
    return result;
  };
  const double per_step = 1e-3 * 0.125;
  set_rate(1e-3);
  filled.solve();
  auto cracks = filled.solve();
  auto own = observe();
  EXPECT_NEAR(own.at("lithium_volume_nucleated") / (2. * per_step), 1., 1e-12);
  EXPECT_EQ(own.at("lithium_volume_joined"), 0.);
  EXPECT_EQ(cracks.at("lithium_volume_cracks"), 0.);
  EXPECT_EQ(filled.filling->filling().values.linfty_norm(), 0.);
  EXPECT_GT(own.at("nucleation_pressure_max"), 0.);

  filled.boxes.emplace_back(Point<2>(0.25, 0.5), Point<2>(0.75, 0.5));
  FilledCase::set(*filled.damage, [&](const Point<2> &p) {
    const double distance = std::min(filled.distance(0, p), 2. * filled.bands.width);
    return std::pow(1. - 0.5 * distance / filled.bands.width, 2);
  });
  filled.state->store();
  for (unsigned int k = 3; k < 6; ++k) {
    cracks = filled.solve(); // the lithium goes on nucleating
    own = observe();
    EXPECT_EQ(filled.filling->filling().values.linfty_norm(), 1.);
    EXPECT_GT(own.at("lithium_volume_joined"), 0.5 * k * per_step);
    const double booked = own.at("lithium_volume_nucleated") + cracks.at("lithium_volume_cracks");
    EXPECT_NEAR(booked / (k * per_step), 1., 1e-6) << "step " << k;
    EXPECT_NEAR(cracks.at("lithium_volume_cracks") / own.at("lithium_volume_joined"), 1., 1e-6);
    EXPECT_LT(std::abs(cracks.at("confined_volume_error")), 1e-6);
  }
}
