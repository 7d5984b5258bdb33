#pragma once

#include "microstructure/microstructure.h"

#include <deal.II/base/mpi.h>

#include <array>
#include <iosfwd>
#include <optional>
#include <string>

namespace lithoclase
{
/// What a microstructure came out like, measured on a uniform raster (see Raster) in which each point has the
/// phase that prevails there. Volumes are those per volume between anode and counter electrode.
struct MicrostructureReport
{
  unsigned int dimension = 0;
  double finest_cell = 0.;    ///< [m]
  double raster_spacing = 0.; ///< [m]
  double band_width = 0.;     ///< [m]

  std::array<unsigned long long, 3> image_voxels{}; ///< along each axis; 0: no label image
  std::array<double, 3> voxel_sides{};              ///< [m]
  unsigned long long removed_specks = 0;            ///< of the label image

  unsigned long long grains = 0; ///< with a share of the electrolyte
  double mean_grain_size = 0.;   ///< mean diameter of the discs (spheres) of equal volume [m]
  double boundary_density =
      0.; ///< grain-boundary area (2-D: length) in the solid per volume (2-D: area) [1/m]

  double porosity = 0.;
  double open_porosity = 0.; ///< connected to the anode side
  double closed_porosity = 0.;
  double filled_porosity = 0.;  ///< filled with ionic liquid
  unsigned long long pores = 0; ///< discs, ellipses, spheres, ellipsoids placed
  unsigned long long filled_pores = 0;
  std::optional<double>
      smallest_pore_radius; ///< smallest semi-axis; of pores by expression the largest ball inside [m]
  std::optional<double> smallest_throat; ///< narrowest bridge of solid between two pores [m]

  double percolating_fraction =
      0.; ///< of the solid: connected to both the anode side and the counter electrode
  bool percolates() const { return percolating_fraction > 0.; }
  double percolating_with_liquid = 0.; ///< the same for solid and ionic liquid together
};

/// Collective. Reads at most about `max_points` points, the same on any number of ranks up to round-off.
template <int dim>
MicrostructureReport make_report(const Microstructure<dim> &microstructure, MPI_Comm communicator,
                                 unsigned long long max_points = dim == 2 ? 1000000 : 4000000);

void print(const MicrostructureReport &report, std::ostream &out);

/// A JSON object; every name of a quantity ends with its unit in brackets.
std::string to_json(const MicrostructureReport &report);
} // namespace lithoclase
