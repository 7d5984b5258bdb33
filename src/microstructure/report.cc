#include "microstructure/report.h"

#include "microstructure/grain_orientations.h"
#include "microstructure/raster.h"
#include "microstructure/size_distribution.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

namespace lithoclase
{
namespace
{
enum class RasterPhase : std::uint8_t
{
  solid,
  empty,
  liquid,
  lithium
};

/// Phases and distances to the nearest wall at the raster's points: each rank's own, later all of them on the
/// first rank.
struct RasterValues
{
  std::vector<std::uint8_t> phases;
  std::vector<float> wall_distances;
};

/// Averages over the electrolyte; fills the report's sums, the same on all ranks.
template <int dim>
RasterValues measure_raster(const Microstructure<dim> &microstructure, const Raster<dim> &raster,
                            MicrostructureReport &report)
{
  RasterValues values;
  std::vector<double> grain_points(microstructure.n_grains(), 0.);
  double n_electrolyte = 0., pore = 0., liquid = 0., band = 0.;
  const double spacing = *std::min_element(raster.spacing.begin_raw(), raster.spacing.end_raw());
  for (std::size_t index = raster.begin_local(); index < raster.end_local(); ++index) {
    const dealii::Point<dim> point = raster.point(index);
    const PointStructure<dim> structure = microstructure.evaluate(point);
    const double wall_distance = microstructure.distance_to_wall(point);
    RasterPhase phase = RasterPhase::solid;
    if (microstructure.distance_to_lithium(point) > 0.)
      phase = RasterPhase::lithium;
    else {
      // By the share of the raster's cell in the pore: the diffuse walls of small pores hold a little more
      // than the pores.
      const double pore_share = std::min(1., std::max(0., 0.5 - wall_distance / spacing));
      const double diffuse = structure.empty + structure.liquid;
      n_electrolyte += 1.;
      pore += pore_share;
      liquid += diffuse > 0. ? pore_share * structure.liquid / diffuse : 0.;
      band += structure.band_sum() * structure.solid;
      grain_points[structure.grain] += 1.;
      if (wall_distance < 0.)
        phase = structure.liquid > structure.empty ? RasterPhase::liquid : RasterPhase::empty;
    }
    values.phases.push_back(static_cast<std::uint8_t>(phase));
    values.wall_distances.push_back(wall_distance);
  }

  std::vector<double> sums{n_electrolyte, pore, liquid, band};
  dealii::Utilities::MPI::sum(sums, raster.communicator, sums);
  n_electrolyte = std::max(sums[0], 1.);
  report.porosity = sums[1] / n_electrolyte;
  report.filled_porosity = sums[2] / n_electrolyte;
  report.boundary_density = sums[3] / n_electrolyte / microstructure.band_width();

  double point_volume = 1.;
  for (unsigned int a = 0; a < dim; ++a)
    point_volume *= raster.spacing[a];
  dealii::Utilities::MPI::sum(grain_points, raster.communicator, grain_points);
  std::vector<double> sizes;
  for (const double n_points : grain_points)
    if (n_points > 0.)
      sizes.push_back(microstructure.grain_shape().diameter(n_points * point_volume));
  report.grains = sizes.size();
  const MeanAndDeviation size = mean_and_deviation(sizes);
  report.mean_grain_size = size.mean;
  report.grain_size_deviation = size.deviation;
  return values;
}

/// Orientations and boundaries: what the microstructure itself knows.
template <int dim>
void add_crystals(const Microstructure<dim> &microstructure, MicrostructureReport &report)
{
  const GrainParameters &grains = microstructure.parameters().grains;
  if (grains.size_deviation) {
    report.wanted_grain_size = grains.size;
    report.wanted_size_deviation = grains.size_deviation;
  }
  report.columns = microstructure.grain_shape().is_column();
  if (grains.orientation == OrientationRule::fibre) {
    double sum = 0.;
    for (unsigned int grain = 0; grain < microstructure.n_grains(); ++grain)
      sum += std::pow(fibre_tilt(grains.fibre, microstructure.orientation(grain)), 2);
    report.wanted_fibre_spread = grains.fibre.spread;
    report.fibre_spread = std::sqrt(sum / microstructure.n_grains());
  }

  report.boundaries = microstructure.n_boundaries();
  const BoundaryVariationParameters &variation = microstructure.parameters().boundaries;
  report.low_angle_limit = variation.low_angle_limit;
  report.boundaries_vary = variation.low_angle_conductivity || variation.low_angle_toughness ||
                           variation.conductivity_deviation > 0. || variation.toughness_deviation > 0. ||
                           variation.electronic_deviation.value_or(0.) > 0.;
  if (report.boundaries == 0)
    return;
  std::vector<double> angles, conduction, toughness;
  for (unsigned int k = 0; k < microstructure.n_boundaries(); ++k) {
    const BoundaryCharacter &character = microstructure.character(k);
    angles.push_back(character.misorientation);
    conduction.push_back(character.conduction);
    toughness.push_back(character.toughness_factor);
    report.low_angle_boundaries +=
        (character.misorientation < report.low_angle_limit) / double(report.boundaries);
  }
  report.mean_misorientation = mean_and_deviation(angles).mean;
  report.conduction_mean = mean_and_deviation(conduction).mean;
  report.conduction_deviation = mean_and_deviation(conduction).deviation;
  report.toughness_mean = mean_and_deviation(toughness).mean;
  report.toughness_deviation = mean_and_deviation(toughness).deviation;
}

/// Which parts hold a point for which `holds` is true.
template <int dim, typename Predicate>
std::vector<bool> parts_with(const RasterParts<dim> &parts, std::size_t n_points, const Predicate &holds)
{
  std::vector<bool> result(n_points, false);
  for (std::size_t i = 0; i < n_points; ++i)
    if (holds(i))
      result[parts.part(i)] = true;
  return result;
}

/// The points of the anode side: metal connected to the bottom of the box, or the bottom row where there is
/// none.
template <int dim>
std::vector<bool> anode_side(const Raster<dim> &raster, const std::array<bool, dim> &periodic,
                             const std::vector<std::uint8_t> &phases)
{
  const auto is_metal = [&](std::size_t i) {
    return phases[i] == static_cast<std::uint8_t>(RasterPhase::lithium);
  };
  const RasterParts<dim> parts(raster, phases, periodic);
  const std::vector<bool> anode = parts_with(
      parts, raster.n_points(), [&](std::size_t i) { return i < raster.n_per_row && is_metal(i); });
  std::vector<bool> result(raster.n_points(), false);
  bool any = false;
  for (std::size_t i = 0; i < raster.n_points(); ++i) {
    result[i] = anode[parts.part(i)];
    any = any || result[i];
  }
  for (std::size_t i = 0; i < raster.n_per_row && !any; ++i)
    result[i] = true;
  return result;
}

/// Which parts touch the anode side.
template <int dim>
std::vector<bool> parts_at_anode(const Raster<dim> &raster, const std::array<bool, dim> &periodic,
                                 const RasterParts<dim> &parts, const std::vector<bool> &anode)
{
  std::vector<bool> result(raster.n_points(), false);
  for (std::size_t i = 0; i < raster.n_points(); ++i)
    if (anode[i])
      result[parts.part(i)] = true;
  RasterParts<dim>::for_each_pair(raster, periodic, [&](std::size_t i, std::size_t j) {
    if (anode[i])
      result[parts.part(j)] = true;
    if (anode[j])
      result[parts.part(i)] = true;
  });
  return result;
}

/// The share of the points of a class that is connected to both the anode side and the top.
template <int dim>
double connected_share(const Raster<dim> &raster, const std::array<bool, dim> &periodic,
                       const std::vector<std::uint8_t> &in_class, const std::vector<bool> &anode)
{
  const std::size_t n = raster.n_points();
  const RasterParts<dim> parts(raster, in_class, periodic);
  const std::vector<bool> at_anode = parts_at_anode<dim>(raster, periodic, parts, anode);
  const std::vector<bool> at_top =
      parts_with(parts, n, [&](std::size_t i) { return i + raster.n_per_row >= n; });
  double connected = 0., all = 0.;
  for (std::size_t i = 0; i < n; ++i)
    if (in_class[i]) {
      all += 1.;
      connected += at_anode[parts.part(i)] && at_top[parts.part(i)];
    }
  return all > 0. ? connected / all : 0.;
}

/// The narrowest bridge of solid between two pores: every solid point is given to a near pore, walls first;
/// where points of two pores meet, their distances to the walls and their own distance add up to the width of
/// a bridge.
template <int dim>
std::optional<double> narrowest_bridge(const Raster<dim> &raster, const std::array<bool, dim> &periodic,
                                       const std::vector<std::uint8_t> &is_pore,
                                       const RasterParts<dim> &parts,
                                       const std::vector<float> &wall_distances)
{
  constexpr std::uint32_t nobody = -1;
  std::vector<std::uint32_t> owner(raster.n_points(), nobody), order;
  for (std::size_t i = 0; i < owner.size(); ++i)
    if (is_pore[i])
      owner[i] = parts.part(i);
    else
      order.push_back(i);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t i, std::uint32_t j) { return wall_distances[i] < wall_distances[j]; });

  std::optional<double> narrowest;
  for (const std::uint32_t i : order) {
    float nearest = std::numeric_limits<float>::max();
    std::array<std::pair<std::uint32_t, double>, 2 * dim> neighbours;
    unsigned int n_neighbours = 0;
    std::size_t stride = 1;
    for (unsigned int a = 0; a < dim; stride *= raster.n[a], ++a) {
      const std::size_t place = i / stride % raster.n[a];
      const bool wraps = periodic[a] && a + 1 < dim && raster.n[a] > 1;
      if (place > 0 || wraps)
        neighbours[n_neighbours++] = {place > 0 ? i - stride : i + (raster.n[a] - 1) * stride,
                                      raster.spacing[a]};
      if (place + 1 < raster.n[a] || wraps)
        neighbours[n_neighbours++] = {place + 1 < raster.n[a] ? i + stride : i - place * stride,
                                      raster.spacing[a]};
    }
    for (unsigned int k = 0; k < n_neighbours; ++k) {
      const std::uint32_t j = neighbours[k].first;
      if (owner[j] != nobody && wall_distances[j] < nearest) {
        nearest = wall_distances[j];
        owner[i] = owner[j];
      }
    }
    for (unsigned int k = 0; k < n_neighbours; ++k) {
      const auto [j, spacing] = neighbours[k];
      if (owner[j] == nobody || owner[j] == owner[i])
        continue;
      const double width = wall_distances[i] + wall_distances[j] + spacing;
      narrowest = std::min(narrowest.value_or(width), width);
    }
  }
  return narrowest;
}

template <int dim>
void analyse_pores(const Microstructure<dim> &microstructure, const Raster<dim> &raster,
                   const RasterValues &values, const std::vector<bool> &anode, MicrostructureReport &report)
{
  const std::array<bool, dim> &periodic = microstructure.periodic();
  std::vector<std::uint8_t> is_pore(raster.n_points());
  for (std::size_t i = 0; i < is_pore.size(); ++i)
    is_pore[i] = values.phases[i] == static_cast<std::uint8_t>(RasterPhase::empty) ||
                 values.phases[i] == static_cast<std::uint8_t>(RasterPhase::liquid);
  const RasterParts<dim> parts(raster, is_pore, periodic);
  const std::vector<bool> at_anode = parts_at_anode<dim>(raster, periodic, parts, anode);

  double open = 0., all = 0.;
  std::map<std::uint32_t, double> ball_radii;
  for (std::size_t i = 0; i < is_pore.size(); ++i)
    if (is_pore[i]) {
      const std::uint32_t part = parts.part(i);
      all += 1.;
      open += at_anode[part];
      double &radius = ball_radii[part];
      radius = std::max<double>(radius, -values.wall_distances[i]);
    }
  report.open_porosity = all > 0. ? report.porosity * open / all : 0.;
  report.closed_porosity = report.porosity - report.open_porosity;
  if (microstructure.pores_of_any_shape())
    for (const auto &part_and_radius : ball_radii)
      report.smallest_pore_radius =
          std::min(report.smallest_pore_radius.value_or(part_and_radius.second), part_and_radius.second);
  if (ball_radii.size() > 1)
    report.smallest_throat = narrowest_bridge<dim>(raster, periodic, is_pore, parts, values.wall_distances);
}

} // namespace

template <int dim>
MicrostructureReport make_report(const Microstructure<dim> &microstructure, MPI_Comm communicator,
                                 unsigned long long max_points)
{
  const Raster<dim> raster(microstructure.lower(), microstructure.upper(), microstructure.finest_cell(),
                           max_points, communicator);
  MicrostructureReport report;
  report.dimension = dim;
  report.finest_cell = microstructure.finest_cell();
  report.raster_spacing = *std::max_element(raster.spacing.begin_raw(), raster.spacing.end_raw());
  report.band_width = microstructure.band_width();
  report.populations = microstructure.pore_populations();
  report.infiltration = microstructure.infiltration();
  for (const Pore<dim> &pore : microstructure.pores()) {
    if (pore.is_throat)
      continue;
    ++report.pores;
    const double radius = pore.shape.inner_radius();
    report.smallest_pore_radius = std::min(report.smallest_pore_radius.value_or(radius), radius);
    report.filled_pores += pore.filling == PoreFilling::liquid;
  }

  if (const LabelImage<dim> *image = microstructure.label_image()) {
    report.image_voxels = image->table().n;
    report.voxel_sides = image->table().spacing;
    report.original_voxels = image->table().original;
    report.removed_specks = image->table().removed_specks;
  }

  add_crystals(microstructure, report);
  RasterValues values = measure_raster(microstructure, raster, report);
  values.phases = raster.collect(values.phases);
  values.wall_distances = raster.collect(values.wall_distances);
  if (dealii::Utilities::MPI::this_mpi_process(communicator) == 0) {
    const std::vector<bool> anode = anode_side<dim>(raster, microstructure.periodic(), values.phases);
    std::vector<std::uint8_t> solid(raster.n_points()), conducting(raster.n_points());
    for (std::size_t i = 0; i < solid.size(); ++i) {
      solid[i] = values.phases[i] == static_cast<std::uint8_t>(RasterPhase::solid);
      conducting[i] = solid[i] || values.phases[i] == static_cast<std::uint8_t>(RasterPhase::liquid);
    }
    report.percolating_fraction = connected_share<dim>(raster, microstructure.periodic(), solid, anode);
    report.percolating_with_liquid =
        connected_share<dim>(raster, microstructure.periodic(), conducting, anode);
    analyse_pores(microstructure, raster, values, anode, report);
  }
  MeasuredStructure measured = report;
  static_assert(std::is_trivially_copyable_v<MeasuredStructure>, "sent as bytes");
  const int ierr = MPI_Bcast(&measured, sizeof(measured), MPI_BYTE, 0, communicator);
  AssertThrowMPI(ierr);
  static_cast<MeasuredStructure &>(report) = measured;
  return report;
}

template MicrostructureReport make_report(const Microstructure<2> &, MPI_Comm, unsigned long long);
template MicrostructureReport make_report(const Microstructure<3> &, MPI_Comm, unsigned long long);
} // namespace lithoclase
