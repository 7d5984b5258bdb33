#pragma once

#include <deal.II/base/function_parser.h>

#include <memory>
#include <string>

namespace lithoclase
{
/// A formula in x, y, z [m] and t [s] from the parameter file, e.g. "0.5*(1-tanh((y-5*um)/(0.2*um)))".
/// In 2-D the variables are x and y. Known constants: pi, and the units nm um mm cm m, s min h, mV V, mA A, kPa MPa GPa
/// Pa, K, mol, S, mS, J, N as factors to SI, so that "3*mA/cm^2" works. The result is in SI units.
struct Expression
{
  std::string text;

  bool empty() const { return text.empty(); }
  bool is_constant(double &value) const; ///< true and the value if the text depends on no variable

  /// A deal.II function of `n_components` = 1. Throws InputError with the parser's message and the text.
  template <int dim>
  std::unique_ptr<dealii::FunctionParser<dim>> function() const;
};
} // namespace lithoclase
