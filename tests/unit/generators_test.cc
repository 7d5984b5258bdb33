#include "core/failure.h"
#include "materials/material_database.h"
#include "micrometre.h"
#include "microstructure/grain_orientations.h"
#include "microstructure/label_export.h"
#include "microstructure/report.h"
#include "microstructure/rotation.h"
#include "physics/transport_properties.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

using namespace lithoclase;

namespace
{
constexpr double degree = dealii::numbers::PI / 180.;

template <int dim>
dealii::Point<dim> cube_corner(double side)
{
  dealii::Point<dim> point;
  for (unsigned int a = 0; a < dim; ++a)
    point[a] = side;
  return point;
}

template <int dim>
void expect_refused(const MicrostructureParameters &parameters, const std::string &clause)
{
  try {
    Microstructure<dim>(parameters, {}, cube_corner<dim>(20. * um), 0.1 * um);
    FAIL() << "accepted, expected: " << clause;
  } catch (const InputError &error) {
    EXPECT_NE(std::string(error.what()).find(clause), std::string::npos) << error.what();
  }
}

std::string temporary_file(const std::string &name, const std::string &text)
{
  const std::string file = testing::TempDir() + "lithoclase_" + std::to_string(::getpid()) + "_" + name;
  std::ofstream(file) << text;
  return file;
}
} // namespace

TEST(Orientations, CubicMisorientation)
{
  const auto angle = [](const dealii::Tensor<2, 3> &rotation) {
    return cubic_misorientation(rotation_about(2, 0.), rotation) / degree;
  };
  EXPECT_NEAR(angle(rotation_about(2, 30. * degree)), 30., 1e-6);
  EXPECT_NEAR(angle(rotation_about(0, 50. * degree)), 40., 1e-6); // beyond 45 degrees the other way round
  EXPECT_NEAR(angle(rotation_about(1, 90. * degree)), 0., 1e-5);
  // 60 degrees about <111>, the twin of cubic crystals (Sigma 3), by Euler angles 45, 70.53, 45.
  EXPECT_NEAR(angle(rotation_from_euler(45. * degree, std::acos(1. / 3.), 45. * degree)), 60., 1e-5);

  // All 24 rotations of the cube leave it as it is, from either side.
  Random random(4, RandomUse::orientations);
  for (unsigned int trial = 0; trial < 20; ++trial) {
    const auto a = random_rotation(random), b = random_rotation(random);
    const double there = cubic_misorientation(a, b);
    EXPECT_NEAR(cubic_misorientation(b, a), there, 1e-9);
    for (unsigned int axis = 0; axis < 3; ++axis) {
      EXPECT_NEAR(cubic_misorientation(a * rotation_about(axis, 0.5 * dealii::numbers::PI), b), there, 1e-7);
      EXPECT_NEAR(cubic_misorientation(a, b * rotation_about(axis, dealii::numbers::PI)), there, 1e-7);
    }
  }
}

TEST(Orientations, MisorientationsOfRandomCrystalsFollowMackenzie)
{
  // Mackenzie, Biometrika 45 (1958) 229: mean 40.736 degrees, none beyond 62.80. The standard deviation of
  // the distribution is 11.3 degrees, so three of that of the mean of n are 3 * 11.3/sqrt(n).
  constexpr unsigned int n = 20000;
  Random random(11, RandomUse::orientations);
  double sum = 0., largest = 0.;
  for (unsigned int i = 0; i < n; ++i) {
    const double angle = cubic_misorientation(random_rotation(random), random_rotation(random)) / degree;
    sum += angle;
    largest = std::max(largest, angle);
  }
  EXPECT_NEAR(sum / n, 40.736, 3. * 11.3 / std::sqrt(n));
  EXPECT_LT(largest, 62.80);
  EXPECT_GT(largest, 60.);
}

TEST(Orientations, FibreHasItsSpread)
{
  constexpr unsigned int n = 4000;
  for (const double spread : {8. * degree, 40. * degree})
    for (const CrystalDirection direction :
         {CrystalDirection::d100, CrystalDirection::d110, CrystalDirection::d111}) {
      GrainParameters parameters;
      parameters.orientation = OrientationRule::fibre;
      parameters.fibre.axis = static_cast<unsigned int>(direction);
      parameters.fibre.direction = direction;
      parameters.fibre.spread = spread;
      dealii::Tensor<1, 3> crystal; // written again
      for (int a = 0; a <= static_cast<int>(direction); ++a)
        crystal[a] = 1. / std::sqrt(1. + static_cast<int>(direction));
      double square = 0.;
      dealii::Tensor<1, 3> mean, turned;
      for (const auto &rotation : grain_orientations(parameters, n)) {
        EXPECT_NEAR(determinant(rotation), 1., 1e-12);
        EXPECT_NEAR((rotation * transpose(rotation) - dealii::unit_symmetric_tensor<3>()).norm(), 0., 1e-12);
        const dealii::Tensor<1, 3> leaning = rotation * crystal;
        const double tilt = std::acos(std::min(1., leaning[parameters.fibre.axis]));
        EXPECT_NEAR(fibre_tilt(parameters.fibre, rotation), tilt, 1e-6);
        square += tilt * tilt / n;
        mean += leaning / n;
        dealii::Tensor<1, 3> aside; // a direction across the fibre is turned all ways
        aside[2] = direction == CrystalDirection::d111 ? -1. : direction == CrystalDirection::d110 ? 1. : 0.;
        if (direction == CrystalDirection::d111)
          aside[0] = 1.;
        if (direction == CrystalDirection::d100)
          aside[1] = 1.;
        turned += rotation * aside / aside.norm() / n;
      }
      // The square of the angle is nearly exponential: its standard deviation is at most its mean, that of
      // the root of the mean of n half of 1/sqrt(n) of it; four of those, since many numbers are looked at.
      EXPECT_NEAR(std::sqrt(square) / spread, 1., 2. / std::sqrt(n));
      for (unsigned int a = 0; a < 3; ++a) {
        if (a != parameters.fibre.axis)
          EXPECT_NEAR(mean[a], 0., 4. * spread / std::sqrt(2. * n)); // leans to no side
        EXPECT_NEAR(turned[a], 0., 4. / std::sqrt(2. * n));
      }
    }
  GrainParameters exact;
  exact.orientation = OrientationRule::fibre;
  exact.fibre.spread = 0.;
  EXPECT_NEAR(grain_orientations(exact, 3)[2][2][0], 1., 1e-12);
}

TEST(Orientations, FromFile)
{
  GrainParameters parameters;
  parameters.orientation = OrientationRule::from_file;
  parameters.orientation_file =
      temporary_file("angles.txt", "unit degree\n# first\n10 20 30\n0 0 45 # second\n");
  const auto orientations = grain_orientations(parameters, 2);
  EXPECT_NEAR((orientations[0] - rotation_from_euler(10. * degree, 20. * degree, 30. * degree)).norm(), 0.,
              1e-12);
  EXPECT_NEAR((orientations[1] - rotation_about(2, 45. * degree)).norm(), 0., 1e-12);
  EXPECT_THROW(grain_orientations(parameters, 3), InputError); // one is missing
  for (const char *text :
       {"10 20 30\n", "unit um\n1 2 3\n", "unit degree\n1 2\n", "unit degree\n1 2 3 4\n"}) {
    temporary_file("angles.txt", text);
    EXPECT_THROW(grain_orientations(parameters, 1), InputError) << text;
  }
  std::remove(parameters.orientation_file.c_str());
}

TEST(BoundaryVariation, LowAngleLaw)
{
  EXPECT_EQ(low_angle_share(0., 15.), 0.);
  EXPECT_EQ(low_angle_share(15., 15.), 1.);
  EXPECT_EQ(low_angle_share(40., 15.), 1.);
  EXPECT_NEAR(low_angle_share(7.5, 15.), 0.5 * (1. + std::log(2.)), 1e-12);

  BoundaryCharacter character;
  character.conduction = 0.25;
  EXPECT_NEAR(1. / character.conductivity(1., 0.01), 1. + 0.25 * 99., 1e-9); // a quarter of what it adds
  EXPECT_NEAR(character.conductivity(1., 5.), 2., 1e-12);
  character.conduction = 0.;
  EXPECT_EQ(character.conductivity(2., 0.01), 2.);
  character.toughness_share = 0.25;
  EXPECT_NEAR(character.toughness(8., 4.), 7., 1e-12);
}

TEST(BoundaryVariation, FactorsHaveMeanAndDeviationAndBelongToThePair)
{
  BoundaryVariationParameters parameters;
  parameters.conductivity_deviation = 0.4;
  parameters.toughness_deviation = 0.2;
  constexpr unsigned int n = 20000;
  std::vector<std::pair<unsigned int, unsigned int>> pairs;
  for (unsigned int i = 0; i < n; ++i)
    pairs.emplace_back(i, i + 1 + i % 7);
  const std::vector<dealii::Tensor<2, 3>> orientations(n + 10, rotation_about(2, 0.));
  const auto characters = boundary_characters(parameters, pairs, orientations);
  std::vector<double> conduction, toughness;
  for (const auto &character : characters) {
    conduction.push_back(character.conduction);
    toughness.push_back(character.toughness_factor);
  }
  // Three standard deviations of the mean are 3 d/sqrt(n); those of the deviation of a log-normal value are
  // about 3 d/sqrt(2n) (1 + 4 d^2).
  for (const auto &[values, d] : {std::make_pair(conduction, 0.4), std::make_pair(toughness, 0.2)}) {
    const MeanAndDeviation result = mean_and_deviation(values);
    EXPECT_NEAR(result.mean, 1., 3. * d / std::sqrt(n));
    EXPECT_NEAR(result.deviation, d, 3. * d / std::sqrt(2. * n) * (1. + 4. * d * d));
  }
  double product = 0.; // of one boundary the two are independent
  for (const auto &character : characters)
    product += (character.conduction - 1.) * (character.toughness_factor - 1.) / n;
  EXPECT_NEAR(product, 0., 3. * 0.4 * 0.2 / std::sqrt(n));

  // Another mesh may number boundaries another way.
  const auto alone = boundary_characters(parameters, {pairs[77]}, orientations);
  EXPECT_EQ(alone[0].conduction, characters[77].conduction);
  EXPECT_EQ(alone[0].electronic_conduction, alone[0].conduction); // one factor for both carriers
  EXPECT_EQ(alone[0].toughness_factor, characters[77].toughness_factor);
}

TEST(BoundaryVariation, ElectronsMayHaveFactorsOfTheirOwn)
{
  BoundaryVariationParameters parameters;
  parameters.conductivity_deviation = 0.4;
  parameters.electronic_deviation = 0.8;
  constexpr unsigned int n = 20000;
  std::vector<std::pair<unsigned int, unsigned int>> pairs;
  for (unsigned int i = 0; i < n; ++i)
    pairs.emplace_back(i, i + 1);
  const std::vector<dealii::Tensor<2, 3>> orientations(n + 1, rotation_about(2, 0.));
  std::vector<double> electronic;
  double product = 0.;
  for (const auto &character : boundary_characters(parameters, pairs, orientations)) {
    electronic.push_back(character.electronic_conduction);
    product += (character.conduction - 1.) * (character.electronic_conduction - 1.) / n;
  }
  const MeanAndDeviation result = mean_and_deviation(electronic);
  EXPECT_NEAR(result.mean, 1., 3. * 0.8 / std::sqrt(n));
  EXPECT_NEAR(result.deviation, 0.8, 3. * 0.8 / std::sqrt(2. * n) * (1. + 4. * 0.64));
  EXPECT_NEAR(product, 0., 3. * 0.4 * 0.8 / std::sqrt(n));
}

TEST(BoundaryVariation, AlignedGrainsConductLikeOne)
{
  MicrostructureParameters parameters;
  parameters.grains.number = 4;
  parameters.grains.orientation = OrientationRule::aligned;
  parameters.boundaries.low_angle_conductivity = true;
  TransportParameters transport;
  transport.ionic_conductivity = 0.046;
  transport.boundary_ionic_conductivity = 1e-4;
  transport.boundary_width = 5e-9;
  MaterialDatabase materials(MaterialParameters(), MPI_COMM_WORLD);
  const TransportData data(transport, materials);
  for (const bool aligned : {true, false}) {
    if (!aligned)
      parameters.grains.orientation = OrientationRule::random;
    const Microstructure<2> structure(parameters, {}, {10. * um, 10. * um}, 0.1 * um);
    const TransportProperties<2> properties(transport, data, structure);
    double least = 1.;
    for (unsigned int i = 0; i < 100; ++i)
      for (unsigned int j = 0; j < 100; ++j)
        least = std::min(
            least, dealii::eigenvalues(properties.at({(i + 0.5) * 0.1 * um, (j + 0.5) * 0.1 * um}).ionic)[1] /
                       0.046);
    if (aligned)
      EXPECT_NEAR(least, 1., 1e-9);
    else
      EXPECT_LT(least, 0.5);
  }
}

TEST(Generators, ReportStatesTargetsAndResults)
{
  MicrostructureParameters parameters;
  parameters.grains.size = 3. * um;
  parameters.grains.size_deviation = 1. * um;
  parameters.grains.orientation = OrientationRule::fibre;
  parameters.boundaries.conductivity_deviation = 0.5;
  const Microstructure<2> structure(parameters, {}, {20. * um, 20. * um}, 0.1 * um);
  const MicrostructureReport report = make_report(structure, MPI_COMM_WORLD, 40000);
  // 44 grains, 900 points of the raster in each: its error of a size is below a per cent.
  EXPECT_NEAR(report.mean_grain_size / um, 3., 0.09);
  EXPECT_NEAR(report.grain_size_deviation / um, 1., 0.05);
  EXPECT_EQ(report.grains, structure.n_grains());
  EXPECT_GT(*report.fibre_spread, 5. * degree);
  const std::string json = to_json(report);
  for (const char *name : {"target_grain_size [m]", "target_fibre_spread [degree]",
                           "mean_misorientation [degree]", "boundary_conduction_factor_deviation [1]"})
    EXPECT_NE(json.find(name), std::string::npos) << name;
  std::ostringstream text;
  print(report, text);
  EXPECT_NE(text.str().find("(target 3 um), standard deviation"), std::string::npos) << text.str();
}

TEST(Generators, ExportedLabelsOfGrainsInThreeDimensionsComeBack)
{
  MicrostructureParameters parameters;
  parameters.grains.size = 4. * um;
  parameters.grains.size_deviation = 1.2 * um;
  parameters.grains.column_axis = ColumnAxis::z;
  parameters.grains.column_aspect_ratio = 1.5;
  parameters.band_width = 0.9 * um;
  const dealii::Point<3> upper(8. * um, 8. * um, 8. * um);
  const Microstructure<3> generated(parameters, {}, upper, 0.25 * um);
  const std::string file = testing::TempDir() + "lithoclase_columns.h5";
  export_labels(generated, MPI_COMM_WORLD, file);
  MicrostructureParameters from_file;
  from_file.band_width = 0.9 * um;
  from_file.label_image.file = file;
  from_file.label_image.file_unit = 1e-6;
  const Microstructure<3> imported(from_file, {}, upper, 0.25 * um, {}, MPI_COMM_WORLD);
  ASSERT_EQ(imported.n_grains(), generated.n_grains());
  Random random(1, RandomUse::noise);
  double wrong = 0., away = 0.;
  for (unsigned int i = 0; i < 2000; ++i) {
    const dealii::Point<3> point(random.uniform(0., upper[0]), random.uniform(0., upper[1]),
                                 random.uniform(0., upper[2]));
    if (generated.distance_to_boundary(point) < 0.25 * um) // a voxel
      continue;
    away += 1.;
    wrong += imported.evaluate(point).grain != generated.evaluate(point).grain;
  }
  EXPECT_GT(away, 1000.);
  EXPECT_LT(wrong / away, 0.01);
  MPI_Barrier(MPI_COMM_WORLD);
  std::remove(file.c_str());
}
