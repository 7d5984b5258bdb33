#pragma once

#include "core/observables.h"
#include "output/observed_quantity.h"

#include <deal.II/base/function_parser.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
/// Difference of a nodal field from a formula: L2 norm, H1 seminorm (not divided by the volume) and largest
/// value at the points of QGauss(4); L2 norm from the values at the vertices alone.
template <int dim>
class ErrorNorms
{
public:
  ErrorNorms(const std::string &name, const ErrorParameters &parameters, const Observed<dim> &observed);
  void add(double time, ObservableRow &row); ///< Collective.

private:
  double at_vertices() const;

  struct Norms;
  Norms norms() const;

  std::string name_;
  const Field<dim> *field_;
  unsigned int component_;
  double start_time_;
  std::unique_ptr<dealii::FunctionParser<dim>> exact_;
};

/// Integral, mean or extremum of formula * field over the volume or a boundary, where another formula is
/// positive.
///
/// Extrema of fields with values at the vertices are taken there, of others at Gauss points.
template <int dim>
class Integral
{
public:
  Integral(const std::string &name, const IntegralParameters &parameters, const Observed<dim> &observed);
  void add(double time, ObservableRow &row); ///< Collective.

private:
  struct Result;
  void choose_points();
  void evaluate(Result &result);
  double reduce(const Result &result) const;
  std::string unit() const;

  std::string name_;
  IntegralParameters::Operation operation_;
  const Mesh<dim> &mesh_;
  std::optional<ObservedQuantity<dim>> quantity_, weight_;
  std::unique_ptr<dealii::FunctionParser<dim>> expression_, where_; ///< null: 1 everywhere
  std::optional<dealii::types::boundary_id> boundary_;
  std::vector<dealii::Point<dim>> unit_points_;
  std::vector<double> unit_weights_;
};

/// Mean, highest and lowest position of an interface along the stack axis, and its Fourier amplitude.
///
/// The field is xi, near 1 below and 0 above the interface y = h(x). Mean: lower end + INT xi dV / A, A the
/// cross-section. Extrema: of the points with xi = level on the edges of the cells, with xi linear between
/// vertices; highest point of the region above the level, lowest point of the region below it. Amplitude of
/// the wave number k, without any search for columns of cells: h_c = (2/A) INT (xi - <xi>) cos(k x) dV,
/// likewise h_s, amplitude = |(h_c, h_s)|; in a box of an odd number of half waves |h_c|, since its sides are
/// planes of symmetry.
template <int dim>
class InterfacePosition
{
public:
  InterfacePosition(const std::string &name, const InterfaceParameters &parameters, const State<dim> &state);
  void add(ObservableRow &row) const; ///< Collective.

private:
  double amplitude(double mean_height) const;
  void extrema(double &highest, double &lowest) const;
  double volume() const;

  std::string name_;
  const Field<dim> &field_;
  double level_;
  double wave_number_; ///< k [1/m], 0: none
  unsigned int axis_;
};
} // namespace lithoclase
