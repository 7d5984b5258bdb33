#include "output/probes.h"

#include "core/failure.h"
#include "core/log.h"
#include "output/files.h"

#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
template <int dim>
Point<dim> point_in_box(const std::vector<double> &values, const std::string &origin, const Mesh<dim> &mesh)
{
  if (values.size() != dim)
    throw InputError(origin + " has " + std::to_string(values.size()) + " coordinates, but must have " +
                     std::to_string(dim) + ", one per axis.");
  Point<dim> point;
  for (unsigned int d = 0; d < dim; ++d) {
    point[d] = values[d];
    const double tolerance = 1e-8 * (mesh.upper()[d] - mesh.lower()[d]);
    if (point[d] < mesh.lower()[d] - tolerance || point[d] > mesh.upper()[d] + tolerance)
      throw InputError(origin + " has " + "xyz"[d] + " = " + friendly(point[d], "m") +
                       ", but must be in the box, where " + "xyz"[d] + " goes from " +
                       friendly(mesh.lower()[d], "m") + " to " + friendly(mesh.upper()[d], "m") + ".");
    point[d] = std::clamp(point[d], mesh.lower()[d], mesh.upper()[d]);
  }
  return point;
}
} // namespace

template <int dim>
std::vector<double> values_at(const Mesh<dim> &mesh, const std::vector<Point<dim>> &points,
                              std::vector<ObservedQuantity<dim>> &quantities)
{
  const std::size_t n = quantities.size();
  std::vector<double> sums(points.size() * n, 0.), counts(points.size(), 0.), value;
  for (std::size_t p = 0; p < points.size(); ++p)
    for (const auto &cell : owned_cells_at(mesh, points[p])) {
      counts[p] += 1.;
      for (std::size_t i = 0; i < n; ++i) {
        quantities[i].set_points(CellBox<dim>(cell).unit(points[p]));
        quantities[i].evaluate(cell, value);
        sums[p * n + i] += value[0];
      }
    }
  Utilities::MPI::sum(sums, mesh.communicator(), sums);
  Utilities::MPI::sum(counts, mesh.communicator(), counts);
  for (std::size_t p = 0; p < points.size(); ++p) {
    Assert(counts[p] > 0., ExcMessage("no cell holds the point"));
    for (std::size_t i = 0; i < n; ++i)
      sums[p * n + i] /= counts[p];
  }
  return sums;
}

template <int dim>
Probe<dim>::Probe(const std::string &name, const ProbeParameters &parameters, const Observed<dim> &observed)
    : name_(name), mesh_(observed.state.mesh()),
      quantity_(1, ObservedQuantity<dim>(parameters.observed, observed)),
      point_(1, point_in_box(parameters.point, parameters.point_origin, mesh_))
{
}

template <int dim>
void Probe<dim>::add(ObservableRow &row)
{
  row.add(name_, quantity_[0].unit(), values_at(mesh_, point_, quantity_)[0]);
}

template <int dim>
Line<dim>::Line(const std::string &name, const LineParameters &parameters, const Observed<dim> &observed)
    : name_(name), mesh_(observed.state.mesh())
{
  if (parameters.fields.empty())
    throw InputError(parameters.fields_origin + " is empty, but must name at least one field.");
  ObservedParameters chosen;
  chosen.field_origin = parameters.fields_origin;
  for (const std::string &field : parameters.fields) {
    chosen.field = field;
    for (const ObservedQuantity<dim> &quantity : ObservedQuantity<dim>::all_components(chosen, observed))
      quantities_.push_back(quantity);
  }
  const Point<dim> from = point_in_box(parameters.from, parameters.from_origin, mesh_);
  const Point<dim> to = point_in_box(parameters.to, parameters.to_origin, mesh_);
  for (unsigned int i = 0; i < parameters.points; ++i)
    points_.push_back(from + static_cast<double>(i) / (parameters.points - 1) * (to - from));
}

template <int dim>
std::string Line<dim>::table(const double time)
{
  std::ostringstream out;
  out.precision(12);
  out << "time [s],distance [m]";
  for (unsigned int d = 0; d < dim; ++d)
    out << ',' << "xyz"[d] << " [m]";
  for (const ObservedQuantity<dim> &quantity : quantities_)
    out << ',' << quantity.name() << " [" << quantity.unit() << ']';
  out << '\n';
  const std::vector<double> values = values_at(mesh_, points_, quantities_);
  for (std::size_t p = 0; p < points_.size(); ++p) {
    out << time << ',' << points_[p].distance(points_[0]);
    for (unsigned int d = 0; d < dim; ++d)
      out << ',' << points_[p][d];
    for (std::size_t i = 0; i < quantities_.size(); ++i)
      out << ',' << values[p * quantities_.size() + i];
    out << '\n';
  }
  return out.str();
}

template <int dim>
void Line<dim>::write(const std::string &folder, const unsigned long long step, const double time)
{
  write_table(mesh_.communicator(), folder, name_, step, table(time));
}

template class Probe<2>;
template class Probe<3>;
template class Line<2>;
template class Line<3>;
template std::vector<double> values_at(const Mesh<2> &, const std::vector<Point<2>> &,
                                       std::vector<ObservedQuantity<2>> &);
template std::vector<double> values_at(const Mesh<3> &, const std::vector<Point<3>> &,
                                       std::vector<ObservedQuantity<3>> &);
} // namespace lithoclase
