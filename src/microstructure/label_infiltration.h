#pragma once

#include "microstructure/infiltration.h"
#include "microstructure/label_preparation.h"
#include "microstructure/voxel_grid.h"
#include "microstructure/voxel_parts.h"

#include <algorithm>
#include <functional>

namespace lithoclase
{
/// Infiltration of the voids of a label image, on voxels (see infiltration.h for the physics).
///
/// The liquid reaches the voids wide enough for a ball of the smallest throat radius that hang together with
/// the wetted face, and what lies nearer to them than to other wide voids, narrow corners too (mathematical
/// morphology; Hilpert and Miller, Adv. Water Resour. 24 (2001) 243, doi:10.1016/S0309-1708(00)00056-7). With
/// less liquid than that holds, it fills what hangs together with the face and is wider than a radius
/// (non-wetting) or narrower than one (wetting, by the largest ball that covers a place), as much of it as
/// there is liquid for; the wide or narrow place that is next is filled in part, from the liquid on.
///
/// The ranks of a node share memory and work; 10 bytes per voxel in passing.
template <int dim>
class LabelInfiltration
{
public:
  LabelInfiltration(const InfiltrationParameters &parameters, const VoxelGrid<dim> &grid,
                    const NodeRanks &node, const SharedArray<std::uint32_t> &codes,
                    const dealii::Point<dim> &lower, const dealii::Point<dim> &upper);

  /// Turns empty voxels into liquid ones. Collective; throws InputError on all ranks.
  InfiltrationResult fill();

private:
  enum State : std::uint8_t
  {
    wall,
    open, ///< void, not decided yet
    dry,
    liquid
  };
  using States = SharedArray<std::uint8_t>;
  template <typename Action>
  void for_each_own(const Action &action) const;

  void measure_radii();
  bool is_void(std::size_t voxel) const;
  bool at_face(std::size_t voxel) const;
  double smallest_side() const ///< of a voxel [m]
  {
    return *std::min_element(grid_.spacing.begin_raw(), grid_.spacing.end_raw());
  }
  double voxel_distance(std::size_t i, std::size_t j) const; ///< [m]
  double widest(const std::function<bool(std::size_t)> &where) const;
  unsigned long long count(const States &states, State state) const;

  /// Sets the part of `open` voxels for which `inside` holds and that hangs together with the face to liquid,
  /// the rest of those to dry.
  void enter(const States &states, const std::function<bool(std::size_t)> &inside) const;
  /// Decides open voxels layer by layer after their neighbours; those that meet none become dry.
  void settle(const States &states) const;
  /// What liquid reaches that passes throats from `radius` on.
  void press_in(double radius, const States &states) const;
  /// What liquid draws itself into out of `reach`: places no wider than `radius`.
  void draw_in(double radius, const States &reach, const States &states) const;
  /// How far `n_voxels` of liquid go, fewer than those of `reach`.
  void limit(const States &reach, unsigned long long n_voxels, States &states) const;
  /// Adds voxels of `more` to `states` layer by layer up to a number.
  void spread(const States &more, unsigned long long n_voxels, const States &states) const;
  InfiltrationResult summary(const States &reach, const States &states) const;

  const InfiltrationParameters parameters_;
  const VoxelGrid<dim> grid_;
  const NodeRanks &node_;
  const SharedArray<std::uint32_t> &codes_; ///< VoxelCode
  const unsigned int axis_;                 ///< of the wetted face
  const bool at_upper_side_;
  const int face_layer_;     ///< the outermost in the box
  SharedArray<float> radii_; ///< of balls in the void, by the voxel of their centre [m]
};
} // namespace lithoclase
