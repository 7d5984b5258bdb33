#pragma once

#include "core/space.h"

#include <deal.II/lac/la_parallel_vector.h>

#include <string>

namespace lithoclase
{
using Vector = dealii::LinearAlgebra::distributed::Vector<double>;

/// What happens to a field when the mesh changes (and whether a checkpoint keeps it).
enum class Transfer
{
  interpolate, ///< carried over and kept in checkpoints
  recompute    ///< its module fills it again in reinit() or in the next solve
};

/// One named unknown or history variable with its value now and at the start of the step.
template <int dim>
struct Field
{
  Field(const std::string &name, const std::string &unit, const Space<dim> &space, const Transfer transfer)
      : name(name), unit(unit), space(space), transfer(transfer)
  {
  }

  /// Makes the values obey the constraints of the mesh and brings the ghosts up to date.
  void update()
  {
    values.zero_out_ghost_values();
    space.constraints.distribute(values);
    values.update_ghost_values();
  }

  std::string name;
  std::string unit;
  const Space<dim> &space;
  Transfer transfer;
  bool solved_for = true; ///< an unknown, not derived from unknowns (the history counts the former)
  Vector values;     ///< with ghosts of the space's relevant dofs, up to date unless a module is at work
  Vector old_values; ///< at the start of the step, likewise with ghosts
};

/// One named number that must survive a rejected step and a restart (cell voltage, booked volumes).
struct Scalar
{
  std::string name;
  std::string unit;
  double value = 0.;
  double old_value = 0.;
};
} // namespace lithoclase
