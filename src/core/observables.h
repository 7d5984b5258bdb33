#pragma once

#include <string>
#include <vector>

namespace lithoclase
{
/// One named number with unit of the present step: a column of history.csv and, if `on_screen`, a part of the
/// step's block in the log.
struct Observable
{
  std::string name; ///< snake_case
  std::string unit; ///< SI, "1" for none
  double value = 0.;
  bool on_screen = false;
};

/// The observables of one accepted step, in the order in which the modules add them. All ranks hold the same
/// numbers.
class ObservableRow
{
public:
  void add(const std::string &name, const std::string &unit, double value, bool on_screen = false)
  {
    entries_.push_back({name, unit, value, on_screen});
  }
  const std::vector<Observable> &entries() const { return entries_; }

private:
  std::vector<Observable> entries_;
};
} // namespace lithoclase
