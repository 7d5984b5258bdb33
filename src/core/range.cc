#include "core/range.h"

#include "core/quantity.h"

#include <cmath>

namespace lithoclase
{
bool Range::contains(const double value) const
{
  return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
}

std::string Range::to_string(const std::string &si_unit, const std::string &display_unit) const
{
  const auto shown = [&](const double value) { return format_quantity(value, si_unit, display_unit); };
  const std::string above = std::isfinite(low) ? (low_open ? "> " : ">= ") + shown(low) : "";
  const std::string below = std::isfinite(high) ? (high_open ? "< " : "<= ") + shown(high) : "";

  if (above.empty() || below.empty()) {
    const std::string bound = above + below;
    if (bound.empty())
      return "";
    // 0 degC is not the 0 of the SI unit
    if (low == 0. && convert(0., si_unit, display_unit) == 0.)
      return (low_open ? "positive (" : "zero or positive (") + bound + ")";
    return bound;
  }
  if (!low_open && !high_open)
    return "from " + shown(low) + " to " + shown(high);
  return above + " and " + below;
}
} // namespace lithoclase
