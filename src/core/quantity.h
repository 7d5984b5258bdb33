#pragma once

#include <string>

/// Numbers with units, on top of udunits2. Inside the code every number is in SI base or derived units.
namespace lithoclase
{
/// The SI value of `text`, e.g. "1.5 mA/cm^2" for `unit` = "A/m^2" gives 15. `unit` is the SI unit in which the
/// result is wanted; "1" means a pure number. Throws InputError if the text is no number with a unit of that
/// dimension (what was found, what is expected). Besides udunits' own names "Ohm" and "Ah" are known. A missing
/// unit is an error unless the value is zero or `unit` is "1".
double parse_quantity(const std::string &text, const std::string &unit);

/// `value` given in unit `from`, expressed in unit `to`.
double convert(double value, const std::string &from, const std::string &to);

/// `si_value` (in SI unit `si_unit`) written in `display_unit`, e.g. (2e-5, "m", "um") gives "20 um"; shortest text
/// that reads back to the same double.
std::string format_quantity(double si_value, const std::string &si_unit, const std::string &display_unit);
} // namespace lithoclase
