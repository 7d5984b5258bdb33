#pragma once

#include "microstructure/random.h"

#include <deal.II/base/tensor.h>

#include <array>

namespace lithoclase
{
/// Rotation matrix, uniform among all rotations of space.
dealii::Tensor<2, 3> random_rotation(Random &random);

/// Rotation by `angle` [rad] about coordinate axis `axis`.
dealii::Tensor<2, 3> rotation_about(unsigned int axis, double angle);
/// Rotation crystal -> sample by Bunge's Euler angles (about z, x, z) [rad].
dealii::Tensor<2, 3> rotation_from_euler(double phi_1, double capital_phi, double phi_2);
/// Its inverse: phi_1, Phi, phi_2 [rad].
std::array<double, 3> euler_angles(const dealii::Tensor<2, 3> &rotation);
} // namespace lithoclase
