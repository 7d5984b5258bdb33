#include "core/connected_components.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

using dealii::Point;
using namespace lithoclase;

namespace
{
template <int dim>
MeshParameters unit_box(const unsigned int level, const std::vector<std::string> &periodic_axes = {})
{
  MeshParameters parameters;
  parameters.size.assign(dim, 1.);
  parameters.coarse_cells = dim == 2 ? "1, 1" : "1, 1, 1";
  parameters.minimum_level = level;
  parameters.maximum_level = level + 2;
  parameters.periodic_axes = periodic_axes;
  return parameters;
}

/// Halves cells here and there, twice.
template <int dim>
void refine_unevenly(Mesh<dim> &mesh)
{
  for (unsigned int pass = 0; pass < 2; ++pass) {
    std::vector<unsigned char> wanted = mesh.no_request();
    for (const auto &cell : mesh.triangulation.active_cell_iterators())
      if (std::sin(40. * cell->center()[0]) * std::sin(50. * cell->center()[dim - 1] + 1.) > 0.3)
        wanted[cell->active_cell_index()] += 2;
    if (mesh.flag(wanted))
      mesh.triangulation.execute_coarsening_and_refinement();
  }
}

template <int dim>
std::vector<bool> cells_where(const Mesh<dim> &mesh, const std::function<bool(const Point<dim> &)> &predicate)
{
  std::vector<bool> result(mesh.triangulation.n_active_cells());
  for (const auto &cell : mesh.triangulation.active_cell_iterators())
    if (cell->is_locally_owned())
      result[cell->active_cell_index()] = predicate(cell->center());
  return result;
}

/// The label that all cells of a group share on all ranks, ghost cells included; -2 if they differ.
template <int dim>
long long common_label(const Mesh<dim> &mesh, const ConnectedRegions<dim> &regions,
                       const std::function<bool(const Point<dim> &)> &group)
{
  double smallest = std::numeric_limits<double>::max(), largest = -2.;
  for (const auto &cell : mesh.triangulation.active_cell_iterators())
    if (!cell->is_artificial() && group(cell->center())) {
      smallest = std::min<double>(smallest, regions.label(cell));
      largest = std::max<double>(largest, regions.label(cell));
    }
  smallest = dealii::Utilities::MPI::min(smallest, mesh.communicator());
  largest = dealii::Utilities::MPI::max(largest, mesh.communicator());
  return smallest == largest ? std::llround(smallest) : -2;
}

template <int dim>
bool all_cells(const Mesh<dim> &mesh, const std::function<bool(const Point<dim> &)> &group,
               const std::function<bool(const typename ConnectedRegions<dim>::Cell &)> &property)
{
  bool all = true;
  for (const auto &cell : mesh.triangulation.active_cell_iterators())
    if (!cell->is_artificial() && group(cell->center()))
      all = all && property(cell);
  return dealii::Utilities::MPI::min(static_cast<unsigned int>(all), mesh.communicator()) > 0;
}

/// Corridors along the last axis, side by side along x, each open to the next at alternating ends. The ranks
/// share the box along the last axis, so that each corridor crosses from one to the other. Widths are 1/16.
bool in_snake(const double x, const double z)
{
  const int strip = static_cast<int>(16. * x);
  if (z < 1. / 16. || z > 15. / 16.)
    return false;
  if (strip % 2 == 0)
    return true;
  return strip % 4 == 1 ? z > 14. / 16. : z < 2. / 16.;
}

/// The same, with y as the third dimension: snakes in layers, connected at alternating ends of the snake.
bool in_layered_snake(const double x, const double y, const double z)
{
  const int layer = static_cast<int>(16. * y);
  if (layer % 2 == 0)
    return in_snake(x, z);
  return (layer % 4 == 1 ? x > 14. / 16. : x < 1. / 16.) && z > 7. / 16. && z < 8. / 16. && in_snake(x, z);
}

const dealii::types::boundary_id left = 0, right = 1;
} // namespace

TEST(ConnectedRegions, SnakeAcrossRanksIsOneRegion)
{
  Mesh<2> mesh(MPI_COMM_WORLD, unit_box<2>(4));
  refine_unevenly(mesh);
  const auto snake = [](const Point<2> &p) { return in_snake(p[0], p[1]); };
  const auto elsewhere = [&](const Point<2> &p) { return !snake(p); };
  ConnectedRegions<2> regions(mesh);
  regions.update(cells_where<2>(mesh, snake));
  EXPECT_GE(common_label<2>(mesh, regions, snake), 0);
  EXPECT_EQ(common_label<2>(mesh, regions, elsewhere), -1);
  EXPECT_TRUE(all_cells<2>(mesh, snake, [&](const auto &cell) { return regions.touches(cell, left); }));
  EXPECT_TRUE(all_cells<2>(mesh, snake, [&](const auto &cell) { return regions.touches(cell, right); }));
  EXPECT_TRUE(regions.bridges(left, right));
  EXPECT_FALSE(regions.bridges(left, Mesh<2>::top()));
}

TEST(ConnectedRegions, PlugDividesTheSnake)
{
  Mesh<2> mesh(MPI_COMM_WORLD, unit_box<2>(4));
  refine_unevenly(mesh);
  const auto with_exit = [](const Point<2> &p) {
    return in_snake(p[0], p[1]) || (p[0] > 15. / 16. && p[1] > 0.5);
  };
  ConnectedRegions<2> regions(mesh);
  regions.update(cells_where<2>(mesh, with_exit));
  EXPECT_TRUE(regions.bridges(left, right));
  EXPECT_TRUE(regions.bridges(left, Mesh<2>::top()));

  const auto before = [&](const Point<2> &p) { return with_exit(p) && p[0] < 8. / 16.; };
  const auto after = [&](const Point<2> &p) { return with_exit(p) && p[0] > 9. / 16.; };
  regions.update(cells_where<2>(mesh, [&](const Point<2> &p) { return before(p) || after(p); }));
  const long long first = common_label<2>(mesh, regions, before),
                  second = common_label<2>(mesh, regions, after);
  EXPECT_GE(first, 0);
  EXPECT_GE(second, 0);
  EXPECT_NE(first, second);
  EXPECT_FALSE(regions.bridges(left, right));
  EXPECT_TRUE(all_cells<2>(mesh, before, [&](const auto &cell) {
    return regions.touches(cell, left) && !regions.touches(cell, right);
  }));
  EXPECT_TRUE(all_cells<2>(mesh, after, [&](const auto &cell) {
    return regions.touches(cell, right) && !regions.touches(cell, left);
  }));
}

TEST(ConnectedRegions, SnakeInThreeDimensions)
{
  Mesh<3> mesh(MPI_COMM_WORLD, unit_box<3>(4));
  std::vector<unsigned char> wanted = mesh.no_request();
  for (const auto &cell : mesh.triangulation.active_cell_iterators())
    if ((cell->center() - Point<3>(.3, .4, .5)).norm() < 0.2)
      wanted[cell->active_cell_index()] += 1;
  if (mesh.flag(wanted))
    mesh.triangulation.execute_coarsening_and_refinement();
  const auto snake = [](const Point<3> &p) { return in_layered_snake(p[0], p[1], p[2]); };
  ConnectedRegions<3> regions(mesh);
  regions.update(cells_where<3>(mesh, snake));
  EXPECT_GE(common_label<3>(mesh, regions, snake), 0);
  EXPECT_TRUE(all_cells<3>(mesh, snake, [&](const auto &cell) { return regions.touches(cell, 2); }));

  const auto below = [&](const Point<3> &p) { return snake(p) && p[1] < 7. / 16.; };
  const auto above = [&](const Point<3> &p) { return snake(p) && p[1] > 8. / 16.; };
  regions.update(cells_where<3>(mesh, [&](const Point<3> &p) { return below(p) || above(p); }));
  EXPECT_GE(common_label<3>(mesh, regions, below), 0);
  EXPECT_GE(common_label<3>(mesh, regions, above), 0);
  EXPECT_FALSE(all_cells<3>(mesh, above, [&](const auto &cell) { return regions.touches(cell, 2); }));
}

TEST(ConnectedRegions, PeriodicSidesConnect)
{
  const auto left_part = [](const Point<2> &p) { return p[0] < 0.25 && p[1] < 0.5; };
  const auto right_part = [](const Point<2> &p) { return p[0] > 0.75 && p[1] > 0.25; };
  const auto both = [&](const Point<2> &p) { return left_part(p) || right_part(p); };
  for (const bool periodic : {false, true}) {
    Mesh<2> mesh(MPI_COMM_WORLD,
                 unit_box<2>(3, periodic ? std::vector<std::string>{"x"} : std::vector<std::string>()));
    refine_unevenly(mesh);
    ConnectedRegions<2> regions(mesh);
    regions.update(cells_where<2>(mesh, both));
    EXPECT_EQ(common_label<2>(mesh, regions, left_part) == common_label<2>(mesh, regions, right_part),
              periodic);
    EXPECT_EQ(regions.bridges(Mesh<2>::bottom(), Mesh<2>::top()), periodic);
    EXPECT_EQ(all_cells<2>(mesh, left_part, [&](const auto &cell) { return regions.touches(cell, left); }),
              !periodic)
        << "periodic sides are no boundary";
  }
}

TEST(ConnectedRegions, MarksTravelWithTheRegion)
{
  Mesh<2> mesh(MPI_COMM_WORLD, unit_box<2>(4));
  refine_unevenly(mesh);
  const auto snake = [](const Point<2> &p) { return in_snake(p[0], p[1]); };
  const auto stain = [](const Point<2> &p) { return p[0] > 14. / 16. && p[1] < 2. / 16.; };
  const auto island = [](const Point<2> &p) { return p[0] > 1. / 16. && p[0] < 2. / 16. && p[1] < 1. / 16.; };
  ConnectedRegions<2> regions(mesh);
  regions.update(cells_where<2>(mesh, [&](const Point<2> &p) { return snake(p) || island(p); }),
                 cells_where<2>(mesh, stain));
  EXPECT_TRUE(all_cells<2>(mesh, snake, [&](const auto &cell) { return regions.marked(cell); }));
  EXPECT_TRUE(all_cells<2>(mesh, island,
                           [&](const auto &cell) { return regions.inside(cell) && !regions.marked(cell); }));
}

TEST(ConnectedRegions, CellsAboveUseTheMeanOfTheField)
{
  Mesh<2> mesh(MPI_COMM_WORLD, unit_box<2>(3));
  Space<2> space(mesh, SpaceKind::nodal);
  space.reinit();
  Field<2> field("lithium", "1", space, Transfer::interpolate);
  field.values.reinit(space.partitioner);
  std::vector<dealii::types::global_dof_index> dofs(4);
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      for (const unsigned int v : cell->vertex_indices())
        if (space.owned.is_element(dofs[v]))
          field.values(dofs[v]) = cell->vertex(v)[1];
    }
  field.update();
  const std::vector<bool> above = cells_above(field, 0.5);
  for (const auto &cell : mesh.triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      EXPECT_EQ(above[cell->active_cell_index()], cell->center()[1] > 0.5);
    }
}
