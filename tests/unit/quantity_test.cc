#include "core/quantity.h"

#include "core/failure.h"
#include "core/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

using namespace lithoclase;

namespace
{
/// Double rounding in one or two operations.
constexpr double rounding = 4e-16;

void expect_relative(const double value, const double reference, const double tolerance,
                     const std::string &what)
{
  EXPECT_LE(std::abs(value - reference), tolerance * std::abs(reference)) << what << " gives " << value;
}

std::string message_of(const std::string &text, const std::string &unit)
{
  try {
    parse_quantity(text, unit);
  } catch (const InputError &error) {
    return error.what();
  }
  return "no error";
}
} // namespace

TEST(Quantity, ReadsTheUnitsOfTheField)
{
  const std::vector<std::tuple<std::string, std::string, double>> cases = {
      {"0.46 mS/cm", "S/m", 0.046},
      {"1e-8 S/cm", "S/m", 1e-6},
      {"5.97 uS/cm", "S/m", 5.97e-4},
      {"0.168 Ohm cm^2", "Ohm m^2", 0.168e-4},
      {"400 Ohm cm^2", "Ohm m^2", 0.04},
      {"1.5 mA/cm^2", "A/m^2", 15.},
      {"20 um", "m", 20e-6},
      {"20 \xc2\xb5m", "m", 20e-6},
      {"10 nm", "m", 1e-8},
      {"150 GPa", "Pa", 150e9},
      {"347 mol/m^3", "mol/m^3", 347.},
      {"0.45 J/m^2", "J/m^2", 0.45},
      {"0.45 J/m^2", "N/m", 0.45},
      {"0.01 1/s", "1/s", 0.01},
      {"2 1/(MPa s)", "1/(Pa s)", 2e-6},
      {"25 degC", "K", 298.15},
      {"-40 \xc2\xb0"
       "C",
       "K", 233.15},
      {"2 mA h", "C", 7.2},
      {"2 mAh", "C", 7.2},
      {"1 Ah", "A s", 3600.},
      {"3 mAh/cm^2", "C/m^2", 108000.},
      {"1.300e-5 m^3/mol", "m^3/mol", 1.3e-5},
      {"13 cm^3/mol", "m^3/mol", 1.3e-5},
      {"1e-11 m^2/s", "m^2/s", 1e-11},
      {"1e-19 m2 s-1", "m^2/s", 1e-19},
      {"50 mV", "V", 0.05},
      {"2 h", "s", 7200.},
      {"30 min", "s", 1800.},
      {"30 deg", "rad", 0.52359877559829887},
      {"4 1 / s", "1/s", 4.},
      {"4 A.m-2", "A/m^2", 4.},
      {"4 V m^-1", "V/m", 4.},
      {"4 (mA/cm^2)", "A/m^2", 40.},
      {"4 m/s2", "m/s^2", 4.},
      {"4 m^-10", "1/m^10", 4.},
      {"5 %", "1", 0.05},
      {"0.3", "1", 0.3},
      {"+0.3", "1", 0.3},
      {"5 kOhm", "Ohm", 5000.},
      {"  7 m  ", "m", 7.},
      {"7m", "m", 7.},
  };
  for (const auto &[text, unit, reference] : cases)
    expect_relative(parse_quantity(text, unit), reference, rounding, text);
}

TEST(Quantity, ElectronVoltIsThatOfTheSISince2019)
{
  expect_relative(parse_quantity("0.34 eV", "J"), 0.34 * 1.602176634e-19, rounding, "0.34 eV");
  expect_relative(parse_quantity("1 meV", "J"), 1.602176634e-22, rounding, "1 meV");
}

TEST(Quantity, DecimalPrefixesAddNoRoundingError)
{
  // "20 um" must be the number that a formula or a test writes as 20e-6, or limits like ">= 20 um" fail by
  // one bit.
  EXPECT_EQ(parse_quantity("20 um", "m"), 20e-6);
  EXPECT_EQ(parse_quantity("0.3 nm", "m"), 0.3e-9);
  EXPECT_EQ(parse_quantity("0.46 mS/cm", "S/m"), 0.046);
  EXPECT_EQ(parse_quantity("0.1 mA/cm^2", "A/m^2"), 1.);
}

TEST(Quantity, ZeroNeedsNoUnitOtherNumbersDo)
{
  EXPECT_EQ(parse_quantity("0", "m"), 0.);
  EXPECT_EQ(parse_quantity("0.0", "A/m^2"), 0.);
  EXPECT_EQ(message_of("5", "m"), "'5' is not a quantity in m: the unit is missing.");
}

TEST(Quantity, SaysWhatIsWrong)
{
  EXPECT_EQ(message_of("5 mm", "A/m^2"),
            "'5 mm' is not a quantity in A/m^2: the unit 'mm' has another dimension.");
  EXPECT_EQ(message_of("5 mA/cn^2", "A/m^2"),
            "'5 mA/cn^2' is not a quantity in A/m^2: the unit 'mA/cn^2' is unknown.");
  EXPECT_EQ(message_of("", "m"), "'' is not a quantity in m: there is no number.");
  EXPECT_EQ(message_of("five mm", "m"),
            "'five mm' is not a quantity in m: 'five mm' does not begin with a finite number.");
  EXPECT_EQ(message_of("0,5 mm", "m"),
            "'0,5 mm' is not a quantity in m: a decimal point is needed, not a comma.");
  EXPECT_EQ(message_of("5 mm", "1"), "'5 mm' is not a pure number: the unit 'mm' has another dimension.");
}

TEST(Quantity, RefusesWhatUdunitsWouldTakeOtherwise)
{
  EXPECT_NE(message_of("5 s", "1/s"), "no error") << "reciprocal dimension";
  EXPECT_NE(message_of("5 Ohm", "S"), "no error") << "reciprocal dimension";
  EXPECT_NE(message_of("1 MPa m^0.5", "Pa"), "no error") << "m^0 times 5";
  EXPECT_NE(message_of("1 MPa m^.5", "Pa"), "no error") << "m^0 times 5";
  for (const char *const text : {"1.5 2 m", "1 1 m", "1 000 m", "1 m -2", "1 -2 m", "1 m 2", "1 m/2", "1 m.2",
                                 "1 (2 m)", "1 m*2", "1 - m", "1/3 m"})
    EXPECT_NE(message_of(text, "m"), "no error") << text << ": two numbers";
  EXPECT_NE(message_of("1 - 2 m", "m"), "no error") << "a formula";
  EXPECT_NE(message_of("1 * 2 m", "m"), "no error") << "a formula";
  EXPECT_NE(message_of("5 s since 2000-01-01", "s"), "no error") << "a point in time";
  EXPECT_NE(message_of("5 K @ 3", "K"), "no error") << "another origin";
  EXPECT_NE(message_of("5 dBW", "W"), "no error") << "logarithmic";
  EXPECT_NE(message_of("5 ms/cm", "S/m"), "no error") << "letter case";
}

TEST(Quantity, RefusesInfiniteAndUndefinedValues)
{
  for (const char *const text : {"inf", "inf m", "nan m", "1e999 m", "1e308 km", "-inf"})
    EXPECT_NE(message_of(text, "m"), "no error") << text;
}

TEST(Quantity, Converts)
{
  expect_relative(convert(0.046, "S/m", "mS/cm"), 0.46, rounding, "S/m to mS/cm");
  expect_relative(convert(298.15, "K", "degC"), 25., 1e-14, "K to degC; rounding relative to 298 K");
  expect_relative(convert(1., "V", "mV"), 1000., rounding, "V to mV");
}

TEST(Quantity, NamesTheSIUnit)
{
  const std::vector<std::pair<std::string, std::string>> cases = {{"mA/cm^2", "A/m^2"},
                                                                  {"um", "m"},
                                                                  {"mS/cm", "S/m"},
                                                                  {"Ohm cm^2", "Ohm m^2"},
                                                                  {"GPa", "Pa"},
                                                                  {"eV", "J"},
                                                                  {"mol/m^3", "mol/m^3"},
                                                                  {"J/m^2", "J/m^2"},
                                                                  {"1/s", "1/s"},
                                                                  {"degC", "K"},
                                                                  {"mA h", "A s"},
                                                                  {"mAh/cm^2", "C/m^2"},
                                                                  {"1", "1"},
                                                                  {"%", "1"},
                                                                  {"kJ/mol", "J/mol"},
                                                                  {"1/(MPa s)", "1/(Pa s)"},
                                                                  {"cm^3/mol", "m^3/mol"},
                                                                  {"g", "kg"},
                                                                  {"deg", "rad"},
                                                                  {"h", "s"},
                                                                  {"\xc2\xb5m", "m"}};
  for (const auto &[unit, si] : cases) {
    EXPECT_EQ(si_unit(unit), si);
    EXPECT_EQ(si_unit(si), si) << "an SI unit stays as it is";
  }
}

TEST(Quantity, FormatsShort)
{
  EXPECT_EQ(format_quantity(2e-5, "m", "um"), "20 um");
  EXPECT_EQ(format_quantity(51., "A/m^2", "mA/cm^2"), "5.1 mA/cm^2");
  EXPECT_EQ(format_quantity(0.046, "S/m", "mS/cm"), "0.46 mS/cm");
  EXPECT_EQ(format_quantity(298.15, "K", "degC"), "25 degC");
  EXPECT_EQ(format_quantity(298.15, "K", "K"), "298.15 K");
  EXPECT_EQ(format_quantity(0., "m", "um"), "0 um");
  EXPECT_EQ(format_quantity(0.25, "1", "1"), "0.25");
  EXPECT_EQ(format_quantity(0.05, "1", "%"), "5 %");
  EXPECT_EQ(format_quantity(1e-6, "S/m", "S/cm"), "1e-8 S/cm");
  EXPECT_EQ(format_quantity(150e9, "Pa", "GPa"), "150 GPa");
  EXPECT_EQ(format_quantity(3600., "s", "h"), "1 h");
  EXPECT_EQ(format_quantity(-3e-6, "m", "um"), "-3 um");
}

TEST(Quantity, FormattedTextReadsBackToTheSameDouble)
{
  const std::vector<std::pair<std::string, std::string>> units = {
      {"m", "um"},   {"A/m^2", "mA/cm^2"}, {"S/m", "mS/cm"},
      {"K", "degC"}, {"J", "eV"},          {"C/m^2", "mAh/cm^2"},
      {"s", "h"},    {"Pa", "GPa"},        {"1", "1"},
      {"1", "%"},    {"rad", "deg"},       {"Ohm m^2", "Ohm cm^2"}};
  for (const auto &[si, display] : units)
    for (int i = 1; i <= 300; ++i)
      for (const double scale : {1e-300, 1e-7, 1., 298.15, 1e12}) {
        const double value = scale * std::sqrt(static_cast<double>(i)); // no short decimals
        const std::string text = format_quantity(value, si, display);
        EXPECT_EQ(parse_quantity(text, si), value) << text;
      }
}

TEST(Text, FormatsNumbersShort)
{
  EXPECT_EQ(format_number(20.), "20");
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(-1.5e-9), "-1.5e-9");
  EXPECT_EQ(format_number(2e12), "2e12");
  EXPECT_EQ(format_number(100000.), "100000");
  EXPECT_EQ(format_number(-0.), "0");
}

TEST(Text, FindsTheNearestName)
{
  const std::vector<std::string> names = {"refinement levels", "cells", "coarsening"};
  EXPECT_EQ(nearest_name("refinment levels", names), "refinement levels");
  EXPECT_EQ(nearest_name("Refinement Levels", names), "refinement levels");
  EXPECT_EQ(nearest_name("clels", names), "cells") << "neighbours swapped";
  EXPECT_EQ(nearest_name("temperature", names), "");
  EXPECT_EQ(nearest_name("on", {"off"}), "") << "short words must differ in one letter only";
  EXPECT_EQ(nearest_name("a", {}), "");
}

TEST(Text, SplitsLists)
{
  EXPECT_EQ(split(" a, b ,c", ','), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(split("a,,", ','), (std::vector<std::string>{"a", "", ""}));
  EXPECT_TRUE(split("  ", ',').empty());
}
