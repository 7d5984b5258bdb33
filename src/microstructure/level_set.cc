#include "microstructure/level_set.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
template <int dim>
LevelSet<dim>::LevelSet(const Expression &expression, double step, double largest)
    : step_(step), largest_(largest)
{
  if (!expression.empty())
    function_ = expression.function<dim>();
}

template <int dim>
Depth<dim> LevelSet<dim>::depth(const dealii::Point<dim> &point) const
{
  Depth<dim> depth{-largest_, {}};
  if (empty())
    return depth;

  const double value = function_->value(point);
  for (unsigned int a = 0; a < dim; ++a) {
    dealii::Point<dim> before = point, after = point;
    before[a] -= step_;
    after[a] += step_;
    depth.gradient[a] = (function_->value(after) - function_->value(before)) / (2. * step_);
  }
  const double slope = depth.gradient.norm();
  if (std::abs(value) < largest_ * slope) {
    depth.value = value / slope;
    depth.gradient /= slope;
  } else {
    depth.value = value > 0. ? largest_ : -largest_;
    depth.gradient = 0.;
  }
  return depth;
}

template class LevelSet<2>;
template class LevelSet<3>;
} // namespace lithoclase
