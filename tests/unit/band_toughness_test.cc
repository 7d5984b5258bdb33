#include "materials/band_toughness.h"

#include "core/failure.h"
#include "microstructure/diffuse_profile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

using namespace lithoclase;

namespace
{
constexpr CrackModel models[] = {CrackModel::at1, CrackModel::at2};

double constant_band(const double s, const double width)
{
  return std::abs(s) < 0.5 * width ? 1. : 0.;
}

/// G = r in |x| < a = width/2, 1 outside, lengths in l. AT2: (G d')' = G d, so d = cosh x - beta sinh x
/// inside and d ~ exp(-x) outside; continuous d and G d' at a give beta, and the cost is the flux -G d' d at
/// x = 0.
double exact_cost_at2(const double r, const double width)
{
  const double t = std::tanh(0.5 * width);
  return r * (r * t + 1.) / (r + t);
}

/// AT1: (G d')' = G/2 where d > 0, so d = 1 - beta x + x^2/4 inside and a full parabola outside, which costs
/// 4/3 d(a)^(3/2) and has the slope -sqrt(d(a)). G d' is continuous:
///     r^2 (beta - a/2)^2 = 1 - beta a + a^2/4
double exact_cost_at1(const double r, const double width)
{
  const double a = 0.5 * width;
  if (a >= 2.)
    return r; // the profile ends in the band
  // With s = beta - a/2, the slope at a: r^2 s^2 + a s = 1 - a^2/4.
  const double s = (-a + std::sqrt(a * a + 4. * r * r * (1. - 0.25 * a * a))) / (2. * r * r);
  const double beta = s + 0.5 * a;
  const double inside = a - 0.5 * beta * a * a + a * a * a / 12. + 2. / 3. * (std::pow(beta, 3) - s * s * s);
  return 0.75 * (r * inside + 4. / 3. * std::pow(r * s, 3));
}
} // namespace

TEST(BandToughness, UniformToughnessCostsItself)
{
  for (const CrackModel model : models)
    for (const double width : {0.3, 1., 7., 100.})
      for (const double cell_size : {0., 0.25})
        EXPECT_NEAR(crack_cost_in_band(model, 1., {width, boundary_band, cell_size}), 1., 1e-4);
}

TEST(BandToughness, CostInAConstantBandIsThatOfTheExactProfile)
{
  for (const double width : {0.2, 0.5, 1., 2., 3.9, 6., 50.})
    for (const double ratio : {0.01, 0.1, 0.5, 0.9, 2.}) {
      EXPECT_NEAR(crack_cost_in_band(CrackModel::at2, ratio, {width, constant_band}) /
                      exact_cost_at2(ratio, width),
                  1., 1e-4)
          << width << " " << ratio;
      EXPECT_NEAR(crack_cost_in_band(CrackModel::at1, ratio, {width, constant_band}) /
                      exact_cost_at1(ratio, width),
                  1., 1e-4)
          << width << " " << ratio;
    }
}

TEST(BandToughness, TheBrokenCellIsPartOfTheCost)
{
  // In a constant band the broken cell takes its width from the band and costs r w(1) h/(c_w l).
  for (const double h : {0.1, 0.4})
    for (const double ratio : {0.05, 0.5})
      for (const CrackModel model : models) {
        const double width = 1.5, core = h / crack_normalisation(model);
        const double flanks =
            model == CrackModel::at1 ? exact_cost_at1(ratio, width - h) : exact_cost_at2(ratio, width - h);
        EXPECT_NEAR(crack_cost_in_band(model, ratio, {width, constant_band, h}) /
                        ((flanks + ratio * core) / (1. + core)),
                    1., 1e-4)
            << h << " " << ratio;
      }
}

TEST(BandToughness, RatioOfAConstantBandIsTheExactOne)
{
  // AT2: t r^2 + (1-q) r - q t = 0 for the target q.
  for (const double width : {0.5, 1., 2., 5.})
    for (const double q : {0.3, 0.5, 0.9, 1.5}) {
      const double t = std::tanh(0.5 * width);
      const double exact = (q - 1. + std::sqrt((1. - q) * (1. - q) + 4. * q * t * t)) / (2. * t);
      EXPECT_NEAR(band_toughness(CrackModel::at2, q, {width, constant_band}) / exact, 1., 2e-4)
          << width << " " << q;
    }
}

TEST(BandToughness, CostOfTheSmoothBandConvergesToThatOfAnIndependentSolution)
{
  // G d' = -m, so that the pair (d, m) is integrated from the far end by Runge-Kutta's method and scaled: AT2
  // is linear.
  const auto shooting = [](const double ratio, const double width) {
    const auto toughness = [&](const double x) { return 1. + (ratio - 1.) * boundary_band(x, width); };
    double d = 1., m = 1.; // outside the band d ~ exp(-x)
    constexpr unsigned int n = 20000;
    const double step = width / n;
    for (unsigned int i = 0; i < n; ++i) { // midpoint rule: error ~ step^2
      const double x = width - i * step;
      const double middle_d = d + 0.5 * step * m / toughness(x), middle_m = m + 0.5 * step * toughness(x) * d;
      d += step * middle_m / toughness(x - 0.5 * step);
      m += step * toughness(x - 0.5 * step) * middle_d;
    }
    return m / d;
  };
  for (const double width : {0.3, 1., 4.})
    for (const double ratio : {0.05, 0.5})
      EXPECT_NEAR(crack_cost_in_band(CrackModel::at2, ratio, {width, boundary_band}) / shooting(ratio, width),
                  1., 1e-4)
          << width << " " << ratio;
}

TEST(BandToughness, RatioGivesTheTargetCost)
{
  for (const CrackModel model : models)
    for (const double cell_size : {0., 0.2})
      for (const double q : {0.4, 0.7, 1., 1.3}) {
        const CrackBand band = {1.2, boundary_band, cell_size};
        EXPECT_NEAR(crack_cost_in_band(model, band_toughness(model, q, band), band), q, 1e-5 * q);
      }
}

TEST(BandToughness, AWideBandHasTheToughnessOfItsBoundary)
{
  for (const CrackModel model : models)
    for (const double q : {0.2, 0.5, 0.95}) {
      // b = 1 - (pi x/2w)^2: the cost exceeds the middle's by a share ~ (l/w)^2 (1-q)/q.
      EXPECT_NEAR(band_toughness(model, q, {500., boundary_band}), q, 1e-4);
      double previous = 0.;
      for (const double width : {0.8, 1.5, 3., 10., 30.}) {
        const double ratio = band_toughness(model, q, {width, boundary_band}, 0.01);
        EXPECT_GT(ratio, previous);
        EXPECT_LT(ratio, q);
        previous = ratio;
      }
    }
}

TEST(BandToughness, IsOneForOneAndGrowsWithTheBoundary)
{
  for (const CrackModel model : models) {
    const CrackBand band = {1., boundary_band};
    EXPECT_NEAR(band_toughness(model, 1., band), 1., 1e-4);
    double previous = 0.;
    for (const double q : {0.1, 0.2, 0.4, 0.8, 1., 1.2}) {
      const double ratio = band_toughness(model, q, band, 0.01);
      EXPECT_GT(ratio, previous);
      previous = ratio;
    }
  }
}

TEST(BandToughness, ANarrowBandIsRefusedWithTheWidthThatWouldDo)
{
  for (const CrackModel model : models) {
    try {
      band_toughness(model, 0.5, {0.05, boundary_band});
      ADD_FAILURE() << "no error";
    } catch (const InputError &error) {
      const std::string message = error.what(), key = "must be at least ";
      EXPECT_NE(
          message.find("0.5 times the toughness of the grains: its width is 0.05 times the crack width"),
          std::string::npos)
          << message;
      const double least = std::stod(message.substr(message.find(key) + key.size()));
      EXPECT_GT(least, 0.05);
      EXPECT_LT(least, 1.);
      EXPECT_NEAR(band_toughness(model, 0.5, {least, boundary_band}), 0.05, 5e-4) << least;
      EXPECT_THROW(band_toughness(model, 0.5, {0.99 * least, boundary_band}), InputError);
    }
    EXPECT_THROW(band_toughness(model, 2., {0.05, boundary_band}), InputError);
  }
}
