#include "core/collective.h"

namespace lithoclase
{
using namespace dealii;

std::string first_message(MPI_Comm communicator, const std::string &message)
{
  const unsigned int n_ranks = Utilities::MPI::n_mpi_processes(communicator);
  const unsigned int rank = Utilities::MPI::this_mpi_process(communicator);
  const unsigned int first = Utilities::MPI::min(message.empty() ? n_ranks : rank, communicator);
  if (first == n_ranks)
    return {};

  unsigned long long size = message.size();
  MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, first, communicator);
  std::string text = rank == first ? message : std::string(size, ' ');
  MPI_Bcast(text.data(), static_cast<int>(size), MPI_CHAR, first, communicator);
  return text;
}
} // namespace lithoclase
