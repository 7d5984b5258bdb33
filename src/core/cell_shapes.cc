#include "core/cell_shapes.h"

#include <deal.II/base/quadrature_lib.h>

#include <algorithm>

namespace lithoclase
{
using namespace dealii;

template <int dim>
CellShapes<dim>::CellShapes(const Space<dim> &space)
    : fe_values_(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                 update_values | update_gradients | update_JxW_values)
{
  Assert(space.kind() == SpaceKind::nodal, ExcInternalError());
}

template <int dim>
void CellShapes<dim>::reinit(const Cell &cell)
{
  index_ = cell->active_cell_index();
  lower_ = cell->vertex(0);
  if (cell->level() == level_)
    return;
  level_ = cell->level();
  extent_ = cell->vertex(n_nodes - 1) - lower_;
  fe_values_.reinit(cell);
  JxW_ = fe_values_.JxW(0);
  for (unsigned int q = 0; q < n_q; ++q)
    for (unsigned int i = 0; i < n_nodes; ++i) {
      values_[q][i] = fe_values_.shape_value(i, q);
      gradients_[q][i] = fe_values_.shape_grad(i, q);
    }
}

template <int dim>
Point<dim> CellShapes<dim>::point(const unsigned int q) const
{
  const Point<dim> &unit = fe_values_.get_quadrature().point(q);
  Point<dim> point = lower_;
  for (unsigned int d = 0; d < dim; ++d)
    point[d] += unit[d] * extent_[d];
  return point;
}

template <int dim>
void CellShapes<dim>::values(const Space<dim> &space, const Vector &vector, std::vector<double> &result) const
{
  const unsigned int *nodes = space.cell_dofs(index_);
  std::fill(result.begin(), result.end(), 0.);
  for (unsigned int i = 0; i < n_nodes; ++i) {
    const double value = vector.local_element(nodes[i]);
    for (unsigned int q = 0; q < n_q; ++q)
      result[q] += value * values_[q][i];
  }
}

template <int dim>
void CellShapes<dim>::gradients(const Space<dim> &space, const Vector &vector,
                                std::vector<Tensor<1, dim>> &result) const
{
  const unsigned int *nodes = space.cell_dofs(index_);
  std::fill(result.begin(), result.end(), Tensor<1, dim>());
  for (unsigned int i = 0; i < n_nodes; ++i) {
    const double value = vector.local_element(nodes[i]);
    for (unsigned int q = 0; q < n_q; ++q)
      result[q] += value * gradients_[q][i];
  }
}

template class CellShapes<2>;
template class CellShapes<3>;
} // namespace lithoclase
