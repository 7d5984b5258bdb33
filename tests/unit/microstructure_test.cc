#include "microstructure/microstructure.h"

#include "core/failure.h"
#include "core/parameter_file.h"
#include "micrometre.h"

#include <gtest/gtest.h>

#include <sstream>

using namespace lithoclase;

namespace
{

Microstructure<2> build_2d(const MicrostructureParameters &parameters, double finest_cell = 0.1 * um)
{
  return {parameters, {0., 0.}, {20. * um, 20. * um}, finest_cell};
}

template <int dim>
void expect_refusal(const MicrostructureParameters &parameters, const std::string &clause)
{
  dealii::Point<dim> upper;
  for (unsigned int a = 0; a < dim; ++a)
    upper[a] = 20. * um;
  try {
    Microstructure<dim>(parameters, {}, upper, 0.1 * um);
    FAIL() << "accepted, expected: " << clause;
  } catch (const InputError &error) {
    EXPECT_NE(std::string(error.what()).find(clause), std::string::npos) << error.what();
  }
}
} // namespace

TEST(Microstructure, DefaultIsOneGrainWithoutAnything)
{
  const Microstructure<2> microstructure = build_2d({});
  const PointStructure<2> structure = microstructure.evaluate({3. * um, 4. * um});
  EXPECT_EQ(structure.solid, 1.);
  EXPECT_EQ(structure.n_bands, 0u);
  EXPECT_EQ(structure.phase_normal.norm(), 0.);
  EXPECT_EQ(microstructure.n_grains(), 1u);
  EXPECT_EQ(microstructure.n_boundaries(), 0u);
  const double diagonal = 20. * um * std::sqrt(2.);
  EXPECT_NEAR(microstructure.distance_to_wall({um, um}) / diagonal, 1., 1e-12);
  EXPECT_GE(microstructure.distance_to_boundary({um, um}) / diagonal, 1.);
  EXPECT_NEAR(microstructure.distance_to_lithium({um, um}) / diagonal, -1., 1e-12);
  EXPECT_DOUBLE_EQ(microstructure.band_width(), 0.4 * um);
}

TEST(Microstructure, PoreWallIsDiffuseWithNormalAndBand)
{
  MicrostructureParameters parameters;
  SinglePoreParameters pore;
  pore.semi_axes = {3. * um};
  pore.filling = PoreFilling::liquid;
  parameters.pores.single_pores = {{"a", pore}};
  const Microstructure<2> microstructure = build_2d(parameters);

  dealii::Tensor<1, 2> radial;
  radial[0] = 0.6;
  radial[1] = 0.8;
  double wall = 0., liquid = 0.;
  constexpr unsigned int n = 4000;
  for (unsigned int i = 0; i < n; ++i) {
    const double r = 6. * um * (i + 0.5) / n;
    const PointStructure<2> structure = microstructure.evaluate({10. * um + 0.6 * r, 10. * um + 0.8 * r});
    EXPECT_NEAR(structure.solid + structure.empty + structure.liquid, 1., 1e-15);
    EXPECT_EQ(structure.empty, 0.);
    wall += structure.wall * 6. * um / n;
    liquid += structure.liquid * 6. * um / n;
    if (structure.liquid > 0.01 && structure.liquid < 0.99) {
      EXPECT_NEAR((structure.phase_normal - radial).norm(), 0., 1e-12);
    } else if (structure.liquid == 0. || structure.liquid == 1.) {
      EXPECT_EQ(structure.phase_normal.norm(), 0.);
    }
  }
  EXPECT_NEAR(wall / microstructure.band_width(), 1., 1e-5);
  EXPECT_NEAR(liquid / (3. * um), 1., 1e-6);
  EXPECT_NEAR(microstructure.distance_to_wall({10. * um, 15. * um}) / um, 2., 1e-12);
  EXPECT_NEAR(microstructure.distance_to_wall({10. * um, 11. * um}) / um, -2., 1e-12);
}

TEST(Microstructure, StructureContinuesIntoTheAnode)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 5. * um;
  parameters.anode.waves = {{"swell", {0.5 * um, 10. * um, 0., 0.}}};
  parameters.grains.number = 12;
  const Microstructure<2> microstructure = build_2d(parameters);
  for (unsigned int i = 0; i < 50; ++i) {
    const dealii::Point<2> low(0.4 * um * i, 1. * um);
    dealii::Point<2> interface = low;
    interface[1] = microstructure.anode_interface(low);
    EXPECT_NEAR(interface[1] / um, 5. + 0.5 * std::cos(2. * 3.14159265358979 * low[0] / (10. * um)), 1e-9);
    const PointStructure<2> below = microstructure.evaluate(low), there = microstructure.evaluate(interface);
    EXPECT_EQ(below.grain, there.grain);
    EXPECT_EQ(below.band_sum(), there.band_sum());
  }
}

TEST(Microstructure, DistanceToAWavyAnodeIsThatToItsSurface)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 5. * um;
  parameters.anode.waves = {{"swell", {1. * um, 10. * um, 0., 0.}}};
  const Microstructure<2> microstructure = build_2d(parameters);
  constexpr double k = 2. * 3.14159265358979 / 10.;
  for (const double x : {3., 5., 6.3, 8., 10.})
    for (const double distance : {-1., -0.3, 0.2, 0.8}) {
      // From a point of the surface along its normal; the radius of curvature is at least 2.5 um.
      const double slope = -k * std::sin(k * x), length = std::sqrt(1. + slope * slope);
      const dealii::Point<2> point((x - distance * slope / length) * um,
                                   (5. + std::cos(k * x) + distance / length) * um);
      EXPECT_NEAR(microstructure.distance_to_lithium(point) / um, -distance, 2e-3);
    }
}

TEST(Microstructure, NotchesBelongToTheMetal)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 5. * um;
  NotchParameters notch;
  notch.position = {10. * um};
  notch.depth = 3. * um;
  notch.width = 2. * um;
  for (const NotchShape shape : {NotchShape::wedge, NotchShape::round, NotchShape::slot}) {
    notch.shape = shape;
    parameters.anode.notches = {{"flaw", notch}};
    const Microstructure<2> microstructure = build_2d(parameters);
    EXPECT_NEAR(microstructure.anode_interface({10. * um, 0.}) / um, 8., 1e-9);
    EXPECT_NEAR(microstructure.anode_interface({12. * um, 0.}) / um, 5., 1e-9);
    EXPECT_GT(microstructure.distance_to_lithium({10. * um, 7.5 * um}), 0.);
    EXPECT_NEAR(microstructure.distance_to_lithium({10. * um, 8.5 * um}) / um, -0.5, 1e-6);
    EXPECT_NEAR(microstructure.distance_to_lithium({2. * um, 4. * um}) / um, 1., 1e-6);
    if (shape == NotchShape::slot) {
      EXPECT_NEAR(microstructure.distance_to_lithium({11.5 * um, 6. * um}) / um, -0.5, 1e-6);
    }
    // The sign agrees with the height everywhere.
    for (double x = 8.05; x < 12.; x += 0.1)
      for (double y = 4.05; y < 9.; y += 0.1) {
        const dealii::Point<2> point(x * um, y * um);
        const double above = point[1] - microstructure.anode_interface(point);
        if (std::abs(above) > 1e-3 * um) {
          EXPECT_EQ(microstructure.distance_to_lithium(point) > 0., above < 0.) << x << " " << y;
        }
      }
  }
}

TEST(Microstructure, RoughnessHasItsMeanSquare)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 5. * um;
  parameters.anode.roughness.root_mean_square = 0.2 * um;
  const Microstructure<2> microstructure = build_2d(parameters);
  double mean = 0., square = 0.;
  constexpr unsigned int n = 2000;
  for (unsigned int i = 0; i < n; ++i) {
    const double height = microstructure.anode_interface({20. * um * (i + 0.5) / n, 0.}) / um - 5.;
    mean += height / n;
    square += height * height / n;
  }
  EXPECT_NEAR(mean, 0., 1e-9);
  EXPECT_NEAR(std::sqrt(square), 0.2, 1e-9);
  EXPECT_NEAR(microstructure.electrolyte_volume() / (um * um), 20. * 15., 1e-6);
}

TEST(Microstructure, PhasesByExpression)
{
  MicrostructureParameters parameters;
  parameters.phases.liquid.text = "x - 4*um";             // a distance
  parameters.phases.empty.text = "1e6*((3*um)^2 - x^2)";  // no distance, another unit
  parameters.phases.solid.text = "1*um - abs(y - 10*um)"; // a bridge through both
  parameters.phases.lithium.text = "1*um - sqrt((x-10*um)^2 + (y-3*um)^2)";
  const Microstructure<2> microstructure = build_2d(parameters);
  EXPECT_EQ(microstructure.evaluate({6. * um, 5. * um}).liquid, 1.);
  EXPECT_EQ(microstructure.evaluate({2. * um, 5. * um}).empty, 1.);
  EXPECT_EQ(microstructure.evaluate({3.5 * um, 5. * um}).solid, 1.);
  EXPECT_EQ(microstructure.evaluate({6. * um, 10. * um}).solid, 1.);
  EXPECT_NEAR(microstructure.evaluate({4. * um, 5. * um}).liquid, 0.5, 1e-9);
  EXPECT_NEAR(microstructure.evaluate({3. * um, 5. * um}).empty, 0.5, 1e-9);
  EXPECT_NEAR(microstructure.distance_to_wall({6. * um, 10.3 * um}) / um, 0.7, 1e-6);
  EXPECT_NEAR(microstructure.distance_to_wall({6. * um, 15. * um}) / um, -2., 1e-6);
  EXPECT_NEAR(microstructure.distance_to_lithium({10. * um, 2.7 * um}) / um, 0.7, 1e-6);

  // Where liquid and void meet, no solid appears between them.
  parameters.phases = {};
  parameters.phases.liquid.text = "x - 4*um";
  parameters.phases.empty.text = "4*um - x";
  const Microstructure<2> two_phases = build_2d(parameters);
  for (double x = 3.8; x < 4.2; x += 0.02)
    EXPECT_NEAR(two_phases.evaluate({x * um, 1. * um}).solid, 0., 1e-6);
}

TEST(Microstructure, OrientationsAreRotationsAndUniform)
{
  MicrostructureParameters parameters;
  parameters.grains.number = 400;
  parameters.band_width = 0.3 * um;
  double sum = 0.;
  const Microstructure<2> microstructure = build_2d(parameters);
  for (unsigned int grain = 0; grain < 400; ++grain) {
    const dealii::Tensor<2, 3> &rotation = microstructure.orientation(grain);
    EXPECT_NEAR((rotation * transpose(rotation) - dealii::unit_symmetric_tensor<3>()).norm(), 0., 1e-14);
    EXPECT_NEAR(determinant(rotation), 1., 1e-14);
    sum += std::pow(rotation[0][0], 2) / 400.;
  }
  EXPECT_NEAR(sum, 1. / 3., 3. * 0.3 / 20.); // three standard deviations of the mean

  parameters.grains.orientation = OrientationRule::in_plane;
  EXPECT_EQ(build_2d(parameters).orientation(3)[2][2], 1.);
  parameters.grains.orientation = OrientationRule::aligned;
  EXPECT_EQ(build_2d(parameters).orientation(3)[0][0], 1.);
}

TEST(Microstructure, RefusesContradictions)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 20. * um;
  expect_refusal<2>(parameters, "counter electrode");
  expect_refusal<3>(parameters, "counter electrode");

  parameters.anode.thickness = 5. * um;
  parameters.anode.waves = {{"swell", {16. * um, 10. * um, 0., 0.}}};
  expect_refusal<2>(parameters, "bottom of the box");

  parameters.anode.waves.clear();
  NotchParameters notch;
  notch.position = {25. * um};
  parameters.anode.notches = {{"flaw", notch}};
  expect_refusal<2>(parameters, "outside the box");
  notch.position = {10. * um};
  notch.depth = 16. * um;
  parameters.anode.notches = {{"flaw", notch}};
  expect_refusal<2>(parameters, "outside the box");
  expect_refusal<3>(parameters, "position has 1 values, but needs 2");
  notch.depth = 1. * um;
  notch.width = 0.2 * um;
  parameters.anode.notches = {{"flaw", notch}};
  expect_refusal<2>(parameters, "4 of the finest cells");
  parameters.anode.thickness = 0.;
  expect_refusal<2>(parameters, "no anode");

  parameters = {};
  parameters.band_width = 0.2 * um;
  expect_refusal<2>(parameters, "less than 3 of the finest cells");
  parameters.band_width = 2. * um;
  parameters.grains.number = 100;
  expect_refusal<2>(parameters, "mean grain size");
}

TEST(Microstructure, ParametersDeclareThemselves)
{
  ParameterFile file("", {"Microstructure/Grains/number of grains=7", "Microstructure/band width=600 nm"});
  MicrostructureParameters parameters;
  ParameterSection root = file.root();
  root.subsection("Microstructure", parameters, "Structure of the cell.");
  file.finish();
  EXPECT_EQ(parameters.grains.number, 7u);
  EXPECT_NEAR(*parameters.band_width / um, 0.6, 1e-12);
  std::ostringstream text;
  file.print(text, true);
  EXPECT_NE(text.str().find("minimum seed distance"), std::string::npos);
}

TEST(Microstructure, NamesTheSeedsOfWhatIsDrawn)
{
  MicrostructureParameters parameters;
  EXPECT_TRUE(parameters.seeds().empty()); // one grain
  parameters.grains.number = 5;
  parameters.grains.seed = 17;
  PorePopulationParameters voids;
  voids.seed = 4;
  parameters.pores.populations.emplace_back("Microstructure/Pores/Populations/voids", voids);
  EXPECT_EQ(parameters.seeds(),
            (std::map<std::string, unsigned long long>{{"grains", 17}, {"pores voids", 4}}));
}
