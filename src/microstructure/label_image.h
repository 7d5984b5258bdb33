#pragma once

#include "microstructure/boundary_points.h"
#include "microstructure/infiltration.h"
#include "microstructure/label_preparation.h"
#include "microstructure/level_set.h"
#include "microstructure/point_structure.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace lithoclase
{
/// Grains, voids, ionic liquid and lithium from an image of labels (tomogram, EBSD map, generated voxels).
///
/// Grain boundaries and walls are the smooth surfaces of BoundaryPoints. Voids, liquid and lithium have
/// surfaces of their own; the grain structure runs on through them, their voxels belonging to the nearest
/// grain. A point is in the band of a boundary if its foot on the plane there lies in the facet: no third
/// grain owns the foot, judged by that grain's own boundaries. Points outside the image see its nearest
/// voxels.
///
/// Memory: the first rank reads the file and prepares it (about 12 bytes per voxel and what the file stores;
/// of an image that is resampled 4 bytes per voxel of the file, and of its own voxels the 12);
/// then each node, whatever its number of ranks, holds 4 bytes per voxel for the labels, 4 for grain
/// boundaries and for each of void, liquid and lithium that there is, and what BoundaryPoints says per face.
/// 500^3 voxels need 1.5 to 3 GB per node; on a node with 64 GB up to about 1500^3 fit (4294967294 voxels at
/// most).
template <int dim>
class LabelImage
{
public:
  /// `electrolyte_lower`, `upper`: what the image must cover [m]. `finest_cell`, `band_width`: of the mesh
  /// [m]. `infiltration` of the voids. Collective; throws InputError on all ranks.
  LabelImage(const LabelImageParameters &parameters, const dealii::Point<dim> &electrolyte_lower,
             const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic, double finest_cell,
             double band_width, MPI_Comm communicator, const InfiltrationParameters &infiltration = {});

  /// Sets grain and bands of `structure`.
  void evaluate(const dealii::Point<dim> &point, PointStructure<dim> &structure) const;

  /// Distance to the nearest grain boundary [m]; nothing if there is none.
  std::optional<double> distance_to_boundary(const dealii::Point<dim> &point) const;

  bool has_phase(VoxelCode::Phase phase) const { return table_.has_phase[phase]; }
  /// How deep a point lies in void, liquid or lithium; `absent` and no gradient if the image has none.
  Depth<dim> depth(VoxelCode::Phase phase, const dealii::Point<dim> &point, double absent) const;

  unsigned int n_grains() const { return table_.grains.size(); }
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> &boundaries() const { return boundaries_; }
  /// Bunge's Euler angles; nothing where neither file gives them [rad].
  std::optional<std::array<double, 3>> orientation(unsigned int grain) const;

  std::size_t n_voxels() const { return grid_.n_voxels(); }
  const LabelTable &table() const { return table_; }
  /// Nothing unless asked for, and where there are no voids.
  const std::optional<InfiltrationResult> &infiltration() const { return infiltration_; }

private:
  using Surfaces = BoundaryPoints<dim>;

  void read(const LabelImageParameters &parameters, MPI_Comm communicator);
  void place(const LabelImageParameters &parameters, const dealii::Point<dim> &electrolyte_lower,
             const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic);
  void check_resolution(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                        double finest_cell) const;
  void infiltrate(const InfiltrationParameters &parameters, const dealii::Point<dim> &lower,
                  const dealii::Point<dim> &upper);
  void fill_grains();
  void find_surfaces(double smoothing);
  bool inside(const dealii::Point<dim> &point) const;
  double smallest_side() const
  {
    return *std::min_element(grid_.spacing.begin_raw(), grid_.spacing.end_raw());
  }
  /// Adds the band of this sheet if it holds the point; returns the signed distance.
  std::optional<double> add_band(const dealii::Point<dim> &point, const typename Surfaces::Sheet &sheet,
                                 PointStructure<dim> &structure) const;
  bool third_grain_owns(const typename Surfaces::Sheets &sheets, unsigned int boundary) const;

  double band_width_;
  std::unique_ptr<NodeRanks> node_;
  LabelTable table_;
  std::optional<InfiltrationResult> infiltration_;
  VoxelGrid<dim> grid_;
  SharedArray<std::uint32_t> codes_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> boundaries_; ///< two grains each
  std::unique_ptr<Surfaces> grain_boundaries_;
  std::array<std::unique_ptr<Surfaces>, 4> walls_; ///< by VoxelCode::Phase
};
} // namespace lithoclase
