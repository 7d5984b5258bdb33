#pragma once

#include "core/expression.h"

#include <deal.II/base/function_parser.h>
#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <memory>

namespace lithoclase
{
/// How deep a point lies inside a phase: signed distance to its wall, positive inside [m], and its gradient
/// (unit, or zero).
template <int dim>
struct Depth
{
  double value;
  dealii::Tensor<1, dim> gradient;
};

/// A phase by formula, positive inside. Where the formula is no distance it is divided by the length of its
/// gradient, which makes it one near its zero.
template <int dim>
class LevelSet
{
public:
  /// `step` of the central differences and `largest` distance returned [m].
  LevelSet(const Expression &expression, double step, double largest);

  bool empty() const { return !function_; } ///< no formula: depth() is minus the largest distance

  Depth<dim> depth(const dealii::Point<dim> &point) const;

private:
  std::unique_ptr<dealii::FunctionParser<dim>> function_;
  double step_, largest_;
};
} // namespace lithoclase
