#pragma once

#include "core/failure.h"
#include "core/field.h"
#include "core/parameter_section.h"
#include "core/step.h"

#include <string>

namespace lithoclase
{
struct NewtonParameters
{
  double relative_tolerance = 1e-8; ///< residual relative to the scale that the problem states
  unsigned int maximum_iterations = 25;
  double linear_tolerance = 3e-3; ///< relative, of each linear solve
  /// A residual of the first one times this is small enough, too: for solves inside another iteration.
  double sufficient_reduction = 0.;
  /// No halving of steps: for problems of linear pieces, whose kinks hold up a search along the increment.
  bool full_steps = false;

  void declare(ParameterSection &section);
};

/// A nonlinear problem as Newton's method sees it.
class NewtonProblem
{
public:
  virtual ~NewtonProblem() = default;

  /// Residual and Jacobian at the present fields; returns the norm of the residual.
  virtual double assemble() = 0;
  /// The size that the residual is compared with, e.g. that of the applied load.
  virtual double residual_scale() const = 0;
  /// Computes the increment to the given relative tolerance; returns the iterations needed.
  virtual unsigned int solve_increment(double relative_tolerance) = 0;
  /// Adds `factor` times the increment to the fields.
  virtual void add_increment(double factor) = 0;

  // For the test of the Jacobian against finite differences:
  virtual Vector &increment() = 0;      ///< in the form that add_increment() takes
  virtual const Vector &residual() = 0; ///< of the last assemble(), zero where the increment must be zero
  virtual void multiply_by_jacobian(Vector &result, const Vector &direction) = 0;
};

/// |J d - [F(u + s d) - F(u - s d)]/(2 s)| / |J d| for a direction d of random entries in [-1,1] and step s;
/// fields are left as they were.
double jacobian_error(NewtonProblem &problem, double step, unsigned long long seed);

/// Newton's method with halving of steps that do not reduce the residual, unless full steps are wanted.
/// Throws StepFailure(module).
SolveReport solve_newton(NewtonProblem &problem, const NewtonParameters &parameters,
                         const std::string &module);
} // namespace lithoclase
