#pragma once

#include <optional>
#include <string>

/// Numbers with units, on top of udunits2. Inside the code every number is in SI base or derived units.
///
/// Units are written as "mA/cm^2", "Ohm cm^2", "mAh/cm^2", "1/s", "degC": a blank multiplies, powers are
/// integers. Besides udunits' own names "Ah" and "deg" are known. The letter case counts: "mS" is a
/// millisiemens, "ms" a millisecond.
namespace lithoclase
{
/// The SI value of `text`, e.g. "1.5 mA/cm^2" for `unit` = "A/m^2" gives 15. `unit` is the SI unit in which
/// the result is wanted; "1" means a pure number. Throws InputError if the text is no number with a unit of
/// that dimension (what was found, what is expected). A missing unit is an error unless the value is zero or
/// `unit` is "1". Infinite and undefined values are refused.
double parse_quantity(const std::string &text, const std::string &unit);

/// The same without exception: nothing if the text is wrong, and then `reason` is a clause like "the unit
/// 'mm' has another dimension".
std::optional<double> try_parse_quantity(const std::string &text, const std::string &unit,
                                         std::string &reason);

/// `value` given in unit `from`, expressed in unit `to`.
double convert(double value, const std::string &from, const std::string &to);

/// The coherent SI unit of the same dimension, spelt alike: "mA/cm^2" gives "A/m^2", "GPa" gives "Pa".
std::string si_unit(const std::string &unit);

/// `value_in_si` (in SI unit `si_unit`) written in `display_unit`, e.g. (2e-5, "m", "um") gives "20 um";
/// shortest text that reads back to the same double. A value that no decimal in the display unit gives
/// exactly is written in SI.
std::string format_quantity(double value_in_si, const std::string &si_unit, const std::string &display_unit);
} // namespace lithoclase
