#include "core/failure.h"
#include "microstructure/microstructure.h"
#include "microstructure/rotation.h"

#include <gtest/gtest.h>

#include <set>

using namespace lithoclase;

namespace
{
template <int dim>
Ellipsoid<dim> some_ellipsoid(Random &random)
{
  Ellipsoid<dim> shape;
  const dealii::Tensor<2, 3> rotation =
      dim == 2 ? rotation_about(2, random.uniform(0., 6.)) : random_rotation(random);
  for (unsigned int a = 0; a < dim; ++a) {
    shape.centre[a] = random.uniform(-1., 1.);
    shape.semi_axes[a] = random.uniform(0.3, 1.5);
    for (unsigned int b = 0; b < dim; ++b)
      shape.axes[a][b] = rotation[a][b];
  }
  return shape;
}

/// A point of the surface and its outward normal.
template <int dim>
std::pair<dealii::Point<dim>, dealii::Tensor<1, dim>> surface_point(const Ellipsoid<dim> &shape,
                                                                    Random &random)
{
  dealii::Tensor<1, dim> direction, on_surface, normal;
  for (unsigned int a = 0; a < dim; ++a)
    direction[a] = random.normal();
  direction /= direction.norm();
  for (unsigned int a = 0; a < dim; ++a) {
    on_surface[a] = shape.semi_axes[a] * direction[a];
    normal[a] = direction[a] / shape.semi_axes[a];
  }
  return {shape.centre + shape.axes * on_surface, shape.axes * (normal / normal.norm())};
}

template <int dim>
void check_depths()
{
  Random random(1, RandomUse::pores);
  for (unsigned int trial = 0; trial < 500; ++trial) {
    const Ellipsoid<dim> shape = some_ellipsoid<dim>(random);
    const auto [point, normal] = surface_point(shape, random);
    // Inwards only as far as the smallest radius of curvature, min^2/max.
    const double inwards = 0.9 * std::pow(shape.inner_radius(), 2) / shape.outer_radius();
    for (const double distance : {2., 0.1, 1e-6, 0., -0.5 * inwards, -inwards}) {
      const Depth<dim> depth = shape.depth(point + distance * normal);
      EXPECT_NEAR(depth.value, -distance, 1e-7);
      EXPECT_NEAR((depth.gradient + normal).norm(), 0., 1e-5);
    }
    EXPECT_NEAR(std::abs(shape.depth(shape.centre).value), shape.inner_radius(), 1e-6);
  }
}

MicrostructureParameters with_population(const PorePopulationParameters &population, unsigned int grains = 20)
{
  MicrostructureParameters parameters;
  parameters.grains.number = grains;
  parameters.anode.thickness = 4e-6;
  parameters.pores.populations.emplace_back("voids", population);
  return parameters;
}

Microstructure<2> build(const MicrostructureParameters &parameters, const std::array<bool, 2> &periodic = {})
{
  return {parameters, {0., 0.}, {30e-6, 30e-6}, 0.1e-6, periodic};
}

std::string message_of(const MicrostructureParameters &parameters)
{
  try {
    build(parameters);
  } catch (const InputError &error) {
    return error.what();
  }
  return "";
}
} // namespace

TEST(Ellipsoid, SignedDistanceIsExact)
{
  check_depths<2>();
  check_depths<3>();
}

TEST(Ellipsoid, DistanceBetweenTwo)
{
  Random random(3, RandomUse::pores);
  for (unsigned int trial = 0; trial < 30; ++trial) {
    Ellipsoid<2> a = some_ellipsoid<2>(random), b = some_ellipsoid<2>(random);
    b.centre[0] += trial % 2 ? 2.5 : 4.;
    double shortest = 1e9;
    for (unsigned int i = 0; i < 20000; ++i) {
      const double angle = 2. * 3.14159265358979 * i / 20000;
      const dealii::Tensor<1, 2> local(
          dealii::Point<2>(a.semi_axes[0] * std::cos(angle), a.semi_axes[1] * std::sin(angle)));
      shortest = std::min(shortest, -b.depth(a.centre + a.axes * local).value);
    }
    // The projections stop where they progress by less than 1e-4 of a radius.
    EXPECT_NEAR(std::max(0., distance(a, b)), std::max(0., shortest), 2e-3);
  }
}

TEST(Pores, MeetPorosityFillingAndGaps)
{
  PorePopulationParameters population;
  population.porosity = 0.12;
  population.smallest_radius = 0.7e-6;
  population.largest_radius = 1.4e-6;
  population.aspect_ratio = 1.7;
  population.filled_fraction = 0.4;
  for (const bool periodic : {false, true}) {
    const Microstructure<2> microstructure = build(with_population(population), {{periodic, false}});
    double volume = 0., filled = 0.;
    const auto &pores = microstructure.pores();
    for (unsigned int i = 0; i < pores.size(); ++i) {
      const Ellipsoid<2> &shape = pores[i].shape;
      volume += shape.volume();
      filled += pores[i].filling == PoreFilling::liquid ? shape.volume() : 0.;
      EXPECT_NEAR(shape.outer_radius() / shape.inner_radius(), 1.7, 1e-12);
      EXPECT_GE(shape.centre[1] - shape.extent(1), 4e-6 + 0.6e-6 * (1. - 1e-9));
      EXPECT_LE(shape.centre[1] + shape.extent(1), 30e-6 - 0.6e-6 * (1. - 1e-9));
      for (unsigned int j = 0; j < i; ++j)
        EXPECT_GE(distance(shape, pores[j].shape), 0.6e-6 * (1. - 1e-3));
    }
    EXPECT_NEAR(volume / (30e-6 * 26e-6), 0.12, 1e-12);
    EXPECT_NEAR(filled / volume, 0.4, 0.01); // as near as whole pores go: the smallest has 1 % of the volume
  }
}

TEST(Pores, ContinueAcrossAllPeriodicSides)
{
  MicrostructureParameters parameters;
  SinglePoreParameters pore;
  pore.centre = {29.5e-6, 0.25e-6}; // over a corner
  pore.semi_axes = {2e-6};
  parameters.pores.single_pores.emplace_back("corner", pore);
  const Microstructure<2> microstructure = build(parameters, {{true, true}});
  for (const dealii::Point<2> &corner : {dealii::Point<2>(0., 0.), dealii::Point<2>(30e-6, 0.),
                                         dealii::Point<2>(0., 30e-6), dealii::Point<2>(30e-6, 30e-6)})
    EXPECT_NEAR(microstructure.distance_to_wall(corner), std::hypot(0.5e-6, 0.25e-6) - 2e-6, 1e-12);

  PorePopulationParameters population;
  population.porosity = 0.3;
  parameters.pores.single_pores.clear();
  parameters.pores.populations.emplace_back("voids", population);
  const Microstructure<2> packed = build(parameters, {{true, true}});
  bool crosses = false;
  for (unsigned int i = 0; i < packed.pores().size(); ++i) {
    const Ellipsoid<2> &shape = packed.pores()[i].shape;
    crosses = crosses || shape.centre[1] + shape.extent(1) > 30e-6;
    for (const double shift : {-30e-6, 0., 30e-6})
      for (unsigned int j = 0; j < i; ++j) {
        Ellipsoid<2> image = packed.pores()[j].shape;
        image.centre[1] += shift;
        EXPECT_GE(distance(shape, image), 0.6e-6 * (1. - 1e-3));
      }
  }
  EXPECT_TRUE(crosses);
}

TEST(Pores, SameSeedSamePores)
{
  PorePopulationParameters population;
  const auto first = build(with_population(population)), again = build(with_population(population));
  ASSERT_EQ(first.pores().size(), again.pores().size());
  for (unsigned int i = 0; i < first.pores().size(); ++i)
    EXPECT_EQ(first.pores()[i].shape.centre, again.pores()[i].shape.centre);
  population.seed = 2;
  EXPECT_NE(build(with_population(population)).pores()[0].shape.centre, first.pores()[0].shape.centre);
}

TEST(Pores, GoWhereTheyAreTold)
{
  PorePopulationParameters population;
  population.porosity = 0.02;
  population.smallest_radius = population.largest_radius = 0.5e-6;
  const auto centres_of = [&](PorePlace place, auto &&check) {
    population.place = place;
    const Microstructure<2> microstructure = build(with_population(population));
    EXPECT_GE(microstructure.pores().size(), 5u);
    for (const auto &pore : microstructure.pores())
      check(microstructure, pore.shape.centre);
  };
  centres_of(PorePlace::grains,
             [](const auto &m, const auto &c) { EXPECT_GT(m.distance_to_boundary(c), 1.1e-6); });
  centres_of(PorePlace::boundaries,
             [](const auto &m, const auto &c) { EXPECT_NEAR(m.distance_to_boundary(c) / 1e-6, 0., 1e-9); });
  population.porosity = 0.005;
  centres_of(PorePlace::anode_interface,
             [](const auto &, const auto &c) { EXPECT_NEAR(c[1] / 1e-6, 4., 1e-9); });
  centres_of(PorePlace::triple_lines, [](const auto &m, const auto &c) {
    // Around a triple point three grains appear.
    std::set<unsigned int> grains;
    for (unsigned int i = 0; i < 60; ++i)
      grains.insert(
          m.evaluate(c + 1e-9 * dealii::Point<2>(std::cos(0.1 * i + 0.01), std::sin(0.1 * i + 0.01))).grain);
    EXPECT_EQ(grains.size(), 3u);
  });
}

TEST(Pores, RefusesWhatCannotBe)
{
  PorePopulationParameters population;
  population.porosity = 0.7;
  EXPECT_NE(message_of(with_population(population)).find("was achieved"), std::string::npos);

  population.porosity = 0.05;
  population.smallest_radius = population.largest_radius = 0.3e-6;
  EXPECT_NE(message_of(with_population(population)).find("less than 4 of the finest cells"),
            std::string::npos);

  population.smallest_radius = population.largest_radius = 20e-6;
  EXPECT_NE(message_of(with_population(population)).find("less than one pore"), std::string::npos);

  population.smallest_radius = population.largest_radius = 1e-6;
  population.place = PorePlace::triple_lines;
  EXPECT_NE(message_of(with_population(population, 1)).find("has none"), std::string::npos);

  MicrostructureParameters parameters;
  SinglePoreParameters single;
  single.semi_axes = {1e-6, 20e-6};
  parameters.pores.single_pores = {{"slit", single}};
  EXPECT_NE(message_of(parameters).find("larger than the box"), std::string::npos);
  single.semi_axes = {1e-6, 2e-6, 3e-6};
  parameters.pores.single_pores = {{"slit", single}};
  EXPECT_NE(message_of(parameters).find("values"), std::string::npos);
  single.semi_axes = {1e-6};
  single.centre = {40e-6, 1e-6};
  parameters.pores.single_pores = {{"slit", single}};
  EXPECT_NE(message_of(parameters).find("outside the box"), std::string::npos);
}
