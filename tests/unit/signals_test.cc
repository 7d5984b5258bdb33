#include "core/signals.h"

#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <string>

namespace lithoclase
{
TEST(Signals, OneRankTellsAll)
{
  for (const auto &[number, name] :
       {std::pair<int, std::string>{SIGTERM, "SIGTERM"}, {SIGUSR1, "SIGUSR1"}, {SIGINT, "SIGINT"}}) {
    const SignalCatcher catcher;
    EXPECT_FALSE(stop_requested(MPI_COMM_WORLD));
    if (on_rank_0())
      std::raise(number);
    EXPECT_TRUE(stop_requested(MPI_COMM_WORLD));
    EXPECT_EQ(stop_signal(MPI_COMM_WORLD), name);
  }
}

TEST(Signals, AFileBeyondItsLimitIsAnErrorOfTheWrite)
{
  const TemporaryFolder folder;
  const SignalCatcher catcher;
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &small);
  std::ofstream file(folder / ("file" + std::to_string(on_rank_0())));
  file << std::string(5000, 'x') << std::flush;
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(file.good());
}

TEST(WallClockLimit, LeavesTimeForAStepAndACheckpoint)
{
  WallClockLimit none(0.);
  none.step_took(1e9);
  EXPECT_FALSE(none.reached(MPI_COMM_WORLD));

  WallClockLimit limit(1000.);
  EXPECT_FALSE(limit.reached(MPI_COMM_WORLD));
  limit.step_took(100.);
  limit.step_took(10.);
  limit.checkpoint_took(20.);
  EXPECT_DOUBLE_EQ(limit.margin(), 240.);
  EXPECT_FALSE(limit.reached(MPI_COMM_WORLD));
  if (on_rank_0())
    limit.step_took(500.);
  EXPECT_TRUE(limit.reached(MPI_COMM_WORLD)) << "one rank decides for all";
}
} // namespace lithoclase
