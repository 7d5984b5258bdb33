#include "filled_case.h"

#include <gtest/gtest.h>

using namespace lithoclase;
using dealii::Point;

namespace
{
constexpr double h = 1. / 64, l = 4. * h;

/// Metal below y = 1/8; an upright crack that reaches into it and, beyond their bands, one that does not.
struct TwoCracks : FilledCase
{
  explicit TwoCracks(const bool other_holds_lithium)
  {
    mesh_parameters.minimum_level = mesh_parameters.maximum_level = 6;
    bands.width = l;
    add_crack({0.25, 0.0625}, {0.25 + h, 0.625}, false);
    add_crack({0.75, 0.375}, {0.75 + h, 0.75}, other_holds_lithium);
    make(0.125);
    filling->prepare_step({1, 0., 1.});
  }

  /// Vertices whose S is not 1 just within 2 l of metal and of the cracks up to number `last`. Independent of
  /// the number of ranks by itself.
  unsigned int wrong(const unsigned int last) const
  {
    unsigned int result = 0;
    const Field<2> &S = filling->filling();
    for (const auto &cell : S.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices()) {
          const Point<2> p = cell->vertex(v);
          // A cell is open if one of its vertices is broken: that is one layer more around the crack.
          double nearest = std::max(0., p[1] - 0.125);
          for (unsigned int k = 0; k <= last; ++k) {
            const double dx = std::max({0., boxes[k].first[0] - h - p[0], p[0] - boxes[k].second[0] - h});
            const double dy = std::max({0., boxes[k].first[1] - h - p[1], p[1] - boxes[k].second[1] - h});
            nearest = std::min(nearest, std::hypot(dx, dy));
          }
          const double expected = nearest <= 2. * l * (1. + 1e-9) ? 1. : 0.;
          result += S.values(cell->vertex_dof_index(v, 0)) != expected;
        }
    return dealii::Utilities::MPI::sum(result, MPI_COMM_WORLD);
  }

  double length() { return observe({1, 0., 1.}, *filling).at("filled_crack_length"); }
};
} // namespace

TEST(CrackFilling, crack_that_reaches_metal_is_filled)
{
  TwoCracks cracks(false);
  EXPECT_EQ(cracks.wrong(0), 0u);
  // From the metal to the tip, whose profile goes on by pi l/4.
  EXPECT_NEAR(cracks.length(), 0.5 + 0.25 * M_PI * l, 0.03);
}

TEST(CrackFilling, void_stops_the_lithium_of_a_crack)
{
  FilledCase cracks;
  cracks.mesh_parameters.minimum_level = cracks.mesh_parameters.maximum_level = 6;
  cracks.bands.width = l;
  SinglePoreParameters pore;
  pore.centre = {0.25 + 0.5 * h, 0.4};
  pore.semi_axes = {0.1};
  cracks.structure.pores.single_pores.emplace_back("void", pore);
  cracks.add_crack({0.25, 0.0625}, {0.25 + h, 0.75}, false);
  cracks.make(0.125);
  cracks.filling->prepare_step({1, 0., 1.});
  const Field<2> &S = cracks.filling->filling();
  for (const auto &cell : S.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        if (const Point<2> p = cell->vertex(v); std::abs(p[0] - 0.25) < 1e-9) {
          if (p[1] < 0.25)
            EXPECT_EQ(S.values(cell->vertex_dof_index(v, 0)), 1.) << "below the void, y = " << p[1];
          else if (p[1] > 0.5)
            EXPECT_EQ(S.values(cell->vertex_dof_index(v, 0)), 0.) << "beyond the void, y = " << p[1];
        }
}

TEST(CrackFilling, isolated_crack_is_filled_on_request)
{
  TwoCracks cracks(true);
  EXPECT_EQ(cracks.wrong(1), 0u);
  EXPECT_NEAR(cracks.length(), 0.875 + 0.75 * M_PI * l, 0.03);
}

TEST(CrackFilling, isolated_crack_is_filled_once_metal_reaches_it)
{
  TwoCracks cracks(false);
  FilledCase::set(*cracks.lithium, [](const Point<2> &p) { return p[1] <= 0.5 ? 1. : 0.; });
  EXPECT_GT(cracks.filling->solve({1, 0., 1.}).increment, 0.5);
  EXPECT_EQ(cracks.filling->solve({1, 0., 1.}).increment, 0.) << "nothing more changes";
  for (const auto &cell : cracks.damage->space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        if (cracks.distance(1, cell->vertex(v)) == 0.)
          EXPECT_EQ(cracks.filling->filling().values(cell->vertex_dof_index(v, 0)), 1.);
}

TEST(CrackFilling, flank_area_is_twice_the_length)
{
  for (const double width : {4. * h, 8. * h}) {
    FilledCase cracks;
    cracks.mesh_parameters.minimum_level = cracks.mesh_parameters.maximum_level = 6;
    cracks.bands.width = width;
    cracks.add_crack({0., 0.5}, {1., 0.5 + h}, true);
    cracks.make();
    cracks.filling->prepare_step({1, 0., 1.});
    const Field<2> &area = cracks.filling->flank_area();
    double sum = 0.; // all cells and quadrature weights are alike
    for (unsigned int i = 0; i < area.values.locally_owned_size(); ++i)
      sum += area.values.local_element(i) * 0.25 * h * h;
    EXPECT_NEAR(dealii::Utilities::MPI::sum(sum, MPI_COMM_WORLD), 2., 0.04);
  }
}
