#pragma once

#include "core/observables.h"
#include "output/observed_quantity.h"

#include <string>
#include <vector>

namespace lithoclase
{
/// The value of a field at a point.
template <int dim>
class Probe
{
public:
  Probe(const std::string &name, const ProbeParameters &parameters, const Observed<dim> &observed);
  void add(ObservableRow &row); ///< Collective.

private:
  std::string name_;
  const Mesh<dim> &mesh_;
  std::vector<ObservedQuantity<dim>> quantity_; ///< one
  std::vector<dealii::Point<dim>> point_;       ///< one
};

/// The values of fields at equidistant points of a straight line.
template <int dim>
class Line
{
public:
  Line(const std::string &name, const LineParameters &parameters, const Observed<dim> &observed);
  /// Writes `folder`/<name>_<step>.csv with columns time, distance, x, y, z and the fields. Collective.
  void write(const std::string &folder, unsigned long long step, double time);

private:
  std::string table(double time);

  std::string name_;
  const Mesh<dim> &mesh_;
  std::vector<ObservedQuantity<dim>> quantities_;
  std::vector<dealii::Point<dim>> points_;
};

/// Values of each quantity at each point, [point * n quantities + quantity]. On faces between cells it is the
/// mean of their values, so that it does not depend on the number of ranks. Collective.
template <int dim>
std::vector<double> values_at(const Mesh<dim> &mesh, const std::vector<dealii::Point<dim>> &points,
                              std::vector<ObservedQuantity<dim>> &quantities);
} // namespace lithoclase
