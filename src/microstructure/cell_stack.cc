#include "microstructure/cell_stack.h"

#include "core/failure.h"
#include "microstructure/ellipsoid.h"
#include "microstructure/length_text.h"
#include "microstructure/random.h"

#include <deal.II/base/numbers.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
using dealii::numbers::PI;

namespace
{
/// Height of a notch above its foot at the distance r <= width/2 from its axis.
double notch_height(NotchShape shape, double depth, double width, double r)
{
  const double t = 2. * r / width;
  switch (shape) {
  case NotchShape::wedge:
    return depth * (1. - t);
  case NotchShape::round:
    return depth * std::sqrt(std::max(0., 1. - t * t));
  default:
    return depth - 0.5 * width * (1. - std::sqrt(std::max(0., 1. - t * t)));
  }
}

double distance_to_segment(const dealii::Point<2> &point, const dealii::Point<2> &a,
                           const dealii::Point<2> &b)
{
  const double t = (point - a) * (b - a) / (b - a).norm_square();
  return point.distance(a + std::min(1., std::max(0., t)) * (b - a));
}

/// Signed distance, positive inside, of the point at r >= 0 from the axis and z above the foot. The shapes
/// run on below the foot, where there is metal anyway.
double depth_in_notch(NotchShape shape, double depth, double width, double r, double z)
{
  const double half = 0.5 * width;
  if (shape == NotchShape::slot)
    return half - distance_to_segment({r, z}, {0., depth - half}, {0., -2. * depth});
  if (shape == NotchShape::round) {
    const Ellipsoid<2> ellipse{{}, dealii::Point<2>(half, depth), dealii::unit_symmetric_tensor<2>()};
    return ellipse.depth({r, z}).value;
  }
  const double distance = std::min(distance_to_segment({r, z}, {0., depth}, {half, 0.}),
                                   distance_to_segment({r, z}, {half, 0.}, {half, -2. * depth}));
  const bool inside = r < half && z < notch_height(shape, depth, width, r);
  return inside ? distance : -distance;
}
} // namespace

template <int dim>
CellStack<dim>::CellStack(const AnodeParameters &parameters, const dealii::Point<dim> &lower,
                          const dealii::Point<dim> &upper, double finest_cell,
                          const std::array<bool, dim> &periodic)
    : lower_(lower), upper_(upper), periodic_(periodic), finest_cell_(finest_cell),
      thickness_(parameters.thickness)
{
  const double height = upper[dim - 1] - lower[dim - 1];
  if (thickness_ >= height)
    throw InputError("The counter electrode (the top of the box) lies inside the anode: the anode is " +
                     in_um(thickness_) + " thick and the box " + in_um(height) +
                     " high. Lower Microstructure/Anode/thickness or make the box higher.");
  if (!has_anode() && (!parameters.waves.empty() || !parameters.notches.empty() ||
                       parameters.roughness.root_mean_square > 0.))
    throw InputError(
        "Microstructure/Anode has waves, roughness or notches but no anode: give it a thickness above zero.");

  add_waves(parameters);
  add_roughness(parameters.roughness);
  add_notches(parameters);
  survey();
}

template <int dim>
void CellStack<dim>::add_waves(const AnodeParameters &parameters)
{
  for (const auto &[name, wave] : parameters.waves) {
    const double k = 2. * PI / wave.wave_length;
    dealii::Tensor<1, dim> wave_vector;
    wave_vector[0] = dim == 2 ? k : k * std::cos(wave.direction);
    if (dim == 3)
      wave_vector[1] = k * std::sin(wave.direction);
    for (unsigned int a = 0; a + 1 < dim; ++a) {
      const double n_waves = wave_vector[a] * (upper_[a] - lower_[a]) / (2. * PI);
      if (periodic_[a] && std::abs(n_waves - std::round(n_waves)) > 1e-6)
        throw InputError(
            "Microstructure/Anode/Waves/" + name + ": the periodic box holds " + std::to_string(n_waves) +
            " waves, but the number must be whole; the wave length is " + in_um(wave.wave_length) + ".");
    }
    modes_.push_back({wave.amplitude, wave_vector, wave.phase});
  }
}

template <int dim>
void CellStack<dim>::add_roughness(const RoughnessParameters &parameters)
{
  if (parameters.root_mean_square == 0.)
    return;
  const double shortest = parameters.shortest_wave_length.value_or(8. * finest_cell_);
  double box_width = 0.;
  for (unsigned int a = 0; a + 1 < dim; ++a)
    box_width = std::max(box_width, upper_[a] - lower_[a]);
  const double longest = parameters.longest_wave_length.value_or(box_width) * (1. + 1e-9);

  // Whole numbers of waves across the box, so that the roughness is periodic and its mean square known.
  std::vector<dealii::Tensor<1, dim>> wave_vectors;
  const int most = static_cast<int>(std::ceil(box_width / shortest));
  for (int n = 0; n <= most; ++n)
    for (int m = dim == 3 ? -most : 0; m <= (dim == 3 ? most : 0); ++m) {
      dealii::Tensor<1, dim> k;
      k[0] = 2. * PI * n / (upper_[0] - lower_[0]);
      if (dim == 3)
        k[1] = 2. * PI * m / (upper_[1] - lower_[1]);
      const bool once = n > 0 || m > 0; // k and -k are the same wave
      const double length = 2. * PI / k.norm();
      if (once && length >= shortest && length <= longest)
        wave_vectors.push_back(k);
    }
  if (wave_vectors.empty())
    throw InputError("Microstructure/Anode/Roughness: no wave that fits the box is between " +
                     in_um(shortest) + " and " + in_um(longest) + " long; widen the range of wave lengths.");

  Random random(parameters.seed, RandomUse::roughness);
  constexpr std::size_t max_modes = 64; // enough to look random, few enough to be fast
  for (std::size_t i = 0; i < std::min(max_modes, wave_vectors.size()); ++i)
    std::swap(wave_vectors[i], wave_vectors[i + random.next() % (wave_vectors.size() - i)]);
  wave_vectors.resize(std::min(max_modes, wave_vectors.size()));

  double mean_square = 0.;
  const std::size_t first = modes_.size();
  for (const auto &k : wave_vectors) {
    modes_.push_back({1. / k.norm(), k, random.uniform(0., 2. * PI)});
    mean_square += 0.5 / k.norm_square();
  }
  for (std::size_t i = first; i < modes_.size(); ++i)
    modes_[i].amplitude *= parameters.root_mean_square / std::sqrt(mean_square);
}

template <int dim>
void CellStack<dim>::add_notches(const AnodeParameters &parameters)
{
  for (const auto &[name, notch] : parameters.notches) {
    const std::string what = "Microstructure/Anode/Notches/" + name + ": ";
    if (!notch.position.empty() && notch.position.size() != dim - 1)
      throw InputError(what + "position has " + std::to_string(notch.position.size()) +
                       " values, but needs " + std::to_string(dim - 1) + " in " + std::to_string(dim) +
                       "-D.");
    dealii::Point<dim> foot;
    for (unsigned int a = 0; a + 1 < dim; ++a) {
      foot[a] = notch.position.empty() ? 0.5 * (lower_[a] + upper_[a]) : notch.position[a];
      if (foot[a] < lower_[a] || foot[a] > upper_[a])
        throw InputError(what + "its position " + in_um(foot[a]) +
                         " lies outside the box, which reaches from " + in_um(lower_[a]) + " to " +
                         in_um(upper_[a]) + ".");
      if (notch.width > upper_[a] - lower_[a])
        throw InputError(what + "its width of " + in_um(notch.width) + " is more than that of the box, " +
                         in_um(upper_[a] - lower_[a]) + ".");
    }
    if (notch.width < 4. * finest_cell_)
      throw InputError(what + "its width of " + in_um(notch.width) + " is less than 4 of the finest cells (" +
                       in_um(finest_cell_) + " each); widen it or refine the mesh.");
    if (notch.shape == NotchShape::slot && notch.depth < 0.5 * notch.width)
      throw InputError(what + "a slot must be deeper than half its width, because its tip is round; depth " +
                       in_um(notch.depth) + ", width " + in_um(notch.width) + ".");
    foot[dim - 1] = wavy_height(foot);
    if (foot[dim - 1] + notch.depth >= upper_[dim - 1])
      throw InputError(what + "its tip lies outside the box, at " + in_um(foot[dim - 1] + notch.depth) +
                       "; the counter electrode is at " + in_um(upper_[dim - 1]) + ".");
    notches_.push_back({foot, notch.depth, notch.width, notch.shape});
  }
}

template <int dim>
void CellStack<dim>::survey()
{
  if (!has_anode())
    highest_ = lower_[dim - 1];
  else {
    highest_ = lower_[dim - 1] + thickness_;
    for (const Mode &mode : modes_)
      highest_ += mode.amplitude;
    for (const Notch &notch : notches_)
      highest_ = std::max(highest_, notch.foot[dim - 1] + notch.depth);
  }

  const unsigned int n = modes_.empty() && notches_.empty() ? 1 : dim == 2 ? 4096 : 512;
  double sum = 0., lowest = upper_[dim - 1], highest = lower_[dim - 1], area = 1.;
  for (unsigned int a = 0; a + 1 < dim; ++a)
    area *= upper_[a] - lower_[a];
  for (unsigned int j = 0; j < (dim == 3 ? n : 1); ++j)
    for (unsigned int i = 0; i < n; ++i) {
      dealii::Point<dim> point;
      point[0] = lower_[0] + (i + 0.5) / n * (upper_[0] - lower_[0]);
      if (dim == 3)
        point[1] = lower_[1] + (j + 0.5) / n * (upper_[1] - lower_[1]);
      const double height = interface_height(point);
      sum += height;
      lowest = std::min(lowest, height);
      highest = std::max(highest, height);
    }
  electrolyte_volume_ = area * (upper_[dim - 1] - sum / (dim == 2 ? n : n * n));

  if (has_anode() && lowest <= lower_[dim - 1])
    throw InputError(
        "The waves of the anode interface reach the bottom of the box; make the anode thicker than " +
        in_um(thickness_) + " or the waves lower.");
  if (highest >= upper_[dim - 1])
    throw InputError(
        "The counter electrode (the top of the box) lies inside the anode, whose interface reaches " +
        in_um(highest) + "; lower its thickness, waves or roughness, or make the box higher.");
}

template <int dim>
double CellStack<dim>::wavy_height(const dealii::Point<dim> &point) const
{
  double height = lower_[dim - 1] + thickness_;
  for (const Mode &mode : modes_)
    height += mode.amplitude * std::cos(mode.wave_vector * (point - lower_) + mode.phase);
  return height;
}

template <int dim>
dealii::Tensor<1, dim> CellStack<dim>::wavy_slope(const dealii::Point<dim> &point) const
{
  dealii::Tensor<1, dim> slope;
  for (const Mode &mode : modes_)
    slope -= mode.amplitude * std::sin(mode.wave_vector * (point - lower_) + mode.phase) * mode.wave_vector;
  return slope;
}

template <int dim>
double CellStack<dim>::axis_distance(const Notch &notch, const dealii::Point<dim> &point) const
{
  double sum = 0.;
  for (unsigned int a = 0; a + 1 < dim; ++a) {
    double offset = std::abs(point[a] - notch.foot[a]);
    if (periodic_[a])
      offset = std::min(offset, upper_[a] - lower_[a] - offset);
    sum += offset * offset;
  }
  return std::sqrt(sum);
}

template <int dim>
double CellStack<dim>::interface_height(const dealii::Point<dim> &point) const
{
  double height = wavy_height(point);
  for (const Notch &notch : notches_) {
    const double r = axis_distance(notch, point);
    if (r < 0.5 * notch.width)
      height = std::max(height, notch.foot[dim - 1] + notch_height(notch.shape, notch.depth, notch.width, r));
  }
  return height;
}

template <int dim>
double CellStack<dim>::depth_below_waves(const dealii::Point<dim> &point) const
{
  // Walk to the foot of the perpendicular by projecting onto tangent planes. Every point of the surface gives
  // an upper bound of the distance, so the smallest one found is safe also where the walk does not converge
  // (far from the surface).
  const double vertical = wavy_height(point) - point[dim - 1];
  double distance = std::abs(vertical);
  if (modes_.empty())
    return vertical;
  dealii::Point<dim> foot = point;
  for (unsigned int iteration = 0; iteration < 6; ++iteration) {
    foot[dim - 1] = wavy_height(foot);
    const dealii::Tensor<1, dim> slope = wavy_slope(foot);
    dealii::Tensor<1, dim> offset = point - foot;
    distance = std::min(distance, offset.norm());
    const double along_stack = offset[dim - 1];
    offset[dim - 1] = 0.;
    const dealii::Tensor<1, dim> right_side = offset + along_stack * slope;
    foot += right_side - (slope * right_side) / (1. + slope.norm_square()) * slope;
  }
  return std::copysign(distance, vertical);
}

template <int dim>
double CellStack<dim>::depth_in_anode(const dealii::Point<dim> &point) const
{
  if (!has_anode())
    return -lower_.distance(upper_);
  double depth = depth_below_waves(point);
  for (const Notch &notch : notches_)
    depth = std::max(depth, depth_in_notch(notch.shape, notch.depth, notch.width, axis_distance(notch, point),
                                           point[dim - 1] - notch.foot[dim - 1]));
  return depth;
}

template class CellStack<2>;
template class CellStack<3>;
} // namespace lithoclase
