#include "core/anderson.h"

#include <gtest/gtest.h>

using namespace lithoclase;

namespace
{
/// g(x) = b - s x, entry by entry: turns alone diverge where s > 1.
Vector image(const Vector &x, const double largest_slope)
{
  Vector g = x;
  const double n = x.size();
  for (unsigned int i = 0; i < x.locally_owned_size(); ++i) {
    const double place = (x.get_partitioner()->local_to_global(i) + 0.5) / n;
    g.local_element(i) = 1. + place - largest_slope * place * x.local_element(i);
  }
  return g;
}

double distance(const Vector &x, const double largest_slope)
{
  Vector residual = image(x, largest_slope);
  residual -= x;
  return residual.linfty_norm();
}

Vector distributed(const unsigned int size)
{
  const unsigned int ranks = dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD);
  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  dealii::IndexSet owned(size);
  owned.add_range(rank * size / ranks, (rank + 1) * size / ranks);
  return Vector(owned, MPI_COMM_WORLD);
}
} // namespace

/// As many different slopes as unknowns: like GMRES it is done, but for rounding, once there are as many
/// differences, and with slopes up to 5 a sixth of that many turns reduces the residual by 1e6 or more.
TEST(Anderson, ConvergesWhereTurnsAloneDiverge)
{
  Vector few = distributed(4);
  Anderson exact(4);
  for (unsigned int turn = 0; turn < 6; ++turn)
    exact.update(few, image(few, 5.));
  EXPECT_LT(distance(few, 5.), 1e-10);

  Vector many = distributed(100);
  Anderson mixing(8);
  for (unsigned int turn = 0; turn < 30; ++turn) // eight differences do less than all
    mixing.update(many, image(many, 5.));
  EXPECT_LT(distance(many, 5.), 1e-6);
}

/// If g does not depend on x, the second turn has the answer, and further ones leave it alone.
TEST(Anderson, TakesWhatIsConstant)
{
  Vector x = distributed(10);
  Anderson mixing(8);
  for (unsigned int turn = 0; turn < 4; ++turn)
    mixing.update(x, image(x, 0.));
  EXPECT_EQ(distance(x, 0.), 0.);
}

/// What all images have in common, here their sum, the iterates have too.
TEST(Anderson, KeepsSums)
{
  Vector x = distributed(50);
  Anderson mixing(5);
  for (unsigned int turn = 0; turn < 6; ++turn) {
    Vector g = image(x, 3.);
    g.add((50. - g.mean_value() * 50.) / 50.);
    mixing.update(x, g);
    EXPECT_NEAR(x.mean_value(), 1., 1e-12);
  }
}
