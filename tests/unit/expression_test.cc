#include "core/expression.h"

#include "core/failure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace lithoclase;

namespace
{
double value_at(const std::string &text, const dealii::Point<3> &point = dealii::Point<3>(),
                const double time = 0.)
{
  const auto function = Expression{text}.function<3>();
  function->set_time(time);
  return function->value(point);
}

template <int dim>
std::string message_of(const std::string &text)
{
  try {
    Expression{text}.function<dim>();
  } catch (const InputError &error) {
    return error.what();
  }
  return "no error";
}

void expect_message(const std::string &text, const std::string &part)
{
  EXPECT_NE(message_of<3>(text).find(part), std::string::npos) << text << " says " << message_of<3>(text);
}
} // namespace

TEST(Expression, KnowsUnitsAsFactorsToSI)
{
  // Relative tolerance: a few roundings.
  const std::vector<std::pair<std::string, double>> cases = {
      {"3*mA/cm^2", 30.},  {"5*um", 5e-6},        {"0.46*mS/cm", 0.046},   {"150*GPa", 150e9},
      {"2*h", 7200.},      {"50*mV", 0.05},       {"1e-3*mol/m^3", 1e-3},  {"2*Ohm*cm^2", 2e-4},
      {"pi", M_PI},        {"7*nm", 7e-9},        {"2*J/m^2 + 1*N/m", 3.}, {"300*K", 300.},
      {"4*kPa/MPa", 4e-3}, {"min(2, 1)*ms", 1e-3}};
  for (const auto &[text, reference] : cases)
    EXPECT_NEAR(value_at(text), reference, 1e-15 * std::abs(reference)) << text;
}

TEST(Expression, DependsOnPlaceAndTime)
{
  EXPECT_DOUBLE_EQ(value_at("x + 10*y + 100*z + 1000*t", dealii::Point<3>(1., 2., 3.), 4.), 4321.);
  // the difference of two equal lengths leaves rounding of 5 um relative to 0.2 um
  EXPECT_NEAR(value_at("0.5*(1-tanh((y-5*um)/(0.2*um)))", dealii::Point<3>(0., 5e-6, 0.)), 0.5, 1e-14);
  EXPECT_DOUBLE_EQ(value_at("if (t < 10*s, 1, 2)", {}, 9.), 1.);
  EXPECT_DOUBLE_EQ(value_at("t < 10*s ? 1 : 2", {}, 11.), 2.);

  const auto function = Expression{"x + 10*y + 1000*t"}.function<2>();
  function->set_time(4.);
  EXPECT_DOUBLE_EQ(function->value(dealii::Point<2>(1., 2.)), 4021.);
}

TEST(Expression, KnowsWhetherItIsConstant)
{
  double value = 0.;
  EXPECT_TRUE(Expression{"3*mA/cm^2"}.is_constant(value));
  EXPECT_DOUBLE_EQ(value, 30.);
  EXPECT_TRUE(Expression{"max(1e-3, exp(0))"}.is_constant(value)) << "no x in exp or max";
  EXPECT_DOUBLE_EQ(value, 1.);
  EXPECT_FALSE(Expression{"1+0*x"}.is_constant(value));
  EXPECT_FALSE(Expression{"2*t"}.is_constant(value));
  EXPECT_FALSE(Expression{""}.is_constant(value));
  EXPECT_TRUE(Expression{}.empty());
}

TEST(Expression, ReportsSyntaxErrorsWithPositionAndNothingOnTheErrorStream)
{
  testing::internal::CaptureStderr();
  expect_message("x+foo",
                 "is 'x+foo', but must be a formula in x,y,z,t: the parser says: Unexpected token \"foo\"");
  expect_message("x+foo", "at position 2.");
  expect_message("5 um", "Unexpected value \"um\" found at position 2.");
  expect_message("(x", "Missing parenthesis at position");
  expect_message("x+", "Unexpected end of expression at position 3.");
  expect_message("sin", "Unexpected token \"sin\"");
  expect_message("", "it is empty");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Expression, NamesItsOrigin)
{
  const Expression expression{"x+", "case.prm, line 3: parameter 'A/b'"};
  try {
    expression.function<2>();
    FAIL();
  } catch (const InputError &error) {
    EXPECT_EQ(std::string(error.what()).find("case.prm, line 3: parameter 'A/b' is 'x+', but must be"), 0u)
        << error.what();
  }
}

TEST(Expression, RefusesWhatTheParserWouldTake)
{
  expect_message("rand()", "'rand' is not allowed");
  expect_message("1+rand_seed(3)", "'rand_seed' is not allowed");
  expect_message("0,5", "decimal point");
  expect_message("1;2", "one value is needed");
  expect_message("x=3", "'=' assigns");
  EXPECT_EQ(message_of<3>("(x==3) + (x<=1) + (x>=1) + (x!=2) + min(1,2)"), "no error");
}

TEST(Expression, RefusesZInTwoDimensions)
{
  EXPECT_NE(message_of<2>("x+z").find("'z' exists only in three dimensions"), std::string::npos);
  EXPECT_EQ(message_of<3>("x+z"), "no error");
}
