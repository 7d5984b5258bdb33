#include "core/quantity.h"

#include "core/failure.h"
#include "core/text.h"

#include <deal.II/base/exceptions.h>
#include <deal.II/base/numbers.h>

#include <udunits2.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>

namespace lithoclase
{
namespace
{
struct FreeUnit
{
  void operator()(ut_unit *unit) const { ut_free(unit); }
};
struct FreeConverter
{
  void operator()(cv_converter *converter) const { cv_free(converter); }
};
using Unit = std::unique_ptr<ut_unit, FreeUnit>;
using Converter = std::unique_ptr<cv_converter, FreeConverter>;

/// Gives `symbol` the meaning `factor` times `unit`, in place of what it may have meant.
void define(ut_system *system, const char *symbol, const double factor, const char *unit)
{
  const Unit base(ut_parse(system, unit, UT_ASCII));
  const Unit scaled(ut_scale(factor, base.get()));
  ut_unmap_symbol_to_unit(system, symbol, UT_ASCII);
  ut_map_symbol_to_unit(symbol, UT_ASCII, scaled.get());
}

ut_system *create_unit_system()
{
  ut_set_error_message_handler(ut_ignore);
  ut_system *system = ut_read_xml(nullptr);
  if (system == nullptr)
    throw std::runtime_error(
        "The data base of udunits2 cannot be read; is its data package installed, and does the "
        "environment variable UDUNITS2_XML_PATH, if set, name the file udunits2.xml?");
  define(system, "Ah", 3600., "coulomb");
  define(system, "deg", dealii::numbers::PI / 180., "radian");
  define(system, "eV", 1.602176634e-19, "joule"); // udunits' own value is of 1986
  return system;
}

ut_system *unit_system()
{
  static ut_system *const system = create_unit_system(); // lives as long as the program
  return system;
}

/// Whether the only numbers in the unit are powers ("m^2", "s-1", "m3") and the 1 of "1/s". udunits would
/// also take "m^0.5" for "m^0 times 5", "2 m" for a unit of two metres, "m -2" for minus two metres.
bool numbers_are_powers(const std::string &unit)
{
  const auto at = [&](const std::size_t i) { return i < unit.size() ? unit[i] : ' '; };
  const auto digit = [](const char c) { return c >= '0' && c <= '9'; };
  for (std::size_t i = 0; i < unit.size(); ++i) {
    if (!digit(unit[i]) || (i > 0 && digit(unit[i - 1])))
      continue;
    const std::size_t next = unit.find_first_not_of(' ', i + 1);
    const bool is_one = i == 0 && unit[i] == '1' && (next == std::string::npos || unit[next] == '/');
    const std::size_t sign = i > 0 && (unit[i - 1] == '-' || unit[i - 1] == '+') ? 1 : 0;
    const char before = i > sign ? at(i - sign - 1) : ' ';
    if (!is_one && std::string(" (/*.").find(before) != std::string::npos)
      return false;
  }
  return true;
}

/// Null if the text is no unit, or a point in time ("s since 2000", "s @ 3"), or logarithmic.
Unit parse_unit(const std::string &text)
{
  if (!numbers_are_powers(text) || text.find('@') != std::string::npos)
    return nullptr;
  Unit unit(ut_parse(unit_system(), text.c_str(), UT_UTF8));
  if (unit != nullptr && Unit(ut_invert(unit.get())) == nullptr)
    return nullptr;
  return unit;
}

/// Same powers of the base units. (ut_are_convertible() also accepts the reciprocal dimension: "5 s" for
/// "1/s".)
bool same_dimension(const Unit &a, const Unit &b)
{
  const Unit ratio(ut_divide(a.get(), b.get()));
  return ratio != nullptr && ut_is_dimensionless(ratio.get()) != 0 &&
         ut_are_convertible(a.get(), b.get()) != 0;
}

/// An affine map between units.
class Conversion
{
public:
  Conversion(const Unit &from, const Unit &to)
      : forward(ut_get_converter(from.get(), to.get())), backward(ut_get_converter(to.get(), from.get()))
  {
    offset = cv_convert_double(forward.get(), 0.) != 0.;
  }

  double operator()(const double value) const
  {
    if (offset)
      return cv_convert_double(forward.get(), value);
    // Division by 1000000, not multiplication by 1e-6, so that "20 um" is the double nearest to 2e-5.
    const double factor = cv_convert_double(forward.get(), 1.);
    if (factor >= 1.)
      return value * without_rounding_error(factor);
    return value / without_rounding_error(cv_convert_double(backward.get(), 1.));
  }

private:
  static double without_rounding_error(const double factor)
  {
    const double whole = std::round(factor);
    return std::abs(factor - whole) <= 1e-13 * factor ? whole : factor;
  }

  Converter forward, backward;
  bool offset;
};

Unit known_unit(const std::string &text)
{
  Unit unit = parse_unit(text);
  AssertThrow(unit != nullptr,
              dealii::ExcMessage("'" + text + "' in the program is no unit that udunits2 knows."));
  return unit;
}

/// The symbol of the coherent SI unit with the dimension of `name`.
std::string si_symbol(const std::string &name)
{
  static const std::array<const char *, 18> symbols = {
      {"m", "s", "A", "V", "K", "mol", "S", "Pa", "J", "N", "W", "C", "F", "Ohm", "kg", "Hz", "rad", "1"}};
  const Unit unit = known_unit(name);
  for (const char *const symbol : symbols)
    if (name == symbol || (name != "%" && same_dimension(unit, known_unit(symbol))))
      return symbol;
  AssertThrow(name == "%", dealii::ExcMessage("No SI unit is known for '" + name + "'."));
  return "1";
}

/// The shortest decimal that `conversion` takes to exactly `value`, tried around `guess`; nothing if there is
/// none.
std::optional<double> decimal_for(const double value, const double guess, const Conversion &conversion)
{
  for (int precision = 1; precision <= std::numeric_limits<double>::max_digits10; ++precision) {
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof(buffer), guess, std::chars_format::scientific, precision - 1);
    double rounded = 0.;
    std::from_chars(buffer, end.ptr, rounded);
    if (conversion(rounded) == value)
      return rounded;
  }
  for (const double towards :
       {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()})
    if (const double neighbour = std::nextafter(guess, towards); conversion(neighbour) == value)
      return neighbour;
  return {};
}
} // namespace

std::optional<double> try_parse_quantity(const std::string &text, const std::string &unit,
                                         std::string &reason)
{
  std::string rest;
  const std::optional<double> number = leading_number(trim(text), rest);
  if (!number) {
    reason = trim(text).empty() ? "there is no number"
                                : "'" + trim(text) + "' does not begin with a finite number";
    return {};
  }
  const std::string name = trim(rest);
  if (name.empty()) {
    if (unit == "1" || *number == 0.)
      return number;
    reason = "the unit is missing";
    return {};
  }
  const Unit found = parse_unit(name);
  if (found == nullptr) {
    reason = name[0] == ',' ? "a decimal point is needed, not a comma" : "the unit '" + name + "' is unknown";
    return {};
  }
  const Unit wanted = known_unit(unit);
  if (!same_dimension(found, wanted)) {
    reason = "the unit '" + name + "' has another dimension";
    return {};
  }
  const double value = Conversion(found, wanted)(*number);
  if (!std::isfinite(value)) {
    reason = "it is too large";
    return {};
  }
  return value;
}

double parse_quantity(const std::string &text, const std::string &unit)
{
  std::string reason;
  const std::optional<double> value = try_parse_quantity(text, unit, reason);
  if (!value)
    throw InputError("'" + text + "' is not a " + (unit == "1" ? "pure number" : "quantity in " + unit) +
                     ": " + reason + ".");
  return *value;
}

double convert(const double value, const std::string &from, const std::string &to)
{
  const Unit source = known_unit(from);
  const Unit target = known_unit(to);
  AssertThrow(same_dimension(source, target),
              dealii::ExcMessage("The units '" + from + "' and '" + to + "' have different dimensions."));
  return Conversion(source, target)(value);
}

std::string si_unit(const std::string &unit)
{
  // Every name in the unit is replaced; powers and operators stay. The bytes of letters beyond ASCII are
  // negative.
  const auto in_name = [](const char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%' || static_cast<signed char>(c) < 0;
  };
  std::string result;
  std::string name;
  for (const char c : unit + " ") {
    if (in_name(c)) {
      name += c;
      continue;
    }
    if (!name.empty())
      result += si_symbol(name);
    name.clear();
    result += c;
  }
  result.pop_back();
  return result;
}

std::string format_quantity(const double value_in_si, const std::string &si_unit,
                            const std::string &display_unit)
{
  Assert(std::isfinite(value_in_si), dealii::ExcMessage("An infinite or undefined value has no unit."));
  const Unit si = known_unit(si_unit);
  const Unit display = known_unit(display_unit);
  AssertThrow(same_dimension(si, display), dealii::ExcMessage("The units '" + si_unit + "' and '" +
                                                              display_unit + "' have different dimensions."));
  const auto with_unit = [](const double value, const std::string &unit) {
    return format_number(value) + (unit == "1" ? "" : " " + unit);
  };
  const std::optional<double> shown =
      decimal_for(value_in_si, Conversion(si, display)(value_in_si), Conversion(display, si));
  return shown ? with_unit(*shown, display_unit) : with_unit(value_in_si, si_unit);
}
} // namespace lithoclase
