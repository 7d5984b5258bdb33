#pragma once

#include "microstructure/microstructure_parameters.h"
#include "microstructure/random.h"

#include <deal.II/base/tensor.h>

#include <vector>

namespace lithoclase
{
/// Orientations of the grains as rotation matrices crystal -> sample. Throws InputError.
std::vector<dealii::Tensor<2, 3>> grain_orientations(const GrainParameters &parameters,
                                                     unsigned int n_grains);

/// Smallest angle of a rotation between two crystals of cubic symmetry, of its 24 equivalents [rad].
double cubic_misorientation(const dealii::Tensor<2, 3> &a, const dealii::Tensor<2, 3> &b);

/// Angle between the axis of the fibre and the crystal direction that it lines up [rad].
double fibre_tilt(const FibreParameters &fibre, const dealii::Tensor<2, 3> &orientation);
} // namespace lithoclase
