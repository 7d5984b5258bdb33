#include "output/checkpoint.h"

#include "adaptive_case.h"
#include "core/failure.h"
#include "core/signals.h"
#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace lithoclase
{
namespace
{
const std::map<std::string, std::string> some_parameters{{"Mesh/size", "20 um, 20 um"}, {"Time/end", "1 h"}};

CheckpointInfo some_info(const double time)
{
  CheckpointInfo info;
  info.time = time;
  info.step = 12;
  info.next_step_size = 0.1 / 3.;
  info.wall_time = 4.5;
  info.parameters = some_parameters;
  return info;
}

/// Values with all digits in use at every vertex, quadrature point and cell: a function of the place alone,
/// which is rounded, since the last digits of a vertex depend on the order of refinement.
template <int dim>
double rough(const dealii::Point<dim> &p, const unsigned int component)
{
  double x = component + 1.;
  for (unsigned int d = 0; d < dim; ++d)
    x += std::sin(1. + (d + 1) * std::round(p[d] / AdaptiveCase<dim>::edge * 1e6));
  return x;
}

template <int dim>
void fill_rough(AdaptiveCase<dim> &test)
{
  for (Field<dim> *field : {&test.potential, &test.displacement, &test.history, &test.grain}) {
    test.set(*field, &rough<dim>);
    field->space.constraints.distribute(field->values);
    field->values.update_ghost_values();
  }
  test.voltage.value = 1. / 3.;
  test.state.store();
}

/// The largest difference to what fill_rough() sets, over all fields.
template <int dim>
double difference(AdaptiveCase<dim> &test)
{
  std::vector<Vector> found;
  const std::vector<Field<dim> *> fields{&test.potential, &test.displacement, &test.history, &test.grain};
  for (Field<dim> *field : fields)
    found.push_back(field->values);
  fill_rough(test);
  double largest = 0.;
  for (unsigned int i = 0; i < fields.size(); ++i) {
    found[i] -= fields[i]->values;
    largest = std::max(largest, found[i].linfty_norm());
  }
  return largest;
}

template <int dim>
void save(MPI_Comm communicator, const std::string &folder)
{
  AdaptiveCase<dim> test(communicator);
  test.refine();
  fill_rough(test);
  Checkpoint<dim>(communicator, folder).save(test.state, some_info(1. / 3.));
}

template <int dim>
void load_and_compare(MPI_Comm communicator, const std::string &folder)
{
  AdaptiveCase<dim> reference(communicator);
  reference.refine();

  AdaptiveCase<dim> test(communicator, MeshStart::coarse);
  const Checkpoint<dim> checkpoint(communicator, folder);
  ASSERT_TRUE(checkpoint.exists());
  const CheckpointInfo info = checkpoint.read(some_parameters);
  EXPECT_EQ(info.time, 1. / 3.);
  EXPECT_EQ(info.step, 12u);
  EXPECT_EQ(info.next_step_size, 0.1 / 3.);
  EXPECT_EQ(info.wall_time, 4.5);
  checkpoint.load(test.state);
  EXPECT_EQ(test.mesh.triangulation.n_global_active_cells(),
            reference.mesh.triangulation.n_global_active_cells());
  EXPECT_EQ(test.voltage.value, 1. / 3.);
  EXPECT_EQ(test.voltage.old_value, 1. / 3.);
  EXPECT_EQ(test.potential.old_values.linfty_norm(), test.potential.values.linfty_norm());
  // Values move as they are; only the mean at a hanging node may be summed up in another order.
  EXPECT_LE(difference(test), dim == 2 ? 0. : 1e-15);

  // The loaded mesh is a full one: it can be refined and saved again.
  test.refine();
  EXPECT_GT(test.potential.values.linfty_norm(), 0.);
}

std::string message_of(const std::function<void()> &action)
{
  try {
    action();
  } catch (const InputError &error) {
    return error.what();
  }
  return "no InputError";
}

template <typename Action>
void on_one_rank(const Action &action)
{
  MPI_Barrier(MPI_COMM_WORLD);
  if (on_rank_0())
    action();
  MPI_Barrier(MPI_COMM_WORLD);
}

void expect_text(const std::string &text, const std::string &part)
{
  EXPECT_NE(text.find(part), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << "one sentence: " << text;
}
} // namespace

template <typename T>
class CheckpointTest : public testing::Test
{
};
using Dimensions = testing::Types<std::integral_constant<int, 2>, std::integral_constant<int, 3>>;
TYPED_TEST_SUITE(CheckpointTest, Dimensions);

TYPED_TEST(CheckpointTest, LoadsOnAnyNumberOfRanks)
{
  constexpr int dim = TypeParam::value;
  const TemporaryFolder folder;
  on_one_rank([&] { save<dim>(MPI_COMM_SELF, folder / "serial"); });
  load_and_compare<dim>(MPI_COMM_WORLD, folder / "serial");
  save<dim>(MPI_COMM_WORLD, folder / "parallel");
  load_and_compare<dim>(MPI_COMM_WORLD, folder / "parallel");
  on_one_rank([&] { load_and_compare<dim>(MPI_COMM_SELF, folder / "parallel"); });
}

TEST(Checkpoint, TakesParametersFromAPrintedFile)
{
  const std::string printed =
      "set title = x\nsubsection Mesh\n  set size = 20, 20 um\n  subsection Inner\n"
      "    set a = b = c\n    set empty =\n  end\nend\nsubsection Output\n  set fields =\nend\n";
  const std::map<std::string, std::string> expected{{"title", "x"},
                                                    {"Mesh/size", "20, 20 um"},
                                                    {"Mesh/Inner/a", "b = c"},
                                                    {"Mesh/Inner/empty", ""},
                                                    {"Output/fields", ""}};
  EXPECT_EQ(printed_values(printed), expected);
}

TEST(Checkpoint, RotatesAndKeepsTheOneBefore)
{
  const TemporaryFolder folder;
  AdaptiveCase<2> test(MPI_COMM_WORLD);
  Checkpoint<2> checkpoint(MPI_COMM_WORLD, folder.path);
  EXPECT_FALSE(checkpoint.exists());
  for (const double time : {1., 2., 3.}) {
    checkpoint.save(test.state, some_info(time));
    EXPECT_EQ(checkpoint.read(some_parameters).time, time);
    EXPECT_EQ(content_of(folder / "checkpoint/latest"), time == 2. ? "B\n" : "A\n");
    MPI_Barrier(MPI_COMM_WORLD); // the next save may not overtake a reader
  }
  checkpoint.forget();
  EXPECT_FALSE(checkpoint.exists());
}

TEST(Checkpoint, RefusesWhatIsMissingDamagedOrForeign)
{
  const TemporaryFolder folder;
  const std::string slot = folder / "checkpoint/A";
  const Checkpoint<2> checkpoint(MPI_COMM_WORLD, folder.path);
  const auto message = [&] { return message_of([&] { checkpoint.read(some_parameters); }); };
  expect_text(message(), "there is no checkpoint");

  const auto renew = [&] {
    on_one_rank([&] { std::filesystem::remove_all(folder / "checkpoint"); });
    save<2>(MPI_COMM_WORLD, folder.path);
  };
  renew();
  EXPECT_EQ(message(), "no InputError");
  on_one_rank([&] { std::filesystem::resize_file(slot + "/mesh_fixed.data", 1000); });
  expect_text(message(), "has 1000 bytes instead of");

  renew();
  on_one_rank([&] {
    std::fstream file(slot + "/mesh_fixed.data", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(500);
    file << "damage";
  });
  expect_text(message(), "checksum");

  renew();
  on_one_rank([&] { std::filesystem::remove(slot + "/mesh"); });
  expect_text(message(), "mesh' is missing");

  for (const std::string text :
       {"", "{\"program\": 7}", "{\"program\": \"lithoclase\", \"format\": 1}", "{"}) {
    on_one_rank([&] { std::ofstream(slot + "/manifest.json") << text; });
    expect_text(message(), "damaged");
  }
  on_one_rank([&] { std::ofstream(slot + "/manifest.json") << "{\"program\": \"other\"}"; });
  expect_text(message(), "another program ('other')");
  on_one_rank([&] { std::filesystem::remove(slot + "/manifest.json"); });
  expect_text(message(), "manifest.json' is missing");
}

TEST(Checkpoint, SaysWhereTheOneBeforeIs)
{
  const TemporaryFolder folder;
  save<2>(MPI_COMM_WORLD, folder.path);
  save<2>(MPI_COMM_WORLD, folder.path);
  on_one_rank([&] { std::filesystem::remove(folder / "checkpoint/B/mesh"); });
  const Checkpoint<2> checkpoint(MPI_COMM_WORLD, folder.path);
  expect_text(message_of([&] { checkpoint.read(some_parameters); }), "/A' is good: write A into");
  on_one_rank([&] { std::ofstream(folder / "checkpoint/latest") << "A"; });
  EXPECT_EQ(checkpoint.read(some_parameters).step, 12u);
}

TEST(Checkpoint, RefusesAnotherRun)
{
  const TemporaryFolder folder;
  save<2>(MPI_COMM_WORLD, folder.path);
  expect_text(message_of([&] { Checkpoint<3>(MPI_COMM_WORLD, folder.path).read(some_parameters); }),
              "of a run in 2-D, but this run is in 3-D");

  const Checkpoint<2> checkpoint(MPI_COMM_WORLD, folder.path);
  std::map<std::string, std::string> other = some_parameters;
  other["Time/end"] = "2 h";
  expect_text(message_of([&] { checkpoint.read(other); }), "'Time/end = 1 h', but this run has '2 h'");
  other.erase("Time/end");
  expect_text(message_of([&] { checkpoint.read(other); }), "which this run does not have");

  AdaptiveCase<2> more(MPI_COMM_WORLD, MeshStart::coarse);
  more.state.add_field("damage", "1", SpaceKind::nodal);
  more.state.reinit();
  expect_text(message_of([&] { checkpoint.load(more.state); }), "but this run has ionic_potential, damage");
}

TEST(Checkpoint, AFullDiskLeavesTheOneBefore)
{
  const TemporaryFolder folder;
  const SignalCatcher catcher;
  AdaptiveCase<2> test(MPI_COMM_WORLD);
  test.refine();
  Checkpoint<2> checkpoint(MPI_COMM_WORLD, folder.path);
  checkpoint.save(test.state, some_info(1.));
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(checkpoint.save(test.state, some_info(2.)), NoCheckpoint);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(checkpoint.read(some_parameters).time, 1.);
  checkpoint.save(test.state, some_info(3.)); // and the run may try again
  EXPECT_EQ(checkpoint.read(some_parameters).time, 3.);
}

TEST(Checkpoint, WithoutAFolderTheRunGoesOn)
{
  const TemporaryFolder folder;
  AdaptiveCase<2> test(MPI_COMM_WORLD);
  test.refine();
  Checkpoint<2> checkpoint(MPI_COMM_WORLD, folder.path);
  const bool first = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  const std::string wanted = folder.path + "/checkpoint";
  if (first)
    std::ofstream(wanted) << "a file";
  EXPECT_THROW(checkpoint.save(test.state, some_info(1.)), NoCheckpoint);
  if (first)
    std::filesystem::remove(wanted);
  checkpoint.save(test.state, some_info(2.));
  EXPECT_EQ(checkpoint.read(some_parameters).time, 2.);
}
} // namespace lithoclase
