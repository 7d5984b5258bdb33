#pragma once

#include <sstream>
#include <string>

namespace lithoclase
{
/// A length for a message or a report, rounded to 4 digits: "12.35 um".
inline std::string in_um(double length)
{
  std::ostringstream text;
  text.precision(4);
  text << length * 1e6 << " um";
  return text.str();
}
} // namespace lithoclase
