#include "microstructure/power_diagram.h"

#include "microstructure/periodic_shifts.h"

#include <algorithm>
#include <cmath>

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
double facet_area(const std::vector<dealii::Point<dim>> &vertices)
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

template <int dim>
dealii::Point<dim> facet_centre(const std::vector<dealii::Point<dim>> &vertices)
{
  if constexpr (dim == 2)
    return vertices[0] + 0.5 * (vertices[1] - vertices[0]);
  else {
    dealii::Tensor<1, 3> sum;
    double area = 0.;
    for (std::size_t i = 2; i < vertices.size(); ++i) {
      const dealii::Tensor<1, 3> u = vertices[i - 1] - vertices[0], v = vertices[i] - vertices[0];
      const double triangle = cross_product_3d(u, v).norm();
      sum += triangle / 3. * (u + v);
      area += triangle;
    }
    return area > 0. ? vertices[0] + sum / area : vertices[0];
  }
}

template <int dim>
PowerDiagram<dim>::PowerDiagram(const GrainSeeds<dim> &seeds, const dealii::Point<dim> &lower,
                                const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic,
                                double reach)
    : lower_(lower), upper_(upper)
{
  const std::vector<double> &weights = seeds.weights;
  const double largest = weights.empty() ? 0. : *std::max_element(weights.begin(), weights.end());
  for (unsigned int a = 0; a < dim; ++a)
    metric_square_[a] = seeds.metric[a] * seeds.metric[a];
  for (unsigned int grain = 0; grain < seeds.points.size(); ++grain)
    seeds_.push_back({seeds.points[grain], grain, weights.empty() ? 0. : largest - weights[grain]});
  // Along an axis that the metric does not see all images lie on top of each other.
  std::array<bool, dim> repeated = periodic;
  for (unsigned int a = 0; a < dim; ++a)
    repeated[a] = periodic[a] && metric_square_[a] > 0.;
  const std::vector<Seed> inside = seeds_;
  seeds_.clear();
  for (const dealii::Tensor<1, dim> &shift : periodic_shifts<dim>(lower, upper, repeated))
    for (Seed image : inside) {
      image.point += shift;
      seeds_.push_back(image);
    }
  std::vector<typename CandidateTree<dim>::Item> items;
  for (const Seed &seed : seeds_)
    items.push_back({seed.point, 0., 0., seed.lift});
  // Enlarged, because the bands of facets just outside reach into the box.
  for (unsigned int a = 0; a < dim; ++a) {
    lower_[a] -= reach;
    upper_[a] += reach;
  }
  tree_ = CandidateTree<dim>(items, lower_, upper_, reach, metric_square_);
}

template <int dim>
typename PowerDiagram<dim>::Bisector PowerDiagram<dim>::bisector(unsigned int a, unsigned int b) const
{
  const dealii::Point<dim> &from = seeds_[a].point;
  const dealii::Tensor<1, dim> connection = seeds_[b].point - from;
  Bisector plane{};
  for (unsigned int i = 0; i < dim; ++i)
    plane.normal[i] = metric_square_[i] * connection[i];
  plane.length = plane.normal.norm();
  if (plane.length == 0.)
    return plane;
  plane.offset = (plane.normal * from + 0.5 * (plane.normal * connection + seeds_[b].lift - seeds_[a].lift)) /
                 plane.length;
  plane.normal /= plane.length;
  return plane;
}

template <int dim>
std::vector<std::vector<unsigned int>> PowerDiagram<dim>::possible_neighbours() const
{
  // Two seeds with a common facet are together in the list of every leaf that the facet crosses, so the lists
  // hold all neighbours.
  const auto keep_each_once = [](std::vector<unsigned int> &list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  };
  std::vector<std::vector<unsigned int>> others(seeds_.size());
  std::vector<std::size_t> most(seeds_.size(), 64); // before repeats are taken out, which are most of a list
  for (const auto &leaf : tree_.leaves())
    for (const unsigned int a : leaf) {
      others[a].insert(others[a].end(), leaf.begin(), leaf.end());
      if (others[a].size() > most[a]) {
        keep_each_once(others[a]);
        most[a] = 2 * others[a].size() + 64;
      }
    }
  for (unsigned int a = 0; a < seeds_.size(); ++a) {
    std::vector<unsigned int> &list = others[a];
    keep_each_once(list);
    list.erase(std::remove(list.begin(), list.end(), a), list.end());
    std::sort(list.begin(), list.end(), [&](unsigned int i, unsigned int j) {
      return distance_square(seeds_[i].point, seeds_[a].point) <
             distance_square(seeds_[j].point, seeds_[a].point);
    });
  }
  return others;
}

template <int dim>
void PowerDiagram<dim>::cut_by_box(std::vector<dealii::Point<dim>> &vertices) const
{
  for (unsigned int i = 0; i < dim && !vertices.empty(); ++i) {
    dealii::Tensor<1, dim> axis;
    axis[i] = 1.;
    cut_by_plane(vertices, axis, upper_[i]);
    cut_by_plane(vertices, -axis, -lower_[i]);
  }
}

template <int dim>
void PowerDiagram<dim>::cut_by_others(std::vector<dealii::Point<dim>> &vertices, unsigned int a,
                                      unsigned int b, const std::vector<unsigned int> &others) const
{
  // Nearest first: with f the way to the farthest vertex, a seed at D from this one cuts nothing any more if
  // (D - f)^2 > f^2 + h^2.
  const Seed &seed = seeds_[a];
  for (const unsigned int c : others) {
    if (c == b || vertices.empty())
      continue;
    double farthest_square = 0.;
    for (const auto &vertex : vertices)
      farthest_square = std::max(farthest_square, distance_square(vertex, seed.point));
    const double distance = std::sqrt(distance_square(seeds_[c].point, seed.point));
    if (distance > std::sqrt(farthest_square) + std::sqrt(farthest_square + seed.lift))
      break;
    const Bisector plane = bisector(a, c);
    if (plane.length > 0.)
      cut_by_plane(vertices, plane.normal, plane.offset);
    else if (seeds_[c].lift < seed.lift)
      vertices.clear(); // the same place, and stronger everywhere
  }
}

template <int dim>
std::vector<dealii::Point<dim>> PowerDiagram<dim>::facet(unsigned int a, unsigned int b,
                                                         const std::vector<unsigned int> &others) const
{
  const Bisector plane = bisector(a, b);
  if (plane.length == 0.)
    return {};
  const dealii::Point<dim> middle = lower_ + 0.5 * (upper_ - lower_);
  const dealii::Point<dim> on_plane = middle + (plane.offset - plane.normal * middle) * plane.normal;
  const double size = lower_.distance(upper_);
  if (on_plane.distance(middle) > size)
    return {};
  std::vector<dealii::Point<dim>> vertices = large_facet(on_plane, plane.normal, size);
  cut_by_box(vertices);
  cut_by_others(vertices, a, b, others);
  return is_facet_of(a, vertices) ? vertices : std::vector<dealii::Point<dim>>();
}

template <int dim>
bool PowerDiagram<dim>::is_facet_of(unsigned int a, const std::vector<dealii::Point<dim>> &vertices) const
{
  if (vertices.size() < dim)
    return false;
  const dealii::Point<dim> centre = facet_centre(vertices);
  const double weakest = power(a, centre) - 1e-9 * lower_.distance_square(upper_);
  for (const unsigned int i : tree_.candidates(centre))
    if (power(i, centre) < weakest)
      return false;
  return true;
}

template <int dim>
std::vector<dealii::Point<dim>> PowerDiagram<dim>::side_facet(unsigned int a, unsigned int side,
                                                              const std::vector<unsigned int> &others) const
{
  dealii::Point<dim> middle = lower_ + 0.5 * (upper_ - lower_);
  middle[side / 2] = side % 2 == 0 ? lower_[side / 2] : upper_[side / 2];
  dealii::Tensor<1, dim> normal;
  normal[side / 2] = 1.;
  std::vector<dealii::Point<dim>> vertices = large_facet(middle, normal, lower_.distance(upper_));
  for (unsigned int i = 0; i < dim; ++i)
    if (i != side / 2) {
      dealii::Tensor<1, dim> axis;
      axis[i] = 1.;
      cut_by_plane(vertices, axis, upper_[i]);
      cut_by_plane(vertices, -axis, -lower_[i]);
    }
  cut_by_others(vertices, a, a, others);
  return is_facet_of(a, vertices) ? vertices : std::vector<dealii::Point<dim>>();
}

template class PowerDiagram<2>;
template class PowerDiagram<3>;
template double facet_area(const std::vector<dealii::Point<2>> &);
template double facet_area(const std::vector<dealii::Point<3>> &);
template dealii::Point<2> facet_centre(const std::vector<dealii::Point<2>> &);
template dealii::Point<3> facet_centre(const std::vector<dealii::Point<3>> &);
} // namespace lithoclase
