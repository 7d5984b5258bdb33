#include "physics/mechanics.h"

#include "core/failure.h"
#include "materials/material_database.h"
#include "physics/rigid_motions.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace lithoclase;
using dealii::Point;
using dealii::SymmetricTensor;

namespace
{
using Type = MechanicalConditionParameters::Type;

/// A box of 4 um with mechanics and what else a test puts in before make().
template <int dim>
struct Body
{
  Body()
  {
    PetscOptionsClear(nullptr); // the defaults of another preconditioner stay else
    mesh_parameters.size.assign(dim, 4e-6);
    mesh_parameters.coarse_cells = dim == 2 ? "1, 1" : "1, 1, 1";
    mesh_parameters.minimum_level = dim == 2 ? 3 : 2;
    mesh_parameters.maximum_level = mesh_parameters.minimum_level + 1;
    parameters.elasticity.youngs_modulus = 150e9;
    parameters.elasticity.poisson_ratio = 0.26;
    parameters.newton.relative_tolerance = 1e-12;
  }

  MechanicalConditionParameters &side(const std::string &boundary, const Type type)
  {
    parameters.boundary_conditions.emplace_back(boundary, MechanicalConditionParameters());
    MechanicalConditionParameters &condition = parameters.boundary_conditions.back().second;
    condition.boundary = boundary;
    condition.type = type;
    return condition;
  }

  void add_pore(const PoreFilling filling, const double radius)
  {
    SinglePoreParameters pore;
    pore.semi_axes = {radius};
    pore.filling = filling;
    structure.pores.single_pores.emplace_back("pore", pore);
  }

  /// `corner`: the cells there are refined once more, so that there are hanging nodes.
  void make(const bool corner = true)
  {
    mesh = std::make_unique<Mesh<dim>>(MPI_COMM_WORLD, mesh_parameters);
    microstructure = std::make_unique<Microstructure<dim>>(structure, mesh->lower(), mesh->upper(),
                                                           mesh->finest_cell(), mesh->periodic_axes());
    database = std::make_unique<MaterialDatabase>(MaterialParameters(), MPI_COMM_WORLD);
    properties = std::make_unique<ElasticProperties<dim>>(parameters.elasticity, *database, "LLZO",
                                                          "LiTFSI-Py14TFSI", *microstructure);
    state = std::make_unique<State<dim>>(*mesh);
    Field<dim> &lithium = state->add_field("lithium", "1", SpaceKind::nodal);
    damage = &state->add_field("damage", "1", SpaceKind::nodal);
    mechanics = std::make_unique<Mechanics<dim>>(parameters, *properties, law, *state, lithium,
                                                 with_damage ? damage : nullptr);
    state->reinit();
    if (corner) {
      std::vector<unsigned char> wanted = mesh->no_request();
      for (const auto &cell : mesh->triangulation.active_cell_iterators())
        if (cell->is_locally_owned() && cell->center().distance(mesh->lower()) < 2e-6)
          wanted[cell->active_cell_index()] = mesh->maximum_level();
      mesh->flag(wanted);
      state->refine();
    }
    mechanics->reinit();
  }

  Field<dim> &field(const std::string &name)
  {
    for (Field<dim> &field : state->fields())
      if (field.name == name)
        return field;
    throw std::logic_error("no field " + name);
  }
  Field<dim> &displacement() { return field("displacement"); }

  /// Solves one step that ends at 1 s; the observables by name.
  std::map<std::string, double> solve()
  {
    const Step step{1, 0., 1.};
    mechanics->prepare_step(step);
    report = mechanics->solve(step);
    mechanics->accept_step(step);
    ObservableRow row;
    mechanics->add_observables(step, row);
    std::map<std::string, double> result;
    for (const Observable &observable : row.entries())
      result[observable.name] = observable.value;
    return result;
  }

  /// Largest distance of the displacement from f(point, component).
  double error(const std::function<double(const Point<dim> &, unsigned int)> &f)
  {
    const Field<dim> &u = displacement();
    double largest = 0.;
    for (const auto &cell : u.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices())
          for (unsigned int c = 0; c < dim; ++c)
            largest =
                std::max(largest, std::abs(u.values(cell->vertex_dof_index(v, c)) - f(cell->vertex(v), c)));
    return dealii::Utilities::MPI::max(largest, MPI_COMM_WORLD);
  }

  MeshParameters mesh_parameters;
  MicrostructureParameters structure;
  MechanicsParameters parameters;
  DegradedElasticity law;
  bool with_damage = false;
  std::unique_ptr<Mesh<dim>> mesh;
  std::unique_ptr<Microstructure<dim>> microstructure;
  std::unique_ptr<MaterialDatabase> database;
  std::unique_ptr<ElasticProperties<dim>> properties;
  std::unique_ptr<State<dim>> state;
  Field<dim> *damage = nullptr;
  std::unique_ptr<Mechanics<dim>> mechanics;
  SolveReport report;
};

template <int dim>
std::vector<std::string> sides()
{
  return Mesh<dim>::boundary_names();
}

/// Linear displacement on all sides of a crystal: the same inside, and sigma = C : eps with all components.
template <int dim>
void check_patch()
{
  Body<dim> body;
  body.parameters.elasticity = ElasticParameters();
  body.parameters.elasticity.symmetry = ElasticParameters::Symmetry::cubic;
  body.parameters.elasticity.c11 = 187e9;
  body.parameters.elasticity.c12 = 75.1e9;
  body.parameters.elasticity.c44 = 71e9;
  for (const std::string &name : sides<dim>()) {
    auto &condition = body.side(name, Type::displacement);
    condition.displacement[0].text = "1e-3*x+4e-4*y+3e-10";
    condition.displacement[1].text = "2e-4*x-5e-4*y";
    if (dim == 3)
      condition.displacement[2].text = "3e-4*x-2e-4*z";
  }
  body.make();
  const auto result = body.solve();
  const double size = 4e-9;
  EXPECT_LT(body.error([](const Point<dim> &p, const unsigned int c) {
    return c == 0   ? 1e-3 * p[0] + 4e-4 * p[1] + 3e-10
           : c == 1 ? 2e-4 * p[0] - 5e-4 * p[1]
                    : 3e-4 * p[0] - 2e-4 * p[2];
  }) / size,
            1e-10);

  SymmetricTensor<2, 3> strain;
  strain[0][0] = 1e-3, strain[1][1] = -5e-4, strain[0][1] = 3e-4;
  if (dim == 3)
    strain[2][2] = -2e-4, strain[0][2] = 1.5e-4;
  const SymmetricTensor<2, 3> stress =
      cubic_stiffness<3>({187e9, 75.1e9, 71e9}, body.microstructure->orientation(0)) * strain;
  const double scale = stress.norm();
  EXPECT_NEAR(result.at("mean_stress_xx") / scale, stress[0][0] / scale, 1e-10);
  EXPECT_NEAR(result.at("mean_stress_zz") / scale, stress[2][2] / scale, 1e-10);
  EXPECT_NEAR(result.at("mean_stress_xy") / scale, stress[0][1] / scale, 1e-10);
  EXPECT_NEAR(result.at("external_work") / result.at("strain_energy"), 1., 1e-9);
  const double volume = std::pow(4e-6, dim);
  EXPECT_NEAR(result.at("strain_energy") / (0.5 * (stress * strain) * volume), 1., 1e-10);
}

/// Rigid motions fit the vertices' displacements exactly and load nothing.
template <int dim>
void check_rigid_motions()
{
  Body<dim> body;
  body.side("bottom", Type::fixed);
  body.make();
  const RigidMotions<dim> motions(*body.mesh);
  Field<dim> &u = body.displacement();
  for (unsigned int m = 0; m < motions.size; ++m) {
    u.values.zero_out_ghost_values();
    for (const auto &cell : u.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices())
          for (unsigned int c = 0; c < dim; ++c)
            if (const auto dof = cell->vertex_dof_index(v, c); u.space.owned.is_element(dof))
              u.values(dof) = 1e-9 * motions.value(m, cell->vertex(v), c);
    u.update();
    const double forces = body.mechanics->assemble();
    // A strain of 1e-9/(4 um) would give cells of 0.5 um forces of 20 N/m (2-D) and 1e-5 N (3-D).
    EXPECT_LT(forces, dim == 2 ? 1e-10 : 1e-16) << motions.name(m);
  }
}

/// Damage waves and strains of all signs: each split's tangent against differences. The kinks of the splits
/// lie at isolated strains.
template <int dim>
void check_jacobian(const EnergySplit split, const double tolerance)
{
  Body<dim> body;
  body.law.split = split;
  body.with_damage = true;
  body.side("bottom", Type::fixed);
  body.make();
  for (Field<dim> *field : {body.damage, &body.displacement()}) {
    for (unsigned int i = 0; i < field->values.locally_owned_size(); ++i) {
      const double wave = std::sin(12.9898 * (field->values.get_partitioner()->local_to_global(i) + 1));
      field->values.local_element(i) = field == body.damage ? 0.5 + 0.4 * wave : 1e-9 * wave;
    }
    field->update();
  }
  EXPECT_LT(jacobian_error(*body.mechanics, 1e-15, 7), tolerance);
}
} // namespace

TEST(Mechanics, linear_displacement_of_a_turned_crystal_is_exact)
{
  check_patch<2>();
  check_patch<3>();
}

TEST(Mechanics, rigid_motions_need_no_force)
{
  check_rigid_motions<2>();
  check_rigid_motions<3>();
}

TEST(Mechanics, jacobian)
{
  // A step of 1e-6 of the displacements: rounding 1e-10.
  check_jacobian<2>(EnergySplit::none, 1e-8);
  check_jacobian<2>(EnergySplit::volumetric_deviatoric, 1e-8);
  check_jacobian<3>(EnergySplit::volumetric_deviatoric, 1e-8);
  check_jacobian<2>(EnergySplit::spectral, 1e-6);
  check_jacobian<3>(EnergySplit::spectral, 1e-6);
}

TEST(Mechanics, split_converges_by_newtons_method)
{
  Body<2> body;
  body.law.split = EnergySplit::volumetric_deviatoric;
  body.with_damage = true;
  body.side("bottom", Type::fixed);
  auto &top = body.side("top", Type::displacement);
  top.displacement[0].text = "4e-9";
  top.displacement[1].text = "-4e-9+2e-9*sin(pi*x/(2*um))";
  body.make();
  body.damage->values = 0.9;
  body.damage->update();
  body.solve();
  EXPECT_LT(body.report.nonlinear_iterations, 12u);
  EXPECT_LT(body.mechanics->residual().l2_norm() / body.mechanics->residual_scale(), 1e-12);
}

/// Platen on a body with a hole beside the middle, which would tilt and bend a free side.
TEST(Mechanics, platen_moves_without_tilting_and_carries_the_pressure)
{
  for (const auto preconditioner :
       {LinearSolver::Preconditioner::gamg, LinearSolver::Preconditioner::direct}) {
    Body<2> body;
    body.mesh_parameters.minimum_level = 4;
    body.mesh_parameters.maximum_level = 5;
    body.parameters.preconditioner = preconditioner;
    body.add_pore(PoreFilling::empty, 0.8e-6);
    body.structure.pores.single_pores[0].second.centre = {1.3e-6, 2e-6};
    body.side("bottom", Type::fixed);
    body.side("top", Type::platen).pressure.text = "5*MPa*t";
    body.make();
    auto result = body.solve();
    const double displacement = result.at("displacement_top");
    EXPECT_LT(displacement, -4e-6 * 5e6 / 150e9);
    EXPECT_NEAR(result.at("force_top_y") / (-5e6 * 4e-6), 1., 1e-9);
    EXPECT_NEAR(result.at("force_bottom_y") / (5e6 * 4e-6), 1., 1e-9);
    EXPECT_LT(body.error([&](const Point<2> &p, const unsigned int c) {
      return c == 1 && p[1] == 4e-6 ? displacement : std::nan("");
    }),
              1e-18);

    // The same displacement prescribed needs the same force, here of a solver without border.
    Body<2> other;
    other.mesh_parameters = body.mesh_parameters;
    other.structure = body.structure;
    other.side("bottom", Type::fixed);
    auto &top = other.side("top", Type::displacement);
    top.displacement[1].text = std::to_string(displacement * 1e12) + "*1e-12";
    other.make();
    result = other.solve();
    EXPECT_NEAR(result.at("force_top_y") / (-5e6 * 4e-6), 1., 1e-6);
  }
}

/// Hanging nodes on and beside the platen move with it: the tangent is exact, one step of Newton's method
/// does.
TEST(Mechanics, platen_moves_hanging_nodes)
{
  Body<2> body;
  body.side("bottom", Type::platen).pressure.text = "5*MPa";
  body.side("top", Type::fixed);
  body.make();
  const auto result = body.solve();
  EXPECT_EQ(body.report.nonlinear_iterations, 1u);
  EXPECT_NEAR(result.at("force_bottom_y") / (5e6 * 4e-6), 1., 1e-9);
  EXPECT_NEAR(result.at("force_top_y") / (-5e6 * 4e-6), 1., 1e-9);
}

TEST(Mechanics, two_platens_press_a_crystal)
{
  Body<3> body;
  body.side("bottom", Type::roller);
  body.side("left", Type::roller);
  body.side("front", Type::fixed);
  body.parameters.boundary_conditions.back().second.type = Type::roller;
  body.side("top", Type::platen).pressure.text = "3*MPa";
  body.side("right", Type::platen).pressure.text = "2*MPa";
  body.make();
  const auto result = body.solve();
  EXPECT_NEAR(result.at("mean_stress_zz"), -3e6, 1e-3);
  EXPECT_NEAR(result.at("mean_stress_xx"), -2e6, 1e-3);
  EXPECT_NEAR(result.at("mean_stress_yy"), 0., 1e-3);
  EXPECT_NEAR(result.at("displacement_right") / (4e-6 * (-2e6 + 0.26 * 3e6) / 150e9), 1., 1e-9);
}

/// A free body swells without stress in the plane; the plane strain holds it along z.
TEST(Mechanics, eigenstrain_of_a_free_body)
{
  Body<2> body;
  body.side("bottom", Type::roller);
  body.side("left", Type::roller);
  body.parameters.elasticity.eigenstrain.solid.text = "1e-3*t";
  body.make();
  const auto result = body.solve();
  EXPECT_NEAR(result.at("mean_stress_xx"), 0., 1e-2);
  EXPECT_NEAR(result.at("mean_stress_zz") / (-1e-3 * 150e9), 1., 1e-9);
  EXPECT_LT(body.error([](const Point<2> &p, const unsigned int c) { return 1.26e-3 * p[c]; }) / 4e-9, 1e-9);
}

TEST(Mechanics, mean_strain_equals_a_moved_side)
{
  Body<3> body;
  for (const std::string &name : sides<3>())
    body.side(name, Type::fixed);
  body.parameters.mean_strain.components[5].text = "1e-3";
  body.make();
  const auto result = body.solve();
  EXPECT_NEAR(result.at("mean_stress_yz") / (2e-3 * 150e9 / 2.52), 1., 1e-10);
}

namespace
{
/// Largest relative error of the pressure in a disc of liquid in a plate under tension on all sides, whose
/// sides move as those of an infinite plate. Without the mean dilatation the liquid would lock.
double error_of_liquid_pressure(const unsigned int level)
{
  const double shear = 150e9 / 2.52, tension = 100e6, bulk = 2e9, radius = 1e-6;
  const double pressure = -2. * (1. - 0.26) * tension / (1. + shear / bulk);
  const double outer = (tension + pressure) * radius * radius; // sigma_r = S - outer/r^2
  const auto moved = [&](const std::string &axis) {
    std::ostringstream text;
    text.precision(15);
    text << axis << "*(" << 0.48 * tension / (2. * shear) << "+" << outer / (2. * shear) << "/(x^2+y^2))";
    return text.str();
  };
  Body<2> body;
  body.mesh_parameters.minimum_level = body.mesh_parameters.maximum_level = level;
  body.parameters.preconditioner = LinearSolver::Preconditioner::boomeramg;
  body.parameters.elasticity.liquid_bulk_modulus = bulk;
  body.structure.half_width = 1e-8;
  body.add_pore(PoreFilling::liquid, radius);
  body.structure.pores.single_pores[0].second.centre = {0., 0.};
  body.side("left", Type::roller);
  body.side("bottom", Type::roller);
  for (const char *name : {"right", "top"}) {
    auto &condition = body.side(name, Type::displacement);
    condition.displacement[0].text = moved("x");
    condition.displacement[1].text = moved("y");
  }
  body.make(false);
  body.solve();
  const Field<2> &field = body.field("hydrostatic_pressure");
  double worst = 0.;
  std::vector<dealii::types::global_dof_index> dofs(4);
  for (const auto &cell : field.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned() && cell->center().norm() < 0.8 * radius) {
      cell->get_dof_indices(dofs);
      for (const auto dof : dofs)
        worst = std::max(worst, std::abs(field.values(dof) / pressure - 1.));
    }
  return dealii::Utilities::MPI::max(worst, MPI_COMM_WORLD);
}
} // namespace

TEST(Mechanics, liquid_takes_up_its_volume_and_no_shear)
{
  // The wall is sharp and known to a quarter of a cell: first order, 1/16 and 1/32 of the radius.
  const double coarse = error_of_liquid_pressure(6), fine = error_of_liquid_pressure(7);
  EXPECT_LT(fine, 0.05);
  EXPECT_LT(fine, 0.65 * coarse);
}

namespace
{
/// The message with which the body refuses to be made or solved.
template <int dim>
std::string refusal(Body<dim> &body)
{
  try {
    body.make();
    body.solve();
  } catch (const InputError &error) {
    return error.what();
  }
  return {};
}
} // namespace

TEST(Mechanics, floating_bodies_are_refused)
{
  Body<2> roller;
  roller.side("bottom", Type::roller);
  EXPECT_NE(refusal(roller).find("stops a translation along x;"), std::string::npos) << refusal(roller);
  Body<3> pinned; // an edge
  auto &edge = pinned.side("bottom", Type::fixed);
  edge.where.text = "0.1*um-x";
  EXPECT_NE(refusal(pinned).find("stops a rotation about y;"), std::string::npos) << refusal(pinned);
  Body<2> free;
  free.side("top", Type::platen).pressure.text = "1*MPa"; // does not tilt
  EXPECT_NE(refusal(free).find("translation along x and a translation along y"), std::string::npos)
      << refusal(free);
  Body<2> held; // roller and one vertex
  held.side("bottom", Type::roller);
  auto &vertex = held.side("bottom", Type::displacement);
  vertex.displacement[0].text = "0";
  vertex.where.text = "0.1*um-x";
  EXPECT_EQ(refusal(held), "");
}

TEST(Mechanics, contradictions_are_refused)
{
  Body<2> corner;
  corner.side("bottom", Type::fixed);
  auto &left = corner.side("left", Type::displacement);
  left.displacement[1].text = "1e-9*t";
  EXPECT_NE(refusal(corner).find("'left' and 'bottom' contradict each other: at (0, 0) um"),
            std::string::npos)
      << refusal(corner);
  Body<2> loaded;
  loaded.side("bottom", Type::fixed);
  loaded.side("bottom", Type::traction).traction[1].text = "1e6";
  EXPECT_NE(refusal(loaded).find("along y on the side 'bottom'"), std::string::npos);
  Body<2> edge;
  edge.side("left", Type::fixed);
  edge.side("top", Type::platen).pressure.text = "1e6";
  EXPECT_NE(refusal(edge).find("different displacements along y"), std::string::npos);
}
