#pragma once

#include <deal.II/base/mpi.h>

#include <string>

namespace lithoclase
{
/// The text of the first rank whose `message` is not empty, on all ranks; empty if there is none. Collective.
std::string first_message(MPI_Comm communicator, const std::string &message);

/// Work that one rank does alone (files) may fail there alone. This raises its `message` as an `Error` on all
/// ranks, so that none waits for another forever. Collective; does nothing where every message is empty.
template <typename Error>
void throw_on_all_ranks(MPI_Comm communicator, const std::string &message)
{
  const std::string first = first_message(communicator, message);
  if (!first.empty())
    throw Error(first);
}
} // namespace lithoclase
