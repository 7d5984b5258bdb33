#pragma once

#include "output/output_grid.h"

#include <deal.II/base/mpi.h>

#include <string>

namespace lithoclase
{
/// Writes the grids of all ranks into the one file `path` in the VTKHDF layout, version 1.0: an unstructured
/// grid with one partition per rank, compressed, time and step number as field data. Each array has its unit
/// as an attribute, too.
///
/// All ranks write together (MPI-IO), under a temporary name first. Collective. std::runtime_error on all
/// ranks if the file cannot be written.
void write_vtkhdf(MPI_Comm communicator, const OutputGrid &grid, const std::string &path,
                  bool double_coordinates);
} // namespace lithoclase
