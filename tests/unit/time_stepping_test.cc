#include "time_stepping.h"

#include <gtest/gtest.h>

#include <limits>

using namespace lithoclase;

namespace
{
constexpr double never = std::numeric_limits<double>::infinity();

TimeSteppingParameters parameters()
{
  TimeSteppingParameters p;
  p.end_time = 100.;
  p.initial_step = 1.;
  p.minimum_step = 0.1;
  p.growth = 2.;
  return p;
}
} // namespace

TEST(TimeStepping, GrowsUpToTheLimitOfTheModules)
{
  TimeStepping stepping(parameters());
  EXPECT_FALSE(stepping.accept(stepping.next(never), never));
  EXPECT_DOUBLE_EQ(stepping.proposed_size(), 2.);
  EXPECT_TRUE(stepping.accept(stepping.next(never), 3.));
  EXPECT_DOUBLE_EQ(stepping.proposed_size(), 3.);
}

TEST(TimeStepping, MeetsBreakpointsWithoutForgettingItsSize)
{
  TimeStepping stepping(parameters());
  stepping.accept(stepping.next(never), never);
  const Step cut = stepping.next(1.5);
  EXPECT_DOUBLE_EQ(cut.time(), 1.5);
  stepping.accept(cut, never);
  EXPECT_DOUBLE_EQ(stepping.proposed_size(), 2.);
}

TEST(TimeStepping, HalvesAfterAFailureDownToTheMinimum)
{
  TimeStepping stepping(parameters());
  const StepFailure failure("test", "on purpose");
  for (unsigned int i = 0; i < 4; ++i)
    stepping.reject(stepping.next(never), failure);
  EXPECT_DOUBLE_EQ(stepping.next(never).size, 0.1);
  EXPECT_THROW(stepping.reject(stepping.next(never), failure), StepFailure);
}

TEST(TimeStepping, EndsAtTheEndTime)
{
  TimeStepping stepping(parameters());
  while (!stepping.at_end())
    stepping.accept(stepping.next(never), never);
  EXPECT_NEAR(stepping.time(), 100., 1e-9);
}
