#pragma once

#include "core/parameter_section.h"
#include "core/trigger.h"

#include <string>
#include <vector>

namespace lithoclase
{
/// Where, what and how often a run writes.
struct OutputParameters
{
  std::string directory = "results/case"; ///< the caller sets the default results/<case> before declare()
  std::vector<std::string> formats{"vtu"};
  std::vector<std::string> fields; ///< names of the fields to write, empty: all
  Trigger trigger{0., 20, {}};     ///< when fields are written, besides the first and the last state
  unsigned int files_per_output = 0;
  bool double_coordinates = false;
  double checkpoint_interval = 1800.;              ///< wall time [s], 0: off
  unsigned long long checkpoint_step_interval = 0; ///< 0: off

  unsigned int history_digits = 12; ///< significant ones

  bool checkpoints() const { return checkpoint_interval > 0. || checkpoint_step_interval > 0; }
  bool writes(const std::string &format) const;
  void declare(ParameterSection &section);
};
} // namespace lithoclase
