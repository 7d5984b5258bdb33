#include "core/log.h"

#include "core/failure.h"
#include "core/timing.h"
#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

namespace lithoclase
{
TEST(Friendly, ChoosesReadableUnits)
{
  EXPECT_EQ(friendly(1.25e-5, "m"), "12.5 um");
  EXPECT_EQ(friendly(-3e-8, "m"), "-30 nm");
  EXPECT_EQ(friendly(100., "A/m^2"), "10 mA/cm^2");
  EXPECT_EQ(friendly(0.0532, "V"), "53.2 mV");
  EXPECT_EQ(friendly(36000., "C/m^2"), "1 mAh/cm^2");
  EXPECT_EQ(friendly(90., "s"), "1.5 min");
  EXPECT_EQ(friendly(0., "V"), "0 V");
  EXPECT_EQ(friendly(17., "1"), "17");
  EXPECT_EQ(friendly(2.5, "mol/m^3"), "2.5 mol/m^3");
  EXPECT_EQ(friendly(1e-3 * (1. - 1e-15), "V"), "1 mV") << "rounded before the unit is chosen";
}

TEST(FormatDuration, CoversSecondsToDays)
{
  EXPECT_EQ(format_duration(41.6), "42 s");
  EXPECT_EQ(format_duration(200.), "3 min 20 s");
  EXPECT_EQ(format_duration(7500.), "2 h 05 min");
  EXPECT_EQ(format_duration(3 * 86400. + 4 * 3600.), "3 d 04 h");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::infinity()), "unknown");
}

TEST(Log, WritesABlockPerStepOnRank0Alone)
{
  const TemporaryFolder folder;
  std::ostringstream screen;
  {
    Log log(MPI_COMM_WORLD, &screen, false);
    log.open_file(folder / "log.txt", false);
    Step step;
    step.number = 12;
    step.old_time = 3.;
    step.size = 0.25;
    log.begin_step(step);
    SolveReport report;
    report.nonlinear_iterations = 3;
    report.linear_iterations = 24;
    report.increment = 2.3e-5;
    log.solve("charge_transport", report);
    ObservableRow row;
    row.add("time", "s", 3.25);
    row.add("cell_voltage", "V", 0.0532, true);
    log.observables(row);
    log.progress(0.234, 83.);
  }
  if (!on_rank_0()) {
    EXPECT_EQ(screen.str(), "");
    return;
  }
  const std::string text = screen.str();
  EXPECT_NE(text.find("Step 12: time 3.25 s, step size 250 ms\n"), std::string::npos) << text;
  EXPECT_NE(text.find("charge transport "), std::string::npos) << text;
  EXPECT_NE(text.find("3 nonlinear,   24 linear"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  cell voltage 53.2 mV\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  progress 23.4 %, about 1 min 23 s left\n"), std::string::npos) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(content_of(folder / "log.txt"), text) << "the file says what the screen says";
}

TEST(Log, ErasesTheBarOfATerminalBeforeTheNextLine)
{
  const TemporaryFolder folder;
  std::ostringstream screen;
  {
    Log log(MPI_COMM_WORLD, &screen, true);
    log.open_file(folder / "log.txt", false);
    log.progress(0.5, 10.);
    log.line("next");
  }
  if (!on_rank_0())
    return;
  EXPECT_NE(screen.str().find("[====================                    ] 50.0 %"), std::string::npos)
      << screen.str();
  EXPECT_NE(screen.str().find("\r\033[Knext\n"), std::string::npos) << screen.str();
  EXPECT_EQ(content_of(folder / "log.txt"), "  progress 50.0 %, about 10 s left\nnext\n");
}

TEST(Log, ContinuesItsFileAfterARestart)
{
  const TemporaryFolder folder;
  for (const bool append : {false, false, true}) {
    Log log(MPI_COMM_WORLD, nullptr, false);
    log.open_file(folder / "log.txt", append);
    log.line("line");
  }
  if (on_rank_0()) {
    EXPECT_EQ(content_of(folder / "log.txt"), "line\nline\n");
  }
}

TEST(Log, RefusesAFileThatCannotBeOpenedOnAllRanks)
{
  Log log(MPI_COMM_WORLD, nullptr, false);
  EXPECT_THROW(log.open_file("/nonexistent_folder/log.txt", false), InputError);
}

TEST(RemainingTime, FollowsRecentProgress)
{
  RemainingTime remaining;
  remaining.update(0., 0.);
  EXPECT_TRUE(std::isinf(remaining.seconds()));
  remaining.update(0.25, 10.);
  EXPECT_NEAR(remaining.seconds(), 30., 1e-9);
  for (unsigned int i = 1; i <= 400; ++i)
    remaining.update(0.25 + i * 0.001, 10. + i); // ten times slower from here on: 0.65 after 410 s
  EXPECT_NEAR(remaining.seconds(), 350., 1.) << "the first step must be forgotten";
}

TEST(Timing, SumsSectionsAndPrintsThemOnRank0)
{
  Timing timing;
  for (unsigned int i = 0; i < 3; ++i)
    const Timing::Scope scope = timing.scope("output");
  if (on_rank_0())
    const Timing::Scope scope = timing.scope("only on rank 0");
  EXPECT_GE(timing.seconds("output"), 0.);
  EXPECT_LE(timing.seconds("output"), timing.elapsed());
  const std::string table = timing.summary(MPI_COMM_WORLD);
  EXPECT_EQ(table.empty(), !on_rank_0());
  if (on_rank_0()) {
    EXPECT_NE(table.find("output                                  3"), std::string::npos) << table;
    EXPECT_NE(table.find("only on rank 0"), std::string::npos) << table;
  }
}

TEST(PeakMemory, IsOfTheOrderOfAProgram)
{
  EXPECT_GT(peak_memory(MPI_COMM_WORLD), 1e6);
  EXPECT_LT(peak_memory(MPI_COMM_WORLD), 1e12);
}
} // namespace lithoclase
