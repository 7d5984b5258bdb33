#include "core/failure.h"
#include "microstructure/grain_seeds.h"
#include "microstructure/random.h"
#include "microstructure/voronoi.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <fstream>

using namespace lithoclase;

namespace
{
template <int dim>
dealii::Point<dim> corner(double value)
{
  dealii::Point<dim> point;
  for (unsigned int a = 0; a < dim; ++a)
    point[a] = value;
  return point;
}

template <int dim>
dealii::Point<dim> random_point(Random &random, double from, double to)
{
  dealii::Point<dim> point;
  for (unsigned int a = 0; a < dim; ++a)
    point[a] = random.uniform(from, to);
  return point;
}

template <int dim>
GrainSeeds<dim> some_seeds(unsigned int number, const std::array<bool, dim> &periodic = {})
{
  GrainParameters parameters;
  parameters.number = number;
  parameters.seed = 5;
  return grain_seeds<dim>(parameters, corner<dim>(0.), corner<dim>(0.), corner<dim>(1.), periodic);
}

/// Along the normal through the middle of a facet the band of its boundary integrates to its width.
template <int dim>
void expect_band_integrals(const Voronoi<dim> &voronoi, double width)
{
  unsigned int n_checked = 0;
  for (const Facet<dim> &facet : voronoi.facets()) {
    dealii::Point<dim> middle;
    for (const auto &vertex : facet.vertices)
      middle += vertex / double(facet.vertices.size());
    PointStructure<dim> structure;
    bool inside = true;
    for (unsigned int a = 0; a < dim; ++a)
      inside = inside && middle[a] > width && middle[a] < 1. - width;
    if (!inside)
      continue;
    voronoi.evaluate(middle, structure);
    dealii::Tensor<1, dim> normal;
    for (unsigned int k = 0; k < structure.n_bands; ++k)
      if (structure.bands[k].boundary == facet.boundary && structure.bands[k].indicator > 0.99)
        normal = structure.bands[k].normal;
    ASSERT_NEAR(normal.norm(), 1., 1e-12);

    constexpr unsigned int n = 200;
    double integral = 0.;
    for (unsigned int i = 0; i < n; ++i) {
      const dealii::Point<dim> point = middle + (2. * (i + 0.5) / n - 1.) * width * normal;
      voronoi.evaluate(point, structure);
      for (unsigned int k = 0; k < structure.n_bands; ++k)
        if (structure.bands[k].boundary == facet.boundary &&
            std::abs(structure.bands[k].normal * normal) > 1. - 1e-9)
          integral += structure.bands[k].indicator * 2. * width / n;
    }
    // The midpoint rule is exact for a full raised cosine.
    EXPECT_NEAR(integral / width, 1., 1e-6);
    ++n_checked;
  }
  EXPECT_GT(n_checked, 20u);
}
} // namespace

template <typename T>
class VoronoiIn : public testing::Test
{
};
using Dimensions = testing::Types<std::integral_constant<int, 2>, std::integral_constant<int, 3>>;
TYPED_TEST_SUITE(VoronoiIn, Dimensions);

TYPED_TEST(VoronoiIn, FindsTheNearestSeedAndBoundary)
{
  constexpr int dim = TypeParam::value;
  const auto seeds = some_seeds<dim>(100).points;
  const Voronoi<dim> voronoi(seeds, corner<dim>(0.), corner<dim>(1.), {}, 0.02);
  Random random(1, RandomUse::pores);
  for (unsigned int trial = 0; trial < 5000; ++trial) {
    const dealii::Point<dim> point = random_point<dim>(random, 0., 1.);
    unsigned int nearest = 0;
    for (unsigned int i = 1; i < seeds.size(); ++i)
      if (point.distance_square(seeds[i]) < point.distance_square(seeds[nearest]))
        nearest = i;
    PointStructure<dim> structure;
    voronoi.evaluate(point, structure);
    ASSERT_EQ(structure.grain, nearest);

    double distance = 2.;
    for (unsigned int i = 0; i < seeds.size(); ++i)
      if (i != nearest)
        distance =
            std::min(distance, (point.distance_square(seeds[i]) - point.distance_square(seeds[nearest])) /
                                   (2. * seeds[i].distance(seeds[nearest])));
    // A nearest bisector plane may touch the grain outside of the box only; then the facet inside is farther
    // away.
    EXPECT_GE(voronoi.distance_to_boundary(point), distance - 1e-12);
    if (distance < 0.02) {
      EXPECT_NEAR(voronoi.distance_to_boundary(point), distance, 1e-12);
    }
  }
}

TYPED_TEST(VoronoiIn, BandsIntegrateToTheirWidth)
{
  constexpr int dim = TypeParam::value;
  const double width = 0.03;
  expect_band_integrals(Voronoi<dim>(some_seeds<dim>(40), corner<dim>(0.), corner<dim>(1.), {}, width),
                        width);
}

TYPED_TEST(VoronoiIn, FacetsOfARegularArrangement)
{
  constexpr int dim = TypeParam::value;
  GrainParameters parameters;
  parameters.arrangement = GrainArrangement::regular;
  parameters.size = 0.25;
  const auto seeds = grain_seeds<dim>(parameters, corner<dim>(0.), corner<dim>(0.), corner<dim>(1.), {});
  ASSERT_EQ(seeds.points.size(), dim == 2 ? 16u : 64u);
  const double width = 0.05;
  const Voronoi<dim> voronoi(seeds, corner<dim>(0.), corner<dim>(1.), {}, width);
  // 3 planes per axis, cut off at the box enlarged by the band width; none across edges and corners.
  double area = 0.;
  for (const auto &facet : voronoi.facets())
    area += facet.area;
  EXPECT_NEAR(area, 3. * dim * std::pow(1. + 2. * width, dim - 1), 1e-9);
  EXPECT_EQ(voronoi.n_boundaries(), 3u * dim * std::pow(4, dim - 1));

  // Near a corner of four (eight) grains one band per axis holds the point, none is diagonal.
  dealii::Point<dim> point = corner<dim>(0.25);
  for (unsigned int a = 0; a < dim; ++a)
    point[a] += 0.01 * (a + 1);
  PointStructure<dim> structure;
  voronoi.evaluate(point, structure);
  ASSERT_EQ(structure.n_bands, unsigned(dim));
  double sum = 0.;
  for (unsigned int a = 0; a < dim; ++a)
    sum += 0.5 * (1. + std::cos(3.14159265358979 * 0.01 * (a + 1) / width));
  EXPECT_NEAR(structure.band_sum(), sum, 1e-12);
  for (unsigned int k = 0; k < structure.n_bands; ++k)
    EXPECT_NEAR(structure.bands[k].normal.norm(), 1., 1e-14);

  // In the planes of symmetry, where several seeds are equally near, no band is missing or there twice.
  for (unsigned int a = 0; a < dim; ++a)
    point[a] = 0.5 + (a == 0 ? 0.01 : 0.);
  voronoi.evaluate(point, structure);
  EXPECT_NEAR(structure.band_sum(), dim - 1. + 0.5 * (1. + std::cos(3.14159265358979 * 0.01 / width)), 1e-9);
  for (unsigned int a = 0; a < dim; ++a)
    point[a] = 0.5 + 0.01;
  voronoi.evaluate(point, structure);
  EXPECT_EQ(structure.n_bands, unsigned(dim));
}

TYPED_TEST(VoronoiIn, ContinuesPeriodically)
{
  constexpr int dim = TypeParam::value;
  std::array<bool, dim> periodic;
  periodic.fill(true);
  const Voronoi<dim> voronoi(some_seeds<dim>(12, periodic), corner<dim>(0.), corner<dim>(1.), periodic, 0.05);
  Random random(2, RandomUse::pores);
  for (unsigned int trial = 0; trial < 300; ++trial) {
    const unsigned int axis = trial % dim;
    dealii::Point<dim> left = random_point<dim>(random, 0., 1.);
    left[axis] = 1e-9;
    dealii::Point<dim> right = left;
    right[axis] = 1. - 1e-9;
    PointStructure<dim> at_left, at_right;
    voronoi.evaluate(left, at_left);
    voronoi.evaluate(right, at_right);
    EXPECT_NEAR(at_left.band_sum(), at_right.band_sum(), 1e-5);
    if (voronoi.distance_to_boundary(left) > 1e-6) {
      EXPECT_EQ(at_left.grain, at_right.grain);
    }
  }
}

TEST(Voronoi, BandReachesThroughTheSharpCornerOfAThirdGrain)
{
  // The facet between 0 and 1 (the line y = 0, x < 0.4) ends at a sharp corner of grain 1; grain 2 lies close
  // behind it.
  const std::vector<dealii::Point<2>> seeds{{0., 0.5}, {0., -0.5}, {0.5, -0.7}};
  const double width = 0.2;
  const Voronoi<2> voronoi(seeds, {-1., -1.}, {1., 1.}, {}, width);
  PointStructure<2> structure;
  double integral = 0.;
  constexpr unsigned int n = 400;
  for (unsigned int i = 0; i < n; ++i) {
    voronoi.evaluate({0.38, width * (2. * (i + 0.5) / n - 1.)}, structure);
    for (unsigned int k = 0; k < structure.n_bands; ++k)
      if (std::abs(structure.bands[k].normal[1]) > 1. - 1e-12)
        integral += structure.bands[k].indicator * 2. * width / n;
  }
  EXPECT_NEAR(integral / width, 1., 1e-9);
}

TEST(GrainSeeds, KeepTheirDistanceOrRefuse)
{
  GrainParameters parameters;
  parameters.number = 30;
  parameters.minimum_seed_distance = 0.12;
  const auto seeds = grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1., 1.}, {{true, false}}).points;
  for (unsigned int i = 0; i < seeds.size(); ++i)
    for (unsigned int j = 0; j < i; ++j) {
      const double dx = std::abs(seeds[i][0] - seeds[j][0]);
      EXPECT_GE(std::hypot(std::min(dx, 1. - dx), seeds[i][1] - seeds[j][1]), 0.12);
    }
  parameters.minimum_seed_distance = 0.3;
  EXPECT_THROW(grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1., 1.}, {}), InputError);

  parameters.arrangement = GrainArrangement::regular;
  EXPECT_THROW(grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1., 1.}, {}), InputError); // no grain size
  parameters.size = 0.3;
  EXPECT_THROW(grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1., 1.}, {{true, false}}), InputError);
}

TEST(GrainSeeds, OffsetMovesTheRegularArrangement)
{
  GrainParameters parameters;
  parameters.arrangement = GrainArrangement::regular;
  parameters.size = 1.;
  parameters.offset = {0.5, 0.5};
  // One grain's area in the box, cut into four quarters by two boundaries.
  const auto seeds = grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1., 1.}, {});
  ASSERT_EQ(seeds.points.size(), 4u);
  const Voronoi<2> voronoi(seeds, {0., 0.}, {1., 1.}, {}, 0.1);
  EXPECT_NEAR(voronoi.distance_to_boundary({0.2, 0.4}), 0.1, 1e-12);
}

TEST(GrainSeeds, FromFile)
{
  const std::string name = testing::TempDir() + "lithoclase_seeds_" + std::to_string(::getpid()) + ".txt";
  const auto read = [&](const std::string &text) {
    std::ofstream(name) << text;
    GrainParameters parameters;
    parameters.arrangement = GrainArrangement::from_file;
    parameters.seed_file = name;
    return grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1e-5, 1e-5}, {}).points;
  };
  const auto seeds = read("# two grains\nunit um\n 1 2.5 # first\n\n3e0 4\n");
  ASSERT_EQ(seeds.size(), 2u);
  EXPECT_NEAR(seeds[0][1], 2.5e-6, 1e-20);
  EXPECT_NEAR(seeds[1][0], 3e-6, 1e-20);
  EXPECT_THROW(read("1 2\n"), InputError);               // no unit
  EXPECT_THROW(read("unit V\n1 2\n"), InputError);       // no length
  EXPECT_THROW(read("unit um\n1 x\n"), InputError);      // no number
  EXPECT_THROW(read("unit um\n1 2 3 4\n"), InputError);  // too many
  EXPECT_THROW(read("unit um\n1 20\n"), InputError);     // outside the box
  EXPECT_THROW(read("unit um\n1 2\n1 2\n"), InputError); // twice
  EXPECT_THROW(read("unit um\n"), InputError);           // none
  std::remove(name.c_str());
  GrainParameters parameters;
  parameters.arrangement = GrainArrangement::from_file;
  parameters.seed_file = name;
  EXPECT_THROW(grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1e-5, 1e-5}, {}), InputError); // no file
}
