#include "physics/surface_geometry.h"

#include <deal.II/fe/fe_values.h>

#include <gtest/gtest.h>

using dealii::FEValues;
using dealii::Quadrature;
using dealii::update_quadrature_points;
using namespace lithoclase;

namespace
{
/// Largest relative error of the curvature of a metal ball of 3 um in the middle of the front, with four
/// cells per front width.
template <int dim>
double curvature_error(const unsigned int level)
{
  const double radius = 3e-6, delta = 0.5e-6;
  MeshParameters parameters;
  parameters.size.assign(dim, 4e-6);
  parameters.coarse_cells = dim == 2 ? "1, 1" : "1, 1, 1";
  parameters.minimum_level = parameters.maximum_level = level;
  Mesh<dim> mesh(MPI_COMM_WORLD, parameters);
  State<dim> state(mesh);
  Field<dim> &lithium = state.add_field("lithium", "1", SpaceKind::nodal);
  state.reinit();
  const Quadrature<dim> vertices(lithium.space.fe().get_unit_support_points());
  FEValues<dim> at_vertices(mesh.mapping, lithium.space.fe(), vertices, update_quadrature_points);
  std::vector<dealii::types::global_dof_index> nodes(lithium.space.fe().n_dofs_per_cell());
  for (const auto &cell : lithium.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      at_vertices.reinit(cell);
      cell->get_dof_indices(nodes);
      for (unsigned int i = 0; i < nodes.size(); ++i)
        if (lithium.space.owned.is_element(nodes[i]))
          lithium.values(nodes[i]) =
              0.5 * (1. + std::tanh((radius - at_vertices.quadrature_point(i).norm()) / delta));
    }
  lithium.update();
  SurfaceGeometry<dim> surface(lithium.space, delta);
  surface.update(lithium.values, true);
  CellShapes<dim> shapes(lithium.space);
  std::vector<double> curvature(shapes.n_q);
  double error = 0.;
  for (const auto &cell : lithium.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned() && !cell->at_boundary()) {
      shapes.reinit(cell);
      surface.curvature(shapes, curvature);
      for (unsigned int q = 0; q < curvature.size(); ++q) {
        const double r = shapes.point(q).norm();
        if (std::abs(r - radius) < 0.5 * delta)
          error = std::max(error, std::abs(curvature[q] * r / (dim - 1) - 1.));
      }
    }
  return dealii::Utilities::MPI::max(error, MPI_COMM_WORLD);
}
} // namespace

/// The exact value is (dim-1)/r. With cells of r/24 the worst point is off by 3 %, and the error falls at
/// least as fast as the cell size.
TEST(SurfaceGeometry, CurvatureOfABall)
{
  EXPECT_LT(curvature_error<2>(5), 0.04);
  EXPECT_LT(curvature_error<2>(6), 0.55 * curvature_error<2>(5));
  EXPECT_LT(curvature_error<3>(5), 0.04);
}
