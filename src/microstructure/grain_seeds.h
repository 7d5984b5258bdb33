#pragma once

#include "microstructure/grain_shape.h"
#include "microstructure/microstructure_parameters.h"
#include "microstructure/power_diagram.h"

#include <deal.II/base/point.h>

#include <array>
#include <vector>

namespace lithoclase
{
/// Shape of the grains in the electrolyte `lower`, `upper`. Throws InputError.
template <int dim>
GrainShape<dim> grain_shape(const GrainParameters &parameters, const dealii::Point<dim> &lower,
                            const dealii::Point<dim> &upper);

/// Seeds of the grains in the box `lower`, `upper` (that of the electrolyte), as the parameters ask for.
/// Those from a file may lie anywhere above `box_lower`, those of a regular arrangement also outside if their
/// grain reaches into the box. Where a deviation of the grain size is given, the sizes are quantiles of the
/// log-normal distribution, dealt out to random seeds, and weights are fitted to them (see fit_volumes()).
/// Throws InputError.
template <int dim>
GrainSeeds<dim> grain_seeds(const GrainParameters &parameters, const dealii::Point<dim> &box_lower,
                            const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                            const std::array<bool, dim> &periodic);
} // namespace lithoclase
