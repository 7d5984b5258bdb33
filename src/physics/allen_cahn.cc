#include "physics/allen_cahn.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>

#include <cmath>

namespace lithoclase
{
using namespace dealii;

template <int dim>
AllenCahn<dim>::AllenCahn(const ElectrodepositionParameters &parameters,
                          const double exchange_current_density, const ButlerVolmer &kinetics,
                          State<dim> &state, Field<dim> &lithium, const Field<dim> *overpotential)
    : parameters_(parameters), exchange_current_density_(exchange_current_density), kinetics_(kinetics),
      state_(state), lithium_(lithium), overpotential_(overpotential),
      older_lithium_(state.add_field("older_lithium", "1", SpaceKind::nodal)),
      previous_step_size_(state.add_scalar("previous_step_size", "s")), system_(lithium.space, 1),
      solver_("allen_cahn", LinearSolver::Method::cg, LinearSolver::Preconditioner::boomeramg, 1, dim)
{
  newton_.relative_tolerance = 1e-9;
}

template <int dim>
void AllenCahn<dim>::reinit(const BoundaryConditions<dim> &conditions)
{
  system_.reinit();
  conditions.for_each_value(lithium_.space,
                            [&](const auto node, unsigned int, double) { system_.constrain(node, 0); });
  system_.close();
  solver_.reinit(system_.owned, system_.sparsity(), system_.communicator());
  residual_.reinit(system_.partitioner);
  increment_.reinit(system_.partitioner);
}

template <int dim>
SolveReport AllenCahn<dim>::solve(const Step &step, const std::vector<double> &accessibility,
                                  const Function<dim> *source)
{
  accessibility_ = &accessibility;
  source_ = source;
  step_size_ = step.size;
  const double previous = previous_step_size_.value;
  const bool second_order =
      parameters_.time_scheme == ElectrodepositionParameters::TimeScheme::bdf2 && previous > 0.;
  const double r = second_order ? step.size / previous : 0.;
  coefficients_ = {{(1. + 2. * r) / (1. + r), -(1. + r), r * r / (1. + r)}};

  const Vector before = lithium_.values;
  SolveReport report = solve_newton(*this, newton_, "electrodeposition");
  Vector change = before;
  change -= lithium_.values;
  report.increment = change.linfty_norm();
  return report;
}

template <int dim>
double AllenCahn<dim>::assemble()
{
  const Space<dim> &space = lithium_.space;
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                          update_values | update_gradients | update_JxW_values | update_quadrature_points);
  const unsigned int n_q = fe_values.n_quadrature_points, n_nodes = space.fe().n_dofs_per_cell();
  const double W = parameters_.barrier_height, delta = parameters_.front_width;
  const double kappa = chen::gradient_coefficient(W, delta);
  const double reaction_mobility = chen::reaction_mobility(exchange_current_density_, delta);
  std::vector<double> xi(n_q), old(n_q), older(n_q);
  std::vector<Tensor<1, dim>> grad_xi(n_q);
  std::vector<types::global_dof_index> nodes(n_nodes), points(n_q);
  FullMatrix<double> matrix(n_nodes, n_nodes);
  dealii::Vector<double> vector(n_nodes);
  double scale = 0.;
  residual_ = 0.;
  solver_.matrix() = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values.get_function_values(lithium_.values, xi);
      fe_values.get_function_values(lithium_.old_values, old);
      fe_values.get_function_values(older_lithium_.old_values, older);
      fe_values.get_function_gradients(lithium_.values, grad_xi);
      cell->get_dof_indices(nodes);
      if (overpotential_)
        typename DoFHandler<dim>::active_cell_iterator(&space.mesh().triangulation, cell->level(),
                                                       cell->index(), &overpotential_->space.dof_handler)
            ->get_dof_indices(points);
      matrix = 0.;
      vector = 0.;
      for (unsigned int q = 0; q < n_q; ++q) {
        const auto well = chen::double_well(xi[q], W);
        const auto h = chen::interpolation(xi[q]);
        const double drive =
            overpotential_ ? (*accessibility_)[cell->active_cell_index() * n_q + q] * reaction_mobility *
                                 chen::reaction_drive(kinetics_, overpotential_->values(points[q])).value
                           : 0.;
        const double rate =
            (coefficients_[0] * xi[q] + coefficients_[1] * old[q] + coefficients_[2] * older[q]) / step_size_;
        const double local = rate + parameters_.mobility * well.first + drive * h.first -
                             (source_ ? source_->value(fe_values.quadrature_point(q)) : 0.);
        const double slope =
            coefficients_[0] / step_size_ + parameters_.mobility * well.second + drive * h.second;
        const double diffusion = parameters_.mobility * kappa;
        for (unsigned int i = 0; i < n_nodes; ++i) {
          const double N = fe_values.shape_value(i, q) * fe_values.JxW(q);
          const Tensor<1, dim> grad = fe_values.shape_grad(i, q) * fe_values.JxW(q);
          vector(i) += local * N + diffusion * (grad * grad_xi[q]);
          scale += N * N / (step_size_ * step_size_);
          for (unsigned int k = 0; k < n_nodes; ++k)
            matrix(i, k) +=
                slope * N * fe_values.shape_value(k, q) + diffusion * (grad * fe_values.shape_grad(k, q));
        }
      }
      system_.constraints.distribute_local_to_global(matrix, nodes, solver_.matrix());
      system_.constraints.distribute_local_to_global(vector, nodes, residual_);
    }
  residual_.compress(VectorOperation::add);
  solver_.matrix().compress(VectorOperation::add);
  scale_ = std::sqrt(Utilities::MPI::sum(scale, system_.communicator()));
  return residual_.l2_norm();
}

template <int dim>
unsigned int AllenCahn<dim>::solve_increment(const double relative_tolerance)
{
  residual_ *= -1.; // assembled anew before it is looked at again
  increment_ = 0.;
  const unsigned int iterations = solver_.solve(increment_, residual_, relative_tolerance).iterations;
  system_.constraints.distribute(increment_);
  return iterations;
}

template <int dim>
void AllenCahn<dim>::add_increment(const double factor)
{
  system_.add_component(increment_, 0, factor, lithium_);
}

template <int dim>
void AllenCahn<dim>::accept_step(const Step &step)
{
  older_lithium_.values = lithium_.old_values;
  older_lithium_.values.update_ghost_values();
  previous_step_size_.value = step.size;
}

template class AllenCahn<2>;
template class AllenCahn<3>;
} // namespace lithoclase
