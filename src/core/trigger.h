#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace lithoclase
{
/// When something periodic is due: every so much time, every n steps, at listed times, or any of these
/// together.
///
/// There is no memory: the answer follows from old and new time and the step number alone, so a restart or a
/// repeated step changes nothing.
struct Trigger
{
  double time_interval = 0.;            ///< [s], 0: off
  unsigned long long step_interval = 0; ///< 0: off
  std::vector<double> times;            ///< [s], in any order

  bool due(const double old_time, const double new_time, const unsigned long long step) const
  {
    const auto passed = [&](const double time) {
      return reached(new_time, time) && !reached(old_time, time);
    };
    return (step_interval > 0 && step % step_interval == 0) ||
           (time_interval > 0. && intervals(new_time) > intervals(old_time)) ||
           std::any_of(times.begin(), times.end(), passed);
  }

  /// The next time after `time` at which something is due by time: a step may be cut to end there. Infinity
  /// if none.
  double next_time(const double time) const
  {
    double next = std::numeric_limits<double>::infinity();
    if (time_interval > 0.)
      next = (intervals(time) + 1.) * time_interval;
    for (const double t : times)
      if (!reached(time, t))
        next = std::min(next, t);
    return next;
  }

private:
  // A time that is a sum of many steps misses a multiple of the interval by rounding: it counts as reached.
  static constexpr double tolerance = 1e-10;

  static bool reached(const double now, const double time)
  {
    return now >= time - tolerance * std::abs(time);
  }
  double intervals(const double time) const { return std::floor(time / time_interval * (1. + tolerance)); }
};
} // namespace lithoclase
