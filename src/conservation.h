#pragma once

#include "core/log.h"
#include "core/observables.h"

#include <optional>

namespace lithoclase
{
/// Watches in all steps of a run whether charge and lithium volume agree, and says so at the end.
class Conservation
{
public:
  /// Looks at the row of an accepted step.
  void update(const ObservableRow &row);
  /// Largest |charge_volume_error| since the run began or was resumed; nothing without electrodeposition.
  std::optional<double> largest_error() const { return largest_; }
  /// A line, or a warning where the error is beyond one per cent.
  void report(Log &log) const;

private:
  std::optional<double> largest_;
};
} // namespace lithoclase
