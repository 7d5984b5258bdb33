#include "physics/initial_cracks.h"

#include "core/failure.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
using Shape = InitialCrackParameters::Shape;
constexpr double rounding = 1e-6; // by the size of a cell: what touches a side does so up to this
} // namespace

void InitialCrackParameters::declare(ParameterSection &s)
{
  s.choice(
      "shape", shape,
      {{"segment", Shape::segment},
       {"disc", Shape::disc},
       {"notch", Shape::notch},
       {"expression", Shape::expression}},
      "segment: a straight crack in 2-D; disc: a round flat one in 3-D; notch: all within half a width of a "
      "segment; expression: where a formula is positive");
  shape_origin = s.where("shape");
  s.quantities("from", from, "um", Range::any(), "one end of a segment or notch");
  s.quantities("to", to, "um", Range::any(), "its other end");
  s.quantity("width", width, "um", Range::non_negative(), "of a notch");
  s.quantities("centre", centre, "um", Range::any(), "of a disc");
  s.quantities("normal", normal, "1", Range::any(), "of a disc, of any length");
  s.quantity("radius", radius, "um", Range::non_negative(), "of a disc");
  s.expression("where", where, "1",
               "of an expression: broken where this is positive in the middle of a cell");
  s.boolean("filled with lithium", holds_lithium,
            "from the start, even where no metal touches it; counts with lithium pressure only");
}

void InitialCrackParameters::check() const
{
  const bool line = shape == Shape::segment || shape == Shape::notch;
  const auto refuse = [&](const std::string &reason) {
    throw InputError(shape_origin + ": a crack of this shape " + reason);
  };
  if (line == (from.empty() || to.empty()))
    refuse(line ? "needs 'from' and 'to'" : "cannot have 'from' and 'to'");
  if ((shape == Shape::notch) != (width > 0.))
    refuse(width > 0. ? "cannot have a 'width'" : "needs a positive 'width'");
  if ((shape == Shape::disc) != (radius > 0. && !centre.empty() && !normal.empty()))
    refuse(shape == Shape::disc ? "needs 'centre', 'normal' and a positive 'radius'"
                                : "cannot have 'centre', 'normal' and 'radius'");
  if ((shape == Shape::expression) == where.empty())
    refuse(where.empty() ? "needs 'where'" : "cannot have 'where'");
}

template <int dim>
InitialCracks<dim>::InitialCracks(const InitialCrackList &list, const Mesh<dim> &mesh) : mesh_(mesh)
{
  for (const auto &[name, parameters] : list)
    add(name, parameters);
}

template <int dim>
Point<dim> InitialCracks<dim>::point(const std::vector<double> &values, const std::string &entry) const
{
  if (values.size() != dim)
    throw InputError("'" + entry + "' of an initial crack has " + std::to_string(values.size()) +
                     " values, but must have " + std::to_string(dim) + ", one per axis");
  Point<dim> result;
  std::copy(values.begin(), values.end(), result.begin_raw());
  return result;
}

template <int dim>
double InitialCracks<dim>::largest_size(const std::function<bool(const Point<dim> &)> &opens) const
{
  double largest = 0.;
  for (const Crack &crack : cracks_) {
    const double length = crack.from.distance(crack.to);
    const double size = crack.shape == Shape::disc             ? crack.radius
                        : length == 0.                         ? 0.
                        : opens(crack.from) || opens(crack.to) ? length
                                                               : 0.5 * length;
    largest = std::max(largest, size);
  }
  return largest;
}

template <int dim>
void InitialCracks<dim>::check_inside(const std::string &name, const Point<dim> &point) const
{
  for (unsigned int d = 0; d < dim; ++d) {
    const double reach = rounding * (mesh_.upper()[d] - mesh_.lower()[d]);
    if (point[d] >= mesh_.lower()[d] - reach && point[d] <= mesh_.upper()[d] + reach)
      continue;
    std::ostringstream text;
    text << "the initial crack '" << name << "' reaches to "
         << "xyz"[d] << " = " << point[d] * 1e6 << " um, but the box lies between " << mesh_.lower()[d] * 1e6
         << " and " << mesh_.upper()[d] * 1e6 << " um";
    throw InputError(text.str());
  }
}

template <int dim>
void InitialCracks<dim>::add(const std::string &name, const InitialCrackParameters &p)
{
  if (p.shape == (dim == 2 ? Shape::disc : Shape::segment))
    throw InputError(p.shape_origin +
                     (dim == 2 ? ": a disc needs three dimensions; use a segment"
                               : ": a segment is no crack in three dimensions; use a disc or a notch"));
  p.check();
  Crack crack;
  crack.shape = p.shape;
  crack.radius = p.radius;
  crack.width = p.width;
  if (p.shape == Shape::expression)
    crack.where = p.where.template function<dim>();
  else if (p.shape == Shape::disc) {
    crack.from = crack.to = point(p.centre, "centre");
    crack.normal = point(p.normal, "normal");
    if (crack.normal.norm() == 0.)
      throw InputError("the normal of the initial crack '" + name + "' is zero");
    crack.normal /= crack.normal.norm();
    check_inside(name, crack.from);
    for (unsigned int d = 0; d < dim; ++d) {
      // A disc may be cut by the side that its centre lies on: a plane of symmetry.
      const double reach = rounding * (mesh_.upper()[d] - mesh_.lower()[d]);
      if (std::abs(crack.from[d] - mesh_.lower()[d]) < reach ||
          std::abs(crack.from[d] - mesh_.upper()[d]) < reach)
        continue;
      const double extent = p.radius * std::sqrt(std::max(0., 1. - crack.normal[d] * crack.normal[d]));
      for (const double side : {-1., 1.}) {
        Point<dim> rim = crack.from;
        rim[d] += side * extent;
        check_inside(name, rim);
      }
    }
  } else {
    crack.from = point(p.from, "from");
    crack.to = point(p.to, "to");
    check_inside(name, crack.from);
    check_inside(name, crack.to);
    const Tensor<1, dim> along = crack.to - crack.from;
    if (along.norm() == 0.)
      throw InputError("the initial crack '" + name + "' has no length: 'from' is 'to'");
    if constexpr (dim == 2)
      crack.normal = cross_product_2d(along) / along.norm();
  }
  cracks_.push_back(std::move(crack));
}

template <int dim>
Point<dim> InitialCracks<dim>::Crack::nearest(const Point<dim> &point) const
{
  if (shape == Shape::disc) {
    const Tensor<1, dim> offset = point - from, in_plane = offset - (offset * normal) * normal;
    return from + std::min(1., radius / std::max(in_plane.norm(), 1e-300)) * in_plane;
  }
  const Tensor<1, dim> along = to - from;
  return from + std::max(0., std::min(1., ((point - from) * along) / along.norm_square())) * along;
}

template <int dim>
bool InitialCracks<dim>::Crack::beside(const Point<dim> &point) const
{
  const Tensor<1, dim> offset = point - from;
  if (shape == Shape::disc)
    return (offset - (offset * normal) * normal).norm() < radius;
  const Tensor<1, dim> along = to - from;
  const double place = (offset * along) / along.norm_square();
  return place > 0. && place < 1.;
}

template <int dim>
bool InitialCracks<dim>::holds(const Cell &cell) const
{
  const Point<dim> centre = cell->center();
  for (const Crack &crack : cracks_) {
    if (crack.shape == Shape::expression) {
      if (crack.where->value(centre) > 0.)
        return true;
    } else if (crack.shape == Shape::notch) {
      if (centre.distance(crack.nearest(centre)) <= 0.5 * crack.width)
        return true;
    } else if (crack.beside(centre)) {
      double reach = 0.; // half the cell's extent along the normal
      for (unsigned int d = 0; d < dim; ++d)
        reach += 0.5 * cell->extent_in_direction(d) * std::abs(crack.normal[d]);
      if (std::abs((centre - crack.from) * crack.normal) <= reach * (1. + rounding))
        return true;
    }
  }
  return false;
}

template <int dim>
double InitialCracks<dim>::distance(const Cell &cell) const
{
  const Point<dim> centre = cell->center();
  double least = mesh_.lower().distance(mesh_.upper());
  for (const Crack &crack : cracks_)
    if (crack.shape != Shape::expression)
      least = std::min(least, centre.distance(crack.nearest(centre)) - 0.5 * crack.width);
    else {
      bool broken = crack.where->value(centre) > 0.;
      for (const unsigned int v : cell->vertex_indices())
        broken = broken || crack.where->value(cell->vertex(v)) > 0.;
      if (broken)
        return 0.;
    }
  return std::max(0., least - 0.5 * cell->diameter());
}

template class InitialCracks<2>;
template class InitialCracks<3>;
} // namespace lithoclase
