#include "microstructure/length_text.h"
#include "microstructure/report.h"

#include <deal.II/base/numbers.h>

#include <nlohmann/json.hpp>

#include <iomanip>
#include <sstream>

namespace lithoclase
{
namespace
{
std::string rounded(double value)
{
  std::ostringstream text;
  text.precision(3);
  text << value;
  return text.str();
}

std::string percent(double share)
{
  return rounded(100. * share) + " %";
}

std::string voxel_numbers(const std::array<unsigned long long, 3> &n, const unsigned int dimension)
{
  std::string text;
  for (unsigned int a = 0; a < dimension; ++a)
    text += (a > 0 ? " x " : "") + std::to_string(n[a]);
  return text + " voxels, sides ";
}

std::string image_lines(const MicrostructureReport &report)
{
  if (report.image_voxels[0] == 0)
    return "";
  std::ostringstream text;
  text << "  label image             " << voxel_numbers(report.image_voxels, report.dimension);
  for (unsigned int a = 0; a < report.dimension; ++a)
    text << (a > 0 ? ", " : "") << in_um(report.voxel_sides[a]);
  text << "; " << report.removed_specks << " specks filled\n";
  if (!report.original_voxels)
    return text.str();
  const OriginalVoxels &original = *report.original_voxels;
  text << "                          resampled from " << voxel_numbers(original.n, report.dimension);
  for (unsigned int a = 0; a < report.dimension; ++a) {
    text << (a > 0 ? ", " : "") << in_um(original.smallest[a]);
    if (in_um(original.largest[a]) != in_um(original.smallest[a]))
      text << " to " << in_um(original.largest[a]);
  }
  text << "; " << original.lost_labels << " labels lost\n";
  return text.str();
}

std::string length_and_cells(const std::optional<double> &length, double cell)
{
  if (!length)
    return "none";
  std::ostringstream text;
  text.precision(3);
  text << in_um(*length) << " (" << *length / cell << " finest cells)";
  return text.str();
}

std::string in_degrees(double angle)
{
  return rounded(angle * 180. / dealii::numbers::PI) + " degree";
}

std::string grain_lines(const MicrostructureReport &report)
{
  std::ostringstream text;
  text << "  grains                  " << report.grains << (report.columns ? " columns" : "")
       << ", mean size " << in_um(report.mean_grain_size);
  if (report.wanted_grain_size)
    text << " (target " << in_um(*report.wanted_grain_size) << ")";
  if (report.grains > 1)
    text << ", standard deviation " << in_um(report.grain_size_deviation);
  if (report.wanted_size_deviation)
    text << " (target " << in_um(*report.wanted_size_deviation) << ")";
  text << "\n";
  if (report.fibre_spread)
    text << "  fibre texture           spread " << in_degrees(*report.fibre_spread) << " (target "
         << in_degrees(*report.wanted_fibre_spread) << ")\n";
  return text.str();
}

std::string boundary_lines(const MicrostructureReport &report)
{
  if (!report.mean_misorientation)
    return "";
  std::ostringstream text;
  text << "  misorientation          mean " << in_degrees(*report.mean_misorientation)
       << " (random cubic crystals: 40.7 degree), " << percent(report.low_angle_boundaries) << " of "
       << report.boundaries << " boundaries below " << in_degrees(report.low_angle_limit) << "\n";
  if (report.boundaries_vary)
    text << "  boundary factors        conduction " << rounded(report.conduction_mean) << " +- "
         << rounded(report.conduction_deviation) << ", toughness " << rounded(report.toughness_mean) << " +- "
         << rounded(report.toughness_deviation) << " (mean, standard deviation)\n";
  return text.str();
}

void add_crystals(const MicrostructureReport &report, nlohmann::ordered_json &json)
{
  constexpr double degree = dealii::numbers::PI / 180.;
  json["grains"] = report.grains;
  json["mean_grain_size [m]"] = report.mean_grain_size;
  json["grain_size_deviation [m]"] = report.grain_size_deviation;
  if (report.wanted_grain_size) {
    json["target_grain_size [m]"] = *report.wanted_grain_size;
    json["target_grain_size_deviation [m]"] = *report.wanted_size_deviation;
  }
  if (report.fibre_spread) {
    json["fibre_spread [degree]"] = *report.fibre_spread / degree;
    json["target_fibre_spread [degree]"] = *report.wanted_fibre_spread / degree;
  }
  json["grain_boundaries"] = report.boundaries;
  if (report.mean_misorientation) {
    json["mean_misorientation [degree]"] = *report.mean_misorientation / degree;
    json["low_angle_limit [degree]"] = report.low_angle_limit / degree;
    json["low_angle_boundaries [1]"] = report.low_angle_boundaries;
  }
  if (report.boundaries_vary) {
    json["boundary_conduction_factor [1]"] = report.conduction_mean;
    json["boundary_conduction_factor_deviation [1]"] = report.conduction_deviation;
    json["boundary_toughness_factor [1]"] = report.toughness_mean;
    json["boundary_toughness_factor_deviation [1]"] = report.toughness_deviation;
  }
}
std::string population_lines(const MicrostructureReport &report)
{
  std::ostringstream text;
  for (const PorePopulation &pores : report.populations) {
    text << "    " << std::left << std::setw(22) << pores.name << pores.number << ", porosity "
         << percent(pores.porosity) << " (target " << percent(pores.wanted_porosity) << "), mean radius "
         << in_um(pores.radius.mean);
    if (pores.wanted_radius)
      text << " (target " << in_um(pores.wanted_radius->mean) << ")";
    text << ", standard deviation " << in_um(pores.radius.deviation);
    if (pores.wanted_radius)
      text << " (target " << in_um(pores.wanted_radius->deviation) << ")";
    text << "\n";
    if (pores.wanted_upper_share != 0.5)
      text << "                          " << percent(pores.upper_share)
           << " of them in the upper half along "
           << "xyz"[pores.gradient_axis] << " (target " << percent(pores.wanted_upper_share) << ")\n";
    if (pores.throats > 0)
      text << "                          " << percent(pores.open_fraction)
           << " of their volume connected to the anode side (target " << percent(pores.wanted_open_fraction)
           << ") by " << pores.throats << " throats, radius " << in_um(pores.throat_radius)
           << ", where they meet pores at least " << in_um(pores.narrowest_throat) << "\n";
  }
  return text.str();
}

std::string infiltration_lines(const MicrostructureReport &report)
{
  if (!report.infiltration)
    return "";
  const InfiltrationResult &result = *report.infiltration;
  const auto dry = [](const InfiltrationResult::Share &pores) {
    return std::to_string(pores.pores) + " (" + percent(pores.volume) + ")";
  };
  std::ostringstream text;
  text << "  infiltration            "
       << (result.asked.liquid == Wetting::wetting ? "wetting" : "non-wetting") << " liquid from the side `"
       << name_of(result.asked.face) << "` fills " << result.liquid.pores << " of " << result.n_pores()
       << " pores, " << percent(result.liquid.volume) << " of their volume";
  if (result.asked.volume_fraction)
    text << " (target " << percent(*result.asked.volume_fraction) << ")";
  text << "\n                          dry, with shares of volume: no way to that side " << dry(result.closed)
       << ";\n                          throats narrower than " << in_um(result.asked.smallest_throat_radius)
       << " " << dry(result.narrow) << ";\n                          no liquid left "
       << dry(result.short_of_liquid) << "\n";
  return text.str();
}

nlohmann::ordered_json to_json(const InfiltrationResult &result)
{
  nlohmann::ordered_json json;
  json["wetted_face"] = name_of(result.asked.face);
  json["liquid"] = result.asked.liquid == Wetting::wetting ? "wetting" : "non-wetting";
  json["smallest_throat_radius [m]"] = result.asked.smallest_throat_radius;
  if (result.asked.volume_fraction)
    json["target_liquid_volume [1]"] = *result.asked.volume_fraction;
  const auto add = [&](const std::string &name, const InfiltrationResult::Share &share) {
    json[name + "_pores"] = share.pores;
    json[name + "_volume [1]"] = share.volume;
  };
  add("liquid", result.liquid);
  add("closed_dry", result.closed);
  add("narrow_dry", result.narrow);
  add("short_of_liquid_dry", result.short_of_liquid);
  return json;
}

nlohmann::ordered_json to_json(const PorePopulation &pores)
{
  nlohmann::ordered_json json;
  json["name"] = pores.name;
  json["pores"] = pores.number;
  json["porosity [1]"] = pores.porosity;
  json["target_porosity [1]"] = pores.wanted_porosity;
  json["mean_radius [m]"] = pores.radius.mean;
  json["radius_deviation [m]"] = pores.radius.deviation;
  if (pores.wanted_radius) {
    json["target_mean_radius [m]"] = pores.wanted_radius->mean;
    json["target_radius_deviation [m]"] = pores.wanted_radius->deviation;
  }
  json["share_in_upper_half [1]"] = pores.upper_share;
  json["target_share_in_upper_half [1]"] = pores.wanted_upper_share;
  json["open_fraction [1]"] = pores.open_fraction;
  json["target_open_fraction [1]"] = pores.wanted_open_fraction;
  json["throats"] = pores.throats;
  if (pores.throats > 0) {
    json["throat_radius [m]"] = pores.throat_radius;
    json["narrowest_throat_radius [m]"] = pores.narrowest_throat;
  }
  return json;
}
} // namespace

void print(const MicrostructureReport &report, std::ostream &out)
{
  std::ostringstream density;
  density.precision(4);
  density << report.boundary_density * 1e-6;
  const bool flat = report.dimension == 2;
  out << "Microstructure (" << report.dimension << "-D, measured on a raster of "
      << in_um(report.raster_spacing) << ")\n"
      << image_lines(report) << grain_lines(report) << "  grain boundaries        " << density.str()
      << (flat ? " um of length per um^2" : " um^2 of area per um^3") << ", band width "
      << length_and_cells(report.band_width, report.finest_cell) << "\n"
      << boundary_lines(report) << "  pores                   " << report.pores << ", " << report.filled_pores
      << " of them filled with ionic liquid\n"
      << population_lines(report) << infiltration_lines(report) << "  porosity                "
      << percent(report.porosity) << " (open to the anode " << percent(report.open_porosity) << ", closed "
      << percent(report.closed_porosity) << "; filled " << percent(report.filled_porosity) << ")\n"
      << "  smallest pore radius    " << length_and_cells(report.smallest_pore_radius, report.finest_cell)
      << "\n"
      << "  smallest throat         " << length_and_cells(report.smallest_throat, report.finest_cell)
      << (report.smallest_throat ? " of solid between two pores" : "") << "\n"
      << "  percolation             ";
  if (report.percolates())
    out << percent(report.percolating_fraction) << " of the solid connects anode and counter electrode\n";
  else
    out << "NONE: no path through the solid from the anode to the counter electrode\n";
  if (report.filled_porosity > 0. && !report.percolates())
    out << "                          solid and liquid together: "
        << (report.percolating_with_liquid > 0. ? "connected" : "not connected either") << "\n";
}

std::string to_json(const MicrostructureReport &report)
{
  const auto length = [](const std::optional<double> &value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
  };
  const auto cells = [&](const std::optional<double> &value) {
    return value ? nlohmann::ordered_json(*value / report.finest_cell) : nlohmann::ordered_json(nullptr);
  };
  nlohmann::ordered_json json;
  json["dimension"] = report.dimension;
  json["finest_cell [m]"] = report.finest_cell;
  json["raster_spacing [m]"] = report.raster_spacing;
  if (report.image_voxels[0] > 0) {
    json["image_voxels"] = report.image_voxels;
    json["voxel_sides [m]"] = report.voxel_sides;
    if (report.original_voxels)
      json["resampled_from"] = {{"image_voxels", report.original_voxels->n},
                                {"smallest_sides [m]", report.original_voxels->smallest},
                                {"largest_sides [m]", report.original_voxels->largest},
                                {"lost_labels", report.original_voxels->lost_labels}};
    json["removed_specks"] = report.removed_specks;
  }
  add_crystals(report, json);
  json["grain_boundary_density [1/m]"] = report.boundary_density;
  json["band_width [m]"] = report.band_width;
  json["porosity [1]"] = report.porosity;
  json["open_porosity [1]"] = report.open_porosity;
  json["closed_porosity [1]"] = report.closed_porosity;
  json["filled_porosity [1]"] = report.filled_porosity;
  json["pores"] = report.pores;
  json["filled_pores"] = report.filled_pores;
  for (const PorePopulation &pores : report.populations)
    json["pore_populations"].push_back(to_json(pores));
  if (report.infiltration)
    json["infiltration"] = to_json(*report.infiltration);
  json["smallest_pore_radius [m]"] = length(report.smallest_pore_radius);
  json["smallest_pore_radius [cells]"] = cells(report.smallest_pore_radius);
  json["smallest_throat [m]"] = length(report.smallest_throat);
  json["smallest_throat [cells]"] = cells(report.smallest_throat);
  json["percolates"] = report.percolates();
  json["percolating_fraction [1]"] = report.percolating_fraction;
  json["percolating_fraction_with_liquid [1]"] = report.percolating_with_liquid;
  return json.dump(2) + "\n";
}
} // namespace lithoclase
