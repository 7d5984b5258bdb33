#pragma once

#include "core/flux_density.h"
#include "core/state.h"
#include "output/diagnostics_parameters.h"

#include <deal.II/base/point.h>

#include <memory>
#include <string>
#include <vector>

namespace lithoclase
{
/// What diagnostics can see of a run.
template <int dim>
struct Observed
{
  State<dim> &state;
  std::vector<FluxDensity<dim>> flux_densities;
};

/// One component of a field or flux density, chosen by name, at given points of the unit cell.
template <int dim>
class ObservedQuantity
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// InputError if the name or the component does not exist. Keeps references to `observed`.
  ObservedQuantity(const ObservedParameters &parameters, const Observed<dim> &observed);

  /// One quantity for a scalar, one per component for a vector, with names like "displacement_x".
  static std::vector<ObservedQuantity> all_components(const ObservedParameters &parameters,
                                                      const Observed<dim> &observed);

  const std::string &name() const { return name_; }
  const std::string &unit() const;
  bool vector() const { return field_ == nullptr || field_->space.n_components() > 1; }
  bool magnitude() const { return vector() && component_ == dim; }
  unsigned int component() const { return component_; }
  /// Whether the values belong to vertices, between which they are interpolated.
  bool nodal() const;
  const Field<dim> *field() const { return field_; } ///< null for a flux density

  void set_points(const std::vector<dealii::Point<dim>> &unit_points);
  void set_points(const dealii::Point<dim> &unit_point)
  {
    set_points(std::vector<dealii::Point<dim>>{unit_point});
  }

  /// Values at the points in a locally owned cell.
  void evaluate(const Cell &cell, std::vector<double> &values);

private:
  void get_coefficients(const Cell &cell);

  std::string name_;
  const Field<dim> *field_ = nullptr;
  const FluxDensity<dim> *flux_density_ = nullptr;
  unsigned int component_ = 0; ///< dim: magnitude
  /// Scalar shape functions of a component: vertices (nodal, vector), Gauss points (quadrature, flux) or the
  /// cell.
  std::shared_ptr<const dealii::FiniteElement<dim>> element_;
  std::vector<std::vector<double>> shape_; ///< [point][function]

  std::vector<dealii::types::global_dof_index> dofs_;
  std::vector<dealii::Tensor<1, dim>> coefficients_; ///< per function; a scalar stands in the first component
  std::vector<double> divergence_;
};

/// InputError: there is no such name; with the nearest of the candidates. `kind` is e.g. "field".
[[noreturn]] void refuse_name(const std::string &origin, const std::string &name, const std::string &kind,
                              const std::vector<std::string> &candidates);

/// "V m^1.5": a unit times a power of the metre.
std::string times_length(const std::string &unit, double power);

/// The field of that name with values at the vertices; InputError otherwise.
template <int dim>
const Field<dim> &nodal_field(const std::string &name, const std::string &origin, const State<dim> &state);

/// The boundary of that name; InputError otherwise.
template <int dim>
dealii::types::boundary_id boundary_named(const std::string &name, const std::string &origin);

/// Corner with the smallest coordinates and edge lengths of a cell, which is an axis-parallel box.
template <int dim>
struct CellBox
{
  explicit CellBox(const typename dealii::Triangulation<dim>::cell_iterator &cell);
  dealii::Point<dim> real(const dealii::Point<dim> &unit) const;
  dealii::Point<dim> unit(const dealii::Point<dim> &real) const; ///< moved into the cell
  bool contains(const dealii::Point<dim> &real) const;           ///< but for round-off
  double volume() const;
  double face_area(unsigned int face) const;

  dealii::Point<dim> lower;
  dealii::Tensor<1, dim> size;
};

/// The locally owned cells that hold a point: more than one if it lies on a face. Work grows with the depth
/// of the mesh only.
template <int dim>
std::vector<typename dealii::Triangulation<dim>::active_cell_iterator>
owned_cells_at(const Mesh<dim> &mesh, const dealii::Point<dim> &point);
} // namespace lithoclase
