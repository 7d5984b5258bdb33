#pragma once

#include <deal.II/base/mpi.h>

#include <string>

namespace lithoclase
{
/// Waits for all ranks, but at most so many seconds; false if some have not come, because they wait
/// elsewhere: then nothing is left but to end the program. They must not be waiting in this communicator.
bool all_ranks_come(MPI_Comm communicator, double seconds);

/// The text of the first rank whose `message` is not empty, on all ranks; empty if there is none. Collective.
std::string first_message(MPI_Comm communicator, const std::string &message);

/// Work that one rank does alone (files) may fail there alone. This raises its `message` as an `Error` on all
/// ranks, so that none waits for another forever. Collective; does nothing where every message is empty. If
/// others are still elsewhere ten minutes after a failure, in collective work that needs the failed rank, its
/// message is printed and all are ended.
template <typename Error>
void throw_on_all_ranks(MPI_Comm communicator, const std::string &message)
{
  const std::string first = first_message(communicator, message);
  if (!first.empty())
    throw Error(first);
}
} // namespace lithoclase
