#pragma once

#include "physics/elastic_cell.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

#include <algorithm>
#include <vector>

namespace lithoclase
{
/// What the pressure of lithium depends on in a body with cracks.
template <int dim>
struct PressureFields
{
  Field<dim> &pressure;
  const Field<dim> &lithium, &damage, &displacement, &filling, &flank_area;
  const ElasticProperties<dim> &properties;
  const std::vector<ElasticPoint> &points; ///< those of mechanics
  bool mean_dilatation;                    ///< that of mechanics
  double crack_width;                      ///< l [m]
};

/// A cell in the loops of the pressure and of the slots, with the fields at its quadrature points.
template <int dim>
class PressureCell
{
public:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;

  explicit PressureCell(const PressureFields<dim> &fields)
      : elastic(fields.pressure.space, fields.mean_dilatation),
        n_nodes(fields.pressure.space.fe().n_dofs_per_cell()), n_q(elastic.n_q), nodes(n_nodes),
        damage_gradient(n_q), pressure_gradient(n_q), fields_(fields)
  {
  }

  /// `cell` of the pressure's space.
  void reinit(const Cell &cell)
  {
    const dealii::DoFHandler<dim> &handler = fields_.displacement.space.dof_handler;
    elastic.reinit(Cell(&handler.get_triangulation(), cell->level(), cell->index(), &handler),
                   fields_.displacement, fields_.lithium, &fields_.damage,
                   {&fields_.pressure, &fields_.filling}, fields_.flank_area.space, fields_.properties,
                   fields_.points);
    index = cell->active_cell_index();
    cell->get_dof_indices(nodes);
    for (unsigned int q = 0; q < n_q; ++q)
      damage_gradient[q] = pressure_gradient[q] = dealii::Tensor<1, dim>();
    for (unsigned int i = 0; i < n_nodes; ++i) {
      const double d = fields_.damage.values(nodes[i]), p = fields_.pressure.values(nodes[i]);
      for (unsigned int q = 0; q < n_q; ++q) {
        damage_gradient[q] += d * gradient(i, q);
        pressure_gradient[q] += p * gradient(i, q);
      }
    }
  }

  double shape(const unsigned int i, const unsigned int q) const
  {
    return elastic.fe_values.shape_value(i, q);
  }
  const dealii::Tensor<1, dim> &gradient(const unsigned int i, const unsigned int q) const
  {
    return elastic.fe_values.shape_grad(i, q);
  }
  double pressure(const unsigned int q) const { return elastic.pressure[q]; }
  const ElasticPoint &point(const unsigned int q) const { return fields_.points[elastic.first_point + q]; }
  /// (1-xi) S, of what can break.
  double filled(const unsigned int q) const
  {
    return point(q).breakable(elastic.lithium[q]) * elastic.filling[q];
  }
  /// (1-xi) S [1-(1-d)^2].
  double crack(const unsigned int q) const
  {
    return filled(q) * pressure_coefficient(elastic.damage[q]).value;
  }
  double flank_area(const unsigned int q) const { return fields_.flank_area.values(elastic.point_dofs[q]); }

  ElasticCell<dim> elastic;
  unsigned int n_nodes, n_q, index = 0; ///< of the cell
  std::vector<dealii::types::global_dof_index> nodes;
  std::vector<dealii::Tensor<1, dim>> damage_gradient, pressure_gradient;

private:
  const PressureFields<dim> &fields_;
};
} // namespace lithoclase
