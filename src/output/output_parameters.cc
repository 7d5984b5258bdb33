#include "output/output_parameters.h"

#include "core/failure.h"

#include <algorithm>

namespace lithoclase
{
bool OutputParameters::writes(const std::string &format) const
{
  return std::find(formats.begin(), formats.end(), format) != formats.end();
}

void OutputParameters::declare(ParameterSection &s)
{
  s.integer("history digits", history_digits, Range::closed(4, 17),
            "significant digits of the numbers in history.csv");
  s.text("directory", directory,
         "folder of the results, relative to the folder in which the program is started");
  s.texts("formats", formats,
          "files of fields: vtu (with fields.pvd for ParaView), vtkhdf, or both; empty: none");
  s.texts("fields", fields, "names of the fields to write, e.g. lithium, overpotential; empty: all");
  s.quantity("time interval", trigger.time_interval, "s", Range::non_negative(),
             "simulated time between two outputs of fields; 0: off. The first and the last state are always "
             "written");
  s.integer("step interval", trigger.step_interval, Range::non_negative(),
            "steps between two outputs of fields; 0: off");
  s.quantities("times", trigger.times, "s", Range::non_negative(),
               "simulated times at which fields are written");
  s.integer("files per output", files_per_output, Range::any(),
            "number of vtu files that the ranks share; 0: one for every 16 ranks");
  s.boolean("64-bit coordinates", double_coordinates, "write coordinates with 64 bits instead of 32");
  s.quantity("checkpoint interval", checkpoint_interval, "min", Range::non_negative(),
             "wall time between two checkpoints; 0: off. A run that is stopped early writes one in any case");
  s.integer("checkpoint step interval", checkpoint_step_interval, Range::non_negative(),
            "steps between two checkpoints; 0: off");

  for (const std::string &format : formats)
    if (format != "vtu" && format != "vtkhdf")
      throw InputError(s.where("formats") + " has '" + format + "', but must have only: vtu, vtkhdf");
  if (directory.empty())
    throw InputError(s.where("directory") + " is empty, but must name a folder");
}
} // namespace lithoclase
