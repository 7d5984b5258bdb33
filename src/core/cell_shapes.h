#pragma once

#include "core/field.h"

#include <deal.II/fe/fe_values.h>

#include <array>
#include <vector>

namespace lithoclase
{
/// Q1 shape functions at the 2^dim Gauss points of one cell after another, and nodal fields there.
///
/// Cells of one level are copies of each other, so that shape functions are computed once per level.
/// FEValues::get_function_values asks the mesh and the vector in each cell and for each field, and allocates
/// memory: that took longer than the sums it is there for.
template <int dim>
class CellShapes
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;
  static constexpr unsigned int n_nodes = 1 << dim, n_q = 1 << dim;

  explicit CellShapes(const Space<dim> &nodal_space);

  void reinit(const Cell &cell);

  unsigned int index() const { return index_; }             ///< active cell index
  unsigned int first_point() const { return index_ * n_q; } ///< of what is kept per cell and point
  double value(const unsigned int q, const unsigned int node) const { return values_[q][node]; }
  const dealii::Tensor<1, dim> &gradient(const unsigned int q, const unsigned int node) const
  {
    return gradients_[q][node];
  }
  double JxW() const { return JxW_; } ///< the same at all points
  dealii::Point<dim> point(unsigned int q) const;

  /// Of a nodal field with ghosts; there is room for n_q results.
  void values(const Field<dim> &field, std::vector<double> &result) const
  {
    values(field.space, field.values, result);
  }
  void gradients(const Field<dim> &field, std::vector<dealii::Tensor<1, dim>> &result) const
  {
    gradients(field.space, field.values, result);
  }
  void values(const Space<dim> &space, const Vector &vector, std::vector<double> &result) const;
  void gradients(const Space<dim> &space, const Vector &vector,
                 std::vector<dealii::Tensor<1, dim>> &result) const;

private:
  dealii::FEValues<dim> fe_values_;
  int level_ = -1;
  unsigned int index_ = 0;
  double JxW_ = 0.;
  dealii::Point<dim> lower_;      ///< vertex 0 of the cell
  dealii::Tensor<1, dim> extent_; ///< its sides
  std::array<std::array<double, n_nodes>, n_q> values_;
  std::array<std::array<dealii::Tensor<1, dim>, n_nodes>, n_q> gradients_;
};
} // namespace lithoclase
