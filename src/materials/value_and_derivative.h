#pragma once

namespace lithoclase
{
/// A function of one variable at a point, with its slope: Newton needs both, and they must belong together.
struct ValueAndDerivative
{
  double value = 0.;
  double derivative = 0.;
};

/// Product rule.
inline ValueAndDerivative operator*(const ValueAndDerivative &a, const ValueAndDerivative &b)
{
  return {a.value * b.value, a.derivative * b.value + a.value * b.derivative};
}

inline ValueAndDerivative operator*(const double factor, const ValueAndDerivative &a)
{
  return {factor * a.value, factor * a.derivative};
}

inline ValueAndDerivative operator+(const ValueAndDerivative &a, const ValueAndDerivative &b)
{
  return {a.value + b.value, a.derivative + b.derivative};
}

/// The same with the second derivative.
struct ValueAndTwoDerivatives
{
  double value = 0.;
  double first = 0.;
  double second = 0.;
};
} // namespace lithoclase
