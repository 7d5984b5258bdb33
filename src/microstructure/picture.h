#pragma once

#include "microstructure/microstructure.h"

#include <deal.II/base/mpi.h>

#include <string>

namespace lithoclase
{
/// Draws the microstructure as a PNG picture: grains in soft colours, boundaries dark, voids white, ionic
/// liquid blue, lithium metallic grey, with scale bar and legend. 2-D: the box; 3-D: the three middle planes
/// side by side. Collective. Throws std::runtime_error on all ranks if the file cannot be written.
template <int dim>
void write_picture(const Microstructure<dim> &microstructure, MPI_Comm communicator,
                   const std::string &file_name);
} // namespace lithoclase
