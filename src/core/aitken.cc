#include "core/aitken.h"

#include <algorithm>

namespace lithoclase
{
namespace
{
constexpr double least_factor = 0.2, most_factor = 4.;
}

void Aitken::update(Vector &x, const Vector &g)
{
  Vector residual = g;
  residual -= x;
  if (turn_++ == 0)
    factor_ = 1.;
  else {
    residual_ -= residual; // r_old - r
    const double size = residual_.norm_sqr();
    // r_old . (r_old - r) = |r_old - r|^2 + r . (r_old - r)
    const double factor = size > 0. ? factor_ * (size + residual * residual_) / size : 1.;
    factor_ = factor > 0. ? std::clamp(factor, least_factor, most_factor) : 1.;
  }
  residual_ = residual;
  x.add(factor_, residual);
}
} // namespace lithoclase
