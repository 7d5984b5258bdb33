#pragma once

#include <vector>

namespace lithoclase
{
/// `n` values of a log-normal distribution in increasing order: its quantiles at (i + 1/2)/n, with parameters
/// such that mean and standard deviation of the n values themselves are those asked for, and not only on
/// average over many draws. The deviation may be at most about half of sqrt(n) times the mean; a wider one
/// is cut off there.
std::vector<double> log_normal_values(unsigned int n, double mean, double deviation);

struct MeanAndDeviation
{
  double mean = 0., deviation = 0.;
};
MeanAndDeviation mean_and_deviation(const std::vector<double> &values);
} // namespace lithoclase
