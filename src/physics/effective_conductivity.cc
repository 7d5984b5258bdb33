#include "physics/effective_conductivity.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>

namespace lithoclase
{
using namespace dealii;

template <int dim>
EffectiveConductivity<dim>::EffectiveConductivity(const TransportProperties<dim> &properties,
                                                  State<dim> &state)
    : properties_(properties), state_(state),
      deviation_(state.add_field("potential_deviation", "m", SpaceKind::nodal)),
      system_(state.space(SpaceKind::nodal), 1),
      solver_("conduction", LinearSolver::Method::cg, LinearSolver::Preconditioner::boomeramg, 1, dim)
{
}

template <int dim>
void EffectiveConductivity<dim>::reinit()
{
  const Space<dim> &space = deviation_.space;
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                          update_quadrature_points | update_JxW_values);
  const unsigned int n_q = fe_values.n_quadrature_points;
  volumes_ = PhaseVolumes();
  volumes_.boundaries.resize(properties_.n_boundaries());
  conductivities_.assign(space.mesh().triangulation.n_active_cells() * n_q, {});
  std::vector<PointTransport<dim>> points(n_q);
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      properties_.at(fe_values.get_quadrature_points(), points.data());
      for (unsigned int q = 0; q < n_q; ++q) {
        conductivities_[cell->active_cell_index() * n_q + q] = {{points[q].ionic, points[q].electronic}};
        properties_.add_phases(fe_values.quadrature_point(q), fe_values.JxW(q), volumes_);
      }
    }
  for (double *const volume : {&volumes_.grains, &volumes_.liquid, &volumes_.empty})
    *volume = Utilities::MPI::sum(*volume, space.mesh().communicator());
  const std::vector<double> own = volumes_.boundaries;
  Utilities::MPI::sum(own, space.mesh().communicator(), volumes_.boundaries);
}

template <int dim>
void EffectiveConductivity<dim>::constrain(const unsigned int axis)
{
  const Space<dim> &space = deviation_.space;
  system_.reinit();
  if (space.mesh().periodic(axis)) {
    // Nothing fixes the constant: pin one node that the mesh leaves free.
    const types::global_dof_index pinned = space.first_free_dof();
    if (space.relevant.is_element(pinned))
      system_.constrain(pinned, 0);
  } else {
    std::vector<types::global_dof_index> nodes(space.fe().n_dofs_per_face());
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (!cell->is_artificial() && cell->at_boundary())
        for (const unsigned int face : {2 * axis, 2 * axis + 1})
          if (cell->face(face)->at_boundary()) {
            cell->face(face)->get_dof_indices(nodes);
            for (const auto node : nodes)
              system_.constrain(node, 0);
          }
  }
  system_.close();
  solver_.reinit(system_.owned, system_.sparsity(), system_.communicator());
  right_hand_side_.reinit(system_.partitioner);
  solution_.reinit(system_.partitioner);
}

template <int dim>
void EffectiveConductivity<dim>::assemble(const unsigned int axis, const Carrier carrier)
{
  const Space<dim> &space = deviation_.space;
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                          update_gradients | update_JxW_values);
  const unsigned int n_q = fe_values.n_quadrature_points, n_nodes = space.fe().n_dofs_per_cell();
  std::vector<types::global_dof_index> nodes(n_nodes);
  FullMatrix<double> matrix(n_nodes, n_nodes);
  dealii::Vector<double> vector(n_nodes);
  solver_.matrix() = 0.;
  right_hand_side_ = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      cell->get_dof_indices(nodes);
      matrix = 0.;
      vector = 0.;
      for (unsigned int q = 0; q < n_q; ++q) {
        const SymmetricTensor<2, dim> &sigma =
            conductivities_[cell->active_cell_index() * n_q + q][static_cast<unsigned int>(carrier)];
        for (unsigned int i = 0; i < n_nodes; ++i) {
          const Tensor<1, dim> flux = sigma * fe_values.shape_grad(i, q) * fe_values.JxW(q);
          vector(i) -= flux[axis];
          for (unsigned int k = 0; k < n_nodes; ++k)
            matrix(i, k) += flux * fe_values.shape_grad(k, q);
        }
      }
      system_.constraints.distribute_local_to_global(matrix, nodes, solver_.matrix());
      system_.constraints.distribute_local_to_global(vector, nodes, right_hand_side_);
    }
  solver_.matrix().compress(VectorOperation::add);
  right_hand_side_.compress(VectorOperation::add);
}

template <int dim>
Tensor<1, dim> EffectiveConductivity<dim>::mean_flux(const unsigned int axis, const Carrier carrier)
{
  const Space<dim> &space = deviation_.space;
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                          update_gradients | update_JxW_values);
  const unsigned int n_q = fe_values.n_quadrature_points;
  std::vector<Tensor<1, dim>> gradients(n_q);
  Tensor<1, dim> flux;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values.get_function_gradients(solution_, gradients);
      for (unsigned int q = 0; q < n_q; ++q) {
        gradients[q][axis] += 1.;
        flux += conductivities_[cell->active_cell_index() * n_q + q][static_cast<unsigned int>(carrier)] *
                gradients[q] * fe_values.JxW(q);
      }
    }
  return Utilities::MPI::sum(flux, system_.communicator()) / state_.mesh().volume();
}

template <int dim>
SolveReport EffectiveConductivity<dim>::solve(const Step &)
{
  SolveReport report;
  for (unsigned int axis = 0; axis < dim; ++axis) {
    constrain(axis);
    for (Result &result : results_) {
      assemble(axis, result.carrier);
      solution_ = 0.;
      solver_.discard_preconditioner();
      report.linear_iterations += solver_.solve(solution_, right_hand_side_, 1e-10).iterations;
      system_.constraints.distribute(solution_);
      if (axis == dim - 1 && result.carrier == Carrier::ions) {
        deviation_.values = 0.;
        system_.add_component(solution_, 0, 1., deviation_);
      }
      solution_.update_ghost_values();
      const Tensor<1, dim> column = mean_flux(axis, result.carrier);
      solution_.zero_out_ghost_values();
      for (unsigned int d = 0; d < dim; ++d)
        result.tensor[d][axis] = column[d];
    }
  }
  return report;
}

template <int dim>
void EffectiveConductivity<dim>::add_observables(const Step &, ObservableRow &row)
{
  const std::string axes = "xyz";
  for (const Result &result : results_)
    for (unsigned int i = 0; i < dim; ++i)
      for (unsigned int k = 0; k < dim; ++k)
        row.add("effective_" + result.name + "_conductivity_" + axes[i] + axes[k], "S/m", result.tensor[i][k],
                i == k);
}

template <int dim>
void EffectiveConductivity<dim>::add_bounds(std::vector<BoundedProperty> &list) const
{
  for (const Result &result : results_)
    if (const auto phases = properties_.phases(volumes_, result.carrier); !phases.empty())
      list.push_back({result.name + " conductivity", "S/m", trace(result.tensor) / dim,
                      conductivity_bounds(dim, phases)});
}

template <int dim>
void EffectiveConductivity<dim>::add_output(OutputFields<dim> &output)
{
  output.add(deviation_);
}

template class EffectiveConductivity<2>;
template class EffectiveConductivity<3>;
} // namespace lithoclase
