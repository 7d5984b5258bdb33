#include "physics/lithium_census.h"

#include "core/state.h"
#include "micrometre.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <memory>

using namespace lithoclase;
using dealii::Point;

namespace
{
constexpr double cell_edge = 0.25 * um;
// [um]. The position is that of a zero between log xi/(1 - xi) of values cut to 1 - 1e-12, which has four
// digits of its distance to 1.
constexpr double position_error = 1e-6;

/// A box of 4 um with an anode of 1 um; nodes are metal (1) or not (0), linear between.
template <int dim>
struct Counted
{
  explicit Counted(const std::function<bool(const Point<dim> &)> &is_metal)
  {
    MeshParameters parameters;
    parameters.size.assign(dim, 4. * um);
    parameters.coarse_cells = dim == 2 ? "1, 1" : "1, 1, 1";
    parameters.minimum_level = parameters.maximum_level = 4;
    mesh = std::make_unique<Mesh<dim>>(MPI_COMM_WORLD, parameters);
    MicrostructureParameters structure;
    structure.anode.thickness = 1. * um;
    microstructure =
        std::make_unique<Microstructure<dim>>(structure, mesh->lower(), mesh->upper(), mesh->finest_cell());
    state = std::make_unique<State<dim>>(*mesh);
    Field<dim> &lithium = state->add_field("lithium", "1", SpaceKind::nodal);
    state->reinit();
    for (const auto &cell : lithium.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices())
          if (const auto dof = cell->vertex_dof_index(v, 0); lithium.space.owned.is_element(dof))
            lithium.values(dof) = is_metal(cell->vertex(v)) ? 1. : 0.;
    lithium.update();
    LithiumCensus<dim> census(*mesh, *microstructure, lithium);
    census.reinit();
    census.update();
    ObservableRow observed;
    census.add_observables(observed);
    for (const Observable &entry : observed.entries())
      row[entry.name] = entry.value;
  }
  double volume(const std::string &place) const { return row.at("lithium_volume_" + place) / um; }

  std::unique_ptr<Mesh<dim>> mesh;
  std::unique_ptr<Microstructure<dim>> microstructure;
  std::unique_ptr<State<dim>> state;
  std::map<std::string, double> row;
};

/// Whether all coordinates, but the last, are within `half` of 2 um, to rounding.
template <int dim>
bool in_column(const Point<dim> &point, const double half)
{
  for (unsigned int a = 0; a + 1 < dim; ++a)
    if (std::abs(point[a] - 2. * um) > half + 1e-3 * cell_edge)
      return false;
  return true;
}

/// The anode to 1 um, and an island of 1 um edge between 2 and 3 um. Half a cell beyond the nodes metal ends:
/// those cells are half full, and count as no metal of their own.
template <int dim>
void check_island()
{
  const Counted<dim> counted([](const Point<dim> &p) {
    const double y = p[dim - 1];
    return y < 1.001 * um || (in_column(p, 0.5 * um) && y > 1.999 * um && y < 3.001 * um);
  });
  const double cross_section = std::pow(4., dim - 1), island = 1., around = std::pow(1.25, dim) - island;
  EXPECT_NEAR(counted.volume("anode"), 1., 1e-12);
  EXPECT_NEAR(counted.volume("isolated"), island / cross_section, 1e-12);
  EXPECT_NEAR(counted.volume("grain"), 0.125 + around / cross_section, 1e-12);
  EXPECT_EQ(counted.volume("void") + counted.volume("pore") + counted.volume("grain_boundary"), 0.);
  EXPECT_NEAR(counted.row.at("front_position_max") / um, 1.125, position_error);
  EXPECT_NEAR(counted.row.at("front_position_mean") / um, 1.125 + around / cross_section, 1e-12);
  EXPECT_EQ(counted.row.at("short_circuit"), 0.);
}

/// A column from the anode to `top`.
template <int dim>
Counted<dim> with_column(const double top)
{
  return Counted<dim>([top](const Point<dim> &p) {
    return p[dim - 1] < 1.001 * um || (in_column(p, 0.5 * um) && p[dim - 1] < top + 1e-3 * cell_edge);
  });
}

template <int dim>
void check_column()
{
  const Counted<dim> short_of_it = with_column<dim>(3.5 * um), bridge = with_column<dim>(4. * um);
  EXPECT_EQ(short_of_it.row.at("short_circuit"), 0.);
  EXPECT_NEAR(short_of_it.row.at("front_position_max") / um, 3.625, position_error);
  EXPECT_EQ(short_of_it.volume("isolated"), 0.);
  EXPECT_EQ(bridge.row.at("short_circuit"), 1.);
  EXPECT_NEAR(bridge.row.at("front_position_max") / um, 4., position_error);
}
} // namespace

TEST(LithiumCensus, IslandIsIsolatedAndNoPartOfTheFront)
{
  check_island<2>();
  check_island<3>();
}

TEST(LithiumCensus, ShortCircuitIsABridgeFromAnodeToTop)
{
  check_column<2>();
  check_column<3>();
}
