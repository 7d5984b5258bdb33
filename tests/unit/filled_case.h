#pragma once

#include "filled_equilibrium.h"
#include "materials/material_database.h"
#include "physics/crack_filling.h"
#include "physics/lithium_pressure.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace lithoclase
{
/// A square of 1 m (E = 1 Pa, nu = 0.2) with metal and cracks by hand and the pressure of lithium, without
/// fracture: what a test puts in before make().
struct FilledCase
{
  FilledCase()
  {
    PetscOptionsClear(nullptr); // the defaults of another preconditioner stay else
    mesh_parameters.size = {1., 1.};
    mesh_parameters.minimum_level = mesh_parameters.maximum_level = 5;
    mechanics_parameters.elasticity.youngs_modulus = 1.;
    mechanics_parameters.elasticity.poisson_ratio = 0.2;
    mechanics_parameters.elasticity.lithium_youngs_modulus = 0.1;
    mechanics_parameters.elasticity.lithium_poisson_ratio = 0.35;
    mechanics_parameters.newton.relative_tolerance = 1e-9;
    for (const std::string side : {"bottom", "right", "top", "left"}) {
      mechanics_parameters.boundary_conditions.emplace_back(side, MechanicalConditionParameters());
      mechanics_parameters.boundary_conditions.back().second.boundary = side;
      mechanics_parameters.boundary_conditions.back().second.type =
          MechanicalConditionParameters::Type::roller;
    }
    pressure_parameters.slot_flow.law = SlotFlow::Law::uniform;
    pressure_parameters.slot_flow.metal_mobility = 1e3;
    pressure_parameters.drained_collector = false;
  }

  /// The condition on a side, a roller otherwise.
  MechanicalConditionParameters &side(const std::string &name, const MechanicalConditionParameters::Type type)
  {
    for (auto &[boundary, condition] : mechanics_parameters.boundary_conditions)
      if (boundary == name) {
        condition.type = type;
        return condition;
      }
    throw std::logic_error("no side " + name);
  }

  /// Broken cells from corner to corner of a box, with the band of AT1 around it.
  void add_crack(const dealii::Point<2> &lower, const dealii::Point<2> &upper, const bool holds_lithium)
  {
    InitialCrackParameters crack;
    const dealii::Point<2> middle = 0.5 * (lower + upper);
    const bool upright = upper[1] - lower[1] > upper[0] - lower[0];
    crack.from =
        upright ? std::vector<double>{middle[0], lower[1]} : std::vector<double>{lower[0], middle[1]};
    crack.to = upright ? std::vector<double>{middle[0], upper[1]} : std::vector<double>{upper[0], middle[1]};
    crack.holds_lithium = holds_lithium;
    bands.initial_cracks.emplace_back("crack" + std::to_string(boxes.size()), crack);
    boxes.emplace_back(lower, upper);
  }

  double distance(const unsigned int crack, const dealii::Point<2> &p) const
  {
    double square = 0.;
    for (unsigned int d = 0; d < 2; ++d)
      square += std::pow(std::max({0., boxes[crack].first[d] - p[d], p[d] - boxes[crack].second[d]}), 2);
    return std::sqrt(square);
  }

  /// Metal lies below `metal`.
  void make(const double metal = 0.)
  {
    mesh = std::make_unique<Mesh<2>>(MPI_COMM_WORLD, mesh_parameters);
    microstructure = std::make_unique<Microstructure<2>>(structure, mesh->lower(), mesh->upper(),
                                                         mesh->finest_cell(), mesh->periodic_axes());
    database = std::make_unique<MaterialDatabase>(MaterialParameters(), MPI_COMM_WORLD);
    properties = std::make_unique<ElasticProperties<2>>(mechanics_parameters.elasticity, *database, "LLZO",
                                                        "LiTFSI-Py14TFSI", *microstructure,
                                                        pressure_parameters.drained_lithium);
    state = std::make_unique<State<2>>(*mesh);
    lithium = &state->add_field("lithium", "1", SpaceKind::nodal);
    damage = &state->add_field("damage", "1", SpaceKind::nodal);
    pressure_field = &state->add_field("lithium_pressure", "Pa", SpaceKind::nodal);
    if (nucleates) {
      nucleated = std::make_unique<NucleatedLithium<2>>(*microstructure, *state, *lithium,
                                                        NucleatedLithium<2>::Effect::joins);
      nucleation_rate = &state->add_field("nucleation_rate", "A/m^3", SpaceKind::quadrature);
      reaction.joined = nucleated->joined();
    }
    filling =
        std::make_unique<CrackFilling<2>>(bands, *microstructure, *state, *lithium, *damage, nucleated.get());
    if (nucleates) {
      CrackFields<2> cracks;
      cracks.damage = damage;
      cracks.filling = &filling->filling();
      nucleated->set_cracks(cracks);
    }
    if (reacts) {
      reaction.flank =
          &state->add_field("flank_reaction_rate", "A/m^3", SpaceKind::quadrature, Transfer::recompute);
      reaction.flank_slope =
          &state->add_field("flank_reaction_slope", "A/(m^3 Pa)", SpaceKind::quadrature, Transfer::recompute);
    }
    mechanics = std::make_unique<Mechanics<2>>(
        mechanics_parameters, *properties, DegradedElasticity(), *state, *lithium, damage, nullptr,
        CrackFluid<2>{pressure_field, &filling->filling()}, nullptr, nucleated.get());
    Scalar &stored = state->add_scalar("confined_lithium_volume", "m");
    Scalar &drained = state->add_scalar("drained_lithium_volume", "m");
    const PressureFields<2> fields{*pressure_field,
                                   *lithium,
                                   *damage,
                                   mechanics->displacement(),
                                   filling->filling(),
                                   filling->flank_area(),
                                   *properties,
                                   mechanics->points(),
                                   mechanics->mean_dilatation(),
                                   bands.width};
    pressure = std::make_unique<LithiumPressure<2>>(pressure_parameters, bands.initial_cracks,
                                                    properties->lithium_bulk_modulus(), *state, fields,
                                                    reaction, ConfinedScalars{stored, drained});
    equilibrium = std::make_unique<FilledEquilibrium<2>>(*mechanics, *pressure, mechanics_parameters.newton,
                                                         pressure_parameters.solver);
    state->reinit();
    filling->reinit();
    set(*lithium, [&](const dealii::Point<2> &p) { return p[1] <= metal + 1e-9 && metal > 0. ? 1. : 0.; });
    set(*damage, [&](const dealii::Point<2> &p) {
      double nearest = 2. * bands.width;
      for (unsigned int k = 0; k < boxes.size(); ++k)
        nearest = std::min(nearest, distance(k, p));
      return std::pow(1. - 0.5 * nearest / bands.width, 2);
    });
    if (nucleates)
      nucleated->reinit(std::vector<double>(mesh->triangulation.n_active_cells() * 4, 0.));
    mechanics->reinit();
    pressure->reinit();
    equilibrium->reinit();
    state->store();
  }

  static void set(Field<2> &field, const std::function<double(const dealii::Point<2> &)> &f)
  {
    field.values.zero_out_ghost_values();
    for (const auto &cell : field.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices())
          if (field.space.owned.is_element(cell->vertex_dof_index(v, 0)))
            field.values(cell->vertex_dof_index(v, 0)) = f(cell->vertex(v));
    field.update();
  }

  static std::map<std::string, double> observe(const Step &step, PhysicsModule<2> &module)
  {
    ObservableRow row;
    module.add_observables(step, row);
    std::map<std::string, double> result;
    for (const Observable &observable : row.entries())
      result[observable.name] = observable.value;
    return result;
  }

  /// One step of 1 s; the observables of the pressure.
  std::map<std::string, double> solve()
  {
    const Step step{number + 1, static_cast<double>(number), 1.};
    filling->prepare_step(step);
    if (nucleates)
      nucleated->grow(step, *nucleation_rate);
    mechanics->prepare_step(step);
    pressure->prepare_step(step);
    pressure->solve(step);
    report = equilibrium->solve_roughly(step, 0.);
    mechanics->update_normal_pressure();
    mechanics->accept_step(step);
    pressure->accept_step(step);
    const auto row = observe(step, *pressure);
    state->store();
    ++number;
    return row;
  }

  /// Largest value of a field's difference from another one, by that of the field.
  static double difference(const Vector &one, const Vector &other)
  {
    Vector change = one;
    change -= other;
    return change.linfty_norm() / one.linfty_norm();
  }

  MeshParameters mesh_parameters;
  MicrostructureParameters structure;
  MechanicsParameters mechanics_parameters;
  LithiumPressureParameters pressure_parameters;
  DegradedElasticity law{EnergySplit::volumetric_deviatoric};
  CrackBands bands{CrackModel::at1, 0.125, {}};
  std::vector<std::pair<dealii::Point<2>, dealii::Point<2>>> boxes;
  bool reacts = false, nucleates = false;
  ReactionFields<2> reaction;
  std::unique_ptr<Mesh<2>> mesh;
  std::unique_ptr<Microstructure<2>> microstructure;
  std::unique_ptr<MaterialDatabase> database;
  std::unique_ptr<ElasticProperties<2>> properties;
  std::unique_ptr<State<2>> state;
  Field<2> *lithium = nullptr, *damage = nullptr, *pressure_field = nullptr;
  std::unique_ptr<NucleatedLithium<2>> nucleated;
  Field<2> *nucleation_rate = nullptr; ///< R_n, by hand
  std::unique_ptr<CrackFilling<2>> filling;
  std::unique_ptr<Mechanics<2>> mechanics;
  std::unique_ptr<LithiumPressure<2>> pressure;
  std::unique_ptr<FilledEquilibrium<2>> equilibrium;
  SolveReport report;
  unsigned long long number = 0;
};
} // namespace lithoclase
