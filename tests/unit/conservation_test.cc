#include "conservation.h"

#include <gtest/gtest.h>

#include <deal.II/base/mpi.h>

#include <sstream>

namespace lithoclase
{
namespace
{
ObservableRow row(const double error)
{
  ObservableRow result;
  result.add("time", "s", 1.);
  result.add("charge_volume_error", "1", error);
  return result;
}

std::string report(const Conservation &conservation)
{
  std::ostringstream screen;
  Log log(MPI_COMM_WORLD, &screen, false);
  conservation.report(log);
  return screen.str();
}
} // namespace

TEST(Conservation, keeps_the_largest_error_of_all_steps)
{
  Conservation conservation;
  EXPECT_FALSE(conservation.largest_error()) << "nothing was seen";
  ObservableRow other;
  other.add("time", "s", 1.);
  conservation.update(other);
  EXPECT_FALSE(conservation.largest_error()) << "no lithium moves";
  for (const double error : {1e-6, -3e-5, 2e-5})
    conservation.update(row(error));
  EXPECT_EQ(*conservation.largest_error(), 3e-5);
}

TEST(Conservation, warns_beyond_a_per_cent)
{
  const bool speaks = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  Conservation conservation;
  EXPECT_EQ(report(conservation), "");
  conservation.update(row(3e-5));
  EXPECT_EQ(report(conservation).find("agree to 3e-05") != std::string::npos, speaks) << report(conservation);
  conservation.update(row(-0.06));
  EXPECT_EQ(report(conservation).find("differ by up to 6 %") != std::string::npos, speaks)
      << report(conservation);
}
} // namespace lithoclase
