#pragma once

#include "output/output_grid.h"

#include <deal.II/base/mpi.h>

#include <string>

namespace lithoclase
{
/// Writes the grids of all ranks as `directory`/`name`.vtu, or, if there are several files, as `name`_<i>.vtu
/// and a `name`.pvtu that holds them together. Neighbouring ranks share a file: their leader joins the grids.
///
/// Each file is written under a temporary name first. Collective; returns the name of the file to open.
/// std::runtime_error on all ranks if a file cannot be written.
std::string write_vtu(MPI_Comm communicator, OutputGrid &&grid, const std::string &directory,
                      const std::string &name, unsigned int n_files, bool double_coordinates);
} // namespace lithoclase
