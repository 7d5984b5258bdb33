#include "output/observed_quantity.h"

#include "core/failure.h"
#include "core/text.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_dgq.h>
#include <deal.II/fe/fe_q.h>

#include <algorithm>
#include <functional>

namespace lithoclase
{
using namespace dealii;

void refuse_name(const std::string &origin, const std::string &name, const std::string &kind,
                 const std::vector<std::string> &candidates)
{
  std::string message = origin + " is '" + name + "', but this run has no such " + kind;
  if (candidates.empty())
    throw InputError(message + ", it has none.");
  const std::string nearest = suggestion(name, candidates);
  throw InputError(message + (nearest.empty() ? "; allowed is " + quoted_list(candidates) + "." : nearest));
}

std::string times_length(const std::string &unit, const double power)
{
  if (power == 0.)
    return unit;
  const std::string length = power == 1. ? "m" : "m^" + format_number(power);
  return unit == "1" ? length : unit + " " + length;
}

namespace
{
/// A scalar element for one component of a field.
template <int dim>
std::shared_ptr<const FiniteElement<dim>> component_element(const SpaceKind kind)
{
  switch (kind) {
  case SpaceKind::nodal:
  case SpaceKind::vector:
    return std::make_shared<FE_Q<dim>>(1);
  case SpaceKind::quadrature:
    return std::make_shared<FE_DGQArbitraryNodes<dim>>(QGauss<1>(2));
  case SpaceKind::cell:
    return std::make_shared<FE_DGQ<dim>>(0);
  }
  Assert(false, ExcInternalError());
  return nullptr;
}

template <int dim>
unsigned int parse_component(const ObservedParameters &parameters, const bool vector)
{
  const std::string &text = parameters.component;
  if (!vector && !text.empty())
    throw InputError(parameters.component_origin + " is '" + text + "', but '" + parameters.field +
                     "' is a scalar; leave it empty.");
  if (!vector)
    return 0;
  if (text.empty() || text == "magnitude")
    return dim;
  const std::string axes = std::string("xyz").substr(0, dim);
  const std::size_t axis = text.size() == 1 ? axes.find(text) : std::string::npos;
  if (axis == std::string::npos)
    throw InputError(parameters.component_origin + " is '" + text + "', but must be " +
                     (dim == 2 ? "'x', 'y'" : "'x', 'y', 'z'") + " or 'magnitude'.");
  return axis;
}
} // namespace

template <int dim>
ObservedQuantity<dim>::ObservedQuantity(const ObservedParameters &parameters, const Observed<dim> &observed)
    : name_(parameters.field)
{
  std::vector<std::string> candidates;
  for (const Field<dim> &field : observed.state.fields()) {
    candidates.push_back(field.name);
    if (field.name == name_)
      field_ = &field;
  }
  for (const FluxDensity<dim> &flux_density : observed.flux_densities) {
    candidates.push_back(flux_density.name);
    if (flux_density.name == name_)
      flux_density_ = &flux_density;
  }
  if (field_ == nullptr && flux_density_ == nullptr)
    refuse_name(parameters.field_origin, name_, "field or flux density", candidates);
  component_ = parse_component<dim>(parameters, vector());
  element_ = component_element<dim>(field_ != nullptr ? field_->space.kind() : SpaceKind::quadrature);
  if (field_ != nullptr)
    dofs_.resize(field_->space.fe().n_dofs_per_cell());
  coefficients_.resize(element_->n_dofs_per_cell());
  divergence_.resize(element_->n_dofs_per_cell());
}

template <int dim>
std::vector<ObservedQuantity<dim>> ObservedQuantity<dim>::all_components(const ObservedParameters &parameters,
                                                                         const Observed<dim> &observed)
{
  std::vector<ObservedQuantity> result(1, ObservedQuantity(parameters, observed));
  if (!result[0].vector())
    return result;
  result.resize(dim, result[0]);
  for (unsigned int d = 0; d < dim; ++d) {
    result[d].component_ = d;
    result[d].name_ += std::string("_") + "xyz"[d];
  }
  return result;
}

template <int dim>
const std::string &ObservedQuantity<dim>::unit() const
{
  return field_ != nullptr ? field_->unit : flux_density_->unit;
}

template <int dim>
bool ObservedQuantity<dim>::nodal() const
{
  return field_ != nullptr &&
         (field_->space.kind() == SpaceKind::nodal || field_->space.kind() == SpaceKind::vector);
}

template <int dim>
void ObservedQuantity<dim>::set_points(const std::vector<Point<dim>> &unit_points)
{
  shape_.assign(unit_points.size(), std::vector<double>(element_->n_dofs_per_cell()));
  for (unsigned int q = 0; q < unit_points.size(); ++q)
    for (unsigned int i = 0; i < element_->n_dofs_per_cell(); ++i)
      shape_[q][i] = element_->shape_value(i, unit_points[q]);
}

template <int dim>
void ObservedQuantity<dim>::get_coefficients(const Cell &cell)
{
  if (flux_density_ != nullptr) {
    flux_density_->evaluate(cell, coefficients_, divergence_);
    return;
  }
  const typename DoFHandler<dim>::active_cell_iterator dof_cell(
      &field_->space.mesh().triangulation, cell->level(), cell->index(), &field_->space.dof_handler);
  dof_cell->get_dof_indices(dofs_);
  if (!vector())
    for (unsigned int i = 0; i < dofs_.size(); ++i)
      coefficients_[i][0] = field_->values(dofs_[i]);
  else
    for (unsigned int i = 0; i < dofs_.size(); ++i) {
      const auto [component, function] = field_->space.fe().system_to_component_index(i);
      coefficients_[function][component] = field_->values(dofs_[i]);
    }
}

template <int dim>
void ObservedQuantity<dim>::evaluate(const Cell &cell, std::vector<double> &values)
{
  Assert(cell->is_locally_owned(), ExcInternalError());
  get_coefficients(cell);
  values.resize(shape_.size());
  for (unsigned int q = 0; q < shape_.size(); ++q) {
    Tensor<1, dim> value;
    for (unsigned int i = 0; i < coefficients_.size(); ++i)
      value += shape_[q][i] * coefficients_[i];
    values[q] = component_ == dim ? value.norm() : value[component_];
  }
}

template <int dim>
const Field<dim> &nodal_field(const std::string &name, const std::string &origin, const State<dim> &state)
{
  std::vector<std::string> candidates;
  for (const Field<dim> &field : state.fields())
    if (field.space.kind() == SpaceKind::nodal) {
      if (field.name == name)
        return field;
      candidates.push_back(field.name);
    }
  refuse_name(origin, name, "scalar field with values at the vertices", candidates);
}

template <int dim>
types::boundary_id boundary_named(const std::string &name, const std::string &origin)
{
  const std::vector<std::string> &names = Mesh<dim>::boundary_names();
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw InputError(origin + " is '" + name + "', but must be " + quoted_list(names) + ".");
  return Mesh<dim>::boundary_id(name);
}

template <int dim>
CellBox<dim>::CellBox(const typename Triangulation<dim>::cell_iterator &cell)
    : lower(cell->vertex(0)), size(cell->vertex(GeometryInfo<dim>::vertices_per_cell - 1) - lower)
{
}

template <int dim>
Point<dim> CellBox<dim>::real(const Point<dim> &unit) const
{
  Point<dim> result = lower;
  for (unsigned int d = 0; d < dim; ++d)
    result[d] += size[d] * unit[d];
  return result;
}

template <int dim>
Point<dim> CellBox<dim>::unit(const Point<dim> &real) const
{
  Point<dim> result;
  for (unsigned int d = 0; d < dim; ++d)
    result[d] = std::clamp((real[d] - lower[d]) / size[d], 0., 1.);
  return result;
}

template <int dim>
bool CellBox<dim>::contains(const Point<dim> &real) const
{
  for (unsigned int d = 0; d < dim; ++d) {
    const double unit = (real[d] - lower[d]) / size[d];
    if (unit < -1e-8 || unit > 1. + 1e-8)
      return false;
  }
  return true;
}

template <int dim>
double CellBox<dim>::volume() const
{
  double volume = 1.;
  for (unsigned int d = 0; d < dim; ++d)
    volume *= size[d];
  return volume;
}

template <int dim>
double CellBox<dim>::face_area(const unsigned int face) const
{
  return volume() / size[face / 2];
}

template <int dim>
std::vector<typename Triangulation<dim>::active_cell_iterator> owned_cells_at(const Mesh<dim> &mesh,
                                                                              const Point<dim> &point)
{
  std::vector<typename Triangulation<dim>::active_cell_iterator> result;
  const std::function<void(const typename Triangulation<dim>::cell_iterator &)> descend =
      [&](const auto &cell) {
        if (!CellBox<dim>(cell).contains(point))
          return;
        if (cell->has_children())
          for (unsigned int child = 0; child < cell->n_children(); ++child)
            descend(cell->child(child));
        else if (cell->is_active() && cell->is_locally_owned())
          result.push_back(cell);
      };
  for (const auto &cell : mesh.triangulation.cell_iterators_on_level(0))
    descend(cell);
  return result;
}

template class ObservedQuantity<2>;
template class ObservedQuantity<3>;
template types::boundary_id boundary_named<2>(const std::string &, const std::string &);
template types::boundary_id boundary_named<3>(const std::string &, const std::string &);
template struct CellBox<2>;
template struct CellBox<3>;
template const Field<2> &nodal_field(const std::string &, const std::string &, const State<2> &);
template const Field<3> &nodal_field(const std::string &, const std::string &, const State<3> &);
template std::vector<Triangulation<2>::active_cell_iterator> owned_cells_at(const Mesh<2> &,
                                                                            const Point<2> &);
template std::vector<Triangulation<3>::active_cell_iterator> owned_cells_at(const Mesh<3> &,
                                                                            const Point<3> &);
} // namespace lithoclase
