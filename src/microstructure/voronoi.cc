#include "microstructure/voronoi.h"

#include "microstructure/diffuse_profile.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lithoclase
{
template <int dim>
Voronoi<dim>::Voronoi(const GrainSeeds<dim> &seeds, const dealii::Point<dim> &lower,
                      const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic,
                      double band_width)
    : band_width_(band_width), n_grains_(seeds.points.size()),
      diagram_(seeds, lower, upper, periodic, band_width)
{
  find_facets();
}

template <int dim>
void Voronoi<dim>::find_facets()
{
  const auto &seeds = diagram_.seeds();
  const std::vector<std::vector<unsigned int>> others = diagram_.possible_neighbours();
  std::vector<std::pair<unsigned int, unsigned int>> facet_seeds;
  const auto grains = [&](const std::pair<unsigned int, unsigned int> &pair) {
    return std::pair<unsigned int, unsigned int>(
        std::minmax(seeds[pair.first].grain, seeds[pair.second].grain));
  };
  const double smallest_area = std::pow(1e-7 * facets_lower().distance(facets_upper()), dim - 1);
  for (unsigned int a = 0; a < seeds.size(); ++a)
    for (const unsigned int b : others[a])
      if (b > a && seeds[a].grain != seeds[b].grain) {
        const std::vector<dealii::Point<dim>> vertices = diagram_.facet(a, b, others[a]);
        const double area = facet_area(vertices);
        if (area <= smallest_area)
          continue;
        facet_seeds.emplace_back(a, b);
        facets_.push_back({0, vertices, area});
        pairs_.push_back(grains({a, b}));
      }

  std::sort(pairs_.begin(), pairs_.end());
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  neighbours_.resize(seeds.size());
  for (std::size_t i = 0; i < facets_.size(); ++i) {
    const auto [a, b] = facet_seeds[i];
    const auto pair = std::lower_bound(pairs_.begin(), pairs_.end(), grains({a, b}));
    facets_[i].boundary = pair - pairs_.begin();
    neighbours_[a].push_back({b, facets_[i].boundary});
    neighbours_[b].push_back({a, facets_[i].boundary});
  }
  for (auto &list : neighbours_)
    std::sort(list.begin(), list.end(),
              [](const Neighbour &i, const Neighbour &j) { return i.seed < j.seed; });
}

template <int dim>
typename Voronoi<dim>::NearSeed Voronoi<dim>::nearest(const dealii::Point<dim> &point) const
{
  NearSeed nearest{0, std::numeric_limits<double>::infinity()};
  for (const unsigned int i : diagram_.candidates(point)) {
    const double power = diagram_.power(i, point);
    if (power < nearest.power)
      nearest = {i, power};
  }
  return nearest;
}

template <int dim>
void Voronoi<dim>::evaluate(const dealii::Point<dim> &point, PointStructure<dim> &structure) const
{
  const NearSeed first = nearest(point);
  structure.grain = diagram_.seeds()[first.seed].grain;
  structure.n_bands = 0;

  // Both seeds of a band are at most 2 w_s farther away than the nearest seed, and so is any third seed that
  // ends its facet (distances being roots of powers).
  boost::container::small_vector<NearSeed, 64> near; // seldom more
  const double limit = std::pow(std::sqrt(first.power) + 2. * band_width_, 2);
  for (const unsigned int i : diagram_.candidates(point)) {
    const double power = diagram_.power(i, point);
    if (power <= limit)
      near.push_back({i, power});
  }
  for (unsigned int a = 0; a < near.size(); ++a)
    for (unsigned int b = a + 1; b < near.size(); ++b)
      add_band(point, near[a], near[b], {near.data(), near.size()}, structure);
}

template <int dim>
void Voronoi<dim>::add_band(const dealii::Point<dim> &point, const NearSeed &a, const NearSeed &b,
                            dealii::ArrayView<const NearSeed> near, PointStructure<dim> &structure) const
{
  const auto plane = diagram_.bisector(a.seed, b.seed);
  if (plane.length == 0.)
    return;
  const double s = (b.power - a.power) / (2. * plane.length);
  if (std::abs(s) >= band_width_)
    return;
  const Neighbour *neighbour = find_neighbour(a.seed, b.seed);
  if (!neighbour)
    return;

  // Where more than three seeds are equally near, e.g. at the corners of a regular arrangement, two facets in
  // one plane meet; the one with the first seed owns their common edge, so that no point of a line of
  // quadrature points or nodes is left out.
  const dealii::Point<dim> projection = point + s * plane.normal;
  const double power = diagram_.power(a.seed, projection), margin = 1e-9 * plane.length * plane.length;
  for (const NearSeed &c : near)
    if (c.seed != a.seed && c.seed != b.seed) {
      const double third = diagram_.power(c.seed, projection);
      if (third < power - margin || (third < power + margin && c.seed < a.seed))
        return;
    }

  const bool in_order = diagram_.seeds()[a.seed].grain < diagram_.seeds()[b.seed].grain;
  structure.add_band(
      {boundary_band(s, band_width_), in_order ? plane.normal : -plane.normal, neighbour->boundary});
}

template <int dim>
double Voronoi<dim>::distance_to_boundary(const dealii::Point<dim> &point) const
{
  const NearSeed first = nearest(point);
  double distance = facets_lower().distance(facets_upper());
  for (const Neighbour &neighbour : neighbours_[first.seed])
    distance = std::min(distance, (diagram_.power(neighbour.seed, point) - first.power) /
                                      (2. * diagram_.bisector(first.seed, neighbour.seed).length));
  return distance;
}

template <int dim>
const typename Voronoi<dim>::Neighbour *Voronoi<dim>::find_neighbour(unsigned int a, unsigned int b) const
{
  const std::vector<Neighbour> &list = neighbours_[a];
  const auto place = std::lower_bound(list.begin(), list.end(), b,
                                      [](const Neighbour &i, unsigned int seed) { return i.seed < seed; });
  return place != list.end() && place->seed == b ? &*place : nullptr;
}

template class Voronoi<2>;
template class Voronoi<3>;
} // namespace lithoclase
