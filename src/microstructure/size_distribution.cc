#include "microstructure/size_distribution.h"

#include <boost/math/distributions/normal.hpp>

#include <cmath>

namespace lithoclase
{
MeanAndDeviation mean_and_deviation(const std::vector<double> &values)
{
  MeanAndDeviation result;
  for (const double value : values)
    result.mean += value / values.size();
  double variance = 0.;
  for (const double value : values)
    variance += (value - result.mean) * (value - result.mean) / values.size();
  result.deviation = std::sqrt(variance);
  return result;
}

std::vector<double> log_normal_values(unsigned int n, double mean, double deviation)
{
  std::vector<double> standard(n), values(n);
  for (unsigned int i = 0; i < n; ++i)
    standard[i] = boost::math::quantile(boost::math::normal(), (i + 0.5) / n);
  const auto relative_deviation = [&](double sigma) {
    for (unsigned int i = 0; i < n; ++i)
      values[i] = std::exp(sigma * standard[i]);
    const MeanAndDeviation result = mean_and_deviation(values);
    return result.deviation / result.mean;
  };
  double low = 0., high = 5.;
  for (unsigned int step = 0; step < 60; ++step) {
    const double sigma = 0.5 * (low + high);
    (relative_deviation(sigma) < deviation / mean ? low : high) = sigma;
  }
  relative_deviation(low);
  const double scale = mean / mean_and_deviation(values).mean;
  for (double &value : values)
    value *= scale;
  return values;
}
} // namespace lithoclase
