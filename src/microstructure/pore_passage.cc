#include "microstructure/pore_passage.h"

#include <deal.II/base/numbers.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace lithoclase
{
namespace
{
/// The quadratic form (x-c).M.(x-c), which is 1 on the surface.
template <int dim>
struct Form
{
  explicit Form(const Ellipsoid<dim> &shape) : centre(shape.centre)
  {
    for (unsigned int i = 0; i < dim; ++i)
      for (unsigned int a = 0; a < dim; ++a)
        for (unsigned int b = 0; b < dim; ++b)
          matrix[a][b] += shape.axes[a][i] * shape.axes[b][i] / (shape.semi_axes[i] * shape.semi_axes[i]);
  }

  double value(const dealii::Point<dim> &x) const { return (x - centre) * (matrix * (x - centre)); }

  /// From a point inside along a unit direction to the surface; zero outside.
  double way_out(const dealii::Point<dim> &x, const dealii::Tensor<1, dim> &direction) const
  {
    const dealii::Tensor<1, dim> image = matrix * direction;
    const double a = direction * image, b = image * (x - centre), c = value(x) - 1.;
    return c < 0. ? (-b + std::sqrt(b * b - a * c)) / a : 0.;
  }

  dealii::Point<dim> centre;
  dealii::Tensor<2, dim> matrix;
};

/// Unit vectors across a direction: both in 2-D, every 30 degrees in 3-D.
template <int dim>
std::vector<dealii::Tensor<1, dim>> across(const dealii::Tensor<1, dim> &direction)
{
  std::vector<dealii::Tensor<1, dim>> result;
  if constexpr (dim == 2) {
    result.push_back(cross_product_2d(direction));
    result.push_back(-result[0]);
  } else {
    dealii::Tensor<1, dim> helper;
    helper[std::abs(direction[0]) < 0.6 ? 0 : 1] = 1.;
    dealii::Tensor<1, dim> u = cross_product_3d(direction, helper);
    u /= u.norm();
    const dealii::Tensor<1, dim> v = cross_product_3d(direction, u);
    for (unsigned int i = 0; i < 12; ++i)
      result.push_back(std::cos(i * dealii::numbers::PI / 6.) * u +
                       std::sin(i * dealii::numbers::PI / 6.) * v);
  }
  return result;
}

/// The narrowest place of both shapes together on a straight way.
template <int dim>
double narrowest(const Form<dim> &a, const Form<dim> &b, const dealii::Point<dim> &from,
                 const dealii::Point<dim> &to)
{
  const dealii::Tensor<1, dim> way = to - from;
  if (!(way.norm() > 0.))
    return std::numeric_limits<double>::infinity();
  const std::vector<dealii::Tensor<1, dim>> directions = across(way / way.norm());
  const auto radius = [&](double s) {
    const dealii::Point<dim> x = from + s * way;
    double least = std::numeric_limits<double>::infinity();
    for (const dealii::Tensor<1, dim> &direction : directions)
      least = std::min(least, std::max(a.way_out(x, direction), b.way_out(x, direction)));
    return least;
  };
  constexpr int n = 32;
  int best = 0;
  double least = radius(0.);
  for (int i = 1; i <= n; ++i)
    if (const double here = radius(double(i) / n); here < least) {
      least = here;
      best = i;
    }
  // Between the neighbours of the narrowest sample by thirds: the way has a kink where the surfaces meet.
  double low = std::max(0., (best - 1.) / n), high = std::min(1., (best + 1.) / n);
  for (unsigned int iteration = 0; iteration < 30; ++iteration) {
    const double left = low + (high - low) / 3., right = high - (high - low) / 3.;
    const double at_left = radius(left), at_right = radius(right);
    least = std::min({least, at_left, at_right});
    (at_left < at_right ? high : low) = at_left < at_right ? right : left;
  }
  return least;
}
} // namespace

template <int dim>
std::optional<dealii::Point<dim>> common_point(const Ellipsoid<dim> &first, const Ellipsoid<dim> &second)
{
  const Form<dim> a(first), b(second);
  dealii::Point<dim> x;
  double low = 0., high = 1.; // weight of the first form: the more, the less deep in the second
  for (unsigned int iteration = 0; iteration < 50; ++iteration) {
    const double weight = 0.5 * (low + high);
    x = dealii::Point<dim>(invert(weight * a.matrix + (1. - weight) * b.matrix) *
                           (weight * (a.matrix * a.centre) + (1. - weight) * (b.matrix * b.centre)));
    (a.value(x) > b.value(x) ? low : high) = weight;
  }
  if (std::max(a.value(x), b.value(x)) < 1.)
    return x;
  return {};
}

template <int dim>
double passage_radius(const Ellipsoid<dim> &first, const Ellipsoid<dim> &second)
{
  const std::optional<dealii::Point<dim>> common = common_point(first, second);
  if (!common)
    return 0.;
  const Form<dim> a(first), b(second);
  return std::min({first.inner_radius(), second.inner_radius(), narrowest(a, b, a.centre, *common),
                   narrowest(a, b, *common, b.centre)});
}

template <int dim>
double section_radius(const Ellipsoid<dim> &shape, unsigned int axis, double height)
{
  const Form<dim> form(shape);
  dealii::Tensor<1, dim> normal;
  normal[axis] = 1.;
  // The centres of parallel sections lie on the line through the points where the surface is parallel to
  // them.
  dealii::Tensor<1, dim> towards = invert(form.matrix) * normal;
  const dealii::Point<dim> middle = shape.centre + (height - shape.centre[axis]) / towards[axis] * towards;
  double least = std::numeric_limits<double>::infinity();
  for (const dealii::Tensor<1, dim> &direction : across(normal))
    least = std::min(least, form.way_out(middle, direction));
  return least;
}

template std::optional<dealii::Point<2>> common_point(const Ellipsoid<2> &, const Ellipsoid<2> &);
template std::optional<dealii::Point<3>> common_point(const Ellipsoid<3> &, const Ellipsoid<3> &);
template double passage_radius(const Ellipsoid<2> &, const Ellipsoid<2> &);
template double passage_radius(const Ellipsoid<3> &, const Ellipsoid<3> &);
template double section_radius(const Ellipsoid<2> &, unsigned int, double);
template double section_radius(const Ellipsoid<3> &, unsigned int, double);
} // namespace lithoclase
