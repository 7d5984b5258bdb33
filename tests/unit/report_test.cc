#include "microstructure/report.h"

#include "micrometre.h"
#include "microstructure/picture.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>

#include <cstdio>
#include <sstream>

using namespace lithoclase;

namespace
{

template <int dim>
MicrostructureReport report_on(const MicrostructureParameters &parameters, double size = 20. * um,
                               double finest_cell = 0.1 * um)
{
  dealii::Point<dim> upper;
  for (unsigned int a = 0; a < dim; ++a)
    upper[a] = size;
  return make_report(Microstructure<dim>(parameters, {}, upper, finest_cell), MPI_COMM_WORLD, 300000);
}

SinglePoreParameters pore_at(const std::vector<double> &centre, double radius,
                             PoreFilling filling = PoreFilling::empty)
{
  SinglePoreParameters pore;
  pore.centre = centre;
  pore.semi_axes = {radius};
  pore.filling = filling;
  return pore;
}
} // namespace

TEST(MicrostructureReport, CountsSquaresAndCubes)
{
  MicrostructureParameters parameters;
  parameters.grains.arrangement = GrainArrangement::regular;
  parameters.grains.size = 5. * um;
  parameters.grains.offset = {2.5 * um, 2.5 * um};
  // Offset by half a grain: as many boundaries as grains per axis, 4 lines of 20 um per axis on 400 um^2.
  MicrostructureReport report = report_on<2>(parameters);
  EXPECT_EQ(report.grains, 25u);
  EXPECT_NEAR(report.boundary_density * um, 2. / 5.,
              1e-3); // band ends at the box and at corners on the raster
  EXPECT_NEAR(report.percolating_fraction, 1., 1e-12);
  EXPECT_EQ(report.porosity, 0.);
  EXPECT_FALSE(report.smallest_throat);
  EXPECT_FALSE(report.smallest_pore_radius);

  parameters.grains.offset.clear();
  parameters.band_width = 1.5 * um;
  report = report_on<3>(parameters, 10. * um, 0.4 * um);
  EXPECT_EQ(report.grains, 8u);
  EXPECT_NEAR(report.mean_grain_size / um, 5. * std::cbrt(6. / 3.14159265358979), 1e-2);
  EXPECT_NEAR(report.boundary_density * um, 3. / 10., 2e-3);
}

TEST(MicrostructureReport, MeasuresPores)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 4. * um;
  parameters.pores.single_pores = {{"open", pore_at({5. * um, 5. * um}, 1.5 * um)},
                                   {"closed", pore_at({10. * um, 12. * um}, 2. * um)},
                                   {"wetted", pore_at({15. * um, 12. * um}, 1. * um, PoreFilling::liquid)}};
  const MicrostructureReport report = report_on<2>(parameters);
  constexpr double pi = 3.14159265358979;
  // Segment of the disc below the anode interface: 1 um below its centre.
  const double segment = 2.25 * std::acos(1. / 1.5) - 1. * std::sqrt(1.25);
  const double open = 2.25 * pi - segment, electrolyte = 320.;
  const double tolerance = 2e-3; // one raster spacing along the cut with the anode
  EXPECT_NEAR(report.porosity * electrolyte, open + 5. * pi, tolerance * electrolyte);
  EXPECT_NEAR(report.open_porosity * electrolyte, open, tolerance * electrolyte);
  EXPECT_NEAR(report.closed_porosity * electrolyte, 5. * pi, tolerance * electrolyte);
  EXPECT_NEAR(report.filled_porosity * electrolyte, pi, tolerance * electrolyte);
  EXPECT_EQ(report.pores, 3u);
  EXPECT_EQ(report.filled_pores, 1u);
  EXPECT_NEAR(*report.smallest_pore_radius / um, 1., 1e-12);
  EXPECT_NEAR(*report.smallest_throat / um, 2., 0.1); // between `closed` and `wetted`, one raster spacing
  EXPECT_TRUE(report.percolates());
}

TEST(MicrostructureReport, NoticesABlockedElectrolyte)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 4. * um;
  parameters.phases.liquid.text = "1*um - abs(y - 10*um)";
  MicrostructureReport report = report_on<2>(parameters);
  EXPECT_FALSE(report.percolates());
  EXPECT_NEAR(report.percolating_with_liquid, 1., 1e-12);
  EXPECT_NEAR(report.filled_porosity, 2. / 16., 1e-3);
  EXPECT_EQ(report.open_porosity, 0.);
  EXPECT_NEAR(*report.smallest_pore_radius / um, 1.,
              0.1); // of the largest ball inside the layer, on the raster
  std::ostringstream text;
  print(report, text);
  EXPECT_NE(text.str().find("NONE"), std::string::npos);

  parameters.phases.solid.text = "1*um - abs(x - 3*um)"; // a bridge of 2 um
  report = report_on<2>(parameters);
  EXPECT_NEAR(report.percolating_fraction, 1., 1e-12);
}

TEST(MicrostructureReport, MeetsThePorosityOfAPopulation)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 4. * um;
  parameters.grains.number = 30;
  PorePopulationParameters population;
  population.porosity = 0.1;
  population.smallest_radius = 0.6 * um;
  population.largest_radius = 1.2 * um;
  population.filled_fraction = 0.5;
  parameters.pores.populations = {{"voids", population}};
  const MicrostructureReport report = report_on<2>(parameters);
  EXPECT_NEAR(report.porosity, 0.1, 5e-4);                          // error of the raster
  EXPECT_NEAR(report.filled_porosity / report.porosity, 0.5, 0.06); // whole pores
  EXPECT_EQ(report.open_porosity, 0.);
  EXPECT_GE(*report.smallest_throat, 0.5 * um); // the gap of 0.6 um less one raster spacing

  const nlohmann::json json = nlohmann::json::parse(to_json(report));
  EXPECT_NEAR(json["porosity [1]"], report.porosity, 1e-12);
  EXPECT_EQ(json["grains"], report.grains);
  EXPECT_TRUE(json["percolates"]);
}

TEST(MicrostructureReport, IsDrawn)
{
  MicrostructureParameters parameters;
  parameters.anode.thickness = 4. * um;
  parameters.grains.number = 10;
  parameters.pores.single_pores = {{"wetted", pore_at({10. * um, 10. * um}, 3. * um, PoreFilling::liquid)}};
  const Microstructure<2> microstructure(parameters, {0., 0.}, {20. * um, 20. * um}, 0.1 * um);
  const std::string name = testing::TempDir() + "lithoclase_picture.png";
  write_picture(microstructure, MPI_COMM_WORLD, name);
  if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0) {
    vtkNew<vtkPNGReader> reader;
    reader->SetFileName(name.c_str());
    reader->Update();
    const vtkImageData *image = reader->GetOutput();
    ASSERT_EQ(const_cast<vtkImageData *>(image)->GetNumberOfScalarComponents(), 3);
    const int *extent = const_cast<vtkImageData *>(image)->GetExtent();
    ASSERT_GT(extent[1], 1200);
    // The middle of the box is blue, the anode grey.
    const auto colour = [&](double x, double y) {
      const int i = 24 + int(x * 1200), j = 60 + int(y * 1200);
      return static_cast<unsigned char *>(const_cast<vtkImageData *>(image)->GetScalarPointer(i, j, 0));
    };
    EXPECT_GT(colour(0.5, 0.5)[2], colour(0.5, 0.5)[0] + 80);
    EXPECT_NEAR(colour(0.5, 0.1)[2], colour(0.5, 0.1)[0], 20);
    std::remove(name.c_str());
  }
  EXPECT_THROW(write_picture(microstructure, MPI_COMM_WORLD, "/nonexistent/folder/picture.png"),
               std::runtime_error);
}
