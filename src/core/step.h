#pragma once

#include <string>

namespace lithoclase
{
/// The step being made.
struct Step
{
  unsigned long long number = 0; ///< 1 for the first step
  double old_time = 0.;          ///< [s]
  double size = 0.;              ///< [s]
  bool refinable = false;        ///< a module may ask for a finer mesh by MeshTooCoarse
  double time() const { return old_time + size; }
};

/// What a solve did, for the log and the coupling loop.
struct SolveReport
{
  unsigned int nonlinear_iterations = 0;
  unsigned int linear_iterations = 0;
  double increment = 0.; ///< change of the module's fields in this solve, relative to their scale
  std::string detail;    ///< free text for the log line
};
} // namespace lithoclase
