#include "core/failure.h"
#include "microstructure/grain_seeds.h"
#include "microstructure/laguerre_fit.h"
#include "microstructure/random.h"
#include "microstructure/size_distribution.h"
#include "microstructure/voronoi.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

using namespace lithoclase;

namespace
{
template <int dim>
dealii::Point<dim> filled_point(double value)
{
  dealii::Point<dim> point;
  for (unsigned int a = 0; a < dim; ++a)
    point[a] = value;
  return point;
}

template <int dim>
dealii::Point<dim> random_point_in_box(Random &random)
{
  dealii::Point<dim> point;
  for (unsigned int a = 0; a < dim; ++a)
    point[a] = random.uniform();
  return point;
}

/// Seeds with weights and a metric, as wild as no generator makes them: some grains have vanished.
template <int dim>
GrainSeeds<dim> wild_seeds(unsigned int number, double along = 1.)
{
  Random random(3, RandomUse::grain_seeds);
  GrainSeeds<dim> seeds;
  for (unsigned int i = 0; i < number; ++i) {
    seeds.points.push_back(random_point_in_box<dim>(random));
    seeds.weights.push_back(std::pow(random.uniform(0., 1.5) * std::pow(number, -1. / dim), 2));
  }
  seeds.metric[dim - 1] = along;
  return seeds;
}

template <int dim>
double power(const GrainSeeds<dim> &seeds, unsigned int i, const dealii::Point<dim> &point)
{
  double sum = seeds.weights.empty() ? 0. : -seeds.weights[i];
  for (unsigned int a = 0; a < dim; ++a)
    sum += std::pow(seeds.metric[a] * (point[a] - seeds.points[i][a]), 2);
  return sum;
}

template <int dim>
unsigned int strongest(const GrainSeeds<dim> &seeds, const dealii::Point<dim> &point)
{
  unsigned int best = 0;
  for (unsigned int i = 1; i < seeds.points.size(); ++i)
    if (power(seeds, i, point) < power(seeds, best, point))
      best = i;
  return best;
}

/// Grain, distance to the boundary and bands against their definitions, at random points.
template <int dim>
void expect_tessellation(const GrainSeeds<dim> &seeds)
{
  const double width = 0.03;
  const Voronoi<dim> grains(seeds, filled_point<dim>(0.), filled_point<dim>(1.), {}, width);
  Random random(1, RandomUse::pores);
  unsigned int n_single = 0;
  for (unsigned int trial = 0; trial < 1500; ++trial) {
    const dealii::Point<dim> point = random_point_in_box<dim>(random);
    PointStructure<dim> structure;
    grains.evaluate(point, structure);
    const unsigned int here = strongest(seeds, point);
    ASSERT_EQ(structure.grain, here);

    double nearest = 2.;
    dealii::Tensor<1, dim> normal;
    for (unsigned int i = 0; i < seeds.points.size(); ++i) {
      dealii::Tensor<1, dim> gradient;
      for (unsigned int a = 0; a < dim; ++a)
        gradient[a] = std::pow(seeds.metric[a], 2) * (seeds.points[i][a] - seeds.points[here][a]);
      const double distance = (power(seeds, i, point) - power(seeds, here, point)) / (2. * gradient.norm());
      if (i != here && distance < nearest) {
        nearest = distance;
        normal = gradient / gradient.norm();
      }
    }
    // The nearest of all planes bounds the grain, since the way to it stays inside; in the enlarged box only.
    EXPECT_GE(grains.distance_to_boundary(point), nearest - 1e-12);
    if (nearest < width) {
      EXPECT_NEAR(grains.distance_to_boundary(point), nearest, 1e-12);
    }
    if (structure.n_bands == 1 && nearest < width) {
      ++n_single;
      EXPECT_NEAR(std::abs(structure.bands[0].normal * normal), 1., 1e-9);
      EXPECT_NEAR(structure.bands[0].indicator, 0.5 * (1. + std::cos(dealii::numbers::PI * nearest / width)),
                  1e-9);
    }
  }
  EXPECT_GT(n_single, 100u);
}

/// Across each facet, far enough from its rim, its band integrates to the width.
template <int dim>
void expect_full_bands(const GrainSeeds<dim> &seeds, double width)
{
  const Voronoi<dim> grains(seeds, filled_point<dim>(0.), filled_point<dim>(1.), {}, width);
  unsigned int n_checked = 0;
  for (const Facet<dim> &facet : grains.facets()) {
    const dealii::Point<dim> middle = facet_centre(facet.vertices);
    PointStructure<dim> structure;
    grains.evaluate(middle, structure);
    dealii::Tensor<1, dim> normal;
    for (unsigned int k = 0; k < structure.n_bands; ++k)
      if (structure.bands[k].boundary == facet.boundary && structure.bands[k].indicator > 1. - 1e-9)
        normal = structure.bands[k].normal;
    bool inside = true;
    for (unsigned int a = 0; a < dim; ++a)
      inside = inside && middle[a] > width && middle[a] < 1. - width;
    if (!inside)
      continue;
    ASSERT_NEAR(normal.norm(), 1., 1e-12);
    constexpr unsigned int n = 50;
    double integral = 0.;
    for (unsigned int i = 0; i < n; ++i) {
      grains.evaluate(middle + (2. * (i + 0.5) / n - 1.) * width * normal, structure);
      for (unsigned int k = 0; k < structure.n_bands; ++k)
        if (structure.bands[k].boundary == facet.boundary &&
            std::abs(structure.bands[k].normal * normal) > 1. - 1e-9)
          integral += structure.bands[k].indicator * 2. * width / n;
    }
    EXPECT_NEAR(integral / width, 1., 1e-6); // the midpoint rule is exact for a full raised cosine
    ++n_checked;
  }
  EXPECT_GT(n_checked, 15u);
}
} // namespace

template <typename T>
class LaguerreIn : public testing::Test
{
};
using LaguerreDimensions = testing::Types<std::integral_constant<int, 2>, std::integral_constant<int, 3>>;
TYPED_TEST_SUITE(LaguerreIn, LaguerreDimensions);

TYPED_TEST(LaguerreIn, PointsBelongToTheStrongestSeed)
{
  constexpr int dim = TypeParam::value;
  expect_tessellation(wild_seeds<dim>(40));
}

TYPED_TEST(LaguerreIn, ColumnsOfAnyAspectRatio)
{
  constexpr int dim = TypeParam::value;
  expect_tessellation(wild_seeds<dim>(40, 0.3));
  expect_tessellation(wild_seeds<dim>(dim == 2 ? 15 : 40, 0.)); // through the box
}

TYPED_TEST(LaguerreIn, BandsIntegrateToTheirWidth)
{
  constexpr int dim = TypeParam::value;
  expect_full_bands(wild_seeds<dim>(30), 0.02);
  expect_full_bands(wild_seeds<dim>(30, 0.4), 0.02);
}

TYPED_TEST(LaguerreIn, VolumesAndCentresAreThoseOfSampledGrains)
{
  constexpr int dim = TypeParam::value;
  for (const bool across : {false, true})
    for (const double along : {1., 0.4, 0.}) {
      const GrainSeeds<dim> seeds = wild_seeds<dim>(12, along);
      std::array<bool, dim> periodic{};
      periodic[0] = across;
      const GrainVolumes<dim> exact(seeds, filled_point<dim>(0.), filled_point<dim>(1.), periodic);
      double sum = 0.;
      for (const double volume : exact.volumes)
        sum += volume;
      EXPECT_NEAR(sum, 1., 1e-12);

      const Voronoi<dim> grains(seeds, filled_point<dim>(0.), filled_point<dim>(1.), periodic, 0.01);
      std::vector<double> counted(12, 0.), height(12, 0.);
      constexpr unsigned int n = 4000;
      Random random(7, RandomUse::pores);
      PointStructure<dim> structure;
      for (unsigned int i = 0; i < n; ++i) {
        const dealii::Point<dim> point = random_point_in_box<dim>(random);
        grains.evaluate(point, structure);
        counted[structure.grain] += 1. / n;
        height[structure.grain] += point[dim - 1] / n;
      }
      for (unsigned int i = 0; i < 12; ++i) {
        EXPECT_NEAR(counted[i], exact.volumes[i], 4. * std::sqrt(0.25 / n)); // four standard deviations
        if (exact.volumes[i] > 0.02) {
          EXPECT_NEAR(height[i], exact.volumes[i] * exact.centres[i][dim - 1], 4. * std::sqrt(0.25 / n));
        }
      }
    }
}

TYPED_TEST(LaguerreIn, VolumesGrowWithWeightsAsTheContactsSay)
{
  constexpr int dim = TypeParam::value;
  for (const double along : {1., 0.4}) {
    GrainSeeds<dim> seeds = wild_seeds<dim>(12, along);
    std::array<bool, dim> periodic{};
    periodic[0] = true;
    const auto volumes = [&] {
      return GrainVolumes<dim>(seeds, filled_point<dim>(0.), filled_point<dim>(1.), periodic);
    };
    const GrainVolumes<dim> start = volumes();
    const unsigned int large =
        std::max_element(start.volumes.begin(), start.volumes.end()) - start.volumes.begin();
    std::vector<double> rate(12, 0.);
    for (const auto &contact : start.contacts) {
      if (contact.a == large)
        rate[contact.b] -= contact.rate;
      if (contact.b == large)
        rate[contact.a] -= contact.rate;
      if (contact.a == large || contact.b == large)
        rate[large] += contact.rate;
    }
    ASSERT_GT(rate[large], 0.);
    const double small = 1e-5;
    seeds.weights[large] += small;
    const std::vector<double> above = volumes().volumes;
    seeds.weights[large] -= 2. * small;
    const std::vector<double> below = volumes().volumes;
    for (unsigned int i = 0; i < 12; ++i) // central difference; facets appear and vanish at corners
      EXPECT_NEAR((above[i] - below[i]) / (2. * small), rate[i], 1e-3 * rate[large]);
  }
}

TYPED_TEST(LaguerreIn, FitMeetsVolumes)
{
  constexpr int dim = TypeParam::value;
  for (const bool across : {false, true}) {
    GrainSeeds<dim> seeds = wild_seeds<dim>(24);
    std::vector<double> targets;
    for (unsigned int i = 0; i < 24; ++i) // 1 : 24
      targets.push_back((i + 1) / 300.);
    std::array<bool, dim> periodic{};
    periodic[0] = across;
    EXPECT_LT(fit_volumes<dim>(seeds, targets, filled_point<dim>(0.), filled_point<dim>(1.), periodic), 1e-3);
    const GrainVolumes<dim> fitted(seeds, filled_point<dim>(0.), filled_point<dim>(1.), periodic);
    for (unsigned int i = 0; i < 24; ++i) {
      EXPECT_NEAR(fitted.volumes[i] / targets[i], 1., 1e-3);
      for (unsigned int a = 0; a < dim; ++a) {
        EXPECT_GE(seeds.points[i][a], 0.);
        EXPECT_LE(seeds.points[i][a], 1.);
      }
    }
  }
}

TYPED_TEST(LaguerreIn, GrainSizesFollowTheLogNormalDistribution)
{
  constexpr int dim = TypeParam::value;
  GrainParameters parameters;
  parameters.size = dim == 2 ? 0.14 : 0.3;
  parameters.size_deviation = 0.35 * *parameters.size;
  for (const ColumnAxis axis : {ColumnAxis::none, ColumnAxis::x}) {
    parameters.column_axis = axis;
    parameters.column_aspect_ratio = 2.;
    const auto metric = grain_shape<dim>(parameters, filled_point<dim>(0.), filled_point<dim>(1.)).metric();
    EXPECT_EQ(metric[0], axis == ColumnAxis::x ? 0.5 : 1.);
    if (axis == ColumnAxis::x)
      parameters.size = 0.7 * *parameters.size;
    const double deviation = *parameters.size_deviation;
    const auto shape = grain_shape<dim>(parameters, filled_point<dim>(0.), filled_point<dim>(1.));
    const auto seeds =
        grain_seeds<dim>(parameters, filled_point<dim>(0.), filled_point<dim>(0.), filled_point<dim>(1.), {});
    const GrainVolumes<dim> grains(seeds, filled_point<dim>(0.), filled_point<dim>(1.), {});
    std::vector<double> sizes, logarithms;
    for (const double volume : grains.volumes) {
      sizes.push_back(shape.diameter(volume));
      logarithms.push_back(std::log(sizes.back()));
    }
    ASSERT_GT(sizes.size(), 20u);
    const MeanAndDeviation size = mean_and_deviation(sizes);
    // A whole number of grains fills the box: all share up to half of a mean grain, so the mean is off by
    // 1/(2 n) over the power of sizes in volumes at most; that much again for volumes that grow with n.
    EXPECT_NEAR(size.mean / *parameters.size, 1., 1. / dim / sizes.size());
    EXPECT_NEAR(size.deviation / size.mean, deviation / *parameters.size, 2e-3); // fit of the volumes
    // Log-normal, not just any distribution: the logarithm is symmetric.
    const MeanAndDeviation logarithm = mean_and_deviation(logarithms);
    double third = 0.;
    for (const double value : logarithms)
      third += std::pow((value - logarithm.mean) / logarithm.deviation, 3) / logarithms.size();
    EXPECT_NEAR(third, 0., 0.02);
  }
}

TEST(LogNormalValues, HaveMeanAndDeviation)
{
  for (const unsigned int n : {10u, 1000u}) {
    const std::vector<double> values = log_normal_values(n, 3., 1.2);
    const MeanAndDeviation result = mean_and_deviation(values);
    EXPECT_NEAR(result.mean, 3., 1e-9);
    EXPECT_NEAR(result.deviation, 1.2, 1e-9);
    EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
  }
  // The median of many is that of the distribution, mean/sqrt(1 + (deviation/mean)^2); the tail beyond the
  // last of 1000 quantiles holds some 1e-3 of the second moment.
  EXPECT_NEAR(log_normal_values(1001, 3., 1.2)[500], 3. / std::sqrt(1. + 0.16), 5e-3);
}

TEST(Laguerre, SeedsWithRadiiFromFile)
{
  const std::string name = testing::TempDir() + "lithoclase_radii_" + std::to_string(::getpid()) + ".txt";
  const auto read = [&](const std::string &text) {
    std::ofstream(name) << text;
    GrainParameters parameters;
    parameters.arrangement = GrainArrangement::from_file;
    parameters.seed_file = name;
    return grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1e-5, 1e-5}, {});
  };
  const GrainSeeds<2> seeds = read("unit um\n2 5 1\n8 5 3 # larger\n");
  ASSERT_EQ(seeds.weights.size(), 2u);
  // The boundary lies where (x-2)^2 - 1 = (x-8)^2 - 9, at x = 13/3.
  const Voronoi<2> grains(seeds, {0., 0.}, {1e-5, 1e-5}, {}, 1e-7);
  EXPECT_NEAR(grains.distance_to_boundary({2e-6, 5e-6}) / 1e-6, 13. / 3. - 2., 1e-9);
  const auto refuses = [&](const std::string &text, const std::string &clause) {
    try {
      read(text);
      FAIL() << "accepted, expected: " << clause;
    } catch (const InputError &error) {
      EXPECT_NE(std::string(error.what()).find(clause), std::string::npos) << error.what();
    }
  };
  refuses("unit um\n1 2 1\n3 4\n", "a radius for all seeds or for none");
  refuses("unit um\n1 2 -1\n", "must not be negative");
  refuses("unit um\n1 2 3 4\n", "more than 2 coordinates and a radius");
  refuses("unit um\n1 2 1\n1 2 2\n", "appears twice");
  std::remove(name.c_str());
}

TEST(Laguerre, RefusesWhatCannotBe)
{
  GrainParameters parameters;
  parameters.size = 0.6;
  parameters.size_deviation = 0.2;
  EXPECT_THROW(grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1., 1.}, {}), InputError); // 3 grains
  parameters.size_deviation.reset();
  parameters.column_axis = ColumnAxis::z;
  EXPECT_THROW(grain_seeds<2>(parameters, {0., 0.}, {0., 0.}, {1., 1.}, {}), InputError);
  EXPECT_NO_THROW(grain_seeds<3>(parameters, {0., 0., 0.}, {0., 0., 0.}, {1., 1., 1.}, {}));
}
