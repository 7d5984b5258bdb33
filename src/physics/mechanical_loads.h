#pragma once

#include "core/cell_assembly.h"
#include "core/field.h"
#include "physics/mechanical_conditions.h"

#include <deal.II/base/function_parser.h>
#include <deal.II/fe/fe_values.h>

#include <array>
#include <memory>

namespace lithoclase
{
/// b [N/m^3], functions of place and time; empty: 0.
struct BodyForceParameters
{
  std::array<Expression, 3> components;

  bool empty() const;
  void declare(ParameterSection &section);
};

/// What loads a body: tractions and pressures t on its sides, and a body force b,
///     l(v) = INT_sides t . v + INT b . v.
/// None of it depends on the displacement, so that it is assembled once per step.
template <int dim>
class MechanicalLoads
{
public:
  /// Throws InputError for a body force that has no such axis, or that nothing holds.
  MechanicalLoads(const BodyForceParameters &body_force, const MechanicalConditions<dim> &conditions,
                  const Space<dim> &scalar_space, const Space<dim> &vector_space);

  void reinit();              ///< for a new mesh
  void set_time(double time); ///< also after that of the conditions has changed
  /// Assembles the loads where that is to be done.
  void update(CellAssembly<dim> &assembly);

  const Vector &vector() const { return vector_; } ///< of the last update() [N], in 2-D [N/m]
  double square() const { return square_; }        ///< of the loads of this rank's cells, added up
  /// Force on the body by one condition: the sum of all ranks [N], in 2-D [N/m].
  dealii::Tensor<1, dim> of_condition(unsigned int condition) const;

private:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  struct Work;
  dealii::Tensor<1, dim> body_force(const dealii::Point<dim> &point) const;
  void add_sides(const Cell &cell, Work &work) const;
  void add_body_force(const Cell &cell, Work &work) const;

  const MechanicalConditions<dim> &conditions_;
  const Space<dim> &scalar_space_;
  const Space<dim> &vector_space_;
  std::array<std::unique_ptr<dealii::FunctionParser<dim>>, dim> body_force_; ///< null: zero
  bool has_body_force_;
  Vector vector_;
  double square_ = 0.;
  bool is_current_ = false;
};
} // namespace lithoclase
