#include "core/anderson.h"

namespace lithoclase
{
namespace
{
constexpr double dependent = 1e-6; ///< part of a difference that is new, below which it says nothing
}

void Anderson::reset()
{
  started_ = false;
  residuals_.clear();
  images_.clear();
}

void Anderson::update(Vector &x, const Vector &g)
{
  Vector residual = g;
  residual -= x;
  if (started_) {
    residuals_.push_back(residual);
    residuals_.back() -= residual_;
    images_.push_back(g);
    images_.back() -= image_;
    if (residuals_.size() > depth_) {
      residuals_.pop_front();
      images_.pop_front();
    }
  }
  started_ = true;
  residual_ = residual;
  image_ = g;

  // Least squares by orthogonalisation, the newest difference first. What is done to the differences of
  // residuals is done to those of images, so that the weights need not be known.
  x = g;
  std::deque<Vector> directions, steps;
  for (auto r = residuals_.rbegin(), i = images_.rbegin(); r != residuals_.rend(); ++r, ++i) {
    Vector direction = *r, step = *i;
    const double size = direction.l2_norm();
    for (unsigned int k = 0; k < directions.size(); ++k) {
      const double part = direction * directions[k];
      direction.add(-part, directions[k]);
      step.add(-part, steps[k]);
    }
    const double left = direction.l2_norm();
    if (!(left > dependent * size))
      continue;
    direction /= left;
    step /= left;
    const double weight = residual * direction;
    residual.add(-weight, direction);
    x.add(-weight, step);
    directions.push_back(std::move(direction));
    steps.push_back(std::move(step));
  }
}
} // namespace lithoclase
