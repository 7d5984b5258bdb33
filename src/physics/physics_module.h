#pragma once

#include "core/failure.h"
#include "core/flux_density.h"
#include "core/observables.h"
#include "core/output_fields.h"
#include "core/step.h"
#include "materials/composite_bounds.h"

#include <limits>
#include <string>
#include <vector>

namespace lithoclase
{
/// One physics of the coupled problem. Modules never know each other: they share fields of the State.
template <int dim>
class PhysicsModule
{
public:
  virtual ~PhysicsModule() = default;

  virtual std::string name() const = 0;

  /// The mesh is new: make matrices, constraints and cached material data; fill fields marked `recompute`.
  virtual void reinit() = 0;

  /// Values of the own fields at the start; called after reinit(), repeated after each initial refinement.
  virtual void set_initial_conditions() {}

  /// Before the first solve of a step (and again when the step is retried).
  virtual void prepare_step(const Step &) {}

  /// One solve with all other modules' fields frozen. Throws StepFailure on all ranks.
  virtual SolveReport solve(const Step &step) = 0;

  /// The step stands: book what must be booked.
  virtual void accept_step(const Step &) {}

  /// Upper limit on the size of the next step [s].
  virtual double max_next_time_step(const Step &) { return std::numeric_limits<double>::infinity(); }

  /// Raises the wanted level of active cells (index: active_cell_index()).
  virtual void add_refinement_request(std::vector<unsigned char> &) const {}

  virtual void add_observables(const Step &, ObservableRow &) {}
  virtual void add_output(OutputFields<dim> &) {}

  /// Flux densities of which the user may ask for the current through a boundary.
  virtual void add_flux_densities(std::vector<FluxDensity<dim>> &) {}

  /// Effective properties, to be printed with their bounds.
  virtual void add_bounds(std::vector<BoundedProperty> &) const {}

  /// A reason to end the run after this step ("short circuit at 12.3 s"), empty if none.
  virtual std::string end_reason(const Step &) { return {}; }
};
} // namespace lithoclase
