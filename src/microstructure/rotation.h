#pragma once

#include "microstructure/random.h"

#include <deal.II/base/tensor.h>

namespace lithoclase
{
/// Rotation matrix, uniform among all rotations of space.
dealii::Tensor<2, 3> random_rotation(Random &random);

/// Rotation by `angle` [rad] about coordinate axis `axis`.
dealii::Tensor<2, 3> rotation_about(unsigned int axis, double angle);
} // namespace lithoclase
