#pragma once

#include "core/observables.h"
#include "materials/composite_bounds.h"

#include <string>
#include <vector>

namespace lithoclase
{
/// Effective properties between their bounds: lines for the log.
std::string bounds_table(const std::vector<BoundedProperty> &properties, unsigned int dim);

/// Columns for the history: the property itself as mean_<name>, and its four bounds.
void add_bounds(const std::vector<BoundedProperty> &properties, ObservableRow &row);
} // namespace lithoclase
