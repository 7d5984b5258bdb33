#include "output/profiles.h"

#include "core/failure.h"
#include "core/log.h"
#include "output/files.h"

#include <deal.II/base/quadrature_lib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
/// With a region a cell is taken in so many pieces per axis, each inside or outside as a whole.
constexpr unsigned int pieces_with_region = 4;

template <int dim>
unsigned int axis_named(const std::string &name, const std::string &origin)
{
  const std::string axes = std::string("xyz").substr(0, dim);
  const std::size_t axis = name.size() == 1 ? axes.find(name) : std::string::npos;
  if (axis == std::string::npos)
    throw InputError(origin + " is '" + name + "', but must be " +
                     (dim == 2 ? "'x' or 'y'." : "'x', 'y' or 'z'."));
  return axis;
}

/// The end of the slices, by default that of the box.
double end_in_box(const std::optional<double> &value, const double end_of_box, const std::string &origin,
                  const double low, const double high, const char axis)
{
  const double tolerance = 1e-8 * (high - low), end = value.value_or(end_of_box);
  if (end < low - tolerance || end > high + tolerance)
    throw InputError(origin + " is " + friendly(end, "m") + ", but must be in the box, where " + axis +
                     " goes from " + friendly(low, "m") + " to " + friendly(high, "m") + ".");
  return std::clamp(end, low, high);
}
} // namespace

template <int dim>
Profile<dim>::Profile(const std::string &name, const ProfileParameters &parameters,
                      const Observed<dim> &observed)
    : name_(name), mesh_(observed.state.mesh()), quantity_(parameters.observed, observed),
      axis_(axis_named<dim>(parameters.axis, parameters.axis_origin)), n_slices_(parameters.slices)
{
  const double low = mesh_.lower()[axis_], high = mesh_.upper()[axis_];
  from_ = end_in_box(parameters.from, low, parameters.from_origin, low, high, "xyz"[axis_]);
  to_ = end_in_box(parameters.to, high, parameters.to_origin, low, high, "xyz"[axis_]);
  if (to_ - from_ <= 1e-8 * (high - low))
    throw InputError(parameters.to_origin + " is " + friendly(to_, "m") +
                     ", but must be above 'from', which is " + friendly(from_, "m") + ".");
  double constant = 0.;
  if (!parameters.where.is_constant(constant) || constant <= 0.)
    where_ = parameters.where.function<dim>();
  choose_points();
}

template <int dim>
void Profile<dim>::choose_points()
{
  const Quadrature<dim - 1> rule(where_ ? Quadrature<1>(QIterated<1>(QGauss<1>(1), pieces_with_region))
                                        : Quadrature<1>(QGauss<1>(2)));
  weights_ = rule.get_weights();
  const QGauss<1> two_points(2);
  std::vector<Point<dim>> points;
  for (const Point<dim - 1> &place : rule.get_points()) {
    Point<dim> point;
    for (unsigned int d = 0, k = 0; d < dim; ++d)
      if (d != axis_)
        point[d] = place[k++];
    across_.push_back(point);
    for (const Point<1> &along : two_points.get_points()) {
      point[axis_] = along[0];
      points.push_back(point);
    }
  }
  quantity_.set_points(points);
}

/// Adds f dV and, for the other axes, f x dV of the part of a cell between two positions on the axis.
template <int dim>
void Profile<dim>::add_piece(const CellBox<dim> &box, const double low, const double high, double *sums) const
{
  static const double first = QGauss<1>(2).point(0)[0];
  const double along = (0.5 * (low + high) - box.lower[axis_]) / box.size[axis_];
  const double share = (along - first) / (1. - 2. * first); // 0 and 1 at the two Gauss points
  const double volume = box.face_area(2 * axis_) * (high - low);
  for (unsigned int q = 0; q < across_.size(); ++q) {
    Point<dim> unit = across_[q];
    unit[axis_] = along;
    const Point<dim> point = box.real(unit);
    if (where_ && where_->value(point) <= 0.)
      continue;
    const double value = ((1. - share) * values_[2 * q] + share * values_[2 * q + 1]) * weights_[q] * volume;
    sums[0] += value;
    for (unsigned int d = 0, k = 1; d < dim; ++d)
      if (d != axis_)
        sums[k++] += value * point[d];
  }
}

template <int dim>
void Profile<dim>::add_cell(const Cell &cell, std::vector<double> &sums)
{
  const CellBox<dim> box(cell);
  const double length = (to_ - from_) / n_slices_;
  const double low = std::max(box.lower[axis_], from_);
  const double high = std::min(box.lower[axis_] + box.size[axis_], to_);
  if (low >= high)
    return;
  quantity_.evaluate(cell, values_);
  const unsigned int n_pieces = where_ ? pieces_with_region : 1;
  for (unsigned int piece = 0; piece < n_pieces; ++piece) {
    const double piece_low = std::max(low, box.lower[axis_] + box.size[axis_] * piece / n_pieces);
    const double piece_high = std::min(high, box.lower[axis_] + box.size[axis_] * (piece + 1) / n_pieces);
    const double first = std::max(0., std::floor((piece_low - from_) / length));
    for (unsigned int slice = first; slice < n_slices_ && from_ + slice * length < piece_high; ++slice) {
      const double a = std::max(piece_low, from_ + slice * length);
      const double b = std::min(piece_high, from_ + (slice + 1) * length);
      if (a < b)
        add_piece(box, a, b, &sums[slice * dim]);
    }
  }
}

template <int dim>
std::string Profile<dim>::table(const double time)
{
  if (where_)
    where_->set_time(time);
  std::vector<double> sums(n_slices_ * dim, 0.); // per slice the integral, then the moments
  for (const auto &cell : mesh_.triangulation.active_cell_iterators())
    if (cell->is_locally_owned())
      add_cell(cell, sums);
  Utilities::MPI::sum(sums, mesh_.communicator(), sums);

  std::ostringstream out;
  out.precision(12);
  std::string field = quantity_.name();
  if (quantity_.vector() && !quantity_.magnitude())
    field += std::string("_") + "xyz"[quantity_.component()];
  out << "time [s],"
      << "xyz"[axis_] << " [m]," << field << "_integral [" << times_length(quantity_.unit(), dim - 1.) << ']';
  for (unsigned int d = 0; d < dim; ++d)
    if (d != axis_)
      out << ",centroid_"
          << "xyz"[d] << " [m]";
  out << '\n';
  const double length = (to_ - from_) / n_slices_;
  for (unsigned int slice = 0; slice < n_slices_; ++slice) {
    const double *const sum = &sums[slice * dim];
    out << time << ',' << from_ + (slice + 0.5) * length << ',' << sum[0] / length;
    for (unsigned int k = 1; k < dim; ++k)
      out << ',' << (sum[0] == 0. ? std::numeric_limits<double>::quiet_NaN() : sum[k] / sum[0]);
    out << '\n';
  }
  return out.str();
}

template <int dim>
void Profile<dim>::write(const std::string &folder, const unsigned long long step, const double time)
{
  write_table(mesh_.communicator(), folder, name_, step, table(time));
}

template class Profile<2>;
template class Profile<3>;
} // namespace lithoclase
