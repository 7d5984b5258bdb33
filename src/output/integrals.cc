#include "output/integrals.h"

#include "core/failure.h"
#include "core/log.h"
#include "core/text.h"

#include <deal.II/base/qprojector.h>
#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/fe/fe_values_extractors.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lithoclase
{
using namespace dealii;

namespace
{
/// Central differences, with a step that is small against the cell but far from round-off.
template <int dim>
Tensor<1, dim> gradient_of(const Function<dim> &function, const Point<dim> &point,
                           const Tensor<1, dim> &cell_size)
{
  Tensor<1, dim> result;
  for (unsigned int d = 0; d < dim; ++d) {
    Tensor<1, dim> step;
    step[d] = 1e-3 * cell_size[d];
    result[d] = (function.value(point + step) - function.value(point - step)) / (2. * step[d]);
  }
  return result;
}
} // namespace

template <int dim>
struct ErrorNorms<dim>::Norms
{
  double l2 = std::numeric_limits<double>::quiet_NaN(), h1 = l2, largest = l2, l2_vertices = l2;
};

template <int dim>
ErrorNorms<dim>::ErrorNorms(const std::string &name, const ErrorParameters &parameters,
                            const Observed<dim> &observed)
    : name_(name), start_time_(parameters.start_time), exact_(parameters.exact.function<dim>())
{
  const ObservedQuantity<dim> quantity(parameters.observed, observed);
  if (!quantity.nodal())
    throw InputError(parameters.observed.field_origin + " is '" + parameters.observed.field +
                     "', but must be a field with values at the vertices.");
  if (quantity.magnitude())
    throw InputError(parameters.observed.component_origin + " must be an axis, since '" +
                     parameters.observed.field + "' is a vector.");
  field_ = quantity.field();
  component_ = quantity.component();
}

template <int dim>
void ErrorNorms<dim>::add(const double time, ObservableRow &row)
{
  exact_->set_time(time);
  const Norms result = time >= start_time_ * (1. - 1e-12) ? norms() : Norms();
  row.add(name_ + "_l2", times_length(field_->unit, 0.5 * dim), result.l2);
  row.add(name_ + "_h1", times_length(field_->unit, 0.5 * dim - 1.), result.h1);
  row.add(name_ + "_max", field_->unit, result.largest);
  row.add(name_ + "_l2_vertices", times_length(field_->unit, 0.5 * dim), result.l2_vertices);
}

template <int dim>
typename ErrorNorms<dim>::Norms ErrorNorms<dim>::norms() const
{
  const QGauss<dim> quadrature(4);
  FEValues<dim> fe_values(field_->space.mesh().mapping, field_->space.fe(), quadrature,
                          update_values | update_gradients | update_quadrature_points | update_JxW_values);
  const FEValuesExtractors::Scalar component(component_);
  std::vector<double> values(quadrature.size());
  std::vector<Tensor<1, dim>> gradients(quadrature.size());
  double l2 = 0., h1 = 0., largest = 0.;
  for (const auto &cell : field_->space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values[component].get_function_values(field_->values, values);
      fe_values[component].get_function_gradients(field_->values, gradients);
      const Tensor<1, dim> size = CellBox<dim>(cell).size;
      for (unsigned int q = 0; q < quadrature.size(); ++q) {
        const Point<dim> &point = fe_values.quadrature_point(q);
        const double difference = values[q] - exact_->value(point);
        l2 += difference * difference * fe_values.JxW(q);
        h1 += (gradients[q] - gradient_of(*exact_, point, size)).norm_square() * fe_values.JxW(q);
        largest = std::max(largest, std::abs(difference));
      }
    }
  const MPI_Comm communicator = field_->space.mesh().communicator();
  return {std::sqrt(Utilities::MPI::sum(l2, communicator)), std::sqrt(Utilities::MPI::sum(h1, communicator)),
          Utilities::MPI::max(largest, communicator), at_vertices()};
}

template <int dim>
double ErrorNorms<dim>::at_vertices() const
{
  FEValues<dim> fe_values(field_->space.mesh().mapping, field_->space.fe(), QTrapezoid<dim>(),
                          update_values | update_quadrature_points | update_JxW_values);
  std::vector<double> values(fe_values.n_quadrature_points);
  double sum = 0.;
  for (const auto &cell : field_->space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values[FEValuesExtractors::Scalar(component_)].get_function_values(field_->values, values);
      for (unsigned int q = 0; q < values.size(); ++q) {
        const double difference = values[q] - exact_->value(fe_values.quadrature_point(q));
        sum += difference * difference * fe_values.JxW(q);
      }
    }
  return std::sqrt(Utilities::MPI::sum(sum, field_->space.mesh().communicator()));
}

template <int dim>
struct Integral<dim>::Result
{
  double sum = 0., weight = 0.;
  double smallest = std::numeric_limits<double>::max(), largest = -std::numeric_limits<double>::max();
};

template <int dim>
Integral<dim>::Integral(const std::string &name, const IntegralParameters &parameters,
                        const Observed<dim> &observed)
    : name_(name), operation_(parameters.operation), mesh_(observed.state.mesh())
{
  if (!parameters.observed.field.empty())
    quantity_.emplace(parameters.observed, observed);
  if (!parameters.weight.empty()) {
    ObservedParameters chosen;
    chosen.field = parameters.weight;
    chosen.field_origin = parameters.weight_origin;
    weight_.emplace(chosen, observed);
    if (weight_->vector())
      throw InputError(parameters.weight_origin + " is '" + parameters.weight +
                       "', but must be a scalar field.");
  }
  double constant = 0.;
  if (!parameters.expression.is_constant(constant) || constant != 1.)
    expression_ = parameters.expression.function<dim>();
  if (!parameters.where.is_constant(constant) || constant <= 0.)
    where_ = parameters.where.function<dim>();
  if (!parameters.boundary.empty())
    boundary_ = boundary_named<dim>(parameters.boundary, parameters.boundary_origin);
  choose_points();
}

template <int dim>
void Integral<dim>::choose_points()
{
  const bool extremum = operation_ == IntegralParameters::Operation::minimum ||
                        operation_ == IntegralParameters::Operation::maximum;
  const bool nodal = !quantity_ || quantity_->nodal();
  // With a region, parts of cells count: the midpoint rule on a fine grid is exact for linear functions, too.
  const Quadrature<1> rule = extremum ? (nodal ? Quadrature<1>(QTrapezoid<1>()) : Quadrature<1>(QGauss<1>(2)))
                             : where_ ? Quadrature<1>(QIterated<1>(QGauss<1>(1), 4))
                                      : Quadrature<1>(QGauss<1>(3));
  const Quadrature<dim> quadrature =
      boundary_ ? QProjector<dim>::project_to_face(ReferenceCells::get_hypercube<dim>(),
                                                   Quadrature<dim - 1>(rule), *boundary_)
                : Quadrature<dim>(rule);
  unit_points_ = quadrature.get_points();
  unit_weights_ = quadrature.get_weights();
  for (auto *const quantity : {&quantity_, &weight_})
    if (*quantity)
      (*quantity)->set_points(unit_points_);
}

template <int dim>
void Integral<dim>::evaluate(Result &result)
{
  std::vector<double> values(unit_points_.size(), 1.), weights(unit_points_.size(), 1.);
  for (const auto &cell : mesh_.triangulation.active_cell_iterators()) {
    // The number of a face of a cell on the boundary of a box is the number of that boundary.
    if (!cell->is_locally_owned() || (boundary_ && !cell->at_boundary(*boundary_)))
      continue;
    if (quantity_)
      quantity_->evaluate(cell, values);
    if (weight_)
      weight_->evaluate(cell, weights);
    const CellBox<dim> box(cell);
    const double measure = boundary_ ? box.face_area(*boundary_) : box.volume();
    for (unsigned int q = 0; q < unit_points_.size(); ++q) {
      const Point<dim> point = box.real(unit_points_[q]);
      if (where_ && where_->value(point) <= 0.)
        continue;
      const double value = expression_ ? values[q] * expression_->value(point) : values[q];
      const double weight = weights[q] * unit_weights_[q] * measure;
      result.sum += weight * value;
      result.weight += weight;
      result.smallest = std::min(result.smallest, value);
      result.largest = std::max(result.largest, value);
    }
  }
}

template <int dim>
double Integral<dim>::reduce(const Result &result) const
{
  using Operation = IntegralParameters::Operation;
  const MPI_Comm communicator = mesh_.communicator();
  const double undefined = std::numeric_limits<double>::quiet_NaN(); // nowhere is `where` positive
  if (operation_ == Operation::integral)
    return Utilities::MPI::sum(result.sum, communicator) / mesh_.cross_section();
  if (operation_ == Operation::mean) {
    const double weight = Utilities::MPI::sum(result.weight, communicator);
    const double sum = Utilities::MPI::sum(result.sum, communicator);
    return weight == 0. ? undefined : sum / weight;
  }
  if (operation_ == Operation::minimum) {
    const double value = Utilities::MPI::min(result.smallest, communicator);
    return value == Result().smallest ? undefined : value;
  }
  const double value = Utilities::MPI::max(result.largest, communicator);
  return value == Result().largest ? undefined : value;
}

template <int dim>
std::string Integral<dim>::unit() const
{
  const std::string unit = quantity_ ? quantity_->unit() : "1";
  return operation_ == IntegralParameters::Operation::integral && !boundary_ ? times_length(unit, 1.) : unit;
}

template <int dim>
void Integral<dim>::add(const double time, ObservableRow &row)
{
  for (const auto *const function : {&expression_, &where_})
    if (*function)
      (*function)->set_time(time);
  Result result;
  evaluate(result);
  row.add(name_, unit(), reduce(result));
}

template <int dim>
InterfacePosition<dim>::InterfacePosition(const std::string &name, const InterfaceParameters &parameters,
                                          const State<dim> &state)
    : name_(name), field_(nodal_field(parameters.field, parameters.field_origin, state)),
      level_(parameters.level), wave_number_(0.), axis_(parameters.axis == "y" ? 1 : 0)
{
  if (parameters.axis != "x" && !(parameters.axis == "y" && dim == 3))
    throw InputError(parameters.axis_origin + " is '" + parameters.axis +
                     "', but must be a lateral axis: " + (dim == 2 ? "'x'." : "'x' or 'y'."));
  if (parameters.wavelength == 0.)
    return;
  wave_number_ = 2. * numbers::PI / parameters.wavelength;
  const double width = state.mesh().upper()[axis_] - state.mesh().lower()[axis_];
  const double half_waves = 2. * width / parameters.wavelength;
  if (half_waves < 0.5 || std::abs(half_waves - std::round(half_waves)) > 1e-6 * half_waves)
    throw InputError(parameters.wavelength_origin + " is " + friendly(parameters.wavelength, "m") +
                     ", but the width of the box (" + friendly(width, "m") +
                     ") must be a whole number of half waves.");
}

template <int dim>
void InterfacePosition<dim>::add(ObservableRow &row) const
{
  const Mesh<dim> &mesh = field_.space.mesh();
  const double mean_height = volume() / mesh.cross_section();
  double highest, lowest;
  extrema(highest, lowest);
  row.add(name_ + "_mean", "m", mesh.lower()[dim - 1] + mean_height);
  row.add(name_ + "_max", "m", highest);
  row.add(name_ + "_min", "m", lowest);
  if (wave_number_ > 0.)
    row.add(name_ + "_amplitude", "m", amplitude(mean_height));
}

template <int dim>
double InterfacePosition<dim>::volume() const
{
  std::vector<types::global_dof_index> dofs(field_.space.fe().n_dofs_per_cell());
  double sum = 0.;
  for (const auto &cell : field_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      double vertices = 0.;
      for (const types::global_dof_index dof : dofs)
        vertices += field_.values(dof);
      sum += vertices / dofs.size() * CellBox<dim>(cell).volume();
    }
  return Utilities::MPI::sum(sum, field_.space.mesh().communicator());
}

template <int dim>
void InterfacePosition<dim>::extrema(double &highest, double &lowest) const
{
  const Mesh<dim> &mesh = field_.space.mesh();
  highest = mesh.lower()[dim - 1];
  lowest = mesh.upper()[dim - 1];
  std::vector<types::global_dof_index> dofs(field_.space.fe().n_dofs_per_cell());
  for (const auto &cell : field_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      for (const unsigned int v : cell->vertex_indices()) {
        const double height = cell->vertex(v)[dim - 1];
        if (field_.values(dofs[v]) >= level_)
          highest = std::max(highest, height);
        else
          lowest = std::min(lowest, height);
      }
      for (const unsigned int line : cell->line_indices()) {
        const unsigned int v0 = GeometryInfo<dim>::line_to_cell_vertices(line, 0);
        const unsigned int v1 = GeometryInfo<dim>::line_to_cell_vertices(line, 1);
        const double f0 = field_.values(dofs[v0]) - level_, f1 = field_.values(dofs[v1]) - level_;
        if ((f0 >= 0.) == (f1 >= 0.))
          continue;
        const double height = (f0 * cell->vertex(v1)[dim - 1] - f1 * cell->vertex(v0)[dim - 1]) / (f0 - f1);
        highest = std::max(highest, height);
        lowest = std::min(lowest, height);
      }
    }
  highest = Utilities::MPI::max(highest, mesh.communicator());
  lowest = Utilities::MPI::min(lowest, mesh.communicator());
}

template <int dim>
double InterfacePosition<dim>::amplitude(const double mean_height) const
{
  const Mesh<dim> &mesh = field_.space.mesh();
  // Without the mean, which half waves would not integrate to zero.
  const double mean = mean_height / (mesh.upper()[dim - 1] - mesh.lower()[dim - 1]);
  const QGauss<dim> quadrature(3);
  FEValues<dim> fe_values(mesh.mapping, field_.space.fe(), quadrature,
                          update_values | update_quadrature_points | update_JxW_values);
  std::vector<double> values(quadrature.size());
  double cosine = 0., sine = 0.;
  for (const auto &cell : field_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values.get_function_values(field_.values, values);
      for (unsigned int q = 0; q < quadrature.size(); ++q) {
        const double phase = wave_number_ * (fe_values.quadrature_point(q)[axis_] - mesh.lower()[axis_]);
        cosine += (values[q] - mean) * std::cos(phase) * fe_values.JxW(q);
        sine += (values[q] - mean) * std::sin(phase) * fe_values.JxW(q);
      }
    }
  cosine = Utilities::MPI::sum(cosine, mesh.communicator());
  sine = Utilities::MPI::sum(sine, mesh.communicator());
  // In an odd number of half waves (a box with symmetric sides) only the cosine is a wave of its own.
  const double waves = wave_number_ * (mesh.upper()[axis_] - mesh.lower()[axis_]) / (2. * numbers::PI);
  if (std::abs(waves - std::round(waves)) > 0.25)
    sine = 0.;
  return 2. / mesh.cross_section() * std::hypot(cosine, sine);
}

template class ErrorNorms<2>;
template class ErrorNorms<3>;
template class Integral<2>;
template class Integral<3>;
template class InterfacePosition<2>;
template class InterfacePosition<3>;
} // namespace lithoclase
