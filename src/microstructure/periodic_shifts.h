#pragma once

#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <array>
#include <vector>

namespace lithoclase
{
/// From what lies in the box to its images across periodic sides, itself (no shift) first: 3^n for n periodic
/// axes.
template <int dim>
std::vector<dealii::Tensor<1, dim>> periodic_shifts(const dealii::Point<dim> &lower,
                                                    const dealii::Point<dim> &upper,
                                                    const std::array<bool, dim> &periodic)
{
  std::vector<dealii::Tensor<1, dim>> shifts(1);
  for (unsigned int a = 0; a < dim; ++a)
    if (periodic[a]) {
      const std::size_t n = shifts.size();
      for (const double length : {lower[a] - upper[a], upper[a] - lower[a]})
        for (std::size_t i = 0; i < n; ++i) {
          shifts.push_back(shifts[i]);
          shifts.back()[a] += length;
        }
    }
  return shifts;
}
} // namespace lithoclase
