#include "coupling.h"

#include <sstream>
#include <string>

namespace lithoclase
{
void CouplingParameters::declare(ParameterSection &s)
{
  s.integer("maximum sweeps", maximum_sweeps, Range::at_least(1),
            "1: each module is solved once per step; more: until the increments are below the tolerance");
  s.number(
      "tolerance", tolerance, Range::positive(),
      "largest change of any field in a sweep, relative to its scale (RT/F for potentials, 1 for lithium)");
  s.boolean("acceleration", acceleration,
            "what plates in cracks is extrapolated from sweep to sweep (Aitken); the answer is the same");
}

template <int dim>
void Coupling<dim>::prepare(const Step &step)
{
  for (auto &module : modules_)
    module->prepare_step(step);
}

template <int dim>
typename Coupling<dim>::Counts Coupling<dim>::solve(const Step &step, Log &log, Timing &timing)
{
  Counts counts;
  double increment = 0.;
  do {
    increment = 0.;
    std::string most; // what changed most
    ++counts.sweeps;
    for (auto &module : modules_) {
      const auto scope = timing.scope(module->name());
      const SolveReport report = module->solve(step);
      log.solve(module->name(), report);
      counts.nonlinear_iterations += report.nonlinear_iterations;
      counts.linear_iterations += report.linear_iterations;
      if (report.increment >= increment) {
        increment = report.increment;
        most = module->name();
      }
    }
    if (parameters_.maximum_sweeps == 1)
      return counts;
    std::ostringstream text;
    text << "  sweep " << counts.sweeps << ": largest change " << increment << " in " << most;
    log.line(text.str());
  } while (increment > parameters_.tolerance && counts.sweeps < parameters_.maximum_sweeps);
  if (increment > parameters_.tolerance)
    throw StepFailure("coupling", "the modules still change each other by " + std::to_string(increment) +
                                      " after " + std::to_string(counts.sweeps) + " sweeps");
  return counts;
}

template class Coupling<2>;
template class Coupling<3>;
} // namespace lithoclase
