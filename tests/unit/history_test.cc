#include "output/history.h"

#include "core/failure.h"
#include "core/signals.h"
#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <fstream>

namespace lithoclase
{
namespace
{
ObservableRow row_at(const double time, const double voltage)
{
  ObservableRow row;
  row.add("time", "s", time);
  row.add("cell_voltage", "V", voltage, true);
  row.add("current_density", "A/m^2", 100.);
  return row;
}
} // namespace

TEST(History, WritesNamesWithUnitsAndTwelveDigits)
{
  const TemporaryFolder folder;
  {
    History history(MPI_COMM_WORLD, folder / "history.csv");
    history.write(row_at(0.1, 1. / 3.));
    if (on_rank_0()) {
      EXPECT_EQ(content_of(folder / "history.csv"), "time [s],cell_voltage [V],current_density [A/m^2]\n"
                                                    "0.1,0.333333333333,100\n")
          << "flushed at once";
    }
  }
}

TEST(History, GoesOnAfterARestartWithoutGapOrRepetition)
{
  const TemporaryFolder folder;
  const double third = 1. / 3.; // not representable in the digits of the file
  {
    History history(MPI_COMM_WORLD, folder / "history.csv");
    for (unsigned int step = 1; step <= 5; ++step)
      history.write(row_at(step * third, step));
  }
  if (on_rank_0())
    std::ofstream(folder / "history.csv", std::ios::app) << "2.0,6"; // killed while writing
  MPI_Barrier(MPI_COMM_WORLD);
  {
    History history(MPI_COMM_WORLD, folder / "history.csv", 3 * third);
    for (unsigned int step = 4; step <= 6; ++step)
      history.write(row_at(step * third, step));
  }
  if (on_rank_0()) {
    std::ifstream file(folder / "history.csv");
    std::string line;
    std::getline(file, line);
    for (unsigned int step = 1; step <= 6; ++step) {
      std::getline(file, line);
      EXPECT_NE(line.find("," + std::to_string(step) + ",100"), std::string::npos) << line;
    }
    EXPECT_FALSE(std::getline(file, line));
  }
}

TEST(History, RefusesToContinueAFileWithOtherColumns)
{
  const TemporaryFolder folder;
  {
    History history(MPI_COMM_WORLD, folder / "history.csv");
    history.write(row_at(1., 1.));
  }
  History history(MPI_COMM_WORLD, folder / "history.csv", 1.);
  ObservableRow other = row_at(2., 1.);
  other.add("damage_volume", "m", 0.);
  EXPECT_THROW(history.write(other), InputError);
}

TEST(History, RefusesAForeignFile)
{
  const TemporaryFolder folder;
  if (on_rank_0())
    std::ofstream(folder / "history.csv") << "a,b\n1,2\n";
  MPI_Barrier(MPI_COMM_WORLD);
  EXPECT_THROW(History(MPI_COMM_WORLD, folder / "history.csv", 1.), InputError);
}

TEST(History, ReportsAFullDiskOnAllRanks)
{
  const TemporaryFolder folder;
  const SignalCatcher catcher;
  History history(MPI_COMM_WORLD, folder / "history.csv");
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 20;
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(history.write(row_at(1., 1.)), std::runtime_error);
  setrlimit(RLIMIT_FSIZE, &before);
}
} // namespace lithoclase
