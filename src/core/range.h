#pragma once

#include <limits>
#include <string>

namespace lithoclase
{
/// Closed, half-open or open interval of allowed values, in SI.
struct Range
{
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;

  static Range any() { return {}; }
  static Range positive() { return {0., std::numeric_limits<double>::infinity(), true, false}; }
  static Range non_negative() { return {0., std::numeric_limits<double>::infinity(), false, false}; }
  static Range closed(double low, double high) { return {low, high, false, false}; }
  static Range at_least(double low) { return {low, std::numeric_limits<double>::infinity(), false, false}; }
  static Range fraction() { return {0., 1., false, false}; }

  bool contains(double value) const;

  /// What the values must be, e.g. "positive (> 0 um)" or "from 0 to 1"; "" if anything is allowed.
  std::string to_string(const std::string &si_unit, const std::string &display_unit) const;
};
} // namespace lithoclase
