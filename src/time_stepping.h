#pragma once

#include "core/failure.h"
#include "core/parameter_section.h"
#include "core/step.h"

#include <string>

namespace lithoclase
{
/// An event of events.csv (Onsets) that ends the run.
enum class EndEvent
{
  none,
  cracking,
  penetration,
  short_circuit
};

struct TimeSteppingParameters
{
  double end_time = 3600.;    ///< [s]
  double initial_step = 1.;   ///< [s]
  double minimum_step = 1e-6; ///< [s]
  double maximum_step = 1e9;  ///< [s]
  double growth = 1.3;        ///< largest ratio of two steps
  bool fixed = false;         ///< every step has the initial size
  unsigned long long maximum_steps = 1000000000;
  EndEvent end_event = EndEvent::none;
  double wall_time = 0.; ///< limit of the computing time [s], 0: none

  void declare(ParameterSection &section);
};

/// Chooses the size of the next step. Stateless but for time, step number and the size the modules would
/// take.
class TimeStepping
{
public:
  explicit TimeStepping(const TimeSteppingParameters &parameters);

  /// The next step: not beyond `breakpoint` (the protocol jumps, output is due) nor the end time.
  Step next(double breakpoint) const;

  /// The step stands; `limit` is the largest next size that the modules allow. Returns whether it decides the
  /// next size.
  bool accept(const Step &step, double limit);

  /// The step failed: the next one is half as long. Throws StepFailure at the minimum step.
  void reject(const Step &step, const StepFailure &failure);

  bool at_end() const;
  double time() const { return time_; }
  unsigned long long number() const { return number_; }
  double proposed_size() const { return size_; }
  double end_time() const { return parameters_.end_time; }
  double fraction_done() const { return time_ / parameters_.end_time; }

  /// Goes on from a checkpoint.
  void restart(double time, unsigned long long number, double size);

private:
  TimeSteppingParameters parameters_;
  double time_ = 0.;
  unsigned long long number_ = 0;
  double size_;
};
} // namespace lithoclase
