#include "physics/platens.h"

#include <deal.II/base/mpi.h>

#include <algorithm>

namespace lithoclase
{
using namespace dealii;

template <int dim>
Platens<dim>::Platens(const MechanicalConditions<dim> &conditions, State<dim> &state,
                      const Field<dim> &displacement)
    : conditions_(conditions), displacement_(displacement), cell_motion_(dim << dim), cell_force_(dim << dim)
{
  for (const unsigned int platen : conditions.platens())
    displacements_.push_back(&state.add_scalar("displacement_" + conditions.name(platen), "m"));
}

template <int dim>
void Platens<dim>::reinit(const std::vector<Held> &held)
{
  const unsigned int n = displacements_.size();
  const Space<dim> &space = displacement_.space;
  const Vector zero(space.partitioner);
  motions_.assign(n, zero);
  columns_.assign(n, zero);
  responses_.assign(n, zero);
  increments_.assign(n, 0.);
  errors_.assign(n, 0.);
  stiffness_.reinit(n, n);
  unknowns_.assign(n, {});
  vertices_.clear();
  held_.clear();
  for (const Held &component : held)
    held_.push_back(component.unknown);
  for (unsigned int p = 0; p < n; ++p) {
    Vector &motion = motions_[p];
    for (const Held &component : held)
      if (component.condition == conditions_.platens()[p]) {
        unknowns_[p].push_back(component.unknown);
        motion.local_element(component.unknown) = 1.;
      }
    vertices_.push_back(
        Utilities::MPI::sum(static_cast<double>(unknowns_[p].size()), space.mesh().communicator()));
    space.constraints.distribute(motion);
    motion.update_ghost_values();
  }
}

template <int dim>
void Platens<dim>::begin_matrix()
{
  for (Vector &column : columns_)
    column = 0.;
}

template <int dim>
void Platens<dim>::add_cell(const unsigned int active_cell_index, const FullMatrix<double> &cell_matrix,
                            CellAssembly<dim> &assembly)
{
  const unsigned int *dofs = displacement_.space.cell_dofs(active_cell_index);
  for (unsigned int p = 0; p < columns_.size(); ++p) {
    for (unsigned int a = 0; a < cell_motion_.size(); ++a)
      cell_motion_(a) = motions_[p].local_element(dofs[a]);
    if (cell_motion_.all_zero())
      continue;
    cell_matrix.vmult(cell_force_, cell_motion_);
    assembly.add(active_cell_index, cell_force_, columns_[p]);
  }
}

template <int dim>
void Platens<dim>::end_matrix()
{
  for (unsigned int q = 0; q < columns_.size(); ++q) {
    columns_[q].compress(VectorOperation::add);
    for (unsigned int p = 0; p < columns_.size(); ++p)
      stiffness_(q, p) = sum_over(p, columns_[q]);
    for (const unsigned int unknown : held_)
      columns_[q].local_element(unknown) = 0.;
  }
}

template <int dim>
double Platens<dim>::sum_over(const unsigned int platen, const Vector &vector) const
{
  double sum = 0.;
  for (const unsigned int unknown : unknowns_[platen])
    sum += vector.local_element(unknown);
  return Utilities::MPI::sum(sum, displacement_.space.mesh().communicator());
}

template <int dim>
double Platens<dim>::load(const unsigned int platen) const
{
  const unsigned int condition = conditions_.platens()[platen], axis = conditions_.axis(condition);
  const Mesh<dim> &mesh = displacement_.space.mesh();
  const double area = mesh.volume() / (mesh.upper()[axis] - mesh.lower()[axis]);
  return -conditions_.side(condition) * conditions_.pressure(condition) * area;
}

template <int dim>
double Platens<dim>::residual_square(const Vector &residual)
{
  double square = 0.;
  for (unsigned int p = 0; p < size(); ++p) {
    errors_[p] = sum_over(p, residual) - load(p);
    square += errors_[p] * errors_[p] / vertices_[p];
  }
  return square;
}

template <int dim>
double Platens<dim>::load_scale() const
{
  double scale = 0.;
  for (unsigned int p = 0; p < size(); ++p)
    scale = std::max(scale, std::abs(load(p)) / weight(p));
  return scale;
}

template <int dim>
unsigned int Platens<dim>::solve(LinearSolver &solver, const double relative_tolerance, Vector &increment)
{
  // When platen p moves by one, with forces k_p = K e_p, the body follows by y_p = -K^-1 k_p. The matrix is
  // symmetric: k_q . v is the change of the force on platen q by v.
  const unsigned int n = size();
  unsigned int iterations = 0;
  if (n == 0)
    return iterations;
  FullMatrix<double> border(n, n);
  dealii::Vector<double> error(n), change(n);
  Vector force;
  for (unsigned int p = 0; p < n; ++p) {
    force = columns_[p];
    force *= -1.;
    iterations += solver.solve(responses_[p], force, relative_tolerance, true).iterations;
    for (unsigned int q = 0; q < n; ++q)
      border(q, p) = columns_[q] * responses_[p] + stiffness_(q, p);
    error(p) = -(errors_[p] + columns_[p] * increment);
  }
  border.gauss_jordan();
  border.vmult(change, error);
  for (unsigned int p = 0; p < n; ++p) {
    increments_[p] = change(p);
    increment.add(change(p), responses_[p]);
  }
  return iterations;
}

template <int dim>
void Platens<dim>::distribute(Vector &increment) const
{
  for (unsigned int p = 0; p < size(); ++p)
    for (const unsigned int unknown : unknowns_[p])
      increment.local_element(unknown) = increments_[p];
}

template <int dim>
void Platens<dim>::move(const double factor)
{
  for (unsigned int p = 0; p < size(); ++p)
    displacements_[p]->value += factor * increments_[p];
}

template <int dim>
double Platens<dim>::work() const
{
  double work = 0.;
  for (unsigned int p = 0; p < size(); ++p)
    work += load(p) * displacements_[p]->value;
  return work;
}

template <int dim>
void Platens<dim>::add_observables(ObservableRow &row) const
{
  for (const Scalar *displacement : displacements_)
    row.add(displacement->name, displacement->unit, displacement->value, true);
}

template class Platens<2>;
template class Platens<3>;
} // namespace lithoclase
