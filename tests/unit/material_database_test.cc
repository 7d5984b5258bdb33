#include "materials/material_database.h"

#include "core/build_info.h"
#include "core/failure.h"
#include "materials/constants.h"
#include "temporary_folder.h"

#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace lithoclase;

namespace
{
constexpr double room = constants::reference_temperature;

/// The message of the InputError that `action` throws, or "" if it throws none.
template <typename Action>
std::string complaint(const Action &action)
{
  try {
    action();
  } catch (const InputError &error) {
    return error.what();
  }
  return "";
}

bool mentions(const std::string &text, const std::string &part)
{
  return text.find(part) != std::string::npos;
}

Material with_property(const std::string &property)
{
  return Material("{\"name\": \"test\", \"properties\": {" + property + "}}", "test.json");
}
} // namespace

TEST(MaterialDatabase, llzo_in_si_units)
{
  MaterialDatabase database;
  const Material &llzo = database.material("LLZO");
  EXPECT_NEAR(llzo.ionic_conductivity(room), 0.046, 1e-12);
  EXPECT_NEAR(llzo.grain_boundary_ionic_conductivity(10e-9, room), 5.97e-4, 1e-12);
  EXPECT_NEAR(llzo.grain_boundary_ionic_conductivity(5e-9, room), 5.97e-4 / 2.,
              1e-12); // same area resistance
  EXPECT_NEAR(llzo.electronic_conductivity(room), 1.27e-6, 1e-15);
  EXPECT_NEAR(llzo.grain_boundary_electronic_conductivity(room), 1.27e-5, 1e-14);
  EXPECT_NEAR(llzo.exchange_current_density(room), 128., 1.); // 2 Ohm cm^2: 12.8 mA/cm^2
  EXPECT_NEAR(llzo.get("c11"), 187e9, 1.);
  EXPECT_NEAR(llzo.get("fracture_toughness"), 1e6, 1e-6);
  EXPECT_NEAR(llzo.grain_boundary_fracture_energy(), 3.1, 1e-12);
  // 0.34 eV between 25 and 60 C, see the test of the Arrhenius factor.
  EXPECT_NEAR(llzo.ionic_conductivity(333.15) / 0.046, 4.0159 * 298.15 / 333.15, 1e-3);
}

TEST(MaterialDatabase, every_electrolyte_serves_a_transport_run)
{
  MaterialDatabase database;
  for (const char *name : {"LLZO", "LATP", "LAGP", "LLTO", "LPS", "LPSCl", "LGPS", "LiPON"}) {
    SCOPED_TRACE(name);
    const Material &material = database.material(name);
    EXPECT_EQ(material.name(), name);
    EXPECT_GT(material.get("grain_boundary_width"), 0.);
    for (const double temperature : {room, 333.15}) {
      EXPECT_GT(material.ionic_conductivity(temperature), 0.);
      EXPECT_GT(material.electronic_conductivity(temperature), 0.);
      EXPECT_GE(material.grain_boundary_electronic_conductivity(temperature),
                material.electronic_conductivity(temperature));
      EXPECT_GT(material.exchange_current_density(temperature), 0.);
    }
    EXPECT_GT(material.ionic_conductivity(room) / material.electronic_conductivity(room), 1e4);
  }
  EXPECT_NEAR(database.material("lithium").get("molar_volume"), constants::lithium_molar_volume, 1e-18);
  EXPECT_NEAR(database.material("LiTFSI-Py14TFSI").ionic_conductivity(room), 0.14, 1e-12);
}

TEST(MaterialDatabase, grain_boundary_resistances_give_the_measured_totals)
{
  // 1/total = 1/bulk + R/d; the totals are given to one to three digits.
  MaterialDatabase database;
  const auto total = [&](const char *name, const double grain) {
    const Material &material = database.material(name);
    return 1. / (1. / material.ionic_conductivity(room) + material.get("grain_boundary_resistance") / grain);
  };
  EXPECT_NEAR(total("LATP", 2e-6), 0.07, 0.001);
  EXPECT_NEAR(total("LAGP", 1e-6), 0.0212, 0.0002);
  EXPECT_NEAR(total("LLTO", 2e-6), 0.002, 0.00002);
}

TEST(MaterialDatabase, fracture_energies_follow_from_the_toughnesses)
{
  MaterialDatabase database;
  for (const char *name : {"LLZO", "LATP", "LAGP", "LLTO", "LPS", "LPSCl", "LGPS", "LiPON"}) {
    const Material &material = database.material(name);
    const double toughness = material.get("fracture_toughness"), nu = material.get("poisson_ratio");
    const double energy = toughness * toughness * (1. - nu * nu) / material.get("youngs_modulus");
    EXPECT_NEAR(material.get("fracture_energy") / energy, 1., 0.025) << name; // two digits
  }
}

TEST(MaterialDatabase, a_glass_has_no_grain_boundaries)
{
  MaterialDatabase database;
  for (const char *name : {"LPS", "LiPON"}) {
    const Material &glass = database.material(name);
    EXPECT_EQ(glass.grain_boundary_ionic_conductivity(10e-9, 320.), glass.ionic_conductivity(320.));
    EXPECT_EQ(glass.grain_boundary_electronic_conductivity(room), glass.electronic_conductivity(room));
    EXPECT_EQ(glass.grain_boundary_fracture_energy(), glass.get("fracture_energy"));
    EXPECT_TRUE(mentions(complaint([&] { glass.get("grain_boundary_conductivity"); }), "amorphous"));
  }
}

TEST(MaterialDatabase, what_is_missing_can_be_given_by_hand)
{
  MaterialDatabase database;
  const std::string message =
      complaint([&] { database.material("LGPS").grain_boundary_ionic_conductivity(10e-9, room); });
  for (const char *part : {"'LGPS'", "grain_boundary_conductivity", "Materials/values by hand",
                           "LGPS/grain_boundary_resistance", "uS/cm"})
    EXPECT_TRUE(mentions(message, part)) << message;

  MaterialParameters parameters;
  parameters.values = {
      "LGPS/grain_boundary_resistance = 0.1 Ohm cm^2", "LLZO/exchange_current_density=1 mA/cm^2",
      "LLZO / grain_boundary_conductivity = 1 uS/cm", "LLZO/grain_boundary_electronic_ratio = 100"};
  MaterialDatabase by_hand(parameters);
  EXPECT_NEAR(by_hand.material("LGPS").grain_boundary_ionic_conductivity(10e-9, room), 1e-3, 1e-15);
  const Material &llzo = by_hand.material("LLZO");
  EXPECT_NEAR(llzo.get("grain_boundary_width"), 10e-9, 1e-20); // still the default width of a run
  EXPECT_NEAR(llzo.exchange_current_density(room), 10., 1e-12);
  EXPECT_NEAR(llzo.grain_boundary_ionic_conductivity(5e-9, room), 1e-4,
              1e-16); // as given, for the width in use
  EXPECT_NEAR(llzo.grain_boundary_electronic_conductivity(room), 1.27e-4, 1e-16);
}

TEST(MaterialDatabase, mistakes_in_names_are_explained)
{
  MaterialDatabase database;
  const std::string unknown = complaint([&] { database.material("LLZ"); });
  for (const char *part : {"'LLZ'", "did you mean 'LLZO'", "'LATP'", "'lithium'"})
    EXPECT_TRUE(mentions(unknown, part)) << unknown;
  EXPECT_TRUE(mentions(complaint([&] { database.material("/nowhere/x.json"); }), "/nowhere/x.json"));
  EXPECT_TRUE(mentions(complaint([&] { database.material("LLZO").get("ionic_conductivty"); }),
                       "'ionic_conductivity'"));

  MaterialParameters parameters;
  parameters.folder = "/nowhere";
  EXPECT_TRUE(mentions(complaint([&] { MaterialDatabase(parameters).material("LLZO"); }), "'/nowhere'"));
  parameters = {};
  parameters.values = {"LLZO/ionic_conductivity = 5 eV"};
  EXPECT_TRUE(mentions(complaint([&] { MaterialDatabase{parameters}; }), "ionic_conductivity"));
  parameters.values = {"LLZO ionic_conductivity"};
  EXPECT_TRUE(mentions(complaint([&] { MaterialDatabase{parameters}; }), "MATERIAL/property = value"));
}

TEST(MaterialDatabase, faulty_files_are_refused)
{
  EXPECT_TRUE(mentions(complaint([] { Material("{\"name\": ", "a.json"); }), "a.json is no valid JSON"));
  EXPECT_TRUE(mentions(complaint([] { Material("{\"name\": \"a\"}", "a.json"); }), "\"properties\""));
  EXPECT_TRUE(
      mentions(complaint([] { Material("{\"nam\": \"a\", \"properties\": {}}", "a.json"); }), "\"nam\""));
  const std::string marks = R"("quality": "measured", "source": "here"})";
  const auto refused = [&](const std::string &property, const std::string &part) {
    const std::string message = complaint([&] { with_property(property); });
    EXPECT_TRUE(mentions(message, part)) << message;
    EXPECT_TRUE(mentions(message, "test.json")) << message;
  };
  refused(R"("c11": {"value": "3 mS/cm", )" + marks, "c11");
  refused(R"("c11": {"value": "-3 GPa", )" + marks, "greater than zero");
  refused(R"("porosity": {"value": "-0.1", )" + marks, "zero or more");
  refused(R"("c11": {"value": 3, )" + marks, "text in quotes");
  refused(R"("c11": {)" + marks, "\"value\"");
  refused(R"("c1": {"value": "3 GPa", )" + marks, "'c1'");
  refused(R"("c11": {"value": "3 GPa", "quality": "good", "source": "here"})", "'good'");
  refused(R"("c11": {"value": "3 GPa", "quality": "measured"})", "\"source\"");
  refused(R"("c11": {"value": "3 GPa", "range": ["4 GPa", "5 GPa"], )" + marks, "outside its range");
  refused(R"("fracture_toughness": {"value": "1 MPa", )" + marks, "MPa m^0.5");
  refused(R"("grain_boundary_conductivity": {"value": "1 S/m", )" + marks +
              R"(, "grain_boundary_resistance": {"value": "1 Ohm cm^2", )" + marks,
          "one of them follows");
}

TEST(MaterialDatabase, files_by_folder_and_by_path)
{
  const TemporaryFolder temporary;
  const std::filesystem::path folder = temporary.path;
  if (on_rank_0())
    std::ofstream(folder / "mine.json")
        << R"({"name": "mine", "properties": {"poisson_ratio": {"value": "0.2", "quality": "assumption", "source": "me"}}})";
  MPI_Barrier(MPI_COMM_WORLD);
  MaterialParameters parameters;
  parameters.folder = folder.string();
  MaterialDatabase database(parameters);
  EXPECT_EQ(database.material("mine").get("poisson_ratio"), 0.2);
  EXPECT_EQ(database.material((folder / "mine.json").string()).get("poisson_ratio"), 0.2);
  EXPECT_EQ(database.material("LLZO").name(), "LLZO"); // those of the source tree stay reachable
}

TEST(MaterialDatabase, prints_what_was_used)
{
  MaterialParameters parameters;
  parameters.values = {"LLZO/porosity = 0.1", "LLZO/interface_resistance = 5 Ohm cm^2"};
  MaterialDatabase database(parameters);
  database.material("LLZO").ionic_conductivity(room);
  database.material("LLZO").exchange_current_density(room);
  database.material("lithium").get("surface_energy");
  std::ostringstream out;
  database.print_used(out);
  for (const char *part : {"ionic_conductivity", "0.46 mS/cm", "measured", "Eckhardt 2023", "5 Ohm cm^2",
                           "given", "remembered", "nothing in this run uses it"})
    EXPECT_TRUE(mentions(out.str(), part)) << out.str();
  EXPECT_FALSE(mentions(out.str(), "youngs_modulus"));

  const nlohmann::json record = database.used();
  ASSERT_EQ(record.size(), 3u);
  EXPECT_EQ(record[0]["material"], "LLZO");
  EXPECT_EQ(record[0]["property"], "ionic_conductivity");
  EXPECT_EQ(record[0]["si_value"], 0.046);
  EXPECT_EQ(record[0]["source"], "Eckhardt 2023");
}

TEST(MaterialDatabase, every_shipped_file_reads)
{
  unsigned int files = 0;
  MaterialDatabase database;
  for (const auto &entry : std::filesystem::directory_iterator(data_directory() + "/materials")) {
    EXPECT_EQ(database.material(entry.path().stem().string()).name(), entry.path().stem());
    ++files;
  }
  EXPECT_GE(files, 10u);
}
