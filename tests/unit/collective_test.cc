#include "core/collective.h"

#include <gtest/gtest.h>

using namespace lithoclase;

TEST(Collective, AllRanksComeOrNot)
{
  EXPECT_TRUE(all_ranks_come(MPI_COMM_WORLD, 10.));
  MPI_Comm communicator = MPI_COMM_NULL;
  MPI_Comm_dup(MPI_COMM_WORLD, &communicator);
  const bool alone = dealii::Utilities::MPI::n_mpi_processes(communicator) == 1;
  if (dealii::Utilities::MPI::this_mpi_process(communicator) == 0) {
    EXPECT_EQ(all_ranks_come(communicator, 0.05), alone);
    MPI_Barrier(MPI_COMM_WORLD);
  } else {
    MPI_Barrier(MPI_COMM_WORLD);
    EXPECT_TRUE(all_ranks_come(communicator, 10.));
  }
  MPI_Barrier(MPI_COMM_WORLD);
  MPI_Comm_free(&communicator);
}

TEST(Collective, TheFirstMessageOfAnyRankIsThatOfAll)
{
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  const unsigned int last = dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD) - 1;
  EXPECT_EQ(first_message(MPI_COMM_WORLD, ""), "");
  EXPECT_EQ(first_message(MPI_COMM_WORLD, rank == last ? "of the last" : ""), "of the last");
  EXPECT_EQ(first_message(MPI_COMM_WORLD, "of " + std::to_string(rank)), "of 0");
}
