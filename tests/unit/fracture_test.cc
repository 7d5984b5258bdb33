#include "alternate_minimization.h"
#include "core/failure.h"
#include "materials/material_database.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace lithoclase;
using dealii::Point;

namespace
{
/// A square of 1 m (E = 1 Pa, nu = 0, G_c = 1 J/m^2) with fracture and what a test puts in before make().
struct Specimen
{
  Specimen()
  {
    PetscOptionsClear(nullptr);
    mesh_parameters.size = {1., 1.};
    mesh_parameters.minimum_level = mesh_parameters.maximum_level = 5;
    mechanics_parameters.elasticity.youngs_modulus = 1.;
    mechanics_parameters.elasticity.poisson_ratio = 0.;
    fracture.crack_width = 0.125;
    fracture.damage_tolerance = 1e-9;
    alternate.log_passes = false;
    alternate.tolerance = 1e-6;
  }

  MechanicalConditionParameters &side(const std::string &boundary,
                                      const MechanicalConditionParameters::Type type)
  {
    mechanics_parameters.boundary_conditions.emplace_back(boundary, MechanicalConditionParameters());
    MechanicalConditionParameters &condition = mechanics_parameters.boundary_conditions.back().second;
    condition.boundary = boundary;
    condition.type = type;
    return condition;
  }

  /// Rollers at the bottom and at the left, the top pulled by the formula.
  void pull(const std::string &displacement)
  {
    using Type = MechanicalConditionParameters::Type;
    side("bottom", Type::roller);
    side("left", Type::roller);
    side("right", Type::roller);
    side("top", Type::displacement).displacement[1] = Expression{displacement};
  }

  void add_crack(const std::vector<double> &from, const std::vector<double> &to)
  {
    InitialCrackParameters crack;
    crack.from = from;
    crack.to = to;
    fracture.initial_cracks.emplace_back("crack" + std::to_string(fracture.initial_cracks.size()), crack);
  }

  void make()
  {
    mesh = std::make_unique<Mesh<2>>(MPI_COMM_WORLD, mesh_parameters);
    microstructure = std::make_unique<Microstructure<2>>(structure, mesh->lower(), mesh->upper(),
                                                         mesh->finest_cell(), mesh->periodic_axes());
    database = std::make_unique<MaterialDatabase>(MaterialParameters(), MPI_COMM_WORLD);
    properties = std::make_unique<ElasticProperties<2>>(mechanics_parameters.elasticity, *database, "LLZO",
                                                        "LiTFSI-Py14TFSI", *microstructure);
    state = std::make_unique<State<2>>(*mesh);
    Field<2> &lithium = state->add_field("lithium", "1", SpaceKind::nodal);
    damage = &state->add_field("damage", "1", SpaceKind::nodal);
    Field<2> &driving =
        state->add_field("driving_energy", "J/m^3", SpaceKind::quadrature, Transfer::recompute);
    Field<2> *current = ionic_current > 0. ? &state->add_field("ionic_current", "A/m^2",
                                                               SpaceKind::quadrature, Transfer::recompute)
                                           : nullptr;
    const DegradedElasticity law{fracture.split, fracture.residual_stiffness};
    auto mechanics = std::make_unique<Mechanics<2>>(mechanics_parameters, *properties, law, *state, lithium,
                                                    damage, &driving);
    first_crack = std::make_unique<FirstCrack<2>>(*state);
    auto cracks = std::make_unique<Fracture<2>>(fracture, Toughness(), *microstructure, *state, *damage,
                                                mechanics->displacement(), driving, *first_crack, current);
    module =
        std::make_unique<AlternateMinimization<2>>(alternate, std::move(mechanics), std::move(cracks), log);
    state->reinit();
    if (current != nullptr)
      current->values = ionic_current;
    module->set_initial_conditions();
    module->reinit();
    state->store();
  }

  std::map<std::string, double> observe(const Step &step)
  {
    ObservableRow row;
    module->add_observables(step, row);
    std::map<std::string, double> result;
    for (const Observable &observable : row.entries())
      result[observable.name] = observable.value;
    return result;
  }

  /// One step that ends at the given time.
  std::map<std::string, double> solve(const double time)
  {
    const Step step{number + 1, last_time, time - last_time};
    module->prepare_step(step);
    report = module->solve(step);
    module->accept_step(step);
    const auto row = observe(step);
    state->store();
    ++number;
    last_time = time;
    return row;
  }

  /// Largest distance of the damage from f(point).
  double error(const std::function<double(const Point<2> &)> &f) const
  {
    double largest = 0.;
    for (const auto &cell : damage->space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices())
          largest =
              std::max(largest, std::abs(damage->values(cell->vertex_dof_index(v, 0)) - f(cell->vertex(v))));
    return dealii::Utilities::MPI::max(largest, MPI_COMM_WORLD);
  }

  MeshParameters mesh_parameters;
  MicrostructureParameters structure;
  MechanicsParameters mechanics_parameters;
  FractureParameters fracture;
  AlternateMinimizationParameters alternate;
  Log log{MPI_COMM_WORLD, nullptr};
  std::unique_ptr<Mesh<2>> mesh;
  std::unique_ptr<Microstructure<2>> microstructure;
  std::unique_ptr<MaterialDatabase> database;
  std::unique_ptr<ElasticProperties<2>> properties;
  std::unique_ptr<State<2>> state;
  std::unique_ptr<FirstCrack<2>> first_crack;
  double ionic_current = 0.; ///< everywhere [A/m^2]
  Field<2> *damage = nullptr;
  std::unique_ptr<AlternateMinimization<2>> module;
  SolveReport report;
  unsigned long long number = 0;
  double last_time = 0.;
};

/// A crack through the middle of a layer of cells, all across the box.
void make_cracked(Specimen &specimen, const CrackModel model, const double crack_width)
{
  specimen.fracture.model = model;
  specimen.fracture.crack_width = crack_width;
  specimen.add_crack({0., 0.5 + 1. / 64}, {1., 0.5 + 1. / 64});
  specimen.pull("0");
  specimen.make();
}
} // namespace

TEST(Fracture, ProfileOfAnUnloadedCrackAT1)
{
  const double l = 0.125, h = 1. / 32;
  Specimen specimen;
  make_cracked(specimen, CrackModel::at1, l);
  // (1 - x/(2l))^2, known to a part of a cell at the edge of its support, x from the broken layer.
  EXPECT_LT(specimen.error([&](const Point<2> &p) {
    const double x = std::max(0., std::abs(p[1] - 0.5 - 0.5 * h) - 0.5 * h);
    return x < 2. * l ? (1. - 0.5 * x / l) * (1. - 0.5 * x / l) : 0.;
  }),
            5e-3);
  const auto row = specimen.solve(1.);
  // The broken layer costs 3h/8l more, which the correction takes off; the rest is an error of order h^2.
  EXPECT_NEAR(row.at("crack_length"), 1., 5e-3);
  EXPECT_NEAR(row.at("fracture_energy"), 1., 5e-3);
}

TEST(Fracture, CurrentTakesOfTheToughness)
{
  Specimen specimen;
  specimen.fracture.embrittlement = {true, 0.4, 2.};
  specimen.ionic_current = 2.; // half of the loss of 0.6
  make_cracked(specimen, CrackModel::at1, 0.125);
  const auto row = specimen.solve(1.);
  EXPECT_NEAR(row.at("crack_length"), 1., 5e-3);
  EXPECT_NEAR(row.at("fracture_energy") / row.at("crack_length"), 0.7, 1e-9);
}

TEST(Fracture, ProfileOfAnUnloadedCrackAT2)
{
  const double l = 0.0625, h = 1. / 32; // the box holds 8 l on each side
  Specimen specimen;
  make_cracked(specimen, CrackModel::at2, l);
  EXPECT_LT(specimen.error([&](const Point<2> &p) {
    return std::exp(-std::max(0., std::abs(p[1] - 0.5 - 0.5 * h) - 0.5 * h) / l);
  }),
            1e-2);
  const auto row = specimen.solve(1.);
  EXPECT_NEAR(row.at("crack_length"), 1., 1e-2);
}

TEST(Fracture, HomogeneousDamageOfAT2)
{
  Specimen specimen;
  specimen.fracture.model = CrackModel::at2;
  specimen.fracture.crack_width = 2.; // wider than the box: no localisation
  specimen.alternate.tolerance = 1e-9;
  specimen.fracture.damage_tolerance = 1e-12;
  specimen.fracture.toughness_correction = false;
  specimen.pull("t");
  specimen.make();
  specimen.solve(0.5);
  const double psi = 0.5 * 0.5 * 0.5, d = 2. * psi / (1. / 2. + 2. * psi);
  EXPECT_LT(specimen.error([&](const Point<2> &) { return d; }), 1e-7);
}

TEST(Fracture, NoDamageOfAT1BelowItsThreshold)
{
  Specimen specimen;
  specimen.fracture.toughness_correction = false;
  specimen.pull("t");
  specimen.make();
  const double threshold = std::sqrt(3. / (8. * 0.125)); // psi = 3 G_c/(16 l)
  EXPECT_EQ(specimen.solve(0.99 * threshold).at("damage_max"), 0.);
  EXPECT_GT(specimen.solve(1.01 * threshold).at("damage_max"), 0.01);
}

TEST(Fracture, DamageDoesNotHeal)
{
  for (const auto irreversibility :
       {FractureParameters::Irreversibility::bound, FractureParameters::Irreversibility::history}) {
    Specimen specimen;
    specimen.fracture.model = CrackModel::at2;
    specimen.fracture.irreversibility = irreversibility;
    specimen.fracture.crack_width = 2.;
    specimen.pull("if(t<1.5, 0.5, 0.1)");
    specimen.make();
    const double loaded = specimen.solve(1.).at("damage_max");
    EXPECT_GT(loaded, 0.1);
    EXPECT_NEAR(specimen.solve(2.).at("damage_max"), loaded, 1e-6);
  }
}

TEST(Fracture, MomentumDoesNotChangeTheAnswer)
{
  std::vector<double> lengths, passes;
  for (const bool momentum : {false, true}) {
    Specimen specimen;
    specimen.alternate.momentum = momentum;
    specimen.fracture.model = CrackModel::at2;
    specimen.add_crack({0., 0.5}, {0.5, 0.5});
    specimen.pull("t");
    specimen.make();
    lengths.push_back(specimen.solve(1.).at("crack_length"));
    passes.push_back(specimen.report.nonlinear_iterations);
  }
  EXPECT_NEAR(lengths[1], lengths[0], 1e-5);
  EXPECT_LT(passes[1], passes[0]);
}

TEST(Fracture, BrokenBarCarriesNothing)
{
  Specimen specimen;
  specimen.add_crack({0., 0.5}, {1., 0.5});
  specimen.pull("0.01*t");
  specimen.make();
  const auto row = specimen.solve(1.);
  EXPECT_LT(std::abs(row.at("force_top_y")), 1e-6 * 0.01);
  // All of the displacement is opening.
  EXPECT_NEAR(row.at("opening_volume"), 0.01, 1e-4);
}

TEST(Fracture, CompressionPassesThroughACrack)
{
  Specimen specimen;
  specimen.add_crack({0., 0.5}, {1., 0.5});
  specimen.pull("-0.01*t");
  specimen.make();
  // nu = 0: the volume carries a third of what the solid did, in the broken layers; they are thin.
  const double force = specimen.solve(1.).at("force_top_y");
  EXPECT_LT(force, -0.005);
}

TEST(Fracture, BadInputIsRefused)
{
  Specimen coarse;
  coarse.fracture.crack_width = 0.05;
  coarse.pull("t");
  EXPECT_THROW(coarse.make(), InputError);
  Specimen outside;
  outside.add_crack({0., 0.5}, {1.5, 0.5});
  outside.pull("t");
  EXPECT_THROW(outside.make(), InputError);
}
