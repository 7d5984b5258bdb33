#pragma once

#include "microstructure/microstructure.h"

#include <deal.II/base/mpi.h>

#include <array>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
/// What a microstructure came out like, measured on a uniform raster (see Raster) in which each point has the
/// phase that prevails there. Volumes are those per volume between anode and counter electrode.
struct MeasuredStructure
{
  unsigned int dimension = 0;
  double finest_cell = 0.;    ///< [m]
  double raster_spacing = 0.; ///< [m]
  double band_width = 0.;     ///< [m]

  std::array<unsigned long long, 3> image_voxels{}; ///< along each axis; 0: no label image
  std::array<double, 3> voxel_sides{};              ///< [m]
  std::optional<OriginalVoxels> original_voxels;    ///< of a label image that was resampled
  unsigned long long removed_specks = 0;            ///< of the label image

  unsigned long long grains = 0; ///< with a share of the electrolyte
  /// Mean and standard deviation of their sizes, see GrainShape: of columns across the axis [m].
  double mean_grain_size = 0., grain_size_deviation = 0.;
  std::optional<double> wanted_grain_size, wanted_size_deviation; ///< of log-normal sizes [m]
  bool columns = false;
  std::optional<double> fibre_spread, wanted_fibre_spread; ///< root mean square of the tilt [rad]

  unsigned long long boundaries = 0;         ///< pairs of grains
  std::optional<double> mean_misorientation; ///< of boundaries, each counted once [rad]
  double low_angle_limit = 0.;               ///< [rad]
  double low_angle_boundaries = 0.;          ///< share of the boundaries below the limit
  double conduction_mean = 1.,
         conduction_deviation = 0.;                     ///< of the boundaries' factors, see BoundaryCharacter
  double toughness_mean = 1., toughness_deviation = 0.; ///< of the factors of the toughness
  bool boundaries_vary = false;
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

struct MicrostructureReport : MeasuredStructure
{
  std::vector<PorePopulation> populations; ///< as placed
  std::optional<InfiltrationResult> infiltration;
};

/// Collective. Reads at most about `max_points` points, the same on any number of ranks up to round-off.
template <int dim>
MicrostructureReport make_report(const Microstructure<dim> &microstructure, MPI_Comm communicator,
                                 unsigned long long max_points = dim == 2 ? 1000000 : 4000000);

void print(const MicrostructureReport &report, std::ostream &out);

/// A JSON object; every name of a quantity ends with its unit in brackets.
std::string to_json(const MicrostructureReport &report);
} // namespace lithoclase
