#include "core/trigger.h"

#include <gtest/gtest.h>

#include <limits>

namespace lithoclase
{
TEST(Trigger, IsOffByDefault)
{
  const Trigger trigger;
  EXPECT_FALSE(trigger.due(0., 1e9, 7));
  EXPECT_EQ(trigger.next_time(0.), std::numeric_limits<double>::infinity());
}

TEST(Trigger, FiresEveryInterval)
{
  Trigger trigger;
  trigger.time_interval = 2.;
  EXPECT_FALSE(trigger.due(0., 1.9, 1));
  EXPECT_TRUE(trigger.due(1.9, 2.1, 2));
  EXPECT_FALSE(trigger.due(2.1, 3.9, 3));
  EXPECT_TRUE(trigger.due(3.9, 9., 4)) << "several intervals in one step";
  EXPECT_DOUBLE_EQ(trigger.next_time(3.), 4.);
  EXPECT_DOUBLE_EQ(trigger.next_time(4.), 6.);
}

TEST(Trigger, FiresOncePerIntervalDespiteRounding)
{
  Trigger trigger;
  trigger.time_interval = 0.1;
  double time = 0.;
  unsigned int fired = 0;
  for (unsigned int step = 1; step <= 10000; ++step) {
    const double new_time = time + 0.01; // the sum drifts by rounding
    fired += trigger.due(time, new_time, step);
    time = new_time;
  }
  EXPECT_EQ(fired, 1000u);
}

TEST(Trigger, StepsThatEndAtTheNextTimeMeetEachOne)
{
  Trigger trigger;
  trigger.time_interval = 0.3;
  trigger.times = {0.5};
  double time = 0.;
  for (const double expected : {0.3, 0.5, 0.6, 0.9, 1.2}) {
    const double next = trigger.next_time(time);
    EXPECT_NEAR(next, expected, 1e-12);
    EXPECT_TRUE(trigger.due(time, next, 1));
    time = next;
  }
}

TEST(Trigger, FiresEveryNSteps)
{
  Trigger trigger;
  trigger.step_interval = 5;
  EXPECT_FALSE(trigger.due(0., 1., 4));
  EXPECT_TRUE(trigger.due(1., 2., 5));
  EXPECT_FALSE(trigger.due(2., 3., 6));
}

TEST(Trigger, FiresAtListedTimesOnce)
{
  Trigger trigger;
  trigger.times = {3., 1.};
  EXPECT_TRUE(trigger.due(0.5, 1., 1));
  EXPECT_FALSE(trigger.due(1., 2., 2));
  EXPECT_TRUE(trigger.due(2., 3.5, 3));
  EXPECT_FALSE(trigger.due(3.5, 4., 4));
  EXPECT_DOUBLE_EQ(trigger.next_time(1.), 3.);
}
} // namespace lithoclase
