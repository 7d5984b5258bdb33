#include "physics/mechanics.h"

#include "physics/rigid_motions.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/sparsity_tools.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double surface_slope = 1e-3; // h |grad xi| above which a point belongs to a metal surface

/// Of a cell's forces: deal.II's norm is made for long vectors.
double square(const dealii::Vector<double> &forces)
{
  return std::inner_product(forces.begin(), forces.end(), forces.begin(), 0.);
}
} // namespace

void MechanicsParameters::declare(ParameterSection &s)
{
  using Preconditioner = LinearSolver::Preconditioner;
  s.choice("preconditioner", preconditioner,
           {{"gamg", Preconditioner::gamg},
            {"boomeramg", Preconditioner::boomeramg},
            {"direct", Preconditioner::direct}},
           "gamg, boomeramg: multigrid; direct: Cholesky factors by MUMPS, for small cases");
  s.subsection("Elasticity", elasticity, "stiffness and strains without stress");
  struct MeanStrain
  {
    StrainExpressions &strain;
    void declare(ParameterSection &m)
    {
      strain.declare(m, "added to the strain of the displacement, a function of t");
    }
  } mean{mean_strain};
  s.subsection("Mean strain", mean,
               "of a periodic cell, whose displacement is what is left; with sides held fixed, of the "
               "displacement on them");
  s.subsection("Body force", body_force, "on all matter");
  s.instances("Boundary conditions", boundary_conditions, "on the sides of the box, named at will");
  s.subsection("Newton", newton, "nonlinear solver");
}

template <int dim>
Mechanics<dim>::Mechanics(const MechanicsParameters &parameters, ElasticProperties<dim> &properties,
                          const DegradedElasticity &law, State<dim> &state, const Field<dim> &lithium,
                          const Field<dim> *damage, Field<dim> *driving_energy,
                          const CrackFluid<dim> &crack_fluid, Field<dim> *normal_pressure,
                          NucleatedLithium<dim> *nucleated)
    : parameters_(parameters), properties_(properties), law_(law), state_(state), lithium_(lithium),
      damage_(damage), driving_energy_(driving_energy), crack_fluid_(crack_fluid),
      normal_pressure_(normal_pressure), nucleated_(nucleated),
      conditions_(parameters.boundary_conditions, state.mesh()), mean_strain_(parameters.mean_strain),
      displacement_(state.add_field("displacement", "m", SpaceKind::vector)),
      loads_(parameters.body_force, conditions_, lithium.space, displacement_.space), stress_(state),
      external_work_(state.add_scalar("external_work", dim == 2 ? "J/m" : "J")),
      platens_(conditions_, state, displacement_),
      solver_("mechanics", LinearSolver::Method::cg, parameters.preconditioner, dim, dim),
      assembly_(displacement_.space)
{
  if (law.split == EnergySplit::spectral && !properties.isotropic())
    throw InputError("the spectral split needs an isotropic material; choose the volumetric-deviatoric split "
                     "for cubic crystals");
}

template <int dim>
void Mechanics<dim>::reinit()
{
  const Space<dim> &space = displacement_.space;
  MPI_Comm communicator = space.mesh().communicator();
  collect_constraints();
  DynamicSparsityPattern sparsity(space.relevant);
  DoFTools::make_sparsity_pattern(space.dof_handler, sparsity, constraints_, false);
  SparsityTools::distribute_sparsity_pattern(sparsity, space.owned, communicator, space.relevant);
  solver_.reinit(space.owned, sparsity, communicator);
  assembly_.reinit(solver_.matrix(), constraints_);
  solver_.set_near_null_space(RigidMotions<dim>(space.mesh()).displacements(space));
  matrix_is_current_ = false;
  old_forces_are_known_ = false;
  assembled_lithium_.reinit(0); // that of another mesh may have as many entries, but other ones here
  for (Vector *vector : {&internal_forces_, &old_internal_forces_, &residual_, &free_residual_,
                         &right_hand_side_, &increment_})
    vector->reinit(space.partitioner);
  loads_.reinit();
  platens_.reinit(held_);
  points_ = elastic_points(lithium_.space, properties_);
  update_strain_offsets();
  compute_stress(); // for output before the first solve here
}

template <int dim>
void Mechanics<dim>::collect_constraints()
{
  const Space<dim> &space = displacement_.space;
  constraints_.clear();
  constraints_.copy_from(space.constraints);
  constraints_.close();
  AffineConstraints<double> all(space.relevant);
  all.merge(constraints_);
  held_.clear();
  const auto hold = [&](const types::global_dof_index dof, const unsigned int component,
                        const unsigned int condition) {
    if (all.is_constrained(dof))
      return;
    all.add_line(dof);
    if (space.owned.is_element(dof))
      held_.push_back({space.partitioner->global_to_local(dof), component, condition});
  };
  conditions_.for_each_prescribed([&](const auto &p) {
    const typename DoFHandler<dim>::active_cell_iterator cell(&space.mesh().triangulation, p.cell->level(),
                                                              p.cell->index(), &space.dof_handler);
    hold(cell->vertex_dof_index(p.vertex, p.component), p.component, p.condition);
  });
  if (conditions_.periodic_cell()) {
    const types::global_dof_index pinned = space.first_free_dof();
    for (unsigned int c = 0; c < dim; ++c) // the components of a vertex follow each other
      if (space.relevant.is_element(pinned + c))
        hold(pinned + c, c, numbers::invalid_unsigned_int);
  }
  all.close();
  constraints_.copy_from(all);
}

/// Broken matter that is compressed has a bulk modulus, but next to no shear modulus left.
template <int dim>
ElasticCell<dim> Mechanics<dim>::cell_work(const UpdateFlags flags) const
{
  return ElasticCell<dim>(lithium_.space, mean_dilatation(), flags);
}

template <int dim>
void Mechanics<dim>::go_to(ElasticCell<dim> &work,
                           const typename DoFHandler<dim>::active_cell_iterator &cell) const
{
  work.reinit(cell, displacement_, lithium_, damage_, crack_fluid_, stress_.space(), properties_, points_);
}

template <int dim>
void Mechanics<dim>::update_strain_offsets()
{
  strain_offsets_.clear();
  const bool nucleated = nucleated_ != nullptr && nucleated_->strains();
  if (!properties_.has_eigenstrain() && parameters_.mean_strain.empty() && !nucleated)
    return;
  strain_offsets_.resize(points_.size());
  ElasticCell<dim> work = cell_work(update_quadrature_points);
  for (const auto &cell : displacement_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      go_to(work, cell);
      for (unsigned int q = 0; q < work.n_q; ++q) {
        const unsigned int index = work.first_point + q;
        strain_offsets_[index] = equivalent_in_plane<dim>(
            strain_offset(work, q),
            properties_.template stiffness<3>(points_[index], work.lithium[q]).tensor);
      }
    }
}

template <int dim>
SymmetricTensor<2, 3> Mechanics<dim>::strain_offset(const ElasticCell<dim> &work, const unsigned int q) const
{
  const Point<dim> &place = work.fe_values.quadrature_point(q);
  const unsigned int index = work.first_point + q;
  SymmetricTensor<2, 3> offset =
      mean_strain_.value(place) - properties_.eigenstrain(place, points_[index], work.lithium[q]);
  if (nucleated_ != nullptr)
    offset -= nucleated_->cell_strain(work.first_point, work.point_dofs);
  return offset;
}

template <int dim>
void Mechanics<dim>::prepare_step(const Step &step)
{
  if (!old_forces_are_known_) { // of the start of the step, for the work that is done in it
    mean_strain_.set_time(step.old_time);
    properties_.set_time(step.old_time);
    update_strain_offsets();
    assemble_forces(false);
    update_normal_pressure(); // charge transport reads it before the first solve here
    old_internal_forces_ = internal_forces_;
    old_forces_are_known_ = true;
  }
  scale_floor_ = 0.; // that of the first guess of the step, in all its solves
  conditions_.set_time(step.time());
  conditions_.check();
  loads_.set_time(step.time());
  mean_strain_.set_time(step.time());
  properties_.set_time(step.time());
  apply_boundary_values();
}

template <int dim>
void Mechanics<dim>::apply_boundary_values()
{
  const Space<dim> &space = displacement_.space;
  Vector &u = displacement_.values;
  u.zero_out_ghost_values();
  conditions_.for_each_prescribed([&](const auto &p) {
    if (conditions_.type(p.condition) == MechanicalConditionParameters::Type::platen)
      return;
    const typename DoFHandler<dim>::active_cell_iterator cell(&space.mesh().triangulation, p.cell->level(),
                                                              p.cell->index(), &space.dof_handler);
    const auto dof = cell->vertex_dof_index(p.vertex, p.component);
    if (space.owned.is_element(dof))
      u(dof) = p.value;
  });
  displacement_.update();
}

template <int dim>
SolveReport Mechanics<dim>::solve(const Step &)
{
  const SolveReport report = solve_roughly(0.);
  update_normal_pressure();
  return report;
}

template <int dim>
void Mechanics<dim>::begin_solve()
{
  const bool same_lithium = assembled_lithium_.size() == lithium_.values.size() && [&] {
    Vector change = lithium_.values;
    change -= assembled_lithium_;
    return change.linfty_norm() == 0.;
  }();
  matrix_is_current_ = matrix_is_current_ && damage_ == nullptr && same_lithium;
  assembled_lithium_ = lithium_.values;
  update_strain_offsets();
  matrix_is_wanted_ = true;
}

template <int dim>
SolveReport Mechanics<dim>::solve_roughly(const double reduction)
{
  begin_solve();
  const Vector before = displacement_.values;
  NewtonParameters newton = parameters_.newton;
  newton.sufficient_reduction = reduction;
  if (law_.linear() || damage_ != nullptr)
    newton.linear_tolerance =
        1e-14; // one solve to the end: the stress is linear but for cracks that open or close
  SolveReport report = solve_newton(*this, newton, "mechanics");
  Vector change = before;
  change -= displacement_.values;
  const double size = displacement_.values.linfty_norm();
  report.increment = size > 0. ? change.linfty_norm() / size : 0.;
  return report;
}

template <int dim>
void Mechanics<dim>::assemble_cell(ElasticCell<dim> &w)
{
  const bool offsets = !strain_offsets_.empty();
  w.force = 0.;
  w.offset_force = 0.;
  for (unsigned int q = 0; q < w.n_q; ++q) {
    const unsigned int index = w.first_point + q;
    SymmetricTensor<2, dim> strain = w.strain[q];
    if (offsets)
      strain += strain_offsets_[index];
    const double breakable = points_[index].breakable(w.lithium[q]);
    StressResponse<dim> response = law_.evaluate<dim>(
        strain, w.damage[q], w.stiffness(properties_, points_[index], w.lithium[q]), breakable);
    const double JxW = w.fe_values.JxW(q), volume = trace(w.strain[q]);
    energies_.stored += response.energy() * JxW;
    energies_.positive += response.positive_energy * JxW;
    if (driving_energy_ != nullptr)
      driving_energy_->values.local_element(w.local_point_dofs[q]) =
          breakable * (response.positive_energy + w.filling[q] * w.pressure[q] * std::max(0., volume));
    if (w.pressure[q] != 0.) {
      const double pressure = w.pressure_share(q, breakable) * w.pressure[q];
      response.stress -= pressure * unit_symmetric_tensor<dim>();
      energies_.pressure_work += pressure * volume * JxW;
    }
    w.add_stress(q, response.stress, w.force);
    if (offsets)
      w.add_stress(q, response.tangent * strain_offsets_[index], w.offset_force);
    w.tangent[q] = response.tangent;
  }
  if (w.with_matrix)
    w.make_matrix();
  w.force_square += square(w.force) + (offsets ? square(w.offset_force) : 0.);
}

/// Adds what the cell has assembled.
template <int dim>
void Mechanics<dim>::add_cell(ElasticCell<dim> &w)
{
  const unsigned int index = w.scalar_cell->active_cell_index();
  assembly_.add(index, w.force, internal_forces_);
  if (w.with_matrix) {
    assembly_.add(index, w.matrix);
    platens_.add_cell(index, w.matrix, assembly_);
  }
}

template <int dim>
void Mechanics<dim>::assemble_forces(const bool with_matrix)
{
  ElasticCell<dim> w = cell_work();
  w.with_matrix = with_matrix;
  internal_forces_ = 0.;
  energies_ = Energies();
  if (with_matrix) {
    assembly_.begin_matrix();
    platens_.begin_matrix();
  }
  for (const auto &cell : displacement_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      go_to(w, cell);
      assemble_cell(w);
      add_cell(w);
    }
  internal_forces_.compress(VectorOperation::add);
  loads_.update(assembly_);
  if (with_matrix) {
    assembly_.end_matrix();
    platens_.end_matrix();
  }
  MPI_Comm communicator = state_.mesh().communicator();
  energies_.stored = Utilities::MPI::sum(energies_.stored, communicator);
  energies_.positive = Utilities::MPI::sum(energies_.positive, communicator);
  energies_.pressure_work = Utilities::MPI::sum(energies_.pressure_work, communicator);
  // The forces of the cells, which must balance at each vertex, are the natural scale of the residual.
  scale_ = std::sqrt(Utilities::MPI::sum(w.force_square + loads_.square(), communicator));
}

template <int dim>
double Mechanics<dim>::assemble()
{
  // The first of a solve brings the matrix along; later ones mostly find that none is needed any more.
  const bool with_matrix = matrix_is_wanted_ && !matrix_is_current_;
  assemble_forces(with_matrix);
  matrix_is_current_ = with_matrix || (matrix_is_current_ && law_.linear());
  matrix_is_wanted_ = false;
  // The first guess counts a little, lest a body that is unloaded compares zero with zero.
  if (scale_floor_ == 0.)
    scale_floor_ = 1e-3 * scale_;
  scale_ = std::max(scale_, scale_floor_);
  residual_ = internal_forces_;
  residual_ -= loads_.vector();
  return norm_of_residual();
}

template <int dim>
double Mechanics<dim>::norm_of_residual()
{
  free_residual_ = residual_;
  for (const Held &held : held_)
    free_residual_.local_element(held.unknown) = 0.;
  const double square = free_residual_.norm_sqr() + platens_.residual_square(residual_);
  scale_ = std::max(scale_, platens_.load_scale());
  return std::sqrt(square);
}

template <int dim>
void Mechanics<dim>::assemble_matrix()
{
  if (matrix_is_current_)
    return;
  const double scale = scale_;
  assemble_forces(true);
  scale_ = scale;
  matrix_is_current_ = true;
}

template <int dim>
void Mechanics<dim>::multiply_by_jacobian(Vector &result, const Vector &direction)
{
  assemble_matrix();
  solver_.multiply(result, direction);
}

template <int dim>
void Mechanics<dim>::precondition(Vector &result, const Vector &direction)
{
  assemble_matrix();
  solver_.precondition(result, direction);
}

template <int dim>
unsigned int Mechanics<dim>::solve_increment(const double relative_tolerance)
{
  assemble_matrix();
  increment_ = 0.;
  right_hand_side_.equ(-1., free_residual_);
  unsigned int iterations = solver_.solve(increment_, right_hand_side_, relative_tolerance).iterations;
  iterations += platens_.solve(solver_, relative_tolerance, increment_);
  distribute_increment();
  return iterations;
}

template <int dim>
void Mechanics<dim>::distribute_increment()
{
  constraints_.distribute(increment_);
  platens_.distribute(increment_);
}

template <int dim>
const std::vector<Vector> &Mechanics<dim>::platen_columns()
{
  assemble_matrix();
  return platens_.columns();
}

template <int dim>
void Mechanics<dim>::add_increment(const double factor)
{
  Vector &u = displacement_.values;
  for (unsigned int i = 0; i < u.locally_owned_size(); ++i)
    u.local_element(i) += factor * increment_.local_element(i);
  displacement_.update();
  platens_.move(factor);
}

template <int dim>
double Mechanics<dim>::potential_energy() const
{
  return energies_.stored - energies_.pressure_work - displacement_.values * loads_.vector() -
         platens_.work();
}

/// Stress with all components, also in plane strain, and stored energy at a point.
template <int dim>
SymmetricTensor<2, 3> Mechanics<dim>::total_stress(const ElasticCell<dim> &w, const unsigned int q,
                                                   double &energy) const
{
  SymmetricTensor<2, 3> strain = strain_offsets_.empty() ? SymmetricTensor<2, 3>() : strain_offset(w, q);
  for (unsigned int i = 0; i < dim; ++i)
    for (unsigned int k = i; k < dim; ++k)
      strain[i][k] += w.strain[q][i][k];
  const ElasticPoint &point = points_[w.first_point + q];
  const double breakable = point.breakable(w.lithium[q]);
  const StressResponse<3> response = law_.evaluate<3>(
      strain, w.damage[q], properties_.template stiffness<3>(point, w.lithium[q]), breakable);
  energy = response.energy();
  return response.stress - w.pressure_share(q, breakable) * w.pressure[q] * unit_symmetric_tensor<3>();
}

template <int dim>
void Mechanics<dim>::update_normal_pressure()
{
  update_surface_pressure();
  update_nucleation_pressure();
}

template <int dim>
void Mechanics<dim>::update_nucleation_pressure()
{
  if (nucleated_ == nullptr)
    return;
  ElasticCell<dim> w = cell_work(update_quadrature_points);
  for (const auto &cell : displacement_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned() && nucleated_->possible_in(cell->active_cell_index() * w.n_q, w.n_q)) {
      go_to(w, cell);
      SymmetricTensor<2, 3> stress;
      double energy = 0.;
      for (unsigned int q = 0; q < w.n_q; ++q)
        stress += total_stress(w, q, energy) / w.n_q;
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const unsigned int index = w.first_point + q;
        const SymmetricTensor<2, 3> direction = nucleated_->direction(index);
        const SymmetricTensor<4, 3> stiffness =
            properties_.template stiffness<3>(points_[index], w.lithium[q]).tensor;
        nucleated_->set_pressure(w.point_dofs[q], -(direction * stress), direction * (stiffness * direction));
      }
    }
}

template <int dim>
void Mechanics<dim>::update_surface_pressure()
{
  if (normal_pressure_ == nullptr)
    return;
  ElasticCell<dim> w = cell_work(update_quadrature_points);
  std::vector<Tensor<1, dim>> gradient(w.n_q);
  for (const auto &cell : displacement_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      go_to(w, cell);
      w.fe_values.get_function_gradients(lithium_.values, gradient);
      for (unsigned int q = 0; q < w.n_q; ++q) {
        double &value = normal_pressure_->values(w.point_dofs[q]) = 0.;
        const double slope = gradient[q].norm();
        if (slope * state_.mesh().finest_cell() < surface_slope)
          continue;
        double energy = 0.;
        const SymmetricTensor<2, 3> stress = total_stress(w, q, energy);
        for (unsigned int i = 0; i < dim; ++i)
          for (unsigned int k = 0; k < dim; ++k)
            value -= gradient[q][i] * stress[i][k] * gradient[q][k] / (slope * slope);
      }
    }
}

template <int dim>
void Mechanics<dim>::compute_stress()
{
  ElasticCell<dim> w = cell_work(update_quadrature_points);
  for (const auto &cell : displacement_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      go_to(w, cell);
      for (unsigned int q = 0; q < w.n_q; ++q) {
        double energy = 0.;
        const SymmetricTensor<2, 3> stress = total_stress(w, q, energy);
        stress_.set(w.point_dofs[q], stress, energy);
      }
    }
}

template <int dim>
void Mechanics<dim>::accept_step(const Step &)
{
  Vector change = displacement_.values;
  change -= displacement_.old_values;
  external_work_.value += 0.5 * (change * internal_forces_ + change * old_internal_forces_);
  old_internal_forces_ = internal_forces_;
  compute_stress();
}

template <int dim>
Tensor<1, dim> Mechanics<dim>::force(const unsigned int condition) const
{
  Tensor<1, dim> force;
  for (const Held &held : held_)
    if (held.condition == condition)
      force[held.component] += residual_.local_element(held.unknown);
  return Utilities::MPI::sum(force, state_.mesh().communicator()) + loads_.of_condition(condition);
}

template <int dim>
void Mechanics<dim>::add_observables(const Step &, ObservableRow &row)
{
  const std::string depth = dim == 2 ? "/m" : "";
  row.add("strain_energy", "J" + depth, energies_.stored, true);
  row.add("external_work", "J" + depth, external_work_.value);
  if (!law_.linear())
    row.add("positive_strain_energy", "J" + depth, energies_.positive);
  for (unsigned int k = 0; k < conditions_.size(); ++k) {
    const Tensor<1, dim> total = force(k);
    for (unsigned int c = 0; c < dim; ++c)
      row.add("force_" + conditions_.name(k) + "_" + "xyz"[c], "N" + depth, total[c]);
  }
  platens_.add_observables(row);
  stress_.add_observables(row);
}

template <int dim>
void Mechanics<dim>::add_output(OutputFields<dim> &output)
{
  output.add(displacement_);
  stress_.add_output(output);
}

template class Mechanics<2>;
template class Mechanics<3>;
} // namespace lithoclase
