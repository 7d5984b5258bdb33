#include "core/expression.h"

#include "core/failure.h"
#include "core/text.h"

#include <deal.II/base/numbers.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

namespace lithoclase
{
namespace
{
const std::map<std::string, double> &named_constants()
{
  static const std::map<std::string, double> values = {{"pi", dealii::numbers::PI},
                                                       {"nm", 1e-9},
                                                       {"um", 1e-6},
                                                       {"mm", 1e-3},
                                                       {"cm", 1e-2},
                                                       {"m", 1.},
                                                       {"ms", 1e-3},
                                                       {"s", 1.},
                                                       {"h", 3600.},
                                                       {"mV", 1e-3},
                                                       {"V", 1.},
                                                       {"uA", 1e-6},
                                                       {"mA", 1e-3},
                                                       {"A", 1.},
                                                       {"mS", 1e-3},
                                                       {"S", 1.},
                                                       {"Ohm", 1.},
                                                       {"Pa", 1.},
                                                       {"kPa", 1e3},
                                                       {"MPa", 1e6},
                                                       {"GPa", 1e9},
                                                       {"K", 1.},
                                                       {"mol", 1.},
                                                       {"J", 1.},
                                                       {"N", 1.}};
  return values;
}

/// All names in the formula. The "e" of "1e-3" is part of a number.
std::set<std::string> names_in(const std::string &formula)
{
  std::set<std::string> names;
  const auto letter = [](const char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; };
  const auto digit = [](const char c) { return std::isdigit(static_cast<unsigned char>(c)) || c == '.'; };
  std::size_t i = 0;
  while (i < formula.size()) {
    const std::size_t begin = i;
    if (letter(formula[i])) {
      while (i < formula.size() &&
             (letter(formula[i]) || std::isdigit(static_cast<unsigned char>(formula[i]))))
        ++i;
      names.insert(formula.substr(begin, i - begin));
    } else if (digit(formula[i])) {
      std::string rest;
      leading_number(formula.substr(i), rest);
      i = std::max(formula.size() - rest.size(), begin + 1);
    } else
      ++i;
  }
  return names;
}

bool is_assignment(const std::string &formula, const std::size_t position)
{
  const auto at = [&](const std::size_t i) { return i < formula.size() ? formula[i] : ' '; };
  const char before = position > 0 ? formula[position - 1] : ' ';
  return at(position) == '=' && at(position + 1) != '=' &&
         std::string("=<>!").find(before) == std::string::npos;
}

/// What muParser would take but nobody can mean in a parameter file; "" if nothing.
std::string refused(const std::string &formula)
{
  const std::set<std::string> names = names_in(formula);
  for (const char *const name : {"rand", "rand_seed"})
    if (names.count(name) > 0)
      return std::string("'") + name + "' is not allowed, since its values would differ between ranks";
  int depth = 0;
  for (std::size_t i = 0; i < formula.size(); ++i) {
    depth += (formula[i] == '(' ? 1 : 0) - (formula[i] == ')' ? 1 : 0);
    if (formula[i] == ';' || (formula[i] == ',' && depth == 0))
      return "one value is needed, and numbers are written with a decimal point";
    if (is_assignment(formula, i))
      return "'=' assigns; a comparison is written '=='";
  }
  return "";
}

/// Takes over the error stream: deal.II's parser writes the details of a syntax error there, among them the
/// position, which is missing in some of its messages.
class ErrorStreamCapture
{
public:
  ErrorStreamCapture() : original(std::cerr.rdbuf(captured.rdbuf())) {}
  ~ErrorStreamCapture() { std::cerr.rdbuf(original); }
  ErrorStreamCapture(const ErrorStreamCapture &) = delete;
  ErrorStreamCapture &operator=(const ErrorStreamCapture &) = delete;

  /// The text between '<' and '>' after "Name:"; "" if there is none.
  std::string detail(const std::string &name) const
  {
    const std::string text = captured.str();
    const std::size_t line = text.find(name + ":");
    const std::size_t begin = text.find('<', line);
    const std::size_t end = text.find(">\n", begin);
    if (line == std::string::npos || begin == std::string::npos || end == std::string::npos)
      return "";
    return text.substr(begin + 1, end - begin - 1);
  }

private:
  std::ostringstream captured;
  std::streambuf *original;
};

/// The parser's message in one line, from what it wrote or else from the exception.
std::string parser_message(const ErrorStreamCapture &capture, const dealii::ExceptionBase &exception)
{
  std::string message = capture.detail("Message");
  if (message.empty()) {
    std::ostringstream info;
    exception.print_info(info);
    message = info.str();
    std::replace(message.begin(), message.end(), '\n', ' ');
    const std::string introduction = "The parser said:";
    const std::size_t begin = message.find(introduction);
    message = trim(begin == std::string::npos ? message : message.substr(begin + introduction.size()));
  }
  while (!message.empty() && message.back() == '.')
    message.pop_back();
  const std::string position = capture.detail("Position");
  if (!position.empty() && message.find("position") == std::string::npos)
    message += " at position " + position;
  return message;
}

template <int dim>
dealii::Point<dim> sample_point()
{
  dealii::Point<dim> point;
  for (int d = 0; d < dim; ++d)
    point[d] = 1e-6 * (d + 1);
  return point;
}
} // namespace

bool Expression::is_constant(double &value) const
{
  if (empty())
    return false;
  const std::set<std::string> names = names_in(text);
  for (const char *const variable : {"x", "y", "z", "t"})
    if (names.count(variable) > 0)
      return false;
  value = function<3>()->value(dealii::Point<3>());
  return true;
}

template <int dim>
std::unique_ptr<dealii::FunctionParser<dim>> Expression::function() const
{
  const std::string variables = dim == 2 ? "x,y,t" : "x,y,z,t";
  const auto fail = [&](const std::string &reason) {
    throw InputError((origin.empty() ? "The formula" : origin) + " is '" + text +
                     "', but must be a formula in " + variables + ": " + reason + ".");
  };
  if (const std::string reason = empty() ? "it is empty" : refused(text); !reason.empty())
    fail(reason);
  if (dim == 2 && names_in(text).count("z") > 0)
    fail("'z' exists only in three dimensions");

  auto result = std::make_unique<dealii::FunctionParser<dim>>(1);
  const ErrorStreamCapture capture;
  try {
    result->initialize(variables, text, named_constants(), /* time_dependent = */ true);
    result->value(sample_point<dim>()); // muParser reads the formula at the first evaluation
  } catch (const dealii::ExceptionBase &exception) {
    fail("the parser says: " + parser_message(capture, exception));
  }
  return result;
}

template std::unique_ptr<dealii::FunctionParser<2>> Expression::function<2>() const;
template std::unique_ptr<dealii::FunctionParser<3>> Expression::function<3>() const;
} // namespace lithoclase
