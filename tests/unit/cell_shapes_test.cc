#include "core/cell_shapes.h"

#include "adaptive_case.h"

#include <deal.II/base/quadrature_lib.h>

#include <gtest/gtest.h>

using dealii::FEValues;
using dealii::Point;
using dealii::QGauss;
using dealii::Tensor;
using dealii::update_gradients;
using dealii::update_JxW_values;
using dealii::update_quadrature_points;
using dealii::update_values;
using namespace lithoclase;

namespace
{
/// Largest differences, relative to the field's scales, from what deal.II finds on a mesh with hanging nodes.
template <int dim>
void expect_as_fe_values()
{
  AdaptiveCase<dim> c(MPI_COMM_WORLD);
  c.refine();
  c.set(c.potential, [](const Point<dim> &p, unsigned int) {
    return std::sin(p[0] / 3e-6) * std::cos(p[dim - 1] / 2e-6);
  });
  c.potential.update();
  CellShapes<dim> shapes(c.potential.space);
  FEValues<dim> fe_values(c.mesh.mapping, c.potential.space.fe(), QGauss<dim>(2),
                          update_values | update_gradients | update_JxW_values | update_quadrature_points);
  std::vector<double> values(shapes.n_q), reference(shapes.n_q);
  std::vector<Tensor<1, dim>> gradients(shapes.n_q), reference_gradients(shapes.n_q);
  for (const auto &cell : c.potential.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      shapes.reinit(cell);
      fe_values.reinit(cell);
      shapes.values(c.potential, values);
      shapes.gradients(c.potential, gradients);
      fe_values.get_function_values(c.potential.values, reference);
      fe_values.get_function_gradients(c.potential.values, reference_gradients);
      EXPECT_EQ(shapes.index(), cell->active_cell_index());
      for (unsigned int q = 0; q < shapes.n_q; ++q) {
        EXPECT_NEAR(values[q], reference[q], 1e-14);
        EXPECT_LT((gradients[q] - reference_gradients[q]).norm() * 1e-6, 1e-13); // per um
        EXPECT_NEAR(shapes.JxW() / fe_values.JxW(q), 1., 1e-13);
        EXPECT_LT(shapes.point(q).distance(fe_values.quadrature_point(q)), 1e-14 * c.edge);
      }
    }
}
} // namespace

TEST(CellShapes, AgreesWithFEValuesOnARefinedMesh)
{
  expect_as_fe_values<2>();
  expect_as_fe_values<3>();
}
