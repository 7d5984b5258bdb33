#include "microstructure/diffuse_profile.h"

#include <deal.II/base/numbers.h>

#include <cmath>

namespace lithoclase
{
using dealii::numbers::PI;

double diffuse_indicator(double depth, double half_width)
{
  if (depth >= half_width)
    return 1.;
  if (depth <= -half_width)
    return 0.;
  const double t = depth / half_width;
  return 0.5 * (1. + t + std::sin(PI * t) / PI);
}

double boundary_band(double s, double width)
{
  return std::abs(s) < width ? 0.5 * (1. + std::cos(PI * s / width)) : 0.;
}

double wall_band(double s, double width)
{
  return s > 0. && s < width ? 1. - std::cos(2. * PI * s / width) : 0.;
}
} // namespace lithoclase
