#pragma once

#include "core/parameter_section.h"
#include "core/space.h"

#include <deal.II/base/function_parser.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lithoclase
{
/// One condition on (a part of) a boundary, as the user states it.
struct BoundaryConditionParameters
{
  enum class Type
  {
    value,        ///< field = value
    flux,         ///< inward flux = value
    robin,        ///< inward flux = coefficient (value - field)
    butler_volmer ///< a metal at potential `value`: inward ionic current of its dissolution; coefficient =
                  ///< exchange current density
  };

  std::string field;
  std::string boundary;
  unsigned int component = 0; ///< of a vector field
  Type type = Type::value;
  Expression value{"0"};
  Expression coefficient{"0"};
  Expression where{"1"}; ///< the condition holds where this is positive

  void declare(ParameterSection &section);
};

using BoundaryConditionList = std::vector<std::pair<std::string, BoundaryConditionParameters>>;

/// The conditions on one field, ready to be evaluated.
template <int dim>
class BoundaryConditions
{
public:
  using Type = BoundaryConditionParameters::Type;

  /// Picks the conditions that name `field`. Throws InputError for a boundary that does not exist.
  BoundaryConditions(const BoundaryConditionList &list, const std::string &field);

  struct Natural
  {
    Type type;
    double value;
    double coefficient;
  };

  bool empty() const { return conditions_.empty(); }
  bool has_values() const;
  bool has_natural(dealii::types::boundary_id boundary) const;
  /// Whether any condition is stated for (a part of) the boundary.
  bool given(dealii::types::boundary_id boundary) const;

  void set_time(double time);

  /// Calls f(degree of freedom, component, value) for the locally relevant degrees of freedom with a
  /// prescribed value.
  void
  for_each_value(const Space<dim> &space,
                 const std::function<void(dealii::types::global_dof_index, unsigned int, double)> &f) const;

  /// The flux, robin and butler_volmer conditions that hold at a point of a boundary, appended to `result`.
  void natural(dealii::types::boundary_id boundary, const dealii::Point<dim> &point,
               std::vector<Natural> &result) const;

private:
  struct Condition
  {
    Type type;
    dealii::types::boundary_id boundary;
    unsigned int component;
    std::unique_ptr<dealii::FunctionParser<dim>> value, coefficient, where;
  };
  std::vector<Condition> conditions_;
};
} // namespace lithoclase
