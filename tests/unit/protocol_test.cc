#include "physics/protocol.h"

#include "core/failure.h"
#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

using namespace lithoclase;

namespace
{
ProtocolParameters shaped(const ProtocolParameters::Shape shape)
{
  ProtocolParameters parameters;
  parameters.shape = shape;
  parameters.current_density = 50.;
  return parameters;
}

/// A file of rank 0 that all ranks can read afterwards.
void write(const std::string &path, const std::string &text)
{
  if (on_rank_0())
    std::ofstream(path) << text;
  MPI_Barrier(MPI_COMM_WORLD);
}
} // namespace

TEST(Protocol, ConstantAndRamp)
{
  EXPECT_DOUBLE_EQ(Protocol(shaped(ProtocolParameters::Shape::constant)).value(3.), 50.);
  ProtocolParameters parameters = shaped(ProtocolParameters::Shape::ramp);
  parameters.ramp_time = 200.;
  const Protocol ramp(parameters);
  EXPECT_DOUBLE_EQ(ramp.value(100.), 25.);
  EXPECT_DOUBLE_EQ(ramp.value(400.), 100.);
  EXPECT_TRUE(std::isinf(ramp.next_breakpoint(0.)));
}

TEST(Protocol, PulseKeepsTheValueBeforeAJump)
{
  ProtocolParameters parameters = shaped(ProtocolParameters::Shape::pulse);
  parameters.on_time = 10.;
  parameters.off_time = 5.;
  const Protocol pulse(parameters);
  EXPECT_DOUBLE_EQ(pulse.value(4.), 50.);
  EXPECT_DOUBLE_EQ(pulse.value(10.), 50.);
  EXPECT_DOUBLE_EQ(pulse.value(10.1), 0.);
  EXPECT_DOUBLE_EQ(pulse.value(15.), 0.);
  EXPECT_DOUBLE_EQ(pulse.value(15.1), 50.);
  EXPECT_DOUBLE_EQ(pulse.next_breakpoint(0.), 10.);
  EXPECT_DOUBLE_EQ(pulse.next_breakpoint(10.), 15.);
  EXPECT_NEAR(pulse.next_breakpoint(15.), 25., 1e-12);
  // After many periods rounding must not make a step of length zero.
  double time = 0.;
  for (unsigned int i = 0; i < 2000; ++i) {
    const double next = pulse.next_breakpoint(time);
    ASSERT_GT(next - time, 4.9);
    ASSERT_LT(next - time, 10.1);
    time = next;
  }
}

TEST(Protocol, CycleStripsWithTheOppositeSign)
{
  ProtocolParameters parameters = shaped(ProtocolParameters::Shape::cycle);
  parameters.plating_time = 100.;
  parameters.rest_time = 10.;
  parameters.stripping_time = 50.;
  const Protocol cycle(parameters);
  EXPECT_DOUBLE_EQ(cycle.value(50.), 50.);
  EXPECT_DOUBLE_EQ(cycle.value(105.), 0.);
  EXPECT_DOUBLE_EQ(cycle.value(130.), -50.);
  EXPECT_DOUBLE_EQ(cycle.value(165.), 0.);
  EXPECT_DOUBLE_EQ(cycle.value(171.), 50.);
}

TEST(Protocol, TableIsLinearWithJumps)
{
  const TemporaryFolder folder;
  const std::string path = folder.path + "/table.txt";
  write(path, "time s value mA/cm^2\n0 1\n10 1\n10 2\n20 3\n");
  ProtocolParameters parameters = shaped(ProtocolParameters::Shape::table);
  parameters.table_file = path;
  const Protocol table(parameters);
  EXPECT_NEAR(table.value(5.), 10., 1e-12);
  EXPECT_NEAR(table.value(10.), 10., 1e-12);
  EXPECT_NEAR(table.value(15.), 25., 1e-12);
  EXPECT_NEAR(table.value(99.), 30., 1e-12);
  EXPECT_DOUBLE_EQ(table.next_breakpoint(0.), 10.);
  EXPECT_DOUBLE_EQ(table.next_breakpoint(10.), 20.);
}

TEST(Protocol, RefusesABadTable)
{
  const TemporaryFolder folder;
  const std::string path = folder.path + "/table.txt";
  write(path, "time s value mA/cm^2\n10 1\n5 1\n");
  ProtocolParameters parameters = shaped(ProtocolParameters::Shape::table);
  parameters.table_file = path;
  EXPECT_THROW(Protocol{parameters}, InputError);
}
