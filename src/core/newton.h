#pragma once

#include "core/failure.h"
#include "core/parameter_section.h"
#include "core/step.h"

#include <string>

namespace lithoclase
{
struct NewtonParameters
{
  double relative_tolerance = 1e-9; ///< residual relative to the scale that the problem states
  unsigned int maximum_iterations = 25;
  double linear_tolerance = 1e-5; ///< relative, of each linear solve

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
};

/// Newton's method with halving of steps that do not reduce the residual. Throws StepFailure(module).
SolveReport solve_newton(NewtonProblem &problem, const NewtonParameters &parameters,
                         const std::string &module);
} // namespace lithoclase
