#include "microstructure/diffuse_profile.h"

#include <gtest/gtest.h>

#include <functional>

using namespace lithoclase;

namespace
{
double midpoint_integral(const std::function<double(double)> &f, double from, double to)
{
  constexpr unsigned int n = 20000;
  double sum = 0.;
  for (unsigned int i = 0; i < n; ++i)
    sum += f(from + (i + 0.5) / n * (to - from));
  return sum * (to - from) / n;
}
} // namespace

TEST(DiffuseProfile, RampIsCompactAndSymmetric)
{
  const double w = 0.3e-6;
  EXPECT_EQ(diffuse_indicator(w, w), 1.);
  EXPECT_EQ(diffuse_indicator(-w, w), 0.);
  EXPECT_DOUBLE_EQ(diffuse_indicator(0., w), 0.5);
  for (const double depth : {0.1 * w, 0.5 * w, 0.9 * w})
    EXPECT_NEAR(diffuse_indicator(depth, w) + diffuse_indicator(-depth, w), 1., 1e-15);
  // 1/2 [1 - t - sin(pi t)/pi] at t = -1/2
  EXPECT_NEAR(diffuse_indicator(0.5 * w, w), 0.5 * (1.5 + 1. / 3.14159265358979), 1e-14);
}

TEST(DiffuseProfile, BandsIntegrateToTheirWidth)
{
  const double w = 0.4e-6;
  // The midpoint rule with 20000 points is exact to 1e-8 for these smooth functions.
  EXPECT_NEAR(midpoint_integral([&](double s) { return boundary_band(s, w); }, -2. * w, 2. * w) / w, 1.,
              1e-8);
  EXPECT_NEAR(midpoint_integral([&](double s) { return wall_band(s, w); }, 0., 2. * w) / w, 1., 1e-8);
  EXPECT_EQ(wall_band(-0.1 * w, w), 0.);
  EXPECT_DOUBLE_EQ(boundary_band(0., w), 1.);
}
