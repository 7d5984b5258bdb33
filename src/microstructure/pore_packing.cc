#include "microstructure/pore_packing.h"

#include "core/failure.h"
#include "microstructure/length_text.h"
#include "microstructure/pore_network.h"
#include "microstructure/rotation.h"

#include <deal.II/base/numbers.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace lithoclase
{
template <int dim>
PorePacking<dim>::PorePacking(const PoreParameters &parameters, const CellStack<dim> &stack,
                              const Voronoi<dim> &voronoi, const dealii::Point<dim> &lower,
                              const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic,
                              double finest_cell)
    : parameters_(parameters), stack_(stack), voronoi_(voronoi), lower_(lower), upper_(upper),
      periodic_(periodic), shifts_(periodic_shifts<dim>(lower, upper, periodic)), finest_cell_(finest_cell),
      gap_(parameters.gap.value_or(6. * finest_cell))
{
}

template <int dim>
PackedPores<dim> PorePacking<dim>::pack()
{
  for (const auto &[name, single] : parameters_.single_pores)
    add_single("Microstructure/Pores/Single pores/" + name, single);
  unsigned int number = 0;
  for (const auto &[name, population] : parameters_.populations)
    add_population("Microstructure/Pores/Populations/" + name, population,
                   Random(population.seed, RandomUse::pores, number++));
  return {pores_, populations_, {}};
}

template <int dim>
void PorePacking<dim>::check_size(const std::string &name, const Ellipsoid<dim> &shape) const
{
  if (shape.inner_radius() < 4. * finest_cell_ * (1. - 1e-9))
    throw InputError(name + ": a pore radius (smallest semi-axis) of " + in_um(shape.inner_radius()) +
                     " is less than 4 of the finest cells (" + in_um(finest_cell_) +
                     " each); make the pores larger or the mesh finer.");
  for (unsigned int a = 0; a < dim; ++a)
    if (2. * shape.extent(a) > upper_[a] - lower_[a])
      throw InputError(name + ": a pore " + in_um(2. * shape.extent(a)) +
                       " wide is larger than the box, which is " + in_um(upper_[a] - lower_[a]) + " wide.");
}

template <int dim>
void PorePacking<dim>::add_single(const std::string &name, const SinglePoreParameters &parameters)
{
  const auto wrong_count = [&](const std::string &entry, std::size_t found, const std::string &needed) {
    return InputError(name + "/" + entry + " has " + std::to_string(found) + " values, but needs " + needed +
                      " in " + std::to_string(dim) + "-D.");
  };
  if (!parameters.centre.empty() && parameters.centre.size() != dim)
    throw wrong_count("centre", parameters.centre.size(), std::to_string(dim));
  if (parameters.semi_axes.size() != 1 && parameters.semi_axes.size() != dim)
    throw wrong_count("semi-axes", parameters.semi_axes.size(), "1 or " + std::to_string(dim));
  if (parameters.angles.size() != 1 && (dim == 2 || parameters.angles.size() != 3))
    throw wrong_count("angles", parameters.angles.size(), dim == 2 ? "1" : "1 or 3");

  dealii::Tensor<2, 3> rotation = rotation_about(2, parameters.angles.back());
  if (parameters.angles.size() == 3)
    rotation = rotation * rotation_about(1, parameters.angles[1]) * rotation_about(0, parameters.angles[0]);
  Ellipsoid<dim> shape;
  for (unsigned int a = 0; a < dim; ++a) {
    shape.centre[a] = parameters.centre.empty() ? 0.5 * (lower_[a] + upper_[a]) : parameters.centre[a];
    shape.semi_axes[a] = parameters.semi_axes[parameters.semi_axes.size() == 1 ? 0 : a];
    for (unsigned int b = 0; b < dim; ++b)
      shape.axes[a][b] = rotation[a][b];
  }
  check_size(name, shape);
  for (unsigned int a = 0; a < dim; ++a)
    if (shape.centre[a] < lower_[a] || shape.centre[a] > upper_[a])
      throw InputError(name + ": its centre lies outside the box: coordinate " + std::to_string(a + 1) +
                       " is " + in_um(shape.centre[a]) + ", the box reaches from " + in_um(lower_[a]) +
                       " to " + in_um(upper_[a]) + ".");
  pores_.push_back({shape, parameters.filling, false});
}

template <int dim>
std::vector<double> PorePacking<dim>::draw_radii(const std::string &name,
                                                 const PorePopulationParameters &parameters,
                                                 Random &random) const
{
  const bool log_normal = parameters.distribution == RadiusDistribution::log_normal;
  const double smallest = log_normal ? parameters.mean_radius : parameters.smallest_radius;
  const double volume = parameters.porosity * stack_.electrolyte_volume();
  const auto volume_of = [&](double radius) {
    const double whole = unit_ball_volume<dim>() * std::pow(radius, dim);
    return parameters.place == PorePlace::anode_interface ? 0.5 * whole : whole; // half of it is in the anode
  };
  if (volume < 0.5 * volume_of(smallest))
    throw InputError(name + "/porosity of " + std::to_string(parameters.porosity) +
                     " is less than one pore of the " + (log_normal ? "mean" : "smallest") + " radius, " +
                     in_um(smallest) + "; raise the porosity, lower the radius or enlarge the box.");

  std::vector<double> radii;
  double sum = 0., last = 0.;
  for (unsigned int step = 0; log_normal && step < 4; ++step) {
    // The mean volume depends a little on how many quantiles there are.
    const long number = step == 0 ? 1000 : std::max(1L, std::lround(radii.size() * volume / sum));
    radii = log_normal_values(number, parameters.mean_radius, parameters.radius_deviation);
    sum = 0.;
    for (const double radius : radii)
      sum += volume_of(radius);
  }
  while (!log_normal && sum < volume) {
    radii.push_back(random.uniform(parameters.smallest_radius, parameters.largest_radius));
    last = volume_of(radii.back());
    sum += last;
  }
  if (!log_normal && radii.size() > 1 && sum - volume > 0.5 * last) {
    radii.pop_back();
    sum -= last;
  }
  const double scale = std::pow(volume / sum, 1. / dim);
  for (double &radius : radii)
    radius *= scale;
  std::sort(radii.rbegin(), radii.rend()); // the large ones find room only while there is much of it
  return radii;
}

template <int dim>
void PorePacking<dim>::add_population(const std::string &name, const PorePopulationParameters &parameters,
                                      Random random)
{
  if (parameters.porosity == 0.)
    return;
  if (parameters.gradient != 0. && gradient_axis(parameters) >= dim)
    throw InputError(name + "/gradient axis is z, but in 2-D only x, y and the stack axis are possible.");
  if (parameters.place == PorePlace::anode_interface && !stack_.has_anode())
    throw InputError(
        name + "/place is `anode interface`, but there is no anode; set Microstructure/Anode/thickness.");
  const std::vector<Site> sites = sites_of(parameters.place);
  if (sites.empty() &&
      (parameters.place == PorePlace::boundaries || parameters.place == PorePlace::triple_lines))
    throw InputError(name + "/place is `" +
                     (parameters.place == PorePlace::boundaries ? "boundaries" : "triple lines") +
                     "`, but the grain structure has none; raise Microstructure/Grains/number of grains.");

  const std::size_t first = pores_.size();
  const std::vector<double> radii = draw_radii(name, parameters, random);
  double placed = 0., wanted = 0.;
  for (const double radius : radii)
    wanted += std::pow(radius, dim);
  const unsigned int axis = gradient_axis(parameters);
  const bool slides = parameters.gradient != 0. &&
                      (parameters.place == PorePlace::anywhere || parameters.place == PorePlace::grains);
  double along = 0.;
  for (const double radius : radii) {
    constexpr unsigned int max_trials = 20000;
    Ellipsoid<dim> shape;
    bool found = false;
    for (unsigned int trial = 0; trial < max_trials && !found; ++trial) {
      shape = random_shape(radius, parameters.aspect_ratio, random);
      if (trial == 0)
        check_size(name, shape);
      shape.centre = random_centre(parameters.place, sites, random);
      // Places along the gradient stay for many trials; else pores would go where there is more room.
      if (slides && trial % 500 != 0)
        shape.centre[axis] = along;
      else {
        for (unsigned int draw = 0; draw < 1000 && !keep(shape.centre, parameters, random); ++draw)
          shape.centre = random_centre(parameters.place, sites, random);
        if (slides)
          along = shape.centre[axis];
      }
      found = fits(shape, parameters.place);
    }
    if (!found) {
      std::ostringstream message;
      message << name << ": a porosity of " << parameters.porosity << " cannot be packed with radii of "
              << in_um(radii.back()) << " to " << in_um(radii.front()) << " and gaps of " << in_um(gap_)
              << "; " << parameters.porosity * placed / wanted
              << " was achieved. Lower the porosity, the gap or the radii, or choose another place.";
      throw InputError(message.str());
    }
    pores_.push_back({shape, PoreFilling::empty, false});
    placed += std::pow(radius, dim);
  }
  fill(parameters, first, random);
  populations_.push_back(measured(name, parameters, first));
  if (parameters.open_fraction > 0.)
    PoreNetwork<dim>(pores_, first, stack_, lower_, upper_, periodic_, gap_)
        .connect(name, parameters, finest_cell_, populations_.back());
}

template <int dim>
unsigned int PorePacking<dim>::gradient_axis(const PorePopulationParameters &parameters) const
{
  return parameters.gradient_axis.value_or(dim - 1);
}

template <int dim>
double PorePacking<dim>::electrolyte_lower(unsigned int axis) const
{
  if (axis + 1 < dim)
    return lower_[axis];
  double area = 1.;
  for (unsigned int a = 0; a + 1 < dim; ++a)
    area *= upper_[a] - lower_[a];
  return upper_[axis] - stack_.electrolyte_volume() / area;
}

template <int dim>
bool PorePacking<dim>::keep(const dealii::Point<dim> &centre, const PorePopulationParameters &parameters,
                            Random &random) const
{
  if (parameters.gradient == 0.)
    return true;
  const unsigned int axis = gradient_axis(parameters);
  const double low = electrolyte_lower(axis);
  const double place = std::clamp(2. * (centre[axis] - low) / (upper_[axis] - low) - 1., -1., 1.);
  return random.uniform() * (1. + std::abs(parameters.gradient)) < 1. + parameters.gradient * place;
}

/// The part of a ball of radius 1 below the height `t`; that of an ellipsoid likewise.
template <int dim>
double share_below(double t)
{
  t = std::clamp(t, -1., 1.);
  return dim == 2 ? 1. - (std::acos(t) - t * std::sqrt(1. - t * t)) / dealii::numbers::PI
                  : 0.25 * (1. + t) * (1. + t) * (2. - t);
}

template <int dim>
PorePopulation PorePacking<dim>::measured(const std::string &name, const PorePopulationParameters &parameters,
                                          std::size_t first) const
{
  PorePopulation result;
  result.name = name.substr(name.rfind('/') + 1);
  result.gradient_axis = gradient_axis(parameters);
  result.wanted_porosity = parameters.porosity;
  result.wanted_upper_share = 0.5 * (1. + 0.5 * parameters.gradient);
  if (parameters.distribution == RadiusDistribution::log_normal)
    result.wanted_radius = MeanAndDeviation{parameters.mean_radius, parameters.radius_deviation};
  const unsigned int axis = result.gradient_axis;
  const double middle = 0.5 * (electrolyte_lower(axis) + upper_[axis]);
  std::vector<double> radii;
  double volume = 0., above = 0.;
  for (std::size_t i = first; i < pores_.size(); ++i) {
    const Ellipsoid<dim> &shape = pores_[i].shape;
    radii.push_back(std::pow(shape.volume() / unit_ball_volume<dim>(), 1. / dim));
    volume += shape.volume();
    above += shape.volume() * share_below<dim>((shape.centre[axis] - middle) / shape.extent(axis));
  }
  const bool halved = parameters.place == PorePlace::anode_interface;
  result.number = radii.size();
  result.radius = mean_and_deviation(radii);
  result.porosity = (halved ? 0.5 : 1.) * volume / stack_.electrolyte_volume();
  result.upper_share = above / volume;
  return result;
}

template <int dim>
void PorePacking<dim>::fill(const PorePopulationParameters &parameters, std::size_t first, Random &random)
{
  std::vector<std::size_t> order;
  double volume = 0.;
  for (std::size_t i = first; i < pores_.size(); ++i) {
    order.push_back(i);
    volume += pores_[i].shape.volume();
  }
  for (std::size_t i = 0; i < order.size(); ++i)
    std::swap(order[i], order[i + random.next() % (order.size() - i)]);

  // In random order whatever does not exceed the target by more than half of itself; the last small ones
  // close the rest.
  double missing = parameters.filled_fraction * volume;
  for (const std::size_t i : order) {
    const double pore_volume = pores_[i].shape.volume();
    if (missing > 1e-9 * volume && pore_volume <= missing * (1. + 1e-9)) {
      pores_[i].filling = PoreFilling::liquid;
      missing -= pore_volume;
    }
  }
  std::size_t best = pores_.size();
  double best_missing = missing;
  for (const std::size_t i : order)
    if (pores_[i].filling == PoreFilling::empty &&
        std::abs(missing - pores_[i].shape.volume()) < best_missing) {
      best = i;
      best_missing = std::abs(missing - pores_[i].shape.volume());
    }
  if (best < pores_.size())
    pores_[best].filling = PoreFilling::liquid;
}

template <int dim>
Ellipsoid<dim> PorePacking<dim>::random_shape(double radius, double aspect_ratio, Random &random) const
{
  Ellipsoid<dim> shape;
  // One axis `aspect ratio` times the others, at the volume of the ball with this radius.
  const double other = radius * std::pow(aspect_ratio, -1. / dim);
  for (unsigned int a = 0; a < dim; ++a)
    shape.semi_axes[a] = a == 0 ? other * aspect_ratio : other;
  const dealii::Tensor<2, 3> rotation =
      dim == 2 ? rotation_about(2, random.uniform(0., 2. * dealii::numbers::PI)) : random_rotation(random);
  for (unsigned int a = 0; a < dim; ++a)
    for (unsigned int b = 0; b < dim; ++b)
      shape.axes[a][b] = rotation[a][b];
  return shape;
}

template <int dim>
std::vector<typename PorePacking<dim>::Site> PorePacking<dim>::sites_of(PorePlace place) const
{
  std::vector<Site> sites;
  if (place != PorePlace::boundaries && place != PorePlace::triple_lines)
    return sites;
  const dealii::Point<dim> &cut_lower = voronoi_.facets_lower(), &cut_upper = voronoi_.facets_upper();
  const double tolerance = 1e-9 * cut_lower.distance(cut_upper);
  const auto on_cut = [&](const dealii::Point<dim> &point) {
    for (unsigned int a = 0; a < dim; ++a)
      if (point[a] < cut_lower[a] + tolerance || point[a] > cut_upper[a] - tolerance)
        return true;
    return false;
  };

  for (const Facet<dim> &facet : voronoi_.facets())
    if (place == PorePlace::boundaries && dim == 2)
      sites.push_back({facet.vertices, facet.area});
    else if (place == PorePlace::boundaries)
      for (std::size_t i = 2; i < facet.vertices.size(); ++i) {
        const dealii::Point<dim> &a = facet.vertices[0], &b = facet.vertices[i - 1], &c = facet.vertices[i];
        const double base = a.distance(b),
                     height_square = a.distance_square(c) - std::pow((b - a) * (c - a) / base, 2);
        if (height_square > 0.)
          sites.push_back({{a, b, c}, 0.5 * base * std::sqrt(height_square)});
      }
    else
      for (std::size_t i = 0; i < facet.vertices.size(); ++i) {
        // The ends (2-D) or sides (3-D) of a facet, except where only the box cuts it off.
        const dealii::Point<dim> &a = facet.vertices[i], &b = facet.vertices[(i + 1) % facet.vertices.size()];
        if (dim == 2 && !on_cut(a))
          sites.push_back({{a}, 1.});
        if (dim == 3 && !on_cut(a + 0.5 * (b - a)))
          sites.push_back({{a, b}, a.distance(b)});
      }
  double sum = 0.;
  for (Site &site : sites)
    site.size = sum += site.size; // cumulative, for drawing
  return sites;
}

template <int dim>
dealii::Point<dim> PorePacking<dim>::random_centre(PorePlace place, const std::vector<Site> &sites,
                                                   Random &random) const
{
  dealii::Point<dim> centre;
  if (place == PorePlace::boundaries || place == PorePlace::triple_lines) {
    const double draw = random.uniform(0., sites.back().size);
    const auto site = std::upper_bound(sites.begin(), sites.end() - 1, draw,
                                       [](double value, const Site &site) { return value < site.size; });
    const auto &v = site->vertices;
    double s = random.uniform(), t = random.uniform();
    if (v.size() == 1)
      centre = v[0];
    else if (v.size() == 2)
      centre = v[0] + s * (v[1] - v[0]);
    else {
      if (s + t > 1.) {
        s = 1. - s;
        t = 1. - t;
      }
      centre = v[0] + s * (v[1] - v[0]) + t * (v[2] - v[0]);
    }
    return centre;
  }
  for (unsigned int a = 0; a < dim; ++a)
    centre[a] = random.uniform(lower_[a], upper_[a]);
  if (place == PorePlace::anode_interface)
    centre[dim - 1] = stack_.interface_height(centre);
  return centre;
}

template <int dim>
bool PorePacking<dim>::clear_of_box_and_anode(const Ellipsoid<dim> &shape, PorePlace place) const
{
  for (unsigned int a = 0; a < dim; ++a) {
    const double room = shape.extent(a) + gap_;
    const bool open_below = periodic_[a] || (a + 1 == dim && place == PorePlace::anode_interface);
    if (shape.centre[a] < lower_[a] + (open_below ? 0. : room) ||
        shape.centre[a] > upper_[a] - (periodic_[a] ? 0. : room))
      return false;
  }
  if (!stack_.has_anode() || place == PorePlace::anode_interface ||
      shape.centre[dim - 1] - shape.extent(dim - 1) - gap_ >= stack_.highest())
    return true;
  return -stack_.depth_in_anode(shape.centre) >= shape.outer_radius() + gap_;
}

template <int dim>
bool PorePacking<dim>::fits(const Ellipsoid<dim> &shape, PorePlace place) const
{
  if (!clear_of_box_and_anode(shape, place))
    return false;
  if (place == PorePlace::grains && voronoi_.distance_to_boundary(shape.centre) < shape.outer_radius() + gap_)
    return false;
  for (const Pore<dim> &pore : pores_)
    for (const dealii::Tensor<1, dim> &shift : shifts_) {
      Ellipsoid<dim> other = pore.shape;
      other.centre += shift;
      if (shape.centre.distance(other.centre) < shape.outer_radius() + other.outer_radius() + gap_ &&
          distance(shape, other) < gap_)
        return false;
    }
  return true;
}

template class PorePacking<2>;
template class PorePacking<3>;
} // namespace lithoclase
