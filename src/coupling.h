#pragma once

#include "core/log.h"
#include "core/timing.h"
#include "physics/physics_module.h"

#include <memory>
#include <vector>

namespace lithoclase
{
struct CouplingParameters
{
  unsigned int maximum_sweeps = 1;
  double tolerance = 1e-6;
  bool acceleration = false; ///< of what the flanks of cracks plate, by Aitken's method

  void declare(ParameterSection &section);
};

/// One step of all modules: sweeps through them in their order until no module's fields change any more.
///
/// With a single sweep the modules are loosely coupled: charge transport sees the metal of the step's
/// beginning, which is of first order in the step size like everything else.
template <int dim>
class Coupling
{
public:
  using Modules = std::vector<std::unique_ptr<PhysicsModule<dim>>>;

  Coupling(const CouplingParameters &parameters, Modules &modules)
      : parameters_(parameters), modules_(modules)
  {
  }

  struct Counts
  {
    unsigned int sweeps = 0;
    unsigned int nonlinear_iterations = 0; ///< of all modules and sweeps
    unsigned int linear_iterations = 0;
  };

  /// Before the first solve of a step.
  void prepare(const Step &step);

  /// Throws StepFailure, and MeshTooCoarse in a step that is refinable.
  Counts solve(const Step &step, Log &log, Timing &timing);

private:
  CouplingParameters parameters_;
  Modules &modules_;
};
} // namespace lithoclase
