#pragma once

#include "microstructure/voxel_grid.h"

#include <array>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace lithoclase
{
/// The smooth surfaces (2-D: lines) between the regions of a voxel grid.
///
/// Each face between voxels of two regions is a sample of the surface between them, with an error of up to
/// half a voxel but right on average. So a paraboloid is fitted to the faces of the same two regions around
/// each face, weighted with a Gaussian of `smoothing` voxels; the face is moved onto it and gets its normal:
/// a boundary point. The fit takes out the staircase, keeps curved surfaces in place (a plane would draw them
/// to their centre), and is one-sided where a surface ends, at the sides of the box and at lines where three
/// regions meet, because only the faces of the same two regions count. Radii below about 5 voxels come out
/// too small, by a tenth of a voxel at 5 and a quarter at 3.
///
/// At a place near the surface the planes of the points around its foot are blended.
///
/// Memory per node, whatever its number of ranks: 4 bytes per voxel and, while it is built, 72 (3-D) bytes
/// per face, 40 afterwards. All ranks of a node take part in building it, the cost is linear in voxels and
/// faces.
template <int dim>
class BoundaryPoints
{
public:
  using Pair = std::pair<std::uint32_t, std::uint32_t>;

  /// Part of a surface near a place x: of two regions, and with about one direction.
  struct Sheet
  {
    unsigned int pair = 0;         ///< which two regions
    dealii::Tensor<1, dim> normal; ///< unit, from the first to the second region of the pair
    dealii::Tensor<1, dim> offset; ///< from x to a point of the surface [m]
    double away = 0.;              ///< distance of x from the nearest boundary point of the sheet [voxels]
    double weight = 0.; ///< of the points that were blended; 0: `normal` and `offset` are of one point

    double distance() const { return -(offset * normal); } ///< signed, of x from the plane [m]
  };
  static constexpr unsigned int max_sheets = 24;
  struct Sheets
  {
    unsigned int n = 0;
    std::array<Sheet, max_sheets> list;
  };

  /// `region(voxel)` numbers the region of a voxel. Collective over the node.
  BoundaryPoints(const VoxelGrid<dim> &grid, const NodeRanks &node,
                 const std::function<std::uint32_t(std::size_t)> &region, double smoothing);

  const std::vector<Pair> &pairs() const { return pairs_; } ///< sorted; the first region is the smaller
  std::size_t n_points() const { return points_.size(); }

  /// The nearest boundary point, to within a voxel. There must be one.
  Sheet nearest(const dealii::Point<dim> &point) const;
  /// All sheets within `reach` [m], each with its nearest boundary point.
  void within(const dealii::Point<dim> &point, double reach, Sheets &sheets) const;
  /// All sheets with a boundary point closer than blending_radius, their points blended.
  void blended(const dealii::Point<dim> &point, Sheets &sheets) const;
  static constexpr double blending_radius = 2.5; ///< [voxels]

private:
  struct BoundaryPoint
  {
    std::array<float, dim> position; ///< in voxel coordinates
    std::array<float, dim> normal;   ///< from the first to the second region of the pair
    std::uint32_t pair, voxel;       ///< the voxel on the lower side of the face
  };
  using Vector = dealii::Tensor<1, dim>;

  void find_faces(const NodeRanks &node, const std::function<std::uint32_t(std::size_t)> &region);
  template <typename Action>
  void for_each_face(std::size_t bin, const std::function<std::uint32_t(std::size_t)> &region,
                     const Action &action) const;
  void collect_pairs(const NodeRanks &node, std::vector<Pair> own);
  void smooth(const NodeRanks &node, double smoothing);
  BoundaryPoint fitted(const BoundaryPoint &face, double smoothing) const;
  void find_nearest(const NodeRanks &node);
  Vector average_direction(const BoundaryPoint &face) const;
  /// Calls action(boundary point, offset from `place` in voxels) for those in bins that touch the ball.
  template <typename Action>
  void for_each_near(const dealii::Point<dim> &place, const Vector &radius, const Action &action) const;
  template <typename Action>
  void collect(const dealii::Point<dim> &place, const Vector &radius, Sheets &sheets,
               const Action &add) const;

  static constexpr int bin_size = 4; ///< voxels

  VoxelGrid<dim> grid_;
  std::array<int, dim> n_bins_;
  std::vector<Pair> pairs_;
  SharedArray<std::size_t> first_;     ///< boundary point of each bin
  SharedArray<BoundaryPoint> points_;  ///< bin by bin
  SharedArray<std::uint32_t> nearest_; ///< boundary point by voxel
};
} // namespace lithoclase
