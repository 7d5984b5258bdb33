#include "resolution.h"

#include "core/failure.h"
#include "materials/material_database.h"
#include "micrometre.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

using namespace lithoclase;

namespace
{
/// A box of 20 um, an anode of 2 um, four grains; what the rules say of it.
struct Box
{
  Box()
  {
    parameters.mesh.minimum_level = parameters.mesh.maximum_level = 7; // 0.156 um
    parameters.microstructure.anode.thickness = 2. * um;
    parameters.microstructure.grains.number = 4;
    parameters.electrodeposition.front_width = 0.4 * um;
    parameters.electrodeposition.accessibility.grain_boundary = 1.;
  }

  std::string said() const
  {
    const Mesh<2> mesh(MPI_COMM_WORLD, parameters.mesh);
    const Microstructure<2> microstructure(parameters.microstructure, mesh.lower(), mesh.upper(),
                                           mesh.finest_cell());
    MaterialDatabase materials(MaterialParameters(), MPI_COMM_WORLD);
    const TransportData data(parameters.transport, materials);
    std::ostringstream screen;
    Log log(MPI_COMM_SELF, &screen);
    check_resolution(parameters, mesh, microstructure, &data, log);
    if (!cracks.empty())
      tell_critical_overpotential(cracks, IsotropicModuli::from_youngs(150e9, 0.26), 6.2, mesh,
                                  microstructure, log);
    return screen.str();
  }

  void add_crack(const dealii::Point<2> &from, const dealii::Point<2> &to)
  {
    InitialCrackParameters crack;
    crack.from = {from[0], from[1]};
    crack.to = {to[0], to[1]};
    cracks.emplace_back("crack" + std::to_string(cracks.size()), crack);
  }

  Parameters parameters;
  InitialCrackList cracks;
};

bool holds(const std::string &text, const std::string &part)
{
  return text.find(part) != std::string::npos;
}
} // namespace

TEST(Resolution, BandsOfGrainBoundariesHoldThreeFrontWidths)
{
  Box box;
  box.parameters.microstructure.band_width = 1.2 * um;
  EXPECT_FALSE(holds(box.said(), "band width"));
  box.parameters.microstructure.band_width = 1.1 * um;
  EXPECT_TRUE(holds(box.said(), "the band width 1.1 um is less than three of the front width of 400 nm"));
  box.parameters.electrodeposition.accessibility.grain_boundary = 0.;
  EXPECT_FALSE(holds(box.said(), "band width"));
}

TEST(Resolution, FrontHasTwoCells)
{
  Box box;
  box.parameters.electrodeposition.front_width = 0.3 * um;
  EXPECT_THROW(box.said(), InputError);
}

/// K_Ic = sqrt(E G/(1 - nu^2)) = 0.9987 MPa m^1/2; over sqrt(pi a) it is 398.4 and 325.3 MPa for 2 and 3 um,
/// and V_Li/F is 0.13474 mV/MPa.
TEST(Resolution, CriticalOverpotentialIsThatOfTheLargestCrack)
{
  Box box;
  EXPECT_FALSE(holds(box.said(), "Critical overpotential"));
  box.add_crack({8. * um, 10. * um}, {12. * um, 10. * um}); // inside: half its length counts
  const std::string inside = box.said();
  EXPECT_TRUE(holds(inside, "= 53.68 mV") && holds(inside, "a = 2 um, that is 398.4 MPa")) << inside;
  box.add_crack({5. * um, 2. * um}, {5. * um, 5. * um}); // on the anode: all of it
  const std::string edge = box.said();
  EXPECT_TRUE(holds(edge, "= 43.83 mV") && holds(edge, "a = 3 um, that is 325.3 MPa")) << edge;
}
