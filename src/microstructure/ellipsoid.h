#pragma once

#include "microstructure/level_set.h"

#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

namespace lithoclase
{
/// An ellipse (2-D) or ellipsoid with any orientation.
template <int dim>
struct Ellipsoid
{
  dealii::Point<dim> centre;
  dealii::Tensor<1, dim> semi_axes;
  dealii::Tensor<2, dim> axes; ///< column i: unit vector along semi-axis i

  double inner_radius() const;                  ///< smallest semi-axis
  double outer_radius() const;                  ///< largest semi-axis
  double volume() const;                        ///< in 2-D the area
  double extent(unsigned int coordinate) const; ///< half the length of its shadow on a coordinate axis

  /// Signed distance to the surface, positive inside, and its gradient.
  Depth<dim> depth(const dealii::Point<dim> &point) const;

  dealii::Point<dim> nearest_surface_point(const dealii::Point<dim> &point) const;
};

/// Distance between two ellipsoids; zero or negative where they overlap.
template <int dim>
double distance(const Ellipsoid<dim> &a, const Ellipsoid<dim> &b);

/// Volume of the unit ball (2-D: disc).
template <int dim>
double unit_ball_volume();
} // namespace lithoclase
