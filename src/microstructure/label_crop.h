#pragma once

#include "microstructure/label_image_parameters.h"
#include "microstructure/label_reader.h"

namespace lithoclase
{
/// Takes the voxels of the file that the user wants, in reversed order along the axes of 'mirror'; sides that
/// are negative there become positive. Throws InputError.
void crop_and_mirror(const LabelImageParameters &parameters, LabelVoxels &voxels);
} // namespace lithoclase
