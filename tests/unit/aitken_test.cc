#include "core/aitken.h"

#include <gtest/gtest.h>

using dealii::IndexSet;
using lithoclase::Aitken;
using lithoclase::Vector;

namespace
{
/// Four entries per rank.
Vector make_vector()
{
  const unsigned int ranks = dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD),
                     rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  IndexSet owned(4 * ranks);
  owned.add_range(4 * rank, 4 * rank + 4);
  Vector vector;
  vector.reinit(owned, MPI_COMM_WORLD);
  return vector;
}
} // namespace

/// x <- a x + b with one factor a for all entries: exact from the second turn on.
TEST(Aitken, finds_the_limit_of_a_geometric_series)
{
  for (const double a : {0.64, 0.3, -0.5}) {
    Vector x = make_vector(), b = make_vector();
    for (unsigned int i = 0; i < 4; ++i)
      b.local_element(i) = 1. + i;
    Aitken aitken;
    for (unsigned int turn = 0; turn < 2; ++turn) {
      Vector g = b;
      g.add(a, x);
      aitken.update(x, g);
    }
    EXPECT_NEAR(aitken.factor(), 1. / (1. - a), 1e-12);
    for (unsigned int i = 0; i < 4; ++i)
      EXPECT_NEAR(x.local_element(i), (1. + i) / (1. - a), 1e-12);
  }
}

TEST(Aitken, takes_the_result_as_it_is_after_a_reset)
{
  Vector x = make_vector(), g = make_vector();
  Aitken aitken;
  for (unsigned int turn = 0; turn < 3; ++turn) {
    g = turn * turn;
    aitken.reset();
    aitken.update(x, g);
    EXPECT_EQ(aitken.factor(), 1.);
    EXPECT_EQ(x.local_element(0), turn * turn);
  }
}
