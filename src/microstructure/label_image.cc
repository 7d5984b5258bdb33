#include "microstructure/label_image.h"

#include "core/collective.h"
#include "core/failure.h"
#include "microstructure/diffuse_profile.h"
#include "microstructure/label_infiltration.h"
#include "microstructure/length_text.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
namespace
{
/// Sends the table from the first rank to all.
void broadcast(LabelTable &table, MPI_Comm communicator)
{
  const auto send = [&](auto &value) { value = dealii::Utilities::MPI::broadcast(communicator, value, 0); };
  const auto send_bytes = [&](auto &value) { MPI_Bcast(&value, sizeof(value), MPI_BYTE, 0, communicator); };
  send_bytes(table.n);
  send_bytes(table.spacing);
  send(table.grains);
  send(table.orientations);
  send_bytes(table.has_phase);
  send_bytes(table.original);
  send_bytes(table.removed_specks);
}

/// The sheet of the same two regions and about the same direction, or nullptr.
template <typename Sheets, typename Sheet>
const Sheet *same_sheet(const Sheets &sheets, const Sheet &sheet)
{
  for (unsigned int k = 0; k < sheets.n; ++k)
    if (sheets.list[k].pair == sheet.pair && sheets.list[k].normal * sheet.normal > 0.3)
      return &sheets.list[k];
  return nullptr;
}

// A foot that is farther from the nearest boundary point lies beyond the end of its facet; faces of a surface
// are at most 1 voxel apart, their fitted points a little more.
constexpr double facet_end = 1.5; // [voxels]

// Farther from a plane its small errors of direction count for more than the steps between boundary points.
constexpr double plane_reach = 4.; // [voxels]
} // namespace

template <int dim>
LabelImage<dim>::LabelImage(const LabelImageParameters &parameters,
                            const dealii::Point<dim> &electrolyte_lower, const dealii::Point<dim> &upper,
                            const std::array<bool, dim> &periodic, double finest_cell, double band_width,
                            MPI_Comm communicator, const InfiltrationParameters &infiltration)
    : band_width_(band_width), node_(std::make_unique<NodeRanks>(communicator))
{
  read(parameters, communicator);
  place(parameters, electrolyte_lower, upper, periodic);
  check_resolution(electrolyte_lower, upper, finest_cell);
  if (infiltration.active && table_.has_phase[VoxelCode::empty])
    infiltrate(infiltration, electrolyte_lower, upper);
  fill_grains();
  find_surfaces(parameters.smoothing);
}

template <int dim>
void LabelImage<dim>::read(const LabelImageParameters &parameters, MPI_Comm communicator)
{
  std::vector<std::uint32_t> codes;
  std::string message;
  if (dealii::Utilities::MPI::this_mpi_process(communicator) == 0)
    try {
      table_ = prepare_labels(parameters, codes);
      if (dim == 2 && table_.n[2] > 1)
        throw InputError("The label image '" + parameters.file + "' has " + std::to_string(table_.n[2]) +
                         " layers, but the case is two-dimensional; choose one, e.g. crop = :, :, " +
                         std::to_string(table_.n[2] / 2) + ":" + std::to_string(table_.n[2] / 2) + ".");
      if (dim == 3 && table_.n[2] == 1)
        throw InputError("The label image '" + parameters.file +
                         "' has one layer only, but the case is three-dimensional; set dimension = 2.");
    } catch (const InputError &error) {
      message = error.what();
    } catch (const std::bad_alloc &) {
      message = "The label image '" + parameters.file +
                "' does not fit into memory; crop it, or give a larger 'resampled spacing'.";
    }
  throw_on_all_ranks<InputError>(communicator, message);
  broadcast(table_, communicator);

  const std::size_t n = table_.n[0] * table_.n[1] * table_.n[2];
  codes_ = SharedArray<std::uint32_t>(*node_, n);
  std::copy(codes.begin(), codes.end(), codes_.data());
  if (node_->first_ranks != MPI_COMM_NULL) {
    constexpr std::size_t at_once = 1 << 26;
    for (std::size_t i = 0; i < n; i += at_once)
      MPI_Bcast(codes_.data() + i, std::min(at_once, n - i), MPI_UINT32_T, 0, node_->first_ranks);
  }
  codes_.synchronise();
}

template <int dim>
void LabelImage<dim>::place(const LabelImageParameters &parameters,
                            const dealii::Point<dim> &electrolyte_lower, const dealii::Point<dim> &upper,
                            const std::array<bool, dim> &periodic)
{
  const std::string section = "Microstructure/Label image/";
  if (!parameters.position.empty() && parameters.position.size() != dim)
    throw InputError(section + "position has " + std::to_string(parameters.position.size()) +
                     " values, but needs " + std::to_string(dim) + " in " + std::to_string(dim) + "-D.");
  grid_.periodic = periodic;
  for (unsigned int a = 0; a < dim; ++a) {
    grid_.n[a] = table_.n[a];
    grid_.spacing[a] = table_.spacing[a];
    grid_.lower[a] = parameters.position.empty() ? electrolyte_lower[a] : parameters.position[a];
    const double length = grid_.n[a] * grid_.spacing[a], margin = 0.5 * grid_.spacing[a];
    const std::string image = "Along " + std::string(1, "xyz"[a]) + " the label image reaches from " +
                              in_um(grid_.lower[a]) + " to " + in_um(grid_.lower[a] + length) + " (" +
                              std::to_string(grid_.n[a]) + " voxels of " + in_um(grid_.spacing[a]) + ")";
    const std::string box = "the electrolyte from " + in_um(electrolyte_lower[a]) + " to " + in_um(upper[a]);
    if (grid_.lower[a] > electrolyte_lower[a] + margin || grid_.lower[a] + length < upper[a] - margin)
      throw InputError(image + ", but " + box + ", which it must cover; check " + section +
                       "spacing and position, and Mesh/size.");
    if (grid_.periodic[a] && std::abs(length - (upper[a] - electrolyte_lower[a])) > 0.02 * grid_.spacing[a])
      throw InputError(image + ", but " + box +
                       "; across the periodic axis both must be alike: check Mesh/size, or crop the image.");
  }
}

template <int dim>
void LabelImage<dim>::check_resolution(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                       double finest_cell) const
{
  double cells = 1., coarsest = 0., finest = std::numeric_limits<double>::infinity();
  for (unsigned int a = 0; a < dim; ++a) {
    cells *= (upper[a] - lower[a]) / finest_cell;
    coarsest = std::max(coarsest, grid_.spacing[a]);
    finest = std::min(finest, grid_.spacing[a]);
  }
  if (n_grains() > cells)
    throw InputError("The label image holds " + std::to_string(n_grains()) +
                     " grains, more than the electrolyte has finest cells (" +
                     std::to_string(static_cast<long long>(cells)) + "); refine the mesh or crop the image.");
  constexpr double most = 24.;
  if (band_width_ > most * finest)
    throw InputError("The voxels of the label image (" + in_um(finest) +
                     ") are more than 24 times finer than the band width (" + in_um(band_width_) +
                     "); set Microstructure/Label image/resampled spacing = " + in_um(band_width_ / 8.) +
                     " or so.");
}

template <int dim>
void LabelImage<dim>::infiltrate(const InfiltrationParameters &parameters, const dealii::Point<dim> &lower,
                                 const dealii::Point<dim> &upper)
{
  infiltration_ = LabelInfiltration<dim>(parameters, grid_, *node_, codes_, lower, upper).fill();
  table_.has_phase[VoxelCode::liquid] = true;
  table_.has_phase[VoxelCode::empty] = infiltration_->liquid.volume < 1.;
}

template <int dim>
void LabelImage<dim>::fill_grains()
{
  if (!table_.has_phase[VoxelCode::empty] && !table_.has_phase[VoxelCode::liquid] &&
      !table_.has_phase[VoxelCode::lithium])
    return;
  const std::size_t n = grid_.n_voxels();
  const SharedArray<std::uint32_t> nearest(*node_, n);
  for (std::size_t i = node_->begin(n); i < node_->end(n); ++i)
    nearest[i] = VoxelCode::grain(codes_[i]) == VoxelCode::no_grain ? no_seed : i;
  spread_nearest_seed(grid_, *node_, nearest, [](std::uint32_t voxel) { return voxel; });
  for (std::size_t i = node_->begin(n); i < node_->end(n); ++i)
    if (nearest[i] != i)
      codes_[i] = VoxelCode::join(VoxelCode::grain(codes_[nearest[i]]), VoxelCode::phase(codes_[i]));
  codes_.synchronise();
}

template <int dim>
void LabelImage<dim>::find_surfaces(double smoothing)
{
  if (n_grains() > 1) {
    grain_boundaries_ = std::make_unique<Surfaces>(
        grid_, *node_, [this](std::size_t voxel) { return VoxelCode::grain(codes_[voxel]); }, smoothing);
    boundaries_ = grain_boundaries_->pairs();
  }
  for (const VoxelCode::Phase phase : {VoxelCode::empty, VoxelCode::liquid, VoxelCode::lithium})
    if (table_.has_phase[phase])
      walls_[phase] = std::make_unique<Surfaces>(
          grid_, *node_,
          [this, phase](std::size_t voxel) {
            return std::uint32_t(VoxelCode::phase(codes_[voxel]) == phase);
          },
          smoothing);
}

template <int dim>
bool LabelImage<dim>::inside(const dealii::Point<dim> &point) const
{
  const dealii::Point<dim> place = grid_.to_voxels(point);
  for (unsigned int a = 0; a < dim; ++a)
    if (!grid_.periodic[a] && (place[a] < 0. || place[a] > grid_.n[a]))
      return false;
  return true;
}

template <int dim>
void LabelImage<dim>::evaluate(const dealii::Point<dim> &point, PointStructure<dim> &structure) const
{
  structure.grain = VoxelCode::grain(codes_[grid_.number(grid_.voxel_at(grid_.to_voxels(point)))]);
  structure.n_bands = 0;
  if (!grain_boundaries_ || boundaries_.empty())
    return;
  const double voxel = *std::max_element(grid_.spacing.begin_raw(), grid_.spacing.end_raw());
  if (grain_boundaries_->nearest(point).offset.norm() > band_width_ + 3. * voxel)
    return;

  typename Surfaces::Sheets sheets;
  grain_boundaries_->within(point, band_width_ + voxel, sheets);
  double nearest = 1.5 * voxel; // farther away the voxel knows its grain
  for (unsigned int k = 0; k < sheets.n; ++k) {
    const std::optional<double> distance = add_band(point, sheets.list[k], structure);
    if (distance && std::abs(*distance) < nearest) {
      nearest = std::abs(*distance);
      const auto [first, second] = boundaries_[sheets.list[k].pair];
      structure.grain = *distance < 0. ? first : second;
    }
  }
}

template <int dim>
std::optional<double> LabelImage<dim>::add_band(const dealii::Point<dim> &point,
                                                const typename Surfaces::Sheet &sheet,
                                                PointStructure<dim> &structure) const
{
  dealii::Tensor<1, dim> normal = sheet.normal;
  double distance = sheet.distance();
  const dealii::Point<dim> foot = point - distance * normal;
  typename Surfaces::Sheets around;
  grain_boundaries_->blended(foot, around);
  const typename Surfaces::Sheet *own = same_sheet(around, sheet);
  if (own) {
    normal = own->normal;
    distance = (point - foot - own->offset) * normal;
  }
  const bool ends_here = !own || own->away > facet_end;
  if (std::abs(distance) >= band_width_ || (ends_here && inside(foot)) ||
      third_grain_owns(around, sheet.pair))
    return {};
  structure.add_band({boundary_band(distance, band_width_), normal, sheet.pair});
  return distance;
}

template <int dim>
bool LabelImage<dim>::third_grain_owns(const typename Surfaces::Sheets &sheets, unsigned int boundary) const
{
  const auto [a, b] = boundaries_[boundary];
  // How far the place lies inside each third grain, as the mean of what its boundaries to a and b say.
  struct Claim
  {
    std::uint32_t grain;
    double depth;
  };
  std::array<Claim, Surfaces::max_sheets> claims;
  unsigned int n = 0;
  for (unsigned int k = 0; k < sheets.n; ++k) {
    const auto [first, second] = boundaries_[sheets.list[k].pair];
    const bool first_is_own = first == a || first == b, second_is_own = second == a || second == b;
    if (first_is_own == second_is_own)
      continue;
    const std::uint32_t third = first_is_own ? second : first;
    unsigned int i = 0;
    while (i < n && claims[i].grain != third)
      ++i;
    if (i == n)
      claims[n++] = {third, 0.};
    claims[i].depth += first_is_own ? sheets.list[k].distance() : -sheets.list[k].distance();
  }
  return std::any_of(claims.begin(), claims.begin() + n, [](const Claim &claim) { return claim.depth > 0.; });
}

template <int dim>
std::optional<double> LabelImage<dim>::distance_to_boundary(const dealii::Point<dim> &point) const
{
  if (!grain_boundaries_ || boundaries_.empty())
    return {};
  const typename Surfaces::Sheet sheet = grain_boundaries_->nearest(point);
  typename Surfaces::Sheets around;
  const dealii::Point<dim> foot = point - sheet.distance() * sheet.normal;
  grain_boundaries_->blended(foot, around);
  const typename Surfaces::Sheet *own = same_sheet(around, sheet);
  const bool at_plane = own && (own->away <= facet_end || !inside(foot));
  const double distance = at_plane ? std::abs((point - foot - own->offset) * own->normal) : 0.;
  return at_plane && distance < plane_reach * smallest_side() ? distance : sheet.offset.norm();
}

template <int dim>
Depth<dim> LabelImage<dim>::depth(VoxelCode::Phase phase, const dealii::Point<dim> &point,
                                  double absent) const
{
  if (!walls_[phase] || walls_[phase]->n_points() == 0)
    return {absent, {}};
  const typename Surfaces::Sheet sheet = walls_[phase]->nearest(point);
  const dealii::Point<dim> foot = point - sheet.distance() * sheet.normal;
  typename Surfaces::Sheets around;
  walls_[phase]->blended(foot, around);
  const typename Surfaces::Sheet *own = same_sheet(around, sheet);
  if (own && (own->away <= facet_end || !inside(foot))) {
    const double depth = (point - foot - own->offset) * own->normal;
    if (std::abs(depth) < plane_reach * smallest_side())
      return {depth, own->normal};
  }
  // Far away, or beyond the end of a surface.
  const double distance = sheet.offset.norm();
  const bool is_inside =
      VoxelCode::phase(codes_[grid_.number(grid_.voxel_at(grid_.to_voxels(point)))]) == phase;
  return {is_inside ? distance : -distance, (is_inside ? -1. : 1.) / distance * sheet.offset};
}

template <int dim>
std::optional<std::array<double, 3>> LabelImage<dim>::orientation(unsigned int grain) const
{
  const double *angles = &table_.orientations[3 * grain];
  if (std::isnan(angles[0]))
    return {};
  return {{{angles[0], angles[1], angles[2]}}};
}

template class LabelImage<2>;
template class LabelImage<3>;
} // namespace lithoclase
