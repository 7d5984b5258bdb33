#pragma once

#include <deal.II/base/tensor.h>

#include <limits>

namespace lithoclase
{
/// Whether grains are columns, and how their size is counted: the diameter of a grain is that of the disc
/// (sphere) of its volume; of a column that across its axis.
///
/// Columns are grains of the metric SUM_a g_a^2 (x_a - y_a)^2, where g along the axis by g across it is the
/// inverse of the aspect ratio, zero where columns run through the whole box; the greater of both is 1. All
/// bisectors stay planes.
template <int dim>
struct GrainShape
{
  unsigned int axis = dim;  ///< of the columns; dim: none
  double aspect_ratio = 1.; ///< length by diameter of a column; infinite: through the box
  double length = 1.;       ///< of the electrolyte along the axis [m]

  bool is_column() const { return axis < dim; }
  bool runs_through() const { return is_column() && aspect_ratio == std::numeric_limits<double>::infinity(); }
  dealii::Tensor<1, dim> metric() const; ///< g
  double volume(double diameter) const;  ///< [m^dim]
  double diameter(double volume) const;  ///< [m]
  unsigned int size_dimension() const    ///< volumes grow with this power of the diameter
  {
    return runs_through() ? dim - 1 : dim;
  }

private:
  double unit_volume() const; ///< of a grain of diameter 2
};
} // namespace lithoclase
