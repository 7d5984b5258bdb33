#include "filled_case.h"
#include "materials/constants.h"

#include <gtest/gtest.h>

#include <sstream>

using namespace lithoclase;
using dealii::Point;

namespace
{
using Solver = LithiumPressureParameters::Solver;
using Type = MechanicalConditionParameters::Type;
constexpr double h = 1. / 32;
constexpr double charge = constants::faraday / constants::lithium_molar_volume; // of lithium [C/m^3]

/// A crack from the left side, of half the box, into which 1e-4 m^2 are injected per step.
struct Injected : FilledCase
{
  explicit Injected(const Solver solver = Solver::direct)
  {
    pressure_parameters.solver = solver;
    add_crack({0., 0.5}, {0.5, 0.5 + h}, true);
    InjectionParameters injection;
    injection.volume = Expression{"1e-4*t"};
    pressure_parameters.injections.emplace_back("crack0", injection);
  }
};

double value_at(const Field<2> &field, const Point<2> &point)
{
  double result = -1e300;
  for (const auto &cell : field.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        if (cell->vertex(v).distance(point) < 1e-9)
          result = field.values(cell->vertex_dof_index(v, 0));
  return dealii::Utilities::MPI::max(result, MPI_COMM_WORLD);
}

/// Relative error of the tangent in the equation of one platen alone, counted from the end of the first rank.
double platen_tangent_error(FilledEquilibrium<2> &system, const double step, const unsigned int from_end)
{
  const auto platen = [&](const Vector &vector) {
    const bool first = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
    return dealii::Utilities::MPI::sum(
        first ? vector.local_element(vector.locally_owned_size() - from_end) : 0., MPI_COMM_WORLD);
  };
  system.assemble();
  Vector direction = system.increment(), predicted = direction;
  for (unsigned int i = 0; i < direction.locally_owned_size(); ++i)
    direction.local_element(i) = system.residual().local_element(i) == 0. ? 0. : std::sin(12.9898 * (i + 1));
  system.multiply_by_jacobian(predicted, direction);
  double difference = 0.;
  for (const double side : {1., -1.}) {
    system.increment() = direction;
    system.add_increment(side * step);
    system.assemble();
    difference += side * platen(system.residual()) / (2. * step);
    system.add_increment(-side * step);
  }
  return std::abs(difference / platen(predicted) - 1.);
}

/// A current per area of filled cracks' flanks and its slope by the pressure.
void set_reaction(FilledCase &filled, const double current, const double slope)
{
  const Vector &area = filled.filling->flank_area().values;
  for (unsigned int i = 0; i < area.locally_owned_size(); ++i) {
    filled.reaction.flank->values.local_element(i) = current * area.local_element(i);
    filled.reaction.flank_slope->values.local_element(i) = slope * area.local_element(i);
  }
  filled.reaction.flank->update();
  filled.reaction.flank_slope->update();
}
} // namespace

TEST(LithiumPressure, injected_volume_opens_the_crack)
{
  Injected filled;
  filled.make();
  const auto first = filled.solve(), second = filled.solve();
  EXPECT_NEAR(first.at("lithium_volume_cracks"), 1e-4, 1e-12);
  EXPECT_NEAR(second.at("lithium_volume_cracks"), 2e-4, 1e-12);
  EXPECT_LT(std::abs(second.at("confined_volume_error")), 1e-8);
  EXPECT_EQ(second.at("lithium_volume_squeezed"), 0.);
  EXPECT_EQ(second.at("lithium_volume_drained"), 0.);
  // Linear but for the compression of lithium, p/K_Li of its volume.
  EXPECT_GT(first.at("lithium_pressure_max"), 0.);
  EXPECT_NEAR(second.at("lithium_pressure_max") / first.at("lithium_pressure_max"), 2., 0.02);
}

TEST(LithiumPressure, iterative_and_direct_solver_agree)
{
  Injected direct, iterative(Solver::iterative);
  for (Injected *filled : {&direct, &iterative}) {
    filled->make();
    filled->solve();
  }
  EXPECT_GT(iterative.report.linear_iterations, direct.report.linear_iterations);
  EXPECT_LT(FilledCase::difference(direct.mechanics->displacement().values,
                                   iterative.mechanics->displacement().values),
            1e-7);
  for (const double x : {0., 0.25, 0.5}) {
    const double p = value_at(*direct.pressure_field, {x, 0.5});
    EXPECT_NEAR(value_at(*iterative.pressure_field, {x, 0.5}), p, 1e-7 * p);
  }
}

TEST(LithiumPressure, acts_like_a_given_crack_pressure)
{
  Injected filled;
  filled.make();
  filled.solve();
  const double p = value_at(*filled.pressure_field, {0.25, 0.5});
  EXPECT_NEAR(value_at(*filled.pressure_field, {0., 0.5}), p, 1e-4 * p) << "uniform along the crack";
  EXPECT_NEAR(value_at(*filled.pressure_field, {0.5, 0.5}), p, 1e-4 * p);

  FilledCase given;
  given.add_crack({0., 0.5}, {0.5, 0.5 + h}, true);
  given.make();
  FilledCase::set(*given.pressure_field, [p](const Point<2> &) { return p; });
  const Step step{1, 0., 1.};
  given.filling->prepare_step(step);
  given.mechanics->prepare_step(step);
  given.mechanics->solve(step);
  EXPECT_LT(
      FilledCase::difference(given.mechanics->displacement().values, filled.mechanics->displacement().values),
      1e-3);
}

/// What a body does as a whole when it is pressed from above: the mean stress there and the displacement.
struct Pressed
{
  explicit Pressed(FilledCase &filled)
  {
    filled.make();
    row = filled.solve();
    const auto mechanics = FilledCase::observe({1, 0., 1.}, *filled.mechanics);
    stress = mechanics.at("force_top_y"); // on 1 m
    const Field<2> &u = filled.mechanics->displacement();
    for (const auto &cell : u.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices())
          if (cell->vertex(v)[1] > 1. - 1e-9) {
            lowest = std::min(lowest, u.values(cell->vertex_dof_index(v, 1)));
            highest = std::max(highest, u.values(cell->vertex_dof_index(v, 1)));
          }
    lowest = dealii::Utilities::MPI::min(lowest, MPI_COMM_WORLD);
    highest = dealii::Utilities::MPI::max(highest, MPI_COMM_WORLD);
  }
  std::map<std::string, double> row;
  double stress = 0., lowest = 1e300, highest = -1e300;
};

/// A crack through the whole box is layered: there is one stress, so that the lithium bears what presses, and
/// what is broken in part is strained like what is not. Of the volume V, which the band's compression makes
/// room for, and the height, the platen moves by V + (P/M) INT alpha dy - (P/M) (1-h), INT alpha dy = 28 l/15
/// beside the broken cells, M = E (1-nu)/((1+nu)(1-2 nu)) = 10/9 Pa.
TEST(LithiumPressure, platen_presses_on_a_layer_of_lithium)
{
  constexpr double P = 1e-5, M = 10. / 9, V = 1e-4;
  for (const Solver solver : {Solver::direct, Solver::iterative})
    for (const Type type : {Type::platen, Type::traction}) {
      FilledCase filled;
      filled.pressure_parameters.solver = solver;
      if (type == Type::platen)
        filled.side("top", type).pressure.text = "1e-5";
      else
        filled.side("top", type).traction[1].text = "-1e-5";
      filled.add_crack({0., 0.5}, {1., 0.5 + h}, true);
      InjectionParameters injection;
      injection.volume = Expression{"1e-4*t"};
      filled.pressure_parameters.injections.emplace_back("crack0", injection);
      const Pressed pressed(filled);
      EXPECT_NEAR(pressed.stress / -P, 1., 1e-7);
      for (const Point<2> &point : {Point<2>(0., 0.5), Point<2>(0.5, 0.5), Point<2>(1., 0.5 + h)})
        EXPECT_NEAR(value_at(*filled.pressure_field, point) / P, 1., 1e-5);
      // Steps of l/4 in d: 1 % of INT alpha dy. Lithium is compressed by P/K_Li = 1e-4 of V.
      const double expected = V + P / M * (28. / 15 * filled.bands.width - (1. - h));
      EXPECT_NEAR(pressed.highest, expected, 0.01 * P / M + 2e-4 * V);
      EXPECT_NEAR(pressed.lowest, pressed.highest, 1e-7 * V);
      EXPECT_LT(std::abs(pressed.row.at("confined_volume_error")), 1e-7);
    }
}

TEST(LithiumPressure, platen_that_touches_lithium_does_not_tilt)
{
  Injected direct, iterative(Solver::iterative), given;
  for (Injected *filled : {&direct, &iterative, &given})
    filled->add_crack({0.5, 0.5}, {0.5 + h, 1.}, true); // to the platen
  for (Injected *filled : {&direct, &iterative})
    filled->side("top", Type::platen).pressure.text = "1e-5";
  const Pressed pressed(direct), other(iterative);
  for (const Pressed *result : {&pressed, &other}) {
    EXPECT_NEAR(result->stress / -1e-5, 1., 1e-7);
    EXPECT_LT(result->highest - result->lowest, 1e-12 * std::abs(result->highest));
    EXPECT_LT(std::abs(result->row.at("confined_volume_error")), 1e-7);
  }
  EXPECT_NEAR(other.highest / pressed.highest, 1., 1e-6);
  EXPECT_NEAR(other.row.at("lithium_pressure_max") / pressed.row.at("lithium_pressure_max"), 1., 1e-6);
  // The same displacement prescribed needs the same force and makes the same pressure, without border.
  std::ostringstream text;
  text.precision(17);
  text << pressed.highest;
  given.side("top", Type::displacement).displacement[1].text = text.str();
  const Pressed held(given);
  EXPECT_NEAR(held.stress / pressed.stress, 1., 1e-5);
  EXPECT_NEAR(held.row.at("lithium_pressure_max") / pressed.row.at("lithium_pressure_max"), 1., 1e-6);
}

TEST(LithiumPressure, drains_through_metal_at_the_collector)
{
  FilledCase filled;
  filled.pressure_parameters.drained_collector = true;
  filled.pressure_parameters.collector_pressure = Expression{"1e-5"};
  filled.add_crack({0.5, 0.}, {0.5 + h, 0.625}, false);
  InjectionParameters injection;
  injection.volume = Expression{"1e-4*t"};
  filled.pressure_parameters.injections.emplace_back("crack0", injection);
  filled.make(0.25);
  const auto row = filled.solve();
  // The metal and what is connected to it have the pressure of the collector: most of the volume drains.
  EXPECT_NEAR(value_at(*filled.pressure_field, {0.5, 0.}), 1e-5, 1e-17);
  EXPECT_NEAR(value_at(*filled.pressure_field, {0.5, 0.5}), 1e-5, 1e-6);
  EXPECT_GT(row.at("lithium_volume_drained"), 5e-5);
  EXPECT_NEAR(row.at("lithium_volume_cracks") + row.at("lithium_volume_squeezed") +
                  row.at("lithium_volume_drained"),
              1e-4, 1e-12);
}

TEST(LithiumPressure, plating_stalls_within_the_step)
{
  // Unhindered it would make ten times the volume of the crack at 1e-4 Pa, where it stalls.
  FilledCase filled;
  filled.reacts = true;
  filled.add_crack({0., 0.5}, {0.5, 0.5 + h}, true);
  filled.make();
  filled.filling->prepare_step({1, 0., 1.});

  set_reaction(filled, 1e-3 * charge, -10. * charge);
  const auto row = filled.solve();
  EXPECT_NEAR(value_at(*filled.pressure_field, {0.25, 0.5}), 1e-4, 1e-5);
  EXPECT_LT(row.at("lithium_pressure_max"), 1e-4);
  // What charge transport counted and the stall did not use is owed: the next step makes it good.
  EXPECT_LT(row.at("confined_volume_error"), -0.1);
  set_reaction(filled, 0., 0.);
  EXPECT_LT(std::abs(filled.solve().at("confined_volume_error")), 1e-7);
}

TEST(LithiumPressure, tangent_of_the_coupled_system)
{
  for (const EnergySplit split : {EnergySplit::none, EnergySplit::volumetric_deviatoric})
    for (const bool reacts : {false, true}) {
      const bool pressed = reacts; // by platens, whose displacements are unknowns, too; lithium touches one
      // Hard lithium: of its compressed volume, theta p/K_Li, the tangent leaves the change of theta out.
      Injected filled;
      filled.law.split = split;
      filled.mechanics_parameters.elasticity.lithium_youngs_modulus = 1e6;
      filled.pressure_parameters.drained_lithium = {1e-6, 1e-6};
      filled.reacts = reacts;
      if (pressed) {
        filled.side("top", Type::platen).pressure.text = "1e-5";
        filled.side("right", Type::platen).pressure.text = "2e-5";
        filled.add_crack({0.5, 0.5}, {0.5 + h, 1.}, true);
      }
      filled.make();
      if (reacts) {
        filled.filling->prepare_step({1, 0., 1.});
        set_reaction(filled, 1e-3 * charge, -charge);
      }
      filled.solve();
      // A split has kinks; at some points of intact matter the volume hardly changes.
      EXPECT_LT(jacobian_error(*filled.equilibrium, 1e-8, 7), split == EnergySplit::none ? 1e-6 : 1e-4);
      if (pressed)
        for (const unsigned int platen : {1, 2})
          EXPECT_LT(platen_tangent_error(*filled.equilibrium, 1e-8, platen), 1e-6);
    }
}
