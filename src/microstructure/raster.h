#pragma once

#include "microstructure/microstructure.h"

#include <deal.II/base/mpi.h>

#include <array>
#include <cstdint>
#include <vector>

namespace lithoclase
{
/// A uniform raster of the box, cell-centred, with at most about `max_points` points and not finer than
/// `finest` [m]. Rows along the last axis are shared over the ranks. Its size has a bound, so that the first
/// rank can collect it.
template <int dim>
struct Raster
{
  using Axes = std::array<bool, dim>; ///< a flag per axis

  Raster(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper, double finest,
         unsigned long long max_points, MPI_Comm communicator);

  std::size_t n_points() const { return n_per_row * n[dim - 1]; }
  dealii::Point<dim> point(std::size_t index) const;
  std::size_t begin_local() const { return first_row * n_per_row; }
  std::size_t end_local() const { return last_row * n_per_row; }

  /// All values on the first rank, from those of each rank's own points; empty on the others. Collective.
  template <typename T>
  std::vector<T> collect(const std::vector<T> &local) const;

  MPI_Comm communicator;
  dealii::Point<dim> lower;
  std::array<std::size_t, dim> n;
  dealii::Tensor<1, dim> spacing;
  std::size_t n_per_row, first_row, last_row;
};

/// Connected parts of a raster: points are in one part if a path of neighbours with the same class joins
/// them.
template <int dim>
class RasterParts
{
public:
  RasterParts(const Raster<dim> &raster, const std::vector<std::uint8_t> &classes,
              const std::array<bool, dim> &periodic);

  std::uint32_t
  part(std::uint32_t index) const; ///< number of a point that stands for the part of point `index`

  /// Calls action(index, neighbour) once for each pair of neighbours.
  template <typename Action>
  static void for_each_pair(const Raster<dim> &raster, const std::array<bool, dim> &periodic,
                            const Action &action)
  {
    std::size_t stride = 1;
    for (unsigned int a = 0; a < dim; stride *= raster.n[a], ++a)
      for (std::size_t index = 0; index < raster.n_points(); ++index) {
        const std::size_t place = index / stride % raster.n[a];
        if (place + 1 < raster.n[a])
          action(index, index + stride);
        else if (periodic[a] && a + 1 < dim && raster.n[a] > 1)
          action(index, index - place * stride);
      }
  }

private:
  mutable std::vector<std::uint32_t> parent_;
};
} // namespace lithoclase
