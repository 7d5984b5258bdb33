#pragma once

#include <deal.II/base/function_parser.h>

#include <memory>
#include <string>

namespace lithoclase
{
/// A formula in x, y, z [m] and t [s] from the parameter file, e.g. "0.5*(1-tanh((y-5*um)/(0.2*um)))", in the
/// language of muParser (+ - * / ^, comparisons, && ||, c ? a : b, and functions such as sin, exp, sqrt, abs,
/// min, max, if, erf). In 2-D the variables are x and y.
///
/// The result is in SI units. Known constants: pi and, as factors to SI so that "3*mA/cm^2" works, the units
///   nm um mm cm m, ms s h, mV V, uA mA A, mS S, Ohm, Pa kPa MPa GPa, K, mol, J, N.
/// No constant has the name of a variable or of a function. Hence there is no "min" for minutes (min(a, b) is
/// the smaller one), no "t", and no "C", which could be coulomb or Celsius.
///
/// Refused beyond wrong syntax: rand() and rand_seed(), whose values differ between ranks, assignments, and
/// several results ("0,5" would silently be 5).
struct Expression
{
  std::string text;
  std::string origin = {}; ///< the parameter it comes from, for messages: "case.prm, line 3: parameter 'A/b'"

  bool empty() const { return text.empty(); }
  bool is_constant(double &value) const; ///< true and the value if the text depends on no variable

  /// A deal.II function of `n_components` = 1. Throws InputError with the parser's message and the text.
  template <int dim>
  std::unique_ptr<dealii::FunctionParser<dim>> function() const;
};
} // namespace lithoclase
