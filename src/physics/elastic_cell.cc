#include "physics/elastic_cell.h"

#include "core/collective.h"
#include "core/failure.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_accessor.h>

#include <algorithm>

namespace lithoclase
{
using namespace dealii;

template <int dim>
std::vector<ElasticPoint> elastic_points(const Space<dim> &space, const ElasticProperties<dim> &properties)
{
  const QGauss<dim> quadrature(2);
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), quadrature, update_quadrature_points);
  std::vector<ElasticPoint> points(space.mesh().triangulation.n_active_cells() * quadrature.size());
  std::string message;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      for (unsigned int q = 0; q < quadrature.size() && message.empty(); ++q)
        try {
          points[cell->active_cell_index() * quadrature.size() + q] =
              properties.at(fe_values.quadrature_point(q));
        } catch (const InputError &error) {
          message = error.what();
        }
    }
  throw_on_all_ranks<InputError>(space.mesh().communicator(), message);
  return points;
}

template <int dim>
ElasticCell<dim>::ElasticCell(const Space<dim> &scalar_space, const bool mean_dilatation,
                              const UpdateFlags flags)
    : fe_values(scalar_space.mesh().mapping, scalar_space.fe(), QGauss<dim>(2),
                update_values | update_gradients | update_JxW_values | flags),
      point_dofs(n_q), matrix(n_dofs, n_dofs), force(n_dofs), offset_force(n_dofs),
      mean_dilatation_(mean_dilatation)
{
  lithium.fill(0.);
  damage.fill(0.);
  pressure.fill(0.);
  filling.fill(1.);
  for (unsigned int q = 0; q < n_q; ++q)
    for (unsigned int v = 0; v < n_vertices; ++v)
      shapes_[q][v] = scalar_space.fe().shape_value(v, fe_values.get_quadrature().point(q));
}

template <int dim>
void ElasticCell<dim>::reinit(const Cell &cell, const Field<dim> &displacement,
                              const Field<dim> &lithium_field, const Field<dim> *damage_field,
                              const CrackFluid<dim> &fluid, const Space<dim> &point_space,
                              const ElasticProperties<dim> &properties,
                              const std::vector<ElasticPoint> &points)
{
  const unsigned int index = cell->active_cell_index();
  scalar_cell =
      Cell(&cell->get_triangulation(), cell->level(), cell->index(), &lithium_field.space.dof_handler);
  first_point = index * n_q;
  local_point_dofs = point_space.cell_dofs(index);
  for (unsigned int q = 0; q < n_q; ++q)
    point_dofs[q] = point_space.partitioner->local_to_global(local_point_dofs[q]);
  interpolate(lithium_field, index, lithium);
  for (double &xi : lithium)
    xi = std::min(1., std::max(0., xi));
  if (damage_field != nullptr)
    interpolate(*damage_field, index, damage);
  if (fluid.pressure != nullptr)
    interpolate(*fluid.pressure, index, pressure);
  metal_has_pressure_ = fluid.filling != nullptr;
  if (fluid.filling != nullptr)
    interpolate(*fluid.filling, index, filling);

  bool incompressible = mean_dilatation_;
  for (unsigned int q = 0; q < n_q && !incompressible; ++q)
    incompressible = properties.nearly_incompressible(points[first_point + q], lithium[q]);
  if (cell->level() != level_ || (fe_values.get_update_flags() & update_quadrature_points))
    fe_values.reinit(scalar_cell);
  if (cell->level() != level_ || incompressible != incompressible_)
    make_shapes(incompressible);
  level_ = cell->level();
  compute_strains(displacement);
}

template <int dim>
double ElasticCell<dim>::pressure_share(const unsigned int q, const double breakable) const
{
  return breakable * filling[q] * pressure_coefficient(damage[q]).value +
         (metal_has_pressure_ ? lithium[q] : 0.);
}

template <int dim>
double ElasticCell<dim>::dilatation(const unsigned int q, const unsigned int a) const
{
  double sum = 0.;
  for (unsigned int k = 0; k < dim; ++k)
    sum += shape_strains_[q][k][a];
  return sum;
}

template <int dim>
void ElasticCell<dim>::compute_strains(const Field<dim> &displacement)
{
  const unsigned int *dofs = displacement.space.cell_dofs(scalar_cell->active_cell_index());
  std::array<double, n_dofs> u;
  for (unsigned int a = 0; a < n_dofs; ++a)
    u[a] = displacement.values.local_element(dofs[a]);
  for (unsigned int q = 0; q < n_q; ++q)
    for (unsigned int k = 0; k < n_components; ++k) {
      double sum = 0.;
      for (unsigned int a = 0; a < n_dofs; ++a)
        sum += u[a] * shape_strains_[q][k][a];
      strain[q].access_raw_entry(k) = k < dim ? sum : 0.5 * sum;
    }
}

template <int dim>
void ElasticCell<dim>::interpolate(const Field<dim> &field, const unsigned int active_cell_index,
                                   std::array<double, n_q> &at_points) const
{
  const unsigned int *nodes = field.space.cell_dofs(active_cell_index);
  at_points.fill(0.);
  for (unsigned int v = 0; v < n_vertices; ++v)
    if (const double value = field.values.local_element(nodes[v]); value != 0.)
      for (unsigned int q = 0; q < n_q; ++q)
        at_points[q] += value * shapes_[q][v];
}

template <int dim>
void ElasticCell<dim>::make_shapes(const bool incompressible)
{
  incompressible_ = incompressible;
  matrix_is_made_ = false;
  for (unsigned int a = 0; a < n_dofs; ++a) {
    std::array<SymmetricTensor<2, dim>, n_q> strains;
    double mean = 0.; // trace; all points have the same weight
    for (unsigned int q = 0; q < n_q; ++q) {
      const Tensor<1, dim> &gradient = fe_values.shape_grad(a / dim, q);
      for (unsigned int d = 0; d < dim; ++d)
        strains[q][a % dim][d] = (d == a % dim ? 1. : 0.5) * gradient[d];
      mean += trace(strains[q]) / n_q;
    }
    for (unsigned int q = 0; q < n_q; ++q) {
      if (incompressible)
        strains[q] += (mean - trace(strains[q])) / dim * unit_symmetric_tensor<dim>();
      for (unsigned int k = 0; k < n_components; ++k)
        shape_strains_[q][k][a] = (k < dim ? 1. : 2.) * strains[q].access_raw_entry(k);
    }
  }
}

template <int dim>
void ElasticCell<dim>::add_stress(const unsigned int q, const SymmetricTensor<2, dim> &stress,
                                  dealii::Vector<double> &vector) const
{
  std::array<double, n_dofs> sum{};
  for (unsigned int k = 0; k < n_components; ++k) {
    const double weighted = fe_values.JxW(q) * stress.access_raw_entry(k);
    for (unsigned int a = 0; a < n_dofs; ++a)
      sum[a] += weighted * shape_strains_[q][k][a];
  }
  for (unsigned int a = 0; a < n_dofs; ++a)
    vector(a) += sum[a];
}

template <int dim>
void ElasticCell<dim>::make_matrix()
{
  if (matrix_is_made_ && tangent == matrix_tangent_)
    return;
  matrix_is_made_ = true;
  matrix_tangent_ = tangent;
  std::array<ShapeStrains, n_q> stresses; // of the shapes
  for (unsigned int q = 0; q < n_q; ++q)
    for (unsigned int k = 0; k < n_components; ++k) {
      std::array<double, n_dofs> sum{}; // apart from the members, so that the compiler sees no overlap
      for (unsigned int l = 0; l < n_components; ++l) {
        const double weighted = fe_values.JxW(q) * tangent[q].access_raw_entry(k * n_components + l);
        for (unsigned int a = 0; a < n_dofs; ++a)
          sum[a] += weighted * shape_strains_[q][l][a];
      }
      stresses[q][k] = sum;
    }
  for (unsigned int a = 0; a < n_dofs; ++a) {
    std::array<double, n_dofs> sum{};
    for (unsigned int q = 0; q < n_q; ++q)
      for (unsigned int k = 0; k < n_components; ++k)
        for (unsigned int b = 0; b < n_dofs; ++b)
          sum[b] += shape_strains_[q][k][a] * stresses[q][k][b];
    std::copy(sum.begin(), sum.end(), &matrix(a, 0));
  }
}

template <int dim>
const Stiffness<dim> &ElasticCell<dim>::stiffness(const ElasticProperties<dim> &properties,
                                                  const ElasticPoint &point, const double lithium_there)
{
  if (lithium_there != stiffness_lithium_ || !(point == stiffness_point_)) {
    stiffness_ = properties.template stiffness<dim>(point, lithium_there);
    stiffness_point_ = point;
    stiffness_lithium_ = lithium_there;
  }
  return stiffness_;
}

template std::vector<ElasticPoint> elastic_points<2>(const Space<2> &, const ElasticProperties<2> &);
template std::vector<ElasticPoint> elastic_points<3>(const Space<3> &, const ElasticProperties<3> &);
template class ElasticCell<2>;
template class ElasticCell<3>;
} // namespace lithoclase
