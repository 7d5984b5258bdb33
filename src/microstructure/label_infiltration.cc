#include "microstructure/label_infiltration.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
namespace
{
template <int dim>
int outermost_layer(const VoxelGrid<dim> &grid, unsigned int axis, bool upper, double face)
{
  const double place = (face - grid.lower[axis]) / grid.spacing[axis] - 0.5; // of centres
  const int layer = static_cast<int>(upper ? std::floor(place + 1e-6) : std::ceil(place - 1e-6));
  return std::clamp(layer, 0, grid.n[axis] - 1);
}

template <int dim, typename Action>
void for_each_neighbour(const VoxelGrid<dim> &grid, std::size_t voxel, const Action &action)
{
  std::size_t stride = 1;
  for (unsigned int a = 0; a < dim; stride *= grid.n[a], ++a) {
    const std::size_t place = voxel / stride % grid.n[a], last = grid.n[a] - 1;
    if (place > 0 || grid.periodic[a])
      action(place > 0 ? voxel - stride : voxel + last * stride);
    if (place < last || grid.periodic[a])
      action(place < last ? voxel + stride : voxel - last * stride);
  }
}
} // namespace

template <int dim>
LabelInfiltration<dim>::LabelInfiltration(const InfiltrationParameters &parameters,
                                          const VoxelGrid<dim> &grid, const NodeRanks &node,
                                          const SharedArray<std::uint32_t> &codes,
                                          const dealii::Point<dim> &lower, const dealii::Point<dim> &upper)
    : parameters_(parameters), grid_(grid), node_(node), codes_(codes),
      axis_(wetted_side<dim>(parameters, grid.periodic).first),
      at_upper_side_(wetted_side<dim>(parameters, grid.periodic).second),
      face_layer_(outermost_layer(grid, axis_, at_upper_side_, at_upper_side_ ? upper[axis_] : lower[axis_])),
      radii_(node, grid.n_voxels())
{
}

template <int dim>
template <typename Action>
void LabelInfiltration<dim>::for_each_own(const Action &action) const
{
  const std::size_t n = grid_.n_voxels();
  for (std::size_t i = node_.begin(n); i < node_.end(n); ++i)
    action(i);
}

template <int dim>
bool LabelInfiltration<dim>::is_void(std::size_t voxel) const
{
  return VoxelCode::phase(codes_[voxel]) == VoxelCode::empty;
}

template <int dim>
bool LabelInfiltration<dim>::at_face(std::size_t voxel) const
{
  const int place = grid_.index(voxel)[axis_];
  return at_upper_side_ ? place >= face_layer_ : place <= face_layer_;
}

template <int dim>
double LabelInfiltration<dim>::voxel_distance(std::size_t i, std::size_t j) const
{
  const typename VoxelGrid<dim>::Index first = grid_.index(i), second = grid_.index(j);
  double square = 0.;
  for (unsigned int a = 0; a < dim; ++a) {
    int offset = std::abs(first[a] - second[a]);
    if (grid_.periodic[a])
      offset = std::min(offset, grid_.n[a] - offset);
    square += offset * grid_.spacing[a] * offset * grid_.spacing[a];
  }
  return std::sqrt(square);
}

template <int dim>
void LabelInfiltration<dim>::measure_radii()
{
  const SharedArray<std::uint32_t> nearest(node_, grid_.n_voxels());
  for_each_own([&](std::size_t i) { nearest[i] = is_void(i) ? no_seed : i; });
  spread_nearest_seed(grid_, node_, nearest, [](std::uint32_t voxel) { return voxel; });
  // Between centres of voxels the distance is half a voxel too long across an odd number of them, and right
  // across an even one.
  for_each_own([&](std::size_t i) {
    radii_[i] = is_void(i) ? voxel_distance(i, nearest[i]) - 0.25 * smallest_side() : 0.;
  });
  radii_.synchronise();
}

template <int dim>
double LabelInfiltration<dim>::widest(const std::function<bool(std::size_t)> &where) const
{
  double widest = 0.;
  for_each_own([&](std::size_t i) {
    if (is_void(i) && where(i))
      widest = std::max<double>(widest, radii_[i]);
  });
  return dealii::Utilities::MPI::max(widest, node_.on_node);
}

template <int dim>
unsigned long long LabelInfiltration<dim>::count(const States &states, State state) const
{
  unsigned long long count = 0;
  for_each_own([&](std::size_t i) { count += states[i] == state; });
  return dealii::Utilities::MPI::sum(count, node_.on_node);
}

template <int dim>
void LabelInfiltration<dim>::enter(const States &states, const std::function<bool(std::size_t)> &inside) const
{
  const VoxelParts<dim> parts(grid_, node_, inside);
  const SharedArray<std::uint8_t> is_wet(node_, grid_.n_voxels()); // by part
  for_each_own([&](std::size_t i) { is_wet[i] = false; });
  is_wet.synchronise();
  for_each_own([&](std::size_t i) {
    if (parts.part(i) != no_seed && at_face(i))
      is_wet[parts.part(i)] = true;
  });
  is_wet.synchronise();
  for_each_own([&](std::size_t i) {
    if (parts.part(i) != no_seed)
      states[i] = is_wet[parts.part(i)] ? liquid : dry;
  });
  states.synchronise();
}

template <int dim>
void LabelInfiltration<dim>::settle(const States &states) const
{
  std::vector<std::uint32_t> undecided;
  for_each_own([&](std::size_t i) {
    if (states[i] == open)
      undecided.push_back(i);
  });
  bool goes_on = true;
  while (goes_on) {
    std::vector<std::pair<std::uint32_t, State>> decided;
    std::vector<std::uint32_t> left;
    for (const std::uint32_t i : undecided) {
      State state = open;
      for_each_neighbour(grid_, i, [&](std::size_t j) {
        if (states[j] == liquid || (states[j] == dry && state == open))
          state = static_cast<State>(states[j]);
      });
      if (state == open)
        left.push_back(i);
      else
        decided.emplace_back(i, state);
    }
    // Also waits until all have read.
    goes_on = dealii::Utilities::MPI::max<unsigned int>(!decided.empty(), node_.on_node) > 0;
    for (const auto &[i, state] : decided)
      states[i] = state;
    undecided = std::move(left);
    states.synchronise();
  }
  for (const std::uint32_t i : undecided)
    states[i] = dry;
  states.synchronise();
}

template <int dim>
void LabelInfiltration<dim>::press_in(double radius, const States &states) const
{
  for_each_own([&](std::size_t i) { states[i] = is_void(i) ? open : wall; });
  states.synchronise();
  enter(states, [&](std::size_t i) { return is_void(i) && radii_[i] >= radius; });
  settle(states);
}

template <int dim>
void LabelInfiltration<dim>::draw_in(double radius, const States &reach, const States &states) const
{
  const SharedArray<std::uint32_t> nearest(node_, grid_.n_voxels()); // centre of a ball wider than the radius
  for_each_own([&](std::size_t i) {
    nearest[i] = reach[i] == liquid && radii_[i] > radius ? i : no_seed;
    states[i] = is_void(i) ? dry : wall;
  });
  spread_nearest_seed(grid_, node_, nearest, [](std::uint32_t voxel) { return voxel; });
  // One voxel more: no film of voxels that the balls miss stays along the walls of wide places.
  const double covered = radius + smallest_side();
  enter(states, [&](std::size_t i) {
    return reach[i] == liquid && (nearest[i] == no_seed || voxel_distance(i, nearest[i]) >= covered);
  });
}

template <int dim>
void LabelInfiltration<dim>::spread(const States &more, unsigned long long n_voxels,
                                    const States &states) const
{
  std::vector<std::uint32_t> candidates;
  for_each_own([&](std::size_t i) {
    if (more[i] == liquid && states[i] != liquid)
      candidates.push_back(i);
  });
  unsigned long long n_liquid = count(states, liquid), n_new = 0;
  do {
    std::vector<std::uint32_t> layer, left;
    for (const std::uint32_t i : candidates) {
      bool meets_liquid = at_face(i);
      for_each_neighbour(grid_, i,
                         [&](std::size_t j) { meets_liquid = meets_liquid || states[j] == liquid; });
      (meets_liquid ? layer : left).push_back(i);
    }
    // Also waits until all have read.
    n_new = dealii::Utilities::MPI::sum<unsigned long long>(layer.size(), node_.on_node);
    if (2 * n_liquid + n_new > 2 * n_voxels)
      return; // less than half of this layer would fill
    for (const std::uint32_t i : layer)
      states[i] = liquid;
    n_liquid += n_new;
    candidates = std::move(left);
    states.synchronise();
  } while (n_new > 0);
}

template <int dim>
void LabelInfiltration<dim>::limit(const States &reach, unsigned long long n_voxels, States &states) const
{
  const std::size_t n = grid_.n_voxels();
  const double widest = this->widest([&](std::size_t i) { return reach[i] == liquid; });
  States more(node_, n), trial(node_, n);
  for_each_own([&](std::size_t i) {
    more[i] = reach[i];
    states[i] = is_void(i) ? dry : wall;
  });
  states.synchronise();
  double low = 0., high = 1.; // how far the liquid goes, from nowhere to all it reaches
  for (unsigned int iteration = 0; iteration < 10; ++iteration) {
    const double middle = 0.5 * (low + high);
    if (parameters_.liquid == Wetting::wetting)
      draw_in(middle * widest, reach, trial);
    else
      press_in(widest + middle * (parameters_.smallest_throat_radius - widest), trial);
    const bool enough = count(trial, liquid) <= n_voxels;
    std::swap(enough ? states : more, trial);
    (enough ? low : high) = middle;
  }
  spread(more, n_voxels, states);
}

template <int dim>
InfiltrationResult LabelInfiltration<dim>::summary(const States &reach, const States &states) const
{
  enum Fate : std::uint8_t
  {
    is_closed,
    is_narrow,
    lacks_liquid,
    is_wet,
    n_fates
  };
  const VoxelParts<dim> parts(grid_, node_, [&](std::size_t i) { return is_void(i); });
  const SharedArray<std::uint8_t> fates(node_, grid_.n_voxels()); // by part
  const auto set = [&](Fate fate, const auto &holds) {
    for_each_own([&](std::size_t i) {
      if (parts.part(i) != no_seed && holds(i))
        fates[parts.part(i)] = fate;
    });
    fates.synchronise();
  };
  set(is_closed, [](std::size_t) { return true; });
  set(is_narrow, [&](std::size_t i) { return at_face(i); });
  set(lacks_liquid, [&](std::size_t i) { return reach[i] == liquid; });
  set(is_wet, [&](std::size_t i) { return states[i] == liquid; });

  std::vector<unsigned long long> pores(n_fates), voxels(n_fates);
  for_each_own([&](std::size_t i) {
    if (parts.part(i) == no_seed)
      return;
    if (parts.part(i) == i)
      ++pores[fates[i]];
    ++voxels[states[i] == liquid                 ? is_wet
             : reach[i] == liquid                ? lacks_liquid
             : fates[parts.part(i)] == is_closed ? is_closed
                                                 : is_narrow];
  });
  dealii::Utilities::MPI::sum(pores, node_.on_node, pores);
  dealii::Utilities::MPI::sum(voxels, node_.on_node, voxels);
  const double all = voxels[is_closed] + voxels[is_narrow] + voxels[lacks_liquid] + voxels[is_wet];
  const auto share = [&](Fate fate) {
    return InfiltrationResult::Share{pores[fate], all > 0. ? voxels[fate] / all : 0.};
  };
  return {parameters_, share(is_wet), share(is_closed), share(is_narrow), share(lacks_liquid)};
}

template <int dim>
InfiltrationResult LabelInfiltration<dim>::fill()
{
  measure_radii();
  const std::size_t n = grid_.n_voxels();
  States reach(node_, n), states(node_, n);
  press_in(parameters_.smallest_throat_radius, reach);
  for_each_own([&](std::size_t i) { states[i] = reach[i]; });
  states.synchronise();
  if (parameters_.volume_fraction) {
    const unsigned long long n_voxels = std::llround(*parameters_.volume_fraction * (n - count(reach, wall)));
    if (count(reach, liquid) > n_voxels)
      limit(reach, n_voxels, states);
  }
  const InfiltrationResult result = summary(reach, states);
  check_infiltration(result, widest([&](std::size_t i) { return at_face(i); }));
  for_each_own([&](std::size_t i) {
    if (states[i] == liquid)
      codes_[i] = VoxelCode::join(VoxelCode::grain(codes_[i]), VoxelCode::liquid);
  });
  codes_.synchronise();
  return result;
}

template class LabelInfiltration<2>;
template class LabelInfiltration<3>;
} // namespace lithoclase
