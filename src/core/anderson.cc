#include "core/anderson.h"

#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/vector.h>

namespace lithoclase
{
using namespace dealii;

namespace
{
// Differences that are nearly parallel would get huge weights of opposite signs.
constexpr double regularisation = 1e-10;
} // namespace

void AndersonAcceleration::restart()
{
  change_differences_.clear();
  image_differences_.clear();
  has_last_ = false;
}

void AndersonAcceleration::next(Vector &x, const Vector &image)
{
  x.zero_out_ghost_values();
  if (depth_ == 0) {
    x.copy_locally_owned_data_from(image);
    return;
  }
  Vector change = x;
  change.copy_locally_owned_data_from(image);
  Vector next = change;
  change -= x;
  if (has_last_) {
    last_change_.sadd(-1., change);
    last_image_.sadd(-1., next);
    change_differences_.push_front(last_change_);
    image_differences_.push_front(last_image_);
    if (change_differences_.size() > depth_) {
      change_differences_.pop_back();
      image_differences_.pop_back();
    }
  }
  last_change_ = change;
  last_image_ = next;
  has_last_ = true;

  const unsigned int n = change_differences_.size();
  FullMatrix<double> products(n, n);
  dealii::Vector<double> right(n), weights(n);
  for (unsigned int i = 0; i < n; ++i) {
    for (unsigned int k = 0; k <= i; ++k)
      products(i, k) = products(k, i) = change_differences_[i] * change_differences_[k];
    right(i) = change_differences_[i] * change;
  }
  for (unsigned int i = 0; i < n; ++i)
    products(i, i) = products(i, i) * (1. + regularisation) + 1e-300;
  if (n > 0) {
    products.gauss_jordan();
    products.vmult(weights, right);
  }
  x = next;
  for (unsigned int i = 0; i < n; ++i)
    x.add(-weights(i), image_differences_[i]);
}
} // namespace lithoclase
