#include "physics/elastic_cell.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_accessor.h>

#include <algorithm>

namespace lithoclase
{
using namespace dealii;

template <int dim>
ElasticCell<dim>::ElasticCell(const Space<dim> &scalar_space, const bool mean_dilatation,
                              const UpdateFlags flags)
    : fe_values(scalar_space.mesh().mapping, scalar_space.fe(), QGauss<dim>(2),
                update_values | update_gradients | update_JxW_values | flags),
      face_values(scalar_space.mesh().mapping, scalar_space.fe(), QGauss<dim - 1>(2),
                  update_values | update_JxW_values | update_quadrature_points),
      n_q(fe_values.n_quadrature_points), n_dofs(dim * scalar_space.fe().n_dofs_per_cell()), dofs(n_dofs),
      point_dofs(n_q), displacement(n_dofs), lithium(n_q), damage(n_q, 0.), pressure(n_q, 0.),
      filling(n_q, 1.), strain(n_q), shape_strain(n_q), matrix(n_dofs, n_dofs), force(n_dofs), load(n_dofs),
      offset_force(n_dofs), lift(n_dofs), lifted(n_dofs), nodes_(scalar_space.fe().n_dofs_per_cell()),
      mean_dilatation_(mean_dilatation)
{
  for (auto &strains : shape_strain)
    strains.resize(n_dofs);
}

template <int dim>
void ElasticCell<dim>::reinit(const Cell &cell, const Field<dim> &displacement_field,
                              const Field<dim> &lithium_field, const Field<dim> *damage_field,
                              const CrackFluid<dim> &fluid, const Space<dim> &point_space,
                              const ElasticProperties<dim> &properties,
                              const std::vector<ElasticPoint> &points)
{
  const auto in_space = [&](const Space<dim> &space) {
    return Cell(&space.mesh().triangulation, cell->level(), cell->index(), &space.dof_handler);
  };
  scalar_cell = in_space(lithium_field.space);
  first_point = cell->active_cell_index() * n_q;
  fe_values.reinit(scalar_cell);
  cell->get_dof_indices(dofs);
  for (unsigned int a = 0; a < n_dofs; ++a)
    displacement(a) = displacement_field.values(dofs[a]);
  in_space(point_space)->get_dof_indices(point_dofs);
  scalar_cell->get_dof_indices(nodes_);
  interpolate(lithium_field, lithium);
  for (double &xi : lithium)
    xi = std::min(1., std::max(0., xi));
  if (damage_field != nullptr)
    interpolate(*damage_field, damage);
  if (fluid.pressure != nullptr)
    interpolate(*fluid.pressure, pressure);
  metal_has_pressure_ = fluid.filling != nullptr;
  if (fluid.filling != nullptr)
    interpolate(*fluid.filling, filling);

  bool incompressible = mean_dilatation_;
  for (unsigned int q = 0; q < n_q; ++q)
    incompressible |= properties.nearly_incompressible(points[first_point + q], lithium[q]);
  make_shape_strains(incompressible);
  for (unsigned int q = 0; q < n_q; ++q) {
    strain[q] = 0.;
    for (unsigned int a = 0; a < n_dofs; ++a)
      strain[q] += displacement(a) * shape_strain[q][a];
  }
}

template <int dim>
double ElasticCell<dim>::pressure_share(const unsigned int q, const double breakable) const
{
  return breakable * filling[q] * pressure_coefficient(damage[q]).value +
         (metal_has_pressure_ ? lithium[q] : 0.);
}

template <int dim>
void ElasticCell<dim>::interpolate(const Field<dim> &field, std::vector<double> &at_points) const
{
  std::fill(at_points.begin(), at_points.end(), 0.);
  for (unsigned int v = 0; v < nodes_.size(); ++v)
    if (const double value = field.values(nodes_[v]); value != 0.)
      for (unsigned int q = 0; q < n_q; ++q)
        at_points[q] += value * fe_values.shape_value(v, q);
}

template <int dim>
void ElasticCell<dim>::make_shape_strains(const bool incompressible)
{
  for (unsigned int q = 0; q < n_q; ++q)
    for (unsigned int a = 0; a < n_dofs; ++a) {
      const Tensor<1, dim> &gradient = fe_values.shape_grad(a / dim, q);
      shape_strain[q][a] = 0.;
      for (unsigned int d = 0; d < dim; ++d)
        shape_strain[q][a][a % dim][d] = (d == a % dim ? 1. : 0.5) * gradient[d];
    }
  if (!incompressible)
    return;
  for (unsigned int a = 0; a < n_dofs; ++a) {
    double mean = 0.; // all points have the same weight
    for (unsigned int q = 0; q < n_q; ++q)
      mean += trace(shape_strain[q][a]) / n_q;
    for (unsigned int q = 0; q < n_q; ++q)
      shape_strain[q][a] += (mean - trace(shape_strain[q][a])) / dim * unit_symmetric_tensor<dim>();
  }
}

template class ElasticCell<2>;
template class ElasticCell<3>;
} // namespace lithoclase
