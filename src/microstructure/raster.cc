#include "microstructure/raster.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
template <int dim>
Raster<dim>::Raster(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper, double finest,
                    unsigned long long max_points, MPI_Comm communicator)
    : communicator(communicator), lower(lower)
{
  double volume = 1.;
  for (unsigned int a = 0; a < dim; ++a)
    volume *= upper[a] - lower[a];
  const double step = std::max(finest, std::pow(volume / max_points, 1. / dim));
  n_per_row = 1;
  for (unsigned int a = 0; a < dim; ++a) {
    n[a] = std::max(1., std::round((upper[a] - lower[a]) / step));
    spacing[a] = (upper[a] - lower[a]) / n[a];
    if (a + 1 < dim)
      n_per_row *= n[a];
  }
  const std::size_t rank = dealii::Utilities::MPI::this_mpi_process(communicator);
  const std::size_t n_ranks = dealii::Utilities::MPI::n_mpi_processes(communicator);
  first_row = n[dim - 1] * rank / n_ranks;
  last_row = n[dim - 1] * (rank + 1) / n_ranks;
}

template <int dim>
dealii::Point<dim> Raster<dim>::point(std::size_t index) const
{
  dealii::Point<dim> point = lower;
  for (unsigned int a = 0; a < dim; ++a) {
    point[a] += (index % n[a] + 0.5) * spacing[a];
    index /= n[a];
  }
  return point;
}

template <int dim>
template <typename T>
std::vector<T> Raster<dim>::collect(const std::vector<T> &local) const
{
  AssertDimension(local.size(), end_local() - begin_local());
  const unsigned int n_ranks = dealii::Utilities::MPI::n_mpi_processes(communicator);
  const bool first_rank = dealii::Utilities::MPI::this_mpi_process(communicator) == 0;
  std::vector<int> counts(n_ranks), offsets(n_ranks);
  for (std::size_t rank = 0; rank < n_ranks; ++rank) {
    const std::size_t first = n[dim - 1] * rank / n_ranks, last = n[dim - 1] * (rank + 1) / n_ranks;
    counts[rank] = (last - first) * n_per_row * sizeof(T);
    offsets[rank] = first * n_per_row * sizeof(T);
  }
  std::vector<T> all(first_rank ? n_points() : 0);
  const int ierr = MPI_Gatherv(local.data(), local.size() * sizeof(T), MPI_BYTE, all.data(), counts.data(),
                               offsets.data(), MPI_BYTE, 0, communicator);
  AssertThrowMPI(ierr);
  return all;
}

template <int dim>
RasterParts<dim>::RasterParts(const Raster<dim> &raster, const std::vector<std::uint8_t> &classes,
                              const std::array<bool, dim> &periodic)
    : parent_(raster.n_points())
{
  for (std::size_t i = 0; i < parent_.size(); ++i)
    parent_[i] = i;
  for_each_pair(raster, periodic, [&](std::size_t i, std::size_t j) {
    if (classes[i] == classes[j]) {
      const std::uint32_t a = part(i), b = part(j);
      parent_[std::max(a, b)] = std::min(a, b);
    }
  });
}

template <int dim>
std::uint32_t RasterParts<dim>::part(std::uint32_t index) const
{
  while (parent_[index] != index)
    index = parent_[index] = parent_[parent_[index]];
  return index;
}

template struct Raster<2>;
template struct Raster<3>;
template class RasterParts<2>;
template class RasterParts<3>;
template std::vector<std::uint8_t> Raster<2>::collect(const std::vector<std::uint8_t> &) const;
template std::vector<std::uint8_t> Raster<3>::collect(const std::vector<std::uint8_t> &) const;
template std::vector<float> Raster<2>::collect(const std::vector<float> &) const;
template std::vector<float> Raster<3>::collect(const std::vector<float> &) const;
} // namespace lithoclase
