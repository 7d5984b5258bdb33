#pragma once

#include "core/failure.h"

#include <deal.II/base/exceptions.h>
#include <deal.II/base/mpi.h>

#include <cstddef>
#include <string>

namespace lithoclase
{
/// The ranks that share the memory of one computer (node), and the first rank of each node.
class NodeRanks
{
public:
  explicit NodeRanks(MPI_Comm communicator)
  {
    int ierr = MPI_Comm_split_type(communicator, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &on_node);
    AssertThrowMPI(ierr);
    rank = dealii::Utilities::MPI::this_mpi_process(on_node);
    n_ranks = dealii::Utilities::MPI::n_mpi_processes(on_node);
    ierr = MPI_Comm_split(communicator, rank == 0 ? 0 : MPI_UNDEFINED, 0, &first_ranks);
    AssertThrowMPI(ierr);
  }
  ~NodeRanks()
  {
    if (first_ranks != MPI_COMM_NULL)
      MPI_Comm_free(&first_ranks);
    MPI_Comm_free(&on_node);
  }
  NodeRanks(const NodeRanks &) = delete;
  NodeRanks &operator=(const NodeRanks &) = delete;

  /// This rank's share of n items, [begin, end) = [share(n, rank), share(n, rank + 1)).
  std::size_t share(std::size_t n, std::size_t of_rank) const { return n * of_rank / n_ranks; }
  std::size_t begin(std::size_t n) const { return share(n, rank); }
  std::size_t end(std::size_t n) const { return share(n, rank + 1); }

  MPI_Comm on_node = MPI_COMM_NULL;
  MPI_Comm first_ranks = MPI_COMM_NULL; ///< null on the others
  std::size_t rank = 0, n_ranks = 1;    ///< on the node
};

/// An array of which each node holds one copy that all its ranks read and write. Collective over the node.
template <typename T>
class SharedArray
{
public:
  SharedArray() = default;
  SharedArray(const NodeRanks &node, std::size_t n) : size_(n), communicator_(node.on_node)
  {
    MPI_Comm_set_errhandler(node.on_node, MPI_ERRORS_RETURN);
    const MPI_Aint bytes = node.rank == 0 ? n * sizeof(T) : 0;
    T *own = nullptr;
    if (MPI_Win_allocate_shared(bytes, sizeof(T), MPI_INFO_NULL, node.on_node, &own, &window_) != MPI_SUCCESS)
      throw InputError(
          "The label image needs " + std::to_string(n * sizeof(T) / 1000000) +
          " MB of memory shared by the ranks of a node, more than there is (on Linux the size of "
          "/dev/shm counts).");
    MPI_Aint size = 0;
    int unit = 0;
    MPI_Win_shared_query(window_, 0, &size, &unit, &data_);
  }
  ~SharedArray() { release(); }
  SharedArray(SharedArray &&other) noexcept { *this = std::move(other); }
  SharedArray &operator=(SharedArray &&other) noexcept
  {
    std::swap(window_, other.window_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(communicator_, other.communicator_);
    return *this;
  }

  void release()
  {
    if (window_ != MPI_WIN_NULL)
      MPI_Win_free(&window_);
    data_ = nullptr;
    size_ = 0;
  }

  /// After it each rank sees what the others wrote before it.
  void synchronise() const
  {
    MPI_Win_fence(0, window_);
    MPI_Barrier(communicator_);
  }

  std::size_t size() const { return size_; }
  T *data() const { return data_; }
  T &operator[](std::size_t i) const { return data_[i]; }

private:
  MPI_Win window_ = MPI_WIN_NULL;
  T *data_ = nullptr;
  std::size_t size_ = 0;
  MPI_Comm communicator_ = MPI_COMM_NULL;
};
} // namespace lithoclase
