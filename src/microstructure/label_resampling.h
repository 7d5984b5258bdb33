#pragma once

#include "microstructure/label_reader.h"

#include <array>
#include <utility>
#include <vector>

namespace lithoclase
{
/// Puts an image onto equal voxels, finer or coarser: each takes the label that fills most of its volume. Of
/// labels that fill as much, as is frequent where four old voxels become one, it takes the first in the order
/// of the old voxels: surfaces then move a little towards the upper corner, all alike, and no label grows at
/// the cost of others. The extent stays.
class LabelResampling
{
public:
  /// `sides`: of the voxels of the image along each axis [m]; `wanted`: of the new ones. Along an axis there
  /// are so many new ones as of the wanted side fit in, rounded, and they fill the extent exactly; an axis
  /// of one voxel stays as it is.
  LabelResampling(std::array<std::vector<double>, 3> sides, const std::array<double, 3> &wanted);

  /// New voxels along each axis, a whole number below 2^53.
  const std::array<double, 3> &n() const { return n_; }
  std::array<double, 3> spacing() const;                        ///< [m]
  std::pair<double, double> old_sides(unsigned int axis) const; ///< the smallest and the largest [m]
  bool changes() const; ///< else the voxels are equal and of the wanted side already

  /// Replaces the labels; 4 bytes per new voxel.
  void apply(LabelVoxels &voxels) const;

private:
  std::array<std::vector<double>, 3> sides_;
  std::array<double, 3> extent_, n_;
};
} // namespace lithoclase
