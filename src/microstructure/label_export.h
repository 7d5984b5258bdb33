#pragma once

#include "microstructure/microstructure.h"

#include <string>

namespace lithoclase
{
/// Writes a microstructure as an image of labels, one voxel of about the finest cell's side per label, for
/// other programs and to be read again as a label image: void 0, grains from 1 (their number + 1), then ionic
/// liquid and lithium. `file` ends in .vti (spacing in um), or in .h5, .hdf5 or .dream3d (arrays named as
/// DREAM.3D does, with Euler angles and phases: 1 grains, 2 void, 3 ionic liquid, 4 lithium). Returns a
/// sentence about it. Collective; the first rank writes, it holds the voxels of one rank's block of rows at a
/// time. Throws InputError.
template <int dim>
std::string export_labels(const Microstructure<dim> &microstructure, MPI_Comm communicator,
                          const std::string &file);
} // namespace lithoclase
