#include "core/bounded_solver.h"
#include "core/state.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/sparsity_tools.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace lithoclase;
using dealii::DynamicSparsityPattern;
using dealii::FEValues;
using dealii::FullMatrix;
using dealii::QGauss;
using dealii::VectorOperation;
namespace types = dealii::types;
namespace Utilities = dealii::Utilities;

namespace
{
/// A membrane u over the floor u >= 0 on springs of stiffness one that hangs through under a load of one,
/// held at height h at the left: u - u'' = -1 where it does not touch, so that u = cosh(x0 - x) - 1 up to x0
/// = arcosh(1 + h). Without the springs it would have no solution while nothing holds it.
struct Membrane
{
  Membrane() : mesh(MPI_COMM_WORLD, parameters()), state(mesh), u(state.add_field("u", "1", SpaceKind::nodal))
  {
    state.reinit();
    const Space<2> &space = u.space;
    DynamicSparsityPattern sparsity(space.relevant);
    dealii::DoFTools::make_sparsity_pattern(space.dof_handler, sparsity, space.constraints, false);
    dealii::SparsityTools::distribute_sparsity_pattern(sparsity, space.owned, mesh.communicator(),
                                                       space.relevant);
    solver.reinit(space.owned, sparsity, space.partitioner, space.constraints);
    load.reinit(space.partitioner);
    lower.reinit(space.partitioner);
    assemble();
  }

  static MeshParameters parameters()
  {
    MeshParameters p;
    p.size = {2., 0.5};
    p.coarse_cells = "4, 1";
    p.minimum_level = 4;
    p.maximum_level = 4;
    return p;
  }

  void assemble()
  {
    const Space<2> &space = u.space;
    FEValues<2> fe_values(mesh.mapping, space.fe(), QGauss<2>(2),
                          dealii::update_values | dealii::update_gradients | dealii::update_JxW_values);
    FullMatrix<double> matrix(4, 4);
    dealii::Vector<double> vector(4);
    std::vector<types::global_dof_index> dofs(4);
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned()) {
        fe_values.reinit(cell);
        cell->get_dof_indices(dofs);
        matrix = 0.;
        vector = 0.;
        for (unsigned int q = 0; q < 4; ++q)
          for (unsigned int i = 0; i < 4; ++i) {
            vector(i) -= fe_values.shape_value(i, q) * fe_values.JxW(q);
            for (unsigned int k = 0; k < 4; ++k)
              matrix(i, k) += (fe_values.shape_grad(i, q) * fe_values.shape_grad(k, q) +
                               fe_values.shape_value(i, q) * fe_values.shape_value(k, q)) *
                              fe_values.JxW(q);
          }
        space.constraints.distribute_local_to_global(matrix, dofs, solver.matrix());
        space.constraints.distribute_local_to_global(vector, dofs, load);
        for (const unsigned int v : cell->vertex_indices())
          if (cell->vertex(v)[0] < 1e-12 && space.owned.is_element(cell->vertex_dof_index(v, 0)))
            lower(cell->vertex_dof_index(v, 0)) = height;
      }
    solver.matrix().compress(VectorOperation::add);
    load.compress(VectorOperation::add);
  }

  const double height = std::cosh(1.) - 1.;
  Mesh<2> mesh;
  State<2> state;
  Field<2> &u;
  BoundedSolver solver{"membrane", 2};
  Vector load, lower;
};
} // namespace

TEST(BoundedSolver, MembraneOverAFloor)
{
  Membrane membrane;
  membrane.solver.solve(membrane.u.values, membrane.load, membrane.lower, 10., 1e-10);
  membrane.u.update();
  double largest = 0.;
  for (const auto &cell : membrane.u.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices()) {
        const double x = std::max(0., 1. - cell->vertex(v)[0]);
        largest = std::max(largest,
                           std::abs(membrane.u.values(cell->vertex_dof_index(v, 0)) - (std::cosh(x) - 1.)));
      }
  // The edge of the contact is known to a cell of 1/32; the error there is of its square.
  EXPECT_LT(Utilities::MPI::max(largest, MPI_COMM_WORLD), 1e-3);
}

TEST(BoundedSolver, StopsAtTheUpperBound)
{
  Membrane membrane;
  membrane.solver.solve(membrane.u.values, membrane.load, membrane.lower, membrane.height, 1e-10);
  EXPECT_DOUBLE_EQ(membrane.u.values.linfty_norm(), membrane.height);
}

TEST(BoundedSolver, SecondSolveHasNothingToDo)
{
  Membrane membrane;
  membrane.solver.solve(membrane.u.values, membrane.load, membrane.lower, 10., 1e-9);
  const Vector before = membrane.u.values;
  const BoundedSolver::Result result =
      membrane.solver.solve(membrane.u.values, membrane.load, membrane.lower, 10., 1e-8);
  EXPECT_EQ(result.rounds, 0u);
  Vector change = before;
  change -= membrane.u.values;
  EXPECT_EQ(change.linfty_norm(), 0.);
}
