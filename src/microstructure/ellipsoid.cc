#include "microstructure/ellipsoid.h"

#include <deal.II/base/numbers.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
namespace
{
/// Nearest point of the surface of an axis-parallel ellipsoid at the origin to the point `y` with y_i >= 0:
/// x_i = e_i^2 y_i/(t + e_i^2) with the largest root t of SUM (e_i y_i/(t + e_i^2))^2 = 1. The sum is convex
/// and falls to the right of the start value, so Newton's method rises to the root without overshooting.
template <int dim>
dealii::Tensor<1, dim> nearest_in_octant(const dealii::Tensor<1, dim> &semi_axes, dealii::Tensor<1, dim> y)
{
  double t = -std::numeric_limits<double>::infinity();
  for (unsigned int i = 0; i < dim; ++i) {
    // On a plane of symmetry the nearest point need not be unique; a tiny shift picks one.
    y[i] = std::max(y[i], 1e-8 * semi_axes[i]);
    t = std::max(t, semi_axes[i] * (y[i] - semi_axes[i]));
  }
  for (unsigned int iteration = 0; iteration < 100; ++iteration) {
    double sum = -1., slope = 0.;
    for (unsigned int i = 0; i < dim; ++i) {
      const double denominator = t + semi_axes[i] * semi_axes[i];
      const double term = semi_axes[i] * y[i] / denominator;
      sum += term * term;
      slope -= 2. * term * term / denominator;
    }
    if (sum < 1e-14)
      break;
    t -= sum / slope;
  }
  dealii::Tensor<1, dim> x;
  for (unsigned int i = 0; i < dim; ++i)
    x[i] = semi_axes[i] * semi_axes[i] * y[i] / (t + semi_axes[i] * semi_axes[i]);
  return x;
}
} // namespace

template <int dim>
double Ellipsoid<dim>::inner_radius() const
{
  return *std::min_element(semi_axes.begin_raw(), semi_axes.end_raw());
}

template <int dim>
double Ellipsoid<dim>::outer_radius() const
{
  return *std::max_element(semi_axes.begin_raw(), semi_axes.end_raw());
}

template <int dim>
double Ellipsoid<dim>::volume() const
{
  double volume = unit_ball_volume<dim>();
  for (unsigned int i = 0; i < dim; ++i)
    volume *= semi_axes[i];
  return volume;
}

template <int dim>
double Ellipsoid<dim>::extent(unsigned int coordinate) const
{
  double sum = 0.;
  for (unsigned int i = 0; i < dim; ++i)
    sum += std::pow(axes[coordinate][i] * semi_axes[i], 2);
  return std::sqrt(sum);
}

template <int dim>
dealii::Point<dim> Ellipsoid<dim>::nearest_surface_point(const dealii::Point<dim> &point) const
{
  const dealii::Tensor<1, dim> local = transpose(axes) * (point - centre);
  dealii::Tensor<1, dim> y;
  for (unsigned int i = 0; i < dim; ++i)
    y[i] = std::abs(local[i]);
  dealii::Tensor<1, dim> x = nearest_in_octant(semi_axes, y);
  for (unsigned int i = 0; i < dim; ++i)
    x[i] = std::copysign(x[i], local[i]);
  return centre + axes * x;
}

template <int dim>
Depth<dim> Ellipsoid<dim>::depth(const dealii::Point<dim> &point) const
{
  const double radius = inner_radius();
  if (radius == outer_radius()) {
    const dealii::Tensor<1, dim> offset = point - centre;
    const double distance = offset.norm();
    return {radius - distance, distance > 0. ? -offset / distance : dealii::Tensor<1, dim>()};
  }

  const dealii::Point<dim> nearest = nearest_surface_point(point);
  const dealii::Tensor<1, dim> local = transpose(axes) * (nearest - centre);
  dealii::Tensor<1, dim> outward;
  for (unsigned int i = 0; i < dim; ++i)
    outward[i] = local[i] / (semi_axes[i] * semi_axes[i]);
  outward = axes * (outward / outward.norm());
  return {-((point - nearest) * outward), -outward};
}

template <int dim>
double distance(const Ellipsoid<dim> &a, const Ellipsoid<dim> &b)
{
  const double between_centres = a.centre.distance(b.centre);
  if (between_centres <= a.inner_radius() + b.inner_radius())
    return -1. * (a.inner_radius() + b.inner_radius() - between_centres);
  if (a.inner_radius() == a.outer_radius() && b.inner_radius() == b.outer_radius())
    return between_centres - a.outer_radius() - b.outer_radius();

  // Projections onto one and the other in turn converge to the two nearest points of disjoint convex bodies.
  dealii::Point<dim> on_a = a.centre;
  double distance = between_centres;
  for (unsigned int iteration = 0; iteration < 200; ++iteration) {
    if (b.depth(on_a).value >= 0.)
      return 0.;
    const dealii::Point<dim> on_b = b.nearest_surface_point(on_a);
    if (a.depth(on_b).value >= 0.)
      return 0.;
    on_a = a.nearest_surface_point(on_b);
    const double next = on_a.distance(on_b);
    const bool converged = distance - next < 1e-4 * a.inner_radius();
    distance = next;
    if (converged && iteration > 0)
      break;
  }
  return distance;
}

template <int dim>
double unit_ball_volume()
{
  return dim == 2 ? dealii::numbers::PI : 4. / 3. * dealii::numbers::PI;
}

template struct Ellipsoid<2>;
template struct Ellipsoid<3>;
template double distance(const Ellipsoid<2> &, const Ellipsoid<2> &);
template double distance(const Ellipsoid<3> &, const Ellipsoid<3> &);
template double unit_ball_volume<2>();
template double unit_ball_volume<3>();
} // namespace lithoclase
