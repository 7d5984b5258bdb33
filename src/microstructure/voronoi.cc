#include "microstructure/voronoi.h"

#include "microstructure/diffuse_profile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lithoclase
{
namespace
{
/// The part of a line piece (2-D) or convex polygon (3-D) where normal * x <= offset.
template <int dim>
void cut_by_plane(std::vector<dealii::Point<dim>> &vertices, const dealii::Tensor<1, dim> &normal,
                  double offset)
{
  std::vector<dealii::Point<dim>> kept;
  const std::size_t n = vertices.size();
  for (std::size_t i = 0; i < n; ++i) {
    const dealii::Point<dim> &here = vertices[i], &next = vertices[(i + 1) % n];
    const double here_above = normal * here - offset, next_above = normal * next - offset;
    if (here_above <= 0.)
      kept.push_back(here);
    const bool is_edge = dim == 3 || i + 1 < n;
    if (is_edge && (here_above <= 0.) != (next_above <= 0.))
      kept.push_back(here + here_above / (here_above - next_above) * (next - here));
  }
  vertices = kept;
}

template <int dim>
double area_of(const std::vector<dealii::Point<dim>> &vertices)
{
  if constexpr (dim == 2)
    return vertices.size() == 2 ? vertices[0].distance(vertices[1]) : 0.;
  else {
    dealii::Tensor<1, 3> sum;
    for (std::size_t i = 2; i < vertices.size(); ++i)
      sum += cross_product_3d(vertices[i - 1] - vertices[0], vertices[i] - vertices[0]);
    return 0.5 * sum.norm();
  }
}

/// A piece of the plane through `point` that reaches at least `size` in all directions.
template <int dim>
std::vector<dealii::Point<dim>> large_facet(const dealii::Point<dim> &point,
                                            const dealii::Tensor<1, dim> &normal, double size)
{
  if constexpr (dim == 2) {
    const dealii::Tensor<1, 2> along = cross_product_2d(normal);
    return {point - size * along, point + size * along};
  } else {
    dealii::Tensor<1, 3> helper;
    helper[std::abs(normal[0]) < 0.6 ? 0 : 1] = 1.;
    dealii::Tensor<1, 3> u = cross_product_3d(normal, helper);
    u /= u.norm();
    const dealii::Tensor<1, 3> v = cross_product_3d(normal, u);
    return {point - size * (u + v), point + size * (u - v), point + size * (u + v), point + size * (v - u)};
  }
}
} // namespace

template <int dim>
Voronoi<dim>::Voronoi(const std::vector<dealii::Point<dim>> &seeds, const dealii::Point<dim> &lower,
                      const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic,
                      double band_width)
    : lower_(lower), upper_(upper), band_width_(band_width), n_grains_(seeds.size())
{
  add_seeds(seeds, periodic);
  std::vector<typename CandidateTree<dim>::Item> items;
  for (const Seed &seed : seeds_)
    items.push_back({seed.point, 0., 0.});
  // Enlarged, because the bands of facets just outside reach into the box.
  for (unsigned int a = 0; a < dim; ++a) {
    lower_[a] -= band_width;
    upper_[a] += band_width;
  }
  tree_ = CandidateTree<dim>(items, lower_, upper_, band_width);
  find_facets();
}

template <int dim>
void Voronoi<dim>::add_seeds(const std::vector<dealii::Point<dim>> &seeds,
                             const std::array<bool, dim> &periodic)
{
  for (unsigned int grain = 0; grain < seeds.size(); ++grain)
    seeds_.push_back({seeds[grain], grain});
  for (unsigned int a = 0; a + 1 < dim; ++a)
    if (periodic[a]) {
      const std::size_t n = seeds_.size();
      for (const double shift : {lower_[a] - upper_[a], upper_[a] - lower_[a]})
        for (std::size_t i = 0; i < n; ++i) {
          Seed image = seeds_[i];
          image.point[a] += shift;
          seeds_.push_back(image);
        }
    }
}

template <int dim>
void Voronoi<dim>::find_facets()
{
  // Two seeds with a common facet are together in the list of every leaf that the facet crosses, so the lists
  // hold all neighbours.
  std::vector<std::vector<unsigned int>> others(seeds_.size());
  for (const auto &leaf : tree_.leaves())
    for (const unsigned int a : leaf)
      others[a].insert(others[a].end(), leaf.begin(), leaf.end());

  std::vector<std::pair<unsigned int, unsigned int>> facet_seeds;
  const auto grains = [&](const std::pair<unsigned int, unsigned int> &pair) {
    return std::pair<unsigned int, unsigned int>(
        std::minmax(seeds_[pair.first].grain, seeds_[pair.second].grain));
  };
  const double smallest_area = std::pow(1e-7 * lower_.distance(upper_), dim - 1);
  for (unsigned int a = 0; a < seeds_.size(); ++a) {
    std::vector<unsigned int> &list = others[a];
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    std::sort(list.begin(), list.end(), [&](unsigned int i, unsigned int j) {
      return seeds_[i].point.distance_square(seeds_[a].point) <
             seeds_[j].point.distance_square(seeds_[a].point);
    });
    for (const unsigned int b : list)
      if (b > a && seeds_[a].grain != seeds_[b].grain) {
        const std::vector<dealii::Point<dim>> vertices = cut_facet(a, b, list);
        const double area = area_of(vertices);
        if (area <= smallest_area)
          continue;
        facet_seeds.emplace_back(a, b);
        facets_.push_back({0, vertices, area});
        pairs_.push_back(grains({a, b}));
      }
    list = {};
  }

  std::sort(pairs_.begin(), pairs_.end());
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  neighbours_.resize(seeds_.size());
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
std::vector<dealii::Point<dim>> Voronoi<dim>::cut_facet(unsigned int a, unsigned int b,
                                                        const std::vector<unsigned int> &others) const
{
  const dealii::Point<dim> &seed = seeds_[a].point;
  dealii::Tensor<1, dim> normal = seeds_[b].point - seed;
  const dealii::Point<dim> middle = seed + 0.5 * normal;
  normal /= normal.norm();
  std::vector<dealii::Point<dim>> vertices =
      large_facet(middle, normal, 2. * (lower_.distance(upper_) + middle.distance(lower_)));
  for (unsigned int i = 0; i < dim && !vertices.empty(); ++i) {
    dealii::Tensor<1, dim> axis;
    axis[i] = 1.;
    cut_by_plane(vertices, axis, upper_[i]);
    cut_by_plane(vertices, -axis, -lower_[i]);
  }
  // Nearest first: a plane farther away than twice the farthest vertex cuts nothing any more.
  for (const unsigned int c : others) {
    if (c == a || c == b)
      continue;
    double farthest = 0.;
    for (const auto &vertex : vertices)
      farthest = std::max(farthest, vertex.distance(seed));
    const dealii::Tensor<1, dim> connection = seeds_[c].point - seed;
    if (connection.norm() > 2. * farthest)
      break;
    cut_by_plane(vertices, connection, connection * (seed + 0.5 * connection));
  }
  return vertices;
}

template <int dim>
typename Voronoi<dim>::NearSeed Voronoi<dim>::nearest(const dealii::Point<dim> &point) const
{
  NearSeed nearest{0, std::numeric_limits<double>::infinity()};
  for (const unsigned int i : tree_.candidates(point)) {
    const double distance_square = point.distance_square(seeds_[i].point);
    if (distance_square < nearest.distance_square)
      nearest = {i, distance_square};
  }
  return nearest;
}

template <int dim>
void Voronoi<dim>::evaluate(const dealii::Point<dim> &point, PointStructure<dim> &structure) const
{
  const NearSeed first = nearest(point);
  structure.grain = seeds_[first.seed].grain;
  structure.n_bands = 0;

  // Both seeds of a band are at most 2 w_s farther away than the nearest seed, and so is any third seed that
  // ends its facet.
  constexpr unsigned int max_near = 64;
  std::array<NearSeed, max_near> near;
  unsigned int n_near = 0;
  const double limit = std::pow(std::sqrt(first.distance_square) + 2. * band_width_, 2);
  for (const unsigned int i : tree_.candidates(point)) {
    const double distance_square = point.distance_square(seeds_[i].point);
    if (distance_square <= limit && n_near < max_near)
      near[n_near++] = {i, distance_square};
  }
  for (unsigned int a = 0; a < n_near; ++a)
    for (unsigned int b = a + 1; b < n_near; ++b)
      add_band(point, near[a], near[b], {near.data(), n_near}, structure);
}

template <int dim>
void Voronoi<dim>::add_band(const dealii::Point<dim> &point, const NearSeed &a, const NearSeed &b,
                            dealii::ArrayView<const NearSeed> near, PointStructure<dim> &structure) const
{
  const Seed &seed_a = seeds_[a.seed], &seed_b = seeds_[b.seed];
  dealii::Tensor<1, dim> normal = seed_b.point - seed_a.point;
  const double length = normal.norm();
  normal /= length;
  const double s = (b.distance_square - a.distance_square) / (2. * length);
  if (std::abs(s) >= band_width_)
    return;
  const Neighbour *neighbour = find_neighbour(a.seed, b.seed);
  if (!neighbour)
    return;

  // Where more than three seeds are equally near, e.g. at the corners of a regular arrangement, two facets in
  // one plane meet; the one with the first seed owns their common edge, so that no point of a line of
  // quadrature points or nodes is left out.
  const dealii::Point<dim> projection = point + s * normal;
  const double distance_square = projection.distance_square(seed_a.point), margin = 1e-9 * length * length;
  for (const NearSeed &c : near)
    if (c.seed != a.seed && c.seed != b.seed) {
      const double third = projection.distance_square(seeds_[c.seed].point);
      if (third < distance_square - margin || (third < distance_square + margin && c.seed < a.seed))
        return;
    }

  structure.add_band(
      {boundary_band(s, band_width_), seed_a.grain < seed_b.grain ? normal : -normal, neighbour->boundary});
}

template <int dim>
double Voronoi<dim>::distance_to_boundary(const dealii::Point<dim> &point) const
{
  const NearSeed first = nearest(point);
  const dealii::Point<dim> &seed = seeds_[first.seed].point;
  double distance = lower_.distance(upper_);
  for (const Neighbour &neighbour : neighbours_[first.seed]) {
    const dealii::Point<dim> &other = seeds_[neighbour.seed].point;
    distance = std::min(distance,
                        (point.distance_square(other) - first.distance_square) / (2. * seed.distance(other)));
  }
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
