#pragma once

#include "microstructure/voxel_grid.h"

namespace lithoclase
{
/// Connected parts (by faces, across periodic sides too) of the voxels for which `inside(number)` holds:
/// disjoint sets in memory that the ranks of a node share. Each rank joins its own voxels; the first one
/// joins those on the borders of their shares. Collective over the node; 4 bytes per voxel, and 4 more in
/// passing.
template <int dim>
class VoxelParts
{
public:
  template <typename Inside>
  VoxelParts(const VoxelGrid<dim> &grid, const NodeRanks &node, const Inside &inside)
      : grid_(grid), parent_(node, grid.n_voxels())
  {
    const std::size_t n = grid.n_voxels(), begin = node.begin(n), end = node.end(n);
    for (std::size_t i = begin; i < end; ++i)
      parent_[i] = inside(i) ? i : no_seed;
    for (std::size_t i = begin; i < end; ++i)
      for_each_lower_neighbour(i, [&](std::size_t j) {
        if (j >= begin)
          join(i, j);
      });
    parent_.synchronise();
    if (node.rank == 0)
      join_borders(node);
    parent_.synchronise();
    std::vector<std::uint32_t> roots; // a parent is never above its child, so that it is done already
    roots.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      std::uint32_t above = parent_[i];
      if (above != i && above != no_seed && above >= begin)
        above = roots[above - begin];
      while (above != no_seed && parent_[above] != above)
        above = parent_[above];
      roots.push_back(above);
    }
    parent_.synchronise(); // all have read before any writes
    std::copy(roots.begin(), roots.end(), parent_.data() + begin);
    parent_.synchronise();
  }

  /// Number of the voxel that stands for the part of a voxel, its lowest one; no_seed outside.
  std::uint32_t part(std::size_t voxel) const { return parent_[voxel]; }

private:
  template <typename Action>
  void for_each_lower_neighbour(std::size_t voxel, const Action &action) const
  {
    if (parent_[voxel] == no_seed)
      return;
    std::size_t stride = 1;
    for (unsigned int a = 0; a < dim; stride *= grid_.n[a], ++a)
      if (voxel / stride % grid_.n[a] > 0)
        action(voxel - stride);
  }

  /// Between the shares of the ranks, and across periodic sides.
  void join_borders(const NodeRanks &node)
  {
    const std::size_t n = grid_.n_voxels(), layer = n / grid_.n[dim - 1];
    for (std::size_t rank = 1; rank < node.n_ranks; ++rank) {
      const std::size_t begin = node.share(n, rank);
      for (std::size_t i = begin; i < std::min(begin + layer, node.share(n, rank + 1)); ++i)
        for_each_lower_neighbour(i, [&](std::size_t j) {
          if (j < begin)
            join(i, j);
        });
    }
    std::size_t stride = 1;
    for (unsigned int a = 0; a < dim; stride *= grid_.n[a], ++a)
      for (std::size_t line = 0; grid_.periodic[a] && line < n / grid_.n[a]; ++line) {
        const std::size_t first = line % stride + line / stride * stride * grid_.n[a];
        join(first, first + (grid_.n[a] - 1) * stride);
      }
  }

  void join(std::size_t i, std::size_t j)
  {
    if (parent_[i] == no_seed || parent_[j] == no_seed)
      return;
    const std::uint32_t a = root(i), b = root(j);
    parent_[std::max(a, b)] = std::min(a, b);
  }

  std::uint32_t root(std::uint32_t i)
  {
    while (parent_[i] != i)
      i = parent_[i] = parent_[parent_[i]];
    return i;
  }

  const VoxelGrid<dim> grid_;
  SharedArray<std::uint32_t> parent_;
};
} // namespace lithoclase
