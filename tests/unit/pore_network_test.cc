#include "core/failure.h"
#include "micrometre.h"
#include "microstructure/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

using namespace lithoclase;

namespace
{

template <int dim>
dealii::Point<dim> far_corner(double side)
{
  dealii::Point<dim> point;
  for (unsigned int a = 0; a < dim; ++a)
    point[a] = side;
  return point;
}

template <int dim>
MicrostructureParameters porous(const PorePopulationParameters &population)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 2. * um;
  parameters.pores.populations = {{"voids", population}};
  parameters.pores.gap = 0.3 * um;
  return parameters;
}

template <int dim>
PorePopulationParameters some_pores()
{
  PorePopulationParameters population;
  population.porosity = 0.08;
  population.distribution = RadiusDistribution::log_normal;
  population.mean_radius = (dim == 2 ? 0.6 : 1.1) * um;
  population.radius_deviation = 0.25 * population.mean_radius;
  return population;
}

template <int dim>
Microstructure<dim> build(const PorePopulationParameters &population, double side = 30. * um)
{
  return {porous<dim>(population), {}, far_corner<dim>(side), dim == 2 ? 0.05 * um : 0.1 * um};
}

template <int dim>
void expect_clause(const PorePopulationParameters &population, const std::string &clause)
{
  try {
    build<dim>(population);
    FAIL() << "accepted, expected: " << clause;
  } catch (const InputError &error) {
    EXPECT_NE(std::string(error.what()).find(clause), std::string::npos) << error.what();
  }
}
} // namespace

template <typename T>
class PoresIn : public testing::Test
{
};
using PoreDimensions = testing::Types<std::integral_constant<int, 2>, std::integral_constant<int, 3>>;
TYPED_TEST_SUITE(PoresIn, PoreDimensions);

TYPED_TEST(PoresIn, LogNormalRadii)
{
  constexpr int dim = TypeParam::value;
  const PorePopulationParameters population = some_pores<dim>();
  const Microstructure<dim> structure = build<dim>(population);
  ASSERT_EQ(structure.pore_populations().size(), 1u);
  const PorePopulation &pores = structure.pore_populations()[0];
  EXPECT_EQ(pores.number, structure.pores().size());
  EXPECT_GT(pores.number, 30u);
  EXPECT_NEAR(pores.porosity, 0.08, 1e-9); // radii are scaled to meet it
  // A whole number of pores, see GrainSizesFollowTheLogNormalDistribution.
  EXPECT_NEAR(pores.radius.mean / population.mean_radius, 1., 1. / dim / pores.number);
  EXPECT_NEAR(pores.radius.deviation / pores.radius.mean, 0.25, 1e-6);
  EXPECT_EQ(pores.throats, 0u);
}

TYPED_TEST(PoresIn, PorosityGrowsAlongAnAxis)
{
  constexpr int dim = TypeParam::value;
  PorePopulationParameters population = some_pores<dim>();
  for (const double gradient : {0.9, -0.9}) {
    population.gradient = gradient;
    population.gradient_axis = 0u;
    const Microstructure<dim> structure = build<dim>(population, 40. * um);
    const PorePopulation &pores = structure.pore_populations()[0];
    // Drawn one by one: three standard deviations of the share of n pores in a half, whose volumes differ by
    // 0.85 of their mean; and pores keep away from both ends, by 3.5 % of the box each.
    EXPECT_NEAR(pores.upper_share, 0.5 * (1. + 0.5 * gradient),
                3. * 0.5 * std::sqrt(1. + 0.85 * 0.85) / std::sqrt(pores.number) + 0.02);
    EXPECT_EQ(pores.wanted_upper_share, 0.5 * (1. + 0.5 * gradient));
    // The same by looking.
    double left = 0., right = 0.;
    Random random(9, RandomUse::noise);
    for (unsigned int i = 0; i < 20000; ++i) {
      dealii::Point<dim> point;
      for (unsigned int a = 0; a < dim; ++a)
        point[a] = random.uniform(a + 1 == dim ? 2. * um : 0., 40. * um);
      (point[0] < 20. * um ? left : right) += structure.distance_to_wall(point) < 0.;
    }
    EXPECT_NEAR(right / (left + right), pores.upper_share, 3. * 0.5 / std::sqrt(left + right));
  }
}

TYPED_TEST(PoresIn, ThroatsConnectTheWantedPart)
{
  constexpr int dim = TypeParam::value;
  PorePopulationParameters population = some_pores<dim>();
  population.throat_radius = (dim == 2 ? 0.25 : 0.5) * um;
  const double side = dim == 2 ? 20. * um : 14. * um;
  for (const double fraction : {0., 0.5, 1.}) {
    population.open_fraction = fraction;
    const Microstructure<dim> structure = build<dim>(population, side);
    const PorePopulation &pores = structure.pore_populations()[0];
    double largest = 0., whole = 0.;
    for (unsigned int i = 0; i < pores.number; ++i) {
      whole += structure.pores()[i].shape.volume();
      largest = std::max(largest, structure.pores()[i].shape.volume());
    }
    EXPECT_NEAR(pores.open_fraction, fraction, 0.5 * largest / whole + 1e-9);
    EXPECT_EQ(pores.throats + pores.number, structure.pores().size());
    if (fraction == 0.) {
      EXPECT_EQ(pores.throats, 0u);
    }
    // What the raster finds, throats and all: a volume of throats that is open adds to the open part only.
    const MicrostructureReport report = make_report(structure, MPI_COMM_WORLD, dim == 2 ? 160000 : 300000);
    const double throats = report.porosity - pores.porosity;
    EXPECT_NEAR(report.closed_porosity, (1. - pores.open_fraction) * pores.porosity, 0.03 * pores.porosity);
    EXPECT_NEAR(report.open_porosity, pores.open_fraction * pores.porosity + throats, 0.03 * pores.porosity);
  }
}

TEST(PoreNetworks, RefusesWhatCannotBe)
{
  PorePopulationParameters population = some_pores<2>();
  population.open_fraction = 0.5;
  population.throat_radius = 0.1 * um;
  expect_clause<2>(population, "throat radius of 0.1 um is less than 4 of the finest cells");
  population = some_pores<2>();
  population.gradient = 0.5;
  population.gradient_axis = 2u;
  expect_clause<2>(population, "gradient axis is z");
  population = some_pores<2>();
  population.place = PorePlace::anode_interface;
  population.porosity = 0.003;
  population.open_fraction = 0.5;
  expect_clause<2>(population, "away from the anode");
}
