#include "onsets.h"
#include "physics/crack_census.h"
#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>

using namespace lithoclase;
using dealii::Point;

namespace
{
/// Two grains of 0.5 m beside each other in a square of 1 m, with a boundary of 0.25 m, and a broken layer of
/// cells of 1/32 m across both.
class CrackCensusTest : public testing::Test
{
protected:
  CrackCensusTest()
  {
    MeshParameters mesh_parameters;
    mesh_parameters.size = {1., 1.};
    mesh_parameters.minimum_level = mesh_parameters.maximum_level = 5;
    mesh_ = std::make_unique<Mesh<2>>(MPI_COMM_WORLD, mesh_parameters);
    const std::string seeds = folder_ / "seeds.txt";
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::ofstream(seeds) << "unit m\n0.25 0.5\n0.75 0.5\n";
    MPI_Barrier(MPI_COMM_WORLD);
    MicrostructureParameters structure;
    structure.grains.arrangement = GrainArrangement::from_file;
    structure.grains.seed_file = seeds;
    structure.band_width = 0.25;
    microstructure_ = std::make_unique<Microstructure<2>>(structure, mesh_->lower(), mesh_->upper(),
                                                          mesh_->finest_cell(), mesh_->periodic_axes());
    state_ = std::make_unique<State<2>>(*mesh_);
    damage_ = &state_->add_field("damage", "1", SpaceKind::nodal);
    InitialCrackParameters crack;
    crack.from = {0., 0.5 + 1. / 64};
    crack.to = {0.1875, 0.5 + 1. / 64};
    initial_ = std::make_unique<InitialCracks<2>>(InitialCrackList{{"flaw", crack}}, *mesh_);
    density_ = &state_->add_field("crack_density", "1/m", SpaceKind::quadrature, Transfer::recompute);
    first_ = std::make_unique<FirstCrack<2>>(*state_);
    census_ =
        std::make_unique<CrackCensus<2>>(*microstructure_, *damage_, *density_, *initial_, 0.0625, *first_);
    onsets_ = std::make_unique<Onsets<2>>(*state_, first_.get(), 0.1);
    state_->reinit();
    density_->values = 1.;
  }

  /// Breaks the vertices of the layer with `from` <= x <= `to`.
  void mark(Field<2> &field, const double from, const double to)
  {
    for (const auto &cell : field.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices()) {
          const Point<2> &x = cell->vertex(v);
          const auto dof = cell->vertex_dof_index(v, 0);
          if (x[1] > 0.49 && x[1] < 0.54 && x[0] > from - 1e-6 && x[0] < to + 1e-6 &&
              field.space.owned.is_element(dof))
            field.values(dof) = 1.;
        }
    field.update();
  }

  std::map<std::string, double> count()
  {
    census_->update();
    ObservableRow row;
    census_->add_observables(row, 1.);
    std::map<std::string, double> result;
    for (const Observable &observable : row.entries())
      result[observable.name] = observable.value;
    return result;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Mesh<2>> mesh_;
  std::unique_ptr<Microstructure<2>> microstructure_;
  std::unique_ptr<State<2>> state_;
  Field<2> *damage_ = nullptr, *density_ = nullptr;
  std::unique_ptr<InitialCracks<2>> initial_;
  std::unique_ptr<FirstCrack<2>> first_;
  std::unique_ptr<CrackCensus<2>> census_;
  std::unique_ptr<Onsets<2>> onsets_;
};
} // namespace

TEST_F(CrackCensusTest, CrackIsDividedAmongPlaces)
{
  mark(*damage_, 0., 1.);
  const auto row = count();
  // Initial: the flaw of 0.1875 m and one crack width of 0.0625 m, within a cell. Boundary: 0.25 m.
  EXPECT_NEAR(row.at("crack_length_initial"), 0.25, 1.01 / 32);
  EXPECT_NEAR(row.at("crack_length_grain_boundary"), 0.25, 1e-12);
  EXPECT_NEAR(row.at("crack_length_grain"), 0.5, 1.01 / 32);
  EXPECT_NEAR(row.at("intergranular_fraction"), 1. / 3, 0.02);
}

TEST_F(CrackCensusTest, InitialCracksDoNotCountAsGrown)
{
  mark(*damage_, 0., 0.1875 + 1. / 32);
  EXPECT_NEAR(count().at("crack_length_initial"), 1., 1e-12);
  EXPECT_FALSE(first_->known());
  mark(*damage_, 0., 0.75);
  count();
  ASSERT_TRUE(first_->known());
  EXPECT_NEAR(first_->point()[0], 0.1875 + 0.0625, 1.01 / 32);
  EXPECT_NEAR(first_->point()[1], 0.5, 1e-12);
  EXPECT_EQ(first_->place(), Place::grain);
}

TEST_F(CrackCensusTest, OnsetsAreWrittenOnceEach)
{
  const auto row = [](const double time, const double filled, const double shorted) {
    ObservableRow result;
    result.add("time", "s", time);
    result.add("current_density", "A/m^2", 10. * time);
    result.add("cell_voltage", "V", 0.1);
    result.add("filled_crack_length", "m", filled);
    result.add("short_circuit", "1", shorted);
    return result;
  };
  std::ostringstream screen;
  Log log(MPI_COMM_WORLD, &screen, false);
  const std::string path = folder_ / "events.csv";
  onsets_->write(log, MPI_COMM_WORLD, path);
  MPI_Barrier(MPI_COMM_WORLD);
  {
    std::ifstream file(path);
    std::string line;
    EXPECT_TRUE(std::getline(file, line)) << "the head alone: nothing of an earlier run is left";
    EXPECT_FALSE(std::getline(file, line));
  }
  MPI_Barrier(MPI_COMM_WORLD);
  onsets_->update(row(1., 0.5, 0.), log, MPI_COMM_WORLD, path);
  mark(*damage_, 0.75, 1.);
  count();
  onsets_->update(row(2., 0.55, 0.), log, MPI_COMM_WORLD, path);
  onsets_->update(row(3., 0.7, 0.), log, MPI_COMM_WORLD, path); // beyond one crack width of 0.1 m
  onsets_->update(row(4., 0.9, 1.), log, MPI_COMM_WORLD, path);
  MPI_Barrier(MPI_COMM_WORLD);
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(),
            "event,time [s],current_density [A/m^2],cell_voltage [V],charge [C/m^2],x [m],y [m],place\n"
            "cracking,2,20,0.1,0,0.75,0.5,grain\n"
            "penetration,3,30,0.1,0,,,\n"
            "short circuit,4,40,0.1,0,,,\n");
}
