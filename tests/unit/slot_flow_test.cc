#include "physics/slot_flow.h"

#include <gtest/gtest.h>

using namespace lithoclase;

// A slot of 100 nm in which the stress at the flanks, sqrt(3) p' w/2, is 0.8 MPa: sqrt(3) p'/s0 = 1.6e7 1/m.
constexpr double slot = 1e-7, gradient = 9.2376043070e12;

TEST(SlotFlow, creep)
{
  const SlotFlow flow;
  // 2 sqrt(3) 0.01 (1.6e7)^5 (5e-8)^7/7 = 4.05399e-18 m^2/s
  EXPECT_NEAR(flow.transmissivity(slot, gradient) * gradient, 4.05399e-18, 1e-23);
  EXPECT_NEAR(flow.transmissivity(slot, 2. * gradient) / flow.transmissivity(slot, gradient), 16., 1e-9);
  EXPECT_NEAR(flow.transmissivity(2. * slot, gradient) / flow.transmissivity(slot, gradient), 128., 1e-9);
}

TEST(SlotFlow, creep_is_linear_at_rest)
{
  const SlotFlow flow;
  // 6e-8 1/(Pa s) (1e-3)^4 (5e-8)^3/7
  const double at_rest = flow.transmissivity(slot, 0.);
  EXPECT_NEAR(at_rest, 1.0714286e-42, 1e-48);
  EXPECT_EQ(flow.transmissivity(slot, 1e-3 * gradient), at_rest);
  EXPECT_GT(flow.transmissivity(slot, 2e-3 * gradient), at_rest);
}

TEST(SlotFlow, closed_slot_keeps_a_finite_transmissivity)
{
  const SlotFlow flow;
  EXPECT_GT(flow.transmissivity(0., gradient), 0.);
  EXPECT_EQ(flow.transmissivity(-1e-9, gradient), flow.transmissivity(0., gradient));
}

TEST(SlotFlow, viscous)
{
  SlotFlow flow;
  flow.law = SlotFlow::Law::viscous;
  EXPECT_DOUBLE_EQ(flow.transmissivity(slot, gradient), 1e-21 / 12e6);
  EXPECT_EQ(flow.transmissivity(slot, 0.), flow.transmissivity(slot, gradient));
}
