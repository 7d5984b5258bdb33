#include "physics/effective_stiffness.h"

#include "physics/rigid_motions.h"

#include <deal.II/dofs/dof_tools.h>
#include <deal.II/lac/sparsity_tools.h>

namespace lithoclase
{
using namespace dealii;

template <int dim>
EffectiveStiffness<dim>::EffectiveStiffness(const ElasticProperties<dim> &properties,
                                            const LinearSolver::Preconditioner preconditioner,
                                            State<dim> &state, const Field<dim> &lithium)
    : properties_(properties), state_(state), lithium_(lithium),
      deviation_(state.add_field("displacement_deviation", "m", SpaceKind::vector)),
      point_space_(state.space(SpaceKind::quadrature)),
      solver_("mechanics", LinearSolver::Method::cg, preconditioner, dim, dim)
{
}

template <int dim>
typename EffectiveStiffness<dim>::Strain EffectiveStiffness<dim>::mean_strain(const unsigned int load_case)
{
  Strain strain;
  strain.access_raw_entry(load_case) = load_case < dim ? 1. : 0.5;
  return strain;
}

template <int dim>
void EffectiveStiffness<dim>::reinit()
{
  const Space<dim> &space = deviation_.space;
  MPI_Comm communicator = space.mesh().communicator();
  constrain();
  DynamicSparsityPattern sparsity(space.relevant);
  DoFTools::make_sparsity_pattern(space.dof_handler, sparsity, constraints_, false);
  SparsityTools::distribute_sparsity_pattern(sparsity, space.owned, communicator, space.relevant);
  solver_.reinit(space.owned, sparsity, communicator);
  solver_.set_near_null_space(RigidMotions<dim>(space.mesh()).displacements(space));
  for (Vector &vector : right_hand_sides_)
    vector.reinit(space.partitioner);
  solution_.reinit(space.partitioner);
  points_ = elastic_points(lithium_.space, properties_);
  measure_phases();
}

template <int dim>
void EffectiveStiffness<dim>::constrain()
{
  const Space<dim> &space = deviation_.space;
  constraints_.clear();
  constraints_.reinit(space.relevant);
  constraints_.merge(space.constraints); // a copy would count as closed
  const auto hold = [&](const types::global_dof_index dof) {
    if (space.relevant.is_element(dof) && !constraints_.is_constrained(dof))
      constraints_.add_line(dof);
  };
  bool held = false;
  std::vector<types::global_dof_index> dofs(space.fe().n_dofs_per_face());
  for (unsigned int face = 0; face < GeometryInfo<dim>::faces_per_cell; ++face) {
    if (space.mesh().periodic(face / 2))
      continue;
    held = true;
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (!cell->is_artificial() && cell->face(face)->at_boundary()) {
        cell->face(face)->get_dof_indices(dofs);
        for (const auto dof : dofs)
          hold(dof);
      }
  }
  const types::global_dof_index pinned = space.first_free_dof();
  for (unsigned int c = 0; c < dim && !held; ++c) // the components of a vertex follow each other
    hold(pinned + c);
  constraints_.close();
}

template <int dim>
void EffectiveStiffness<dim>::measure_phases()
{
  ElasticCell<dim> work(lithium_.space);
  std::vector<double> volumes(properties_.n_solids() + 2); // of the solids, of liquid, of void
  const std::size_t liquid = properties_.n_solids(), empty = liquid + 1;
  for (const auto &cell : deviation_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      go_to(work, cell);
      for (unsigned int q = 0; q < work.n_q; ++q) {
        const ElasticPoint &point = points_[work.first_point + q];
        const double JxW = work.fe_values.JxW(q);
        volumes[point.grain] += point.solid * JxW;
        volumes[liquid] += point.liquid * JxW;
        volumes[empty] += (1. - point.solid - point.liquid) * JxW;
      }
    }
  const std::vector<double> own = volumes;
  Utilities::MPI::sum(own, state_.mesh().communicator(), volumes);
  const double sum_of_all = state_.mesh().volume();
  for (double &volume : volumes)
    if (volume < 1e-12 * sum_of_all) // rounding
      volume = 0.;
  const double liquid_volume = volumes[liquid], empty_volume = volumes[empty];
  volumes.resize(properties_.n_solids());
  phases_ = properties_.phases(volumes, liquid_volume, empty_volume);
}

template <int dim>
void EffectiveStiffness<dim>::go_to(ElasticCell<dim> &work, const typename ElasticCell<dim>::Cell &cell) const
{
  work.reinit(cell, deviation_, lithium_, nullptr, CrackFluid<dim>(), point_space_, properties_, points_);
}

template <int dim>
void EffectiveStiffness<dim>::assemble()
{
  ElasticCell<dim> work(lithium_.space);
  std::vector<types::global_dof_index> dofs(work.n_dofs);
  solver_.matrix() = 0.;
  for (Vector &vector : right_hand_sides_)
    vector = 0.;
  for (const auto &cell : deviation_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      go_to(work, cell);
      cell->get_dof_indices(dofs);
      for (unsigned int q = 0; q < work.n_q; ++q)
        work.tangent[q] = work.stiffness(properties_, points_[work.first_point + q], 0.).tensor;
      work.make_matrix();
      constraints_.distribute_local_to_global(work.matrix, dofs, solver_.matrix());
      for (unsigned int k = 0; k < n_cases; ++k) {
        work.force = 0.;
        for (unsigned int q = 0; q < work.n_q; ++q)
          work.add_stress(q, -1. * (work.tangent[q] * mean_strain(k)), work.force);
        constraints_.distribute_local_to_global(work.force, dofs, right_hand_sides_[k]);
      }
    }
  solver_.matrix().compress(VectorOperation::add);
  for (Vector &vector : right_hand_sides_)
    vector.compress(VectorOperation::add);
  solver_.discard_preconditioner();
}

template <int dim>
typename EffectiveStiffness<dim>::Strain
EffectiveStiffness<dim>::mean_stress(const unsigned int load_case) const
{
  ElasticCell<dim> work(lithium_.space);
  Strain stress;
  for (const auto &cell : deviation_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      go_to(work, cell);
      for (unsigned int q = 0; q < work.n_q; ++q)
        stress +=
            work.fe_values.JxW(q) * (work.stiffness(properties_, points_[work.first_point + q], 0.).tensor *
                                     (mean_strain(load_case) + work.strain[q]));
    }
  return Utilities::MPI::sum(stress, state_.mesh().communicator()) / state_.mesh().volume();
}

template <int dim>
SolveReport EffectiveStiffness<dim>::solve(const Step &)
{
  SolveReport report;
  deviation_.values = 0.;
  assemble();
  std::array<Strain, n_cases> columns;
  // Extension along the stack axis comes last, and its displacement stays for output.
  for (unsigned int i = 0; i < n_cases; ++i) {
    const unsigned int k = (dim + i) % n_cases;
    solution_ = 0.;
    report.linear_iterations += solver_.solve(solution_, right_hand_sides_[k], 1e-10).iterations;
    constraints_.distribute(solution_);
    deviation_.values = solution_;
    deviation_.update();
    columns[k] = mean_stress(k);
  }
  for (unsigned int k = 0; k < n_cases; ++k)
    for (unsigned int i = 0; i < n_cases; ++i) {
      const auto row = Strain::unrolled_to_component_indices(i),
                 column = Strain::unrolled_to_component_indices(k);
      stiffness_[row[0]][row[1]][column[0]][column[1]] = columns[k].access_raw_entry(i);
    }
  return report;
}

template <int dim>
void EffectiveStiffness<dim>::add_observables(const Step &, ObservableRow &row)
{
  const std::string axes = "xyz";
  for (unsigned int i = 0; i < n_cases; ++i)
    for (unsigned int k = 0; k < n_cases; ++k) {
      const auto first = Strain::unrolled_to_component_indices(i),
                 second = Strain::unrolled_to_component_indices(k);
      row.add(std::string("effective_stiffness_") + axes[first[0]] + axes[first[1]] + axes[second[0]] +
                  axes[second[1]],
              "Pa", stiffness_[first[0]][first[1]][second[0]][second[1]], i == k);
    }
}

template <int dim>
void EffectiveStiffness<dim>::add_output(OutputFields<dim> &output)
{
  output.add(deviation_);
}

template <int dim>
void EffectiveStiffness<dim>::add_bounds(std::vector<BoundedProperty> &list) const
{
  if (phases_.empty())
    return;
  const IsotropicPart computed = isotropic_part<dim>(stiffness_);
  const ElasticBounds bounds = elastic_bounds<dim>(phases_);
  list.push_back({dim == 2 ? "bulk modulus in the plane" : "bulk modulus", "Pa", computed.bulk, bounds.bulk});
  list.push_back({"shear modulus", "Pa", computed.shear, bounds.shear});
}

template class EffectiveStiffness<2>;
template class EffectiveStiffness<3>;
} // namespace lithoclase
