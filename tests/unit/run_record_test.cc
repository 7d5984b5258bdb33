#include "output/run_record.h"

#include "temporary_folder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lithoclase
{
TEST(RunRecord, IsWrittenAtTheStartAndCompletedAtTheEnd)
{
  const TemporaryFolder folder;
  RunDescription description;
  description.case_name = "test";
  description.parameters = "set a = \"1 um\"\n";
  description.materials = "{\"llzo\": {\"sigma [S/m]\": 0.046}}";
  description.seeds = {{"grains", 7}};
  const RunRecord first(MPI_COMM_WORLD, folder / "run.json", description, false, 100.);
  if (on_rank_0()) {
    const auto record = nlohmann::json::parse(content_of(folder / "run.json"));
    EXPECT_FALSE(record.contains("end")) << "a run that was killed has none";
    EXPECT_EQ(record["parameters"], description.parameters);
    EXPECT_EQ(record["materials"]["llzo"]["sigma [S/m]"], 0.046);
    EXPECT_EQ(record["seeds"]["grains"], 7);
    EXPECT_EQ(record["ranks"], dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD));
    for (const char *library : {"deal.II", "PETSc", "p4est", "HDF5", "VTK", "MPI"})
      EXPECT_FALSE(record["libraries"][library].get<std::string>().empty()) << library;
  }
  first.finish("SIGTERM", 4, {{"steps", 3.}});
  const RunRecord second(MPI_COMM_WORLD, folder / "run.json", description, true, 0.);
  second.finish("end time reached", 0);
  if (on_rank_0()) {
    const auto record = nlohmann::json::parse(content_of(folder / "run.json"));
    EXPECT_EQ(record["exit_reason"], "end time reached");
    EXPECT_TRUE(record["resumed"]);
    ASSERT_EQ(record["earlier_runs"].size(), 1u);
    EXPECT_EQ(record["earlier_runs"][0]["exit_reason"], "SIGTERM");
    EXPECT_EQ(record["earlier_runs"][0]["exit_code"], 4);
    EXPECT_EQ(record["earlier_runs"][0]["steps"], 3.);
    const double first_time = record["earlier_runs"][0]["wall_time [s]"];
    EXPECT_GE(first_time, 100.) << "what came before the record counts";
    EXPECT_LT(first_time, 160.);
    EXPECT_LT(record["wall_time [s]"].get<double>(), 60.);
  }
}
} // namespace lithoclase
