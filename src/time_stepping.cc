#include "time_stepping.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
void TimeSteppingParameters::declare(ParameterSection &s)
{
  s.quantity("end time", end_time, "s", Range::non_negative(), "the run ends there at the latest");
  s.quantity("initial step", initial_step, "s", Range::positive(), "size of the first step");
  s.quantity("minimum step", minimum_step, "s", Range::positive(),
             "a step that fails at this size ends the run");
  s.quantity("maximum step", maximum_step, "s", Range::positive(), "no step is longer");
  s.number("growth", growth, Range::closed(1., 10.), "largest ratio of one step to the one before");
  s.boolean("fixed step", fixed, "every step has the initial size; modules may not change it");
  s.integer("maximum steps", maximum_steps, Range::at_least(0), "the run ends after so many steps");
  s.choice("end at event", end_event,
           {{"none", EndEvent::none},
            {"cracking", EndEvent::cracking},
            {"penetration", EndEvent::penetration},
            {"short circuit", EndEvent::short_circuit}},
           "the run ends after the step in which this event of events.csv was seen, as a search for critical "
           "currents needs no more");
  s.quantity("wall time", wall_time, "h", Range::non_negative(),
             "limit of the computing time: a checkpoint is written before it and the run ends; 0: none");
}

TimeStepping::TimeStepping(const TimeSteppingParameters &parameters)
    : parameters_(parameters),
      size_(parameters.fixed ? parameters.initial_step
                             : std::min(parameters.initial_step, parameters.maximum_step))
{
}

Step TimeStepping::next(const double breakpoint) const
{
  Step step;
  step.number = number_ + 1;
  step.old_time = time_;
  step.size = size_;
  const double end = std::min(breakpoint, parameters_.end_time);
  const double left = end - time_;
  // Neither a sliver before the end nor one after a cut: two equal steps instead.
  if (step.size > left * (1. - 1e-9))
    step.size = left;
  else if (step.size > 0.5 * left && !parameters_.fixed)
    step.size = 0.5 * left;
  return step;
}

bool TimeStepping::accept(const Step &step, const double limit)
{
  time_ = step.time();
  number_ = step.number;
  if (parameters_.fixed)
    return false;
  // A step cut short by a breakpoint does not shorten those after it.
  const bool cut = step.size < size_ * (1. - 1e-9);
  const double wanted = cut ? size_ : parameters_.growth * size_;
  const double allowed = std::min(wanted, parameters_.maximum_step);
  size_ = std::max(parameters_.minimum_step, std::min(allowed, limit));
  return limit < allowed;
}

void TimeStepping::reject(const Step &step, const StepFailure &failure)
{
  if (step.size <= parameters_.minimum_step * (1. + 1e-9))
    throw StepFailure(failure.module, failure.reason + "; the step cannot be shorter than " +
                                          std::to_string(parameters_.minimum_step) + " s");
  size_ = std::max(0.5 * step.size, parameters_.minimum_step);
}

bool TimeStepping::at_end() const
{
  return time_ >= parameters_.end_time * (1. - 1e-12) || number_ >= parameters_.maximum_steps;
}

void TimeStepping::restart(const double time, const unsigned long long number, const double size)
{
  time_ = time;
  number_ = number;
  size_ = parameters_.fixed ? parameters_.initial_step : std::min(size, parameters_.maximum_step);
}
} // namespace lithoclase
