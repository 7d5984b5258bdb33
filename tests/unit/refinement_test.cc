#include "core/failure.h"
#include "core/state.h"

#include <gtest/gtest.h>

using namespace lithoclase;
using dealii::Point;

namespace
{
MeshParameters square()
{
  MeshParameters parameters;
  parameters.size = {1., 1.};
  parameters.minimum_level = 3;
  parameters.maximum_level = 4;
  return parameters;
}

bool holds(const dealii::TriaAccessor<2, 2, 2> &cell, const Point<2> &point)
{
  return (cell.center() - point).norm() < 0.25 * cell.diameter();
}

std::vector<unsigned char> wanted_at(const Mesh<2> &mesh, const Point<2> &point)
{
  std::vector<unsigned char> wanted = mesh.no_request();
  for (const auto &cell : mesh.triangulation.active_cell_iterators())
    if (cell->is_locally_owned() && holds(*cell, point))
      wanted[cell->active_cell_index()] = mesh.maximum_level();
  return wanted;
}

void set(Vector &vector, const Field<2> &field, const double slope)
{
  vector.zero_out_ghost_values();
  for (const auto &cell : field.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        if (const auto dof = cell->vertex_dof_index(v, 0); field.space.owned.is_element(dof))
          vector(dof) = slope * cell->vertex(v)[0] + cell->vertex(v)[1];
  vector.update_ghost_values();
}

double error(const Vector &vector, const Field<2> &field, const double slope)
{
  double largest = 0.;
  for (const auto &cell : field.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        largest = std::max(largest, std::abs(vector(cell->vertex_dof_index(v, 0)) -
                                             slope * cell->vertex(v)[0] - cell->vertex(v)[1]));
  return dealii::Utilities::MPI::max(largest, MPI_COMM_WORLD);
}
} // namespace

TEST(Refinement, RequestIsWidenedByOneLayerAcrossRanks)
{
  Mesh<2> mesh(MPI_COMM_WORLD, square());
  for (const double place : {0.5625, 0.4375}) { // beside the border between two ranks
    std::vector<unsigned char> wanted = wanted_at(mesh, {0.4375, place});
    mesh.widen(wanted);
    unsigned int n = 0;
    for (const auto &cell : mesh.triangulation.active_cell_iterators())
      n += cell->is_locally_owned() && wanted[cell->active_cell_index()] == mesh.maximum_level();
    EXPECT_EQ(dealii::Utilities::MPI::sum(n, MPI_COMM_WORLD), 9u);
  }
}

TEST(Refinement, WithinAStepValuesAndOldValuesAreCarriedOver)
{
  Mesh<2> mesh(MPI_COMM_WORLD, square());
  State<2> state(mesh);
  Field<2> &field = state.add_field("a", "1", SpaceKind::nodal);
  state.reinit();
  set(field.values, field, 2.);
  set(field.old_values, field, -3.);
  ASSERT_TRUE(mesh.flag(wanted_at(mesh, {0.4375, 0.4375})));
  state.refine_within_step();
  EXPECT_EQ(mesh.triangulation.n_global_active_cells(), 67u);
  EXPECT_LT(error(field.values, field, 2.), 1e-14);
  EXPECT_LT(error(field.old_values, field, -3.), 1e-14);
}

TEST(Refinement, StopsAtTheLimitOfCells)
{
  MeshParameters parameters = square();
  parameters.maximum_cells = 66; // one refined cell makes 67
  Mesh<2> mesh(MPI_COMM_WORLD, parameters);
  EXPECT_FALSE(mesh.flag(wanted_at(mesh, {0.4375, 0.4375})));
  EXPECT_TRUE(mesh.cell_limit_reached());
  parameters.maximum_cells = 67;
  Mesh<2> larger(MPI_COMM_WORLD, parameters);
  EXPECT_TRUE(larger.flag(wanted_at(larger, {0.4375, 0.4375})));
  EXPECT_FALSE(larger.cell_limit_reached());
}

TEST(Refinement, RefusesMoreUnknownsThanCanBeNumbered)
{
  EXPECT_NO_THROW(check_countable(2e9, 2147483647.));
  try {
    check_countable(3e9, 2147483647.);
    FAIL();
  } catch (const InputError &error) {
    EXPECT_NE(std::string(error.what()).find("64-bit"), std::string::npos);
  }
}
