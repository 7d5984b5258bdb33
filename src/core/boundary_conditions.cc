#include "core/boundary_conditions.h"

#include "core/failure.h"

#include <deal.II/fe/fe_values.h>

namespace lithoclase
{
using namespace dealii;

void BoundaryConditionParameters::declare(ParameterSection &s)
{
  s.text("field", field, "name of the field, e.g. ionic_potential");
  s.text("boundary", boundary, "left, right, front, back (3-D), bottom, top");
  s.integer("component", component, Range::closed(0, 2), "component of a vector field");
  s.choice("type", type,
           {{"value", Type::value},
            {"flux", Type::flux},
            {"robin", Type::robin},
            {"butler-volmer", Type::butler_volmer}},
           "value: field = value; flux: inward flux = value; robin: inward flux = coefficient * (value - "
           "field); butler-volmer: "
           "reaction with a metal at potential = value and exchange current density = coefficient");
  s.expression("value", value, "1", "formula in SI units of the field or of its flux");
  s.expression("coefficient", coefficient, "1", "of type robin or butler-volmer, in SI units");
  s.expression("where", where, "1", "the condition holds where this is positive");
}

template <int dim>
BoundaryConditions<dim>::BoundaryConditions(const BoundaryConditionList &list, const std::string &field)
{
  for (const auto &[name, parameters] : list)
    if (parameters.field == field) {
      Condition condition;
      condition.type = parameters.type;
      try {
        condition.boundary = Mesh<dim>::boundary_id(parameters.boundary);
      } catch (const InputError &error) {
        throw InputError("boundary condition '" + name + "': " + error.what());
      }
      condition.component = parameters.component;
      condition.value = parameters.value.template function<dim>();
      condition.coefficient = parameters.coefficient.template function<dim>();
      condition.where = parameters.where.template function<dim>();
      conditions_.push_back(std::move(condition));
    }
}

template <int dim>
bool BoundaryConditions<dim>::has_values() const
{
  for (const Condition &condition : conditions_)
    if (condition.type == Type::value)
      return true;
  return false;
}

template <int dim>
bool BoundaryConditions<dim>::has_natural(const types::boundary_id boundary) const
{
  for (const Condition &condition : conditions_)
    if (condition.type != Type::value && condition.boundary == boundary)
      return true;
  return false;
}

template <int dim>
bool BoundaryConditions<dim>::given(const types::boundary_id boundary) const
{
  for (const Condition &condition : conditions_)
    if (condition.boundary == boundary)
      return true;
  return false;
}

template <int dim>
void BoundaryConditions<dim>::set_time(const double time)
{
  for (Condition &condition : conditions_)
    for (auto *function : {condition.value.get(), condition.coefficient.get(), condition.where.get()})
      function->set_time(time);
}

template <int dim>
void BoundaryConditions<dim>::for_each_value(
    const Space<dim> &space,
    const std::function<void(types::global_dof_index, unsigned int, double)> &f) const
{
  if (!has_values())
    return;
  const FiniteElement<dim> &fe = space.fe();
  std::vector<types::global_dof_index> face_dofs(fe.n_dofs_per_face());
  Quadrature<dim - 1> vertices(fe.get_unit_face_support_points());
  FEFaceValues<dim> fe_face(space.mesh().mapping, fe, vertices, update_quadrature_points);
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (!cell->is_artificial() && cell->at_boundary())
      for (const unsigned int face : cell->face_indices())
        if (cell->face(face)->at_boundary())
          for (const Condition &condition : conditions_)
            if (condition.type == Type::value && condition.boundary == cell->face(face)->boundary_id()) {
              fe_face.reinit(cell, face);
              cell->face(face)->get_dof_indices(face_dofs);
              for (unsigned int i = 0; i < face_dofs.size(); ++i) {
                const Point<dim> &point = fe_face.quadrature_point(i);
                const unsigned int component = fe.face_system_to_component_index(i).first;
                if (component == condition.component && condition.where->value(point) > 0.)
                  f(face_dofs[i], component, condition.value->value(point));
              }
            }
}

template <int dim>
void BoundaryConditions<dim>::natural(const types::boundary_id boundary, const Point<dim> &point,
                                      std::vector<Natural> &result) const
{
  for (const Condition &condition : conditions_)
    if (condition.type != Type::value && condition.boundary == boundary && condition.where->value(point) > 0.)
      result.push_back({condition.type, condition.value->value(point), condition.coefficient->value(point)});
}

template class BoundaryConditions<2>;
template class BoundaryConditions<3>;
} // namespace lithoclase
