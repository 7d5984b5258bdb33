#pragma once

#include <stdexcept>
#include <string>

namespace lithoclase
{
/// Exit codes of the executable.
enum class ExitCode : int
{
  success = 0,
  failure = 1,       ///< an unexpected error, e.g. the output folder went away
  bad_input = 2,     ///< the command line or the parameter file is at fault
  step_failed = 3,   ///< no step could be made even at the smallest step size; the state is written
  stopped_early = 4, ///< a signal or the wall-clock limit; a checkpoint is written, --resume goes on
};

/// The user's mistake: the message says what was found, what is allowed, and which parameter is meant.
class InputError : public std::runtime_error
{
public:
  using std::runtime_error::runtime_error;
};

/// A solve that did not succeed. Must be thrown on all ranks at the same point; the step is cut and retried.
class StepFailure : public std::runtime_error
{
public:
  StepFailure(const std::string &module, const std::string &reason)
      : std::runtime_error(module + ": " + reason), module(module), reason(reason)
  {
  }

  std::string module;
  std::string reason;
};

/// The solution has moved to where the mesh is too coarse for it; the step goes on, once the mesh is refined.
/// Must be thrown on all ranks at the same point, and only in a step that is refinable.
class MeshTooCoarse : public std::runtime_error
{
public:
  using std::runtime_error::runtime_error;
};
} // namespace lithoclase
