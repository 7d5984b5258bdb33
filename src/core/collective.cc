#include "core/collective.h"

#include "core/failure.h"

#include <chrono>
#include <iostream>
#include <thread>

namespace lithoclase
{
using namespace dealii;

namespace
{
/// Whether the request is done within so many seconds.
bool done_within(MPI_Request &request, const double seconds)
{
  using namespace std::chrono;
  const auto begin = steady_clock::now();
  int done = 0;
  while (true) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done || duration<double>(steady_clock::now() - begin).count() > seconds)
      return done;
    std::this_thread::sleep_for(milliseconds(1));
  }
}
} // namespace

bool all_ranks_come(MPI_Comm communicator, const double seconds)
{
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(communicator, &request);
  return done_within(request, seconds);
}

std::string first_message(MPI_Comm communicator, const std::string &message)
{
  const unsigned int n_ranks = Utilities::MPI::n_mpi_processes(communicator);
  const unsigned int rank = Utilities::MPI::this_mpi_process(communicator);
  constexpr double patience = 600.; // [s] with ranks that still write what this one could not
  const unsigned int own = message.empty() ? n_ranks : rank;
  unsigned int first = n_ranks;
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Iallreduce(&own, &first, 1, MPI_UNSIGNED, MPI_MIN, communicator, &request);
  if (message.empty())
    MPI_Wait(&request, MPI_STATUS_IGNORE);
  else if (!done_within(request, patience)) {
    std::cerr << "lithoclase: " + message + "\n" << std::flush;
    MPI_Abort(communicator, static_cast<int>(ExitCode::failure));
  }
  if (first == n_ranks)
    return {};

  unsigned long long size = message.size();
  MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, first, communicator);
  std::string text = rank == first ? message : std::string(size, ' ');
  MPI_Bcast(text.data(), static_cast<int>(size), MPI_CHAR, first, communicator);
  return text;
}
} // namespace lithoclase
