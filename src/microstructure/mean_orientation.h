#pragma once

#include <deal.II/base/tensor.h>

#include <array>

namespace lithoclase
{
/// A rotation crystal -> sample as a unit quaternion w, x, y, z.
using Quaternion = std::array<double, 4>;

Quaternion quaternion_from_euler(const std::array<double, 3> &angles); ///< Bunge's [rad]
dealii::Tensor<2, 3> rotation_from_quaternion(const Quaternion &quaternion);

/// Mean orientation of a cubic crystal: of the 24 rotations that each measured one stands for, the nearest to
/// the mean so far is added; the mean is the direction of the sum of quaternions. Exact to second order in
/// the spread. Reference: Humbert et al., J. Appl. Cryst. 29 (1996) 662, doi:10.1107/S0021889896006693.
class MeanOrientation
{
public:
  void add(const Quaternion &quaternion);
  std::array<double, 3> euler() const; ///< after at least one add() [rad]

private:
  Quaternion sum_{};
};
} // namespace lithoclase
