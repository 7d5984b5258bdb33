#pragma once

#include "microstructure/shared_array.h"

#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace lithoclase
{
/// A regular grid of voxels (2-D: pixels). In voxel coordinates voxel i reaches from i to i + 1.
template <int dim>
struct VoxelGrid
{
  using Index = std::array<int, dim>;

  Index n;
  dealii::Tensor<1, dim> spacing; ///< sides of a voxel [m]
  dealii::Point<dim> lower;       ///< [m]
  std::array<bool, dim> periodic; ///< opposite sides are neighbours

  std::size_t n_voxels() const
  {
    std::size_t product = 1;
    for (const int length : n)
      product *= length;
    return product;
  }
  std::size_t number(const Index &index) const
  {
    std::size_t number = 0;
    for (int a = dim - 1; a >= 0; --a)
      number = number * n[a] + index[a];
    return number;
  }
  Index index(std::size_t number) const
  {
    Index index;
    for (unsigned int a = 0; a < dim; ++a, number /= n[a - 1])
      index[a] = number % n[a];
    return index;
  }
  dealii::Point<dim> to_voxels(const dealii::Point<dim> &point) const
  {
    dealii::Point<dim> place;
    for (unsigned int a = 0; a < dim; ++a)
      place[a] = (point[a] - lower[a]) / spacing[a];
    return place;
  }
  /// The voxel that holds a place in voxel coordinates, or is nearest to it.
  Index voxel_at(const dealii::Point<dim> &place) const
  {
    Index index;
    for (unsigned int a = 0; a < dim; ++a) {
      const double here = periodic[a] ? place[a] - n[a] * std::floor(place[a] / n[a]) : place[a];
      index[a] = std::min(n[a] - 1, std::max(0, static_cast<int>(std::floor(here))));
    }
    return index;
  }
};

/// Gives every voxel the number of the nearest seed, by its distance from the seed's voxel: the exact
/// Euclidean distance transform with lower envelopes of parabolas, one axis after the other, its cost linear
/// in the number of voxels (Felzenszwalb and Huttenlocher 2012, doi:10.4086/toc.2012.v008a019). Collective
/// over the node. At the start `nearest` holds the seed in each voxel that has one, else `no_seed`;
/// `voxel_of(seed)` is the number of its voxel.
constexpr std::uint32_t no_seed = std::numeric_limits<std::uint32_t>::max();

template <int dim, typename VoxelOf>
void spread_nearest_seed(const VoxelGrid<dim> &grid, const NodeRanks &node,
                         const SharedArray<std::uint32_t> &nearest, const VoxelOf &voxel_of)
{
  std::size_t stride = 1;
  for (unsigned int axis = 0; axis < dim; stride *= grid.n[axis], ++axis) {
    nearest.synchronise();
    const int n = grid.n[axis], first = grid.periodic[axis] ? -(n / 2) : 0;
    const int length = grid.periodic[axis] ? 2 * n : n;
    const double h = grid.spacing[axis];
    std::vector<std::uint32_t> line(n), seeds(length);
    std::vector<int> vertex(length);
    std::vector<double> height(length), from(length);

    const std::size_t n_lines = grid.n_voxels() / n;
    for (std::size_t l = node.begin(n_lines); l < node.end(n_lines); ++l) {
      const std::size_t start = l % stride + l / stride * stride * n;
      const typename VoxelGrid<dim>::Index place = grid.index(start);
      for (int i = 0; i < n; ++i)
        line[i] = nearest[start + i * stride];
      int last = -1; // of the parabolas in the envelope
      for (int j = 0; j < length; ++j) {
        const int x = first + j, i = (x + n) % n;
        if (line[i] == no_seed)
          continue;
        const typename VoxelGrid<dim>::Index seed = grid.index(voxel_of(line[i]));
        double f = x * h * x * h;
        for (unsigned int b = 0; b < axis; ++b) {
          int offset = std::abs(place[b] - seed[b]);
          if (grid.periodic[b])
            offset = std::min(offset, grid.n[b] - offset);
          f += offset * grid.spacing[b] * offset * grid.spacing[b];
        }
        double s = -std::numeric_limits<double>::infinity();
        for (; last >= 0; --last) {
          s = (f - height[last]) / (2. * h * h * (x - vertex[last]));
          if (s > from[last])
            break;
        }
        ++last;
        vertex[last] = x;
        height[last] = f;
        seeds[last] = line[i];
        from[last] = last == 0 ? -std::numeric_limits<double>::infinity() : s;
      }
      if (last < 0)
        continue;
      for (int i = 0, k = 0; i < n; ++i) {
        while (k < last && from[k + 1] < i)
          ++k;
        nearest[start + i * stride] = seeds[k];
      }
    }
  }
  nearest.synchronise();
}
} // namespace lithoclase
