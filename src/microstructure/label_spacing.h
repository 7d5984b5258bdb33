#pragma once

#include "microstructure/label_image_parameters.h"
#include "microstructure/label_resampling.h"

namespace lithoclase
{
/// Sides of the voxels of a file after the user's words, along an axis of unequal ones the smallest [m].
/// Throws InputError.
std::array<double, 3> spacing_in_metres(const LabelImageParameters &parameters, const LabelVoxels &voxels);

/// To the voxels that the user asks for, else to equal ones of those sides. Throws InputError.
LabelResampling resampling_to(const LabelImageParameters &parameters, const LabelVoxels &voxels,
                              const std::array<double, 3> &spacing);
} // namespace lithoclase
