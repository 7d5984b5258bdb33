#include "core/newton.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>

namespace lithoclase
{
namespace
{
constexpr double rounding_level =
    1e-8; // relative residual below which slow convergence is put down to rounding
}

void NewtonParameters::declare(ParameterSection &s)
{
  s.number("relative tolerance", relative_tolerance, Range::closed(1e-14, 1e-2),
           "residual relative to the load at which Newton's method stops");
  s.integer("maximum iterations", maximum_iterations, Range::at_least(1),
            "a solve that needs more is a failed step");
  s.number("linear tolerance", linear_tolerance, Range::closed(1e-14, 0.5),
           "relative residual of each linear solve");
}

SolveReport solve_newton(NewtonProblem &problem, const NewtonParameters &parameters,
                         const std::string &module)
{
  SolveReport report;
  double norm = problem.assemble();
  const double sufficient = parameters.sufficient_reduction * norm;
  // The scale belongs to the present fields: that of a poor first guess may be far too large.
  const auto target = [&] {
    return std::max(sufficient, parameters.relative_tolerance * problem.residual_scale());
  };
  while (!(norm <= target())) {
    if (!std::isfinite(norm))
      throw StepFailure(module, "the residual is not a finite number");
    if (report.nonlinear_iterations == parameters.maximum_iterations) {
      std::ostringstream reason;
      reason << "Newton's method did not converge in " << parameters.maximum_iterations
             << " iterations (residual " << norm << ", wanted " << target() << ")";
      throw StepFailure(module, reason.str());
    }
    // Solving below what is wanted in the end would be work for nothing.
    const double tolerance = std::max(parameters.linear_tolerance, std::min(0.3 * target() / norm, 0.1));
    report.linear_iterations += problem.solve_increment(tolerance);
    ++report.nonlinear_iterations;
    double factor = 1.;
    problem.add_increment(factor);
    double new_norm = problem.assemble();
    while (!parameters.full_steps && !(new_norm < norm) && !(new_norm <= target()) && factor > 1e-3) {
      problem.add_increment(-0.5 * factor);
      factor *= 0.5;
      new_norm = problem.assemble();
    }
    // Cancellation between large and small conductances bounds what can be reached; going on would change
    // nothing.
    const bool at_rounding = new_norm > 0.5 * norm && new_norm <= rounding_level * problem.residual_scale();
    norm = new_norm;
    if (at_rounding)
      break;
  }
  return report;
}

double jacobian_error(NewtonProblem &problem, const double step, const unsigned long long seed)
{
  problem.assemble();
  Vector direction = problem.increment();
  const Vector &mask = problem.residual(); // its zeros mark what may not change
  std::mt19937_64 generator(seed);
  for (unsigned int i = 0; i < direction.locally_owned_size(); ++i) {
    const double random = 2. * static_cast<double>(generator() >> 11) * 0x1p-53 - 1.;
    direction.local_element(i) = mask.local_element(i) == 0. ? 0. : random;
  }
  Vector predicted = direction;
  problem.multiply_by_jacobian(predicted, direction);

  problem.increment() = direction;
  problem.add_increment(step);
  problem.assemble();
  Vector difference = problem.residual();
  problem.increment() = direction;
  problem.add_increment(-2. * step);
  problem.assemble();
  difference -= problem.residual();
  problem.increment() = direction;
  problem.add_increment(step);

  difference *= 0.5 / step;
  difference -= predicted;
  return difference.l2_norm() / predicted.l2_norm();
}
} // namespace lithoclase
