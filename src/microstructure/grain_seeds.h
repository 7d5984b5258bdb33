#pragma once

#include "microstructure/microstructure_parameters.h"

#include <deal.II/base/point.h>

#include <array>
#include <vector>

namespace lithoclase
{
/// Seed points of the grains in the box `lower`, `upper` (that of the electrolyte), as the parameters ask
/// for. Those from a file may lie anywhere above `box_lower`, those of a regular arrangement also outside if
/// their grain reaches into the box. Throws InputError.
template <int dim>
std::vector<dealii::Point<dim>> grain_seeds(const GrainParameters &parameters,
                                            const dealii::Point<dim> &box_lower,
                                            const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                            const std::array<bool, dim> &periodic);
} // namespace lithoclase
