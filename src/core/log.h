#pragma once

#include "core/observables.h"
#include "core/step.h"

#include <deal.II/base/mpi.h>

#include <fstream>
#include <iosfwd>
#include <string>

namespace lithoclase
{
/// A number in SI with a unit that reads well: (1.25e-5, "m") gives "12.5 um", (100, "A/m^2") "10 mA/cm^2".
std::string friendly(double value, const std::string &unit);

/// "42 s", "3 min 20 s", "2 h 05 min", "3 d 04 h".
std::string format_duration(double seconds);

/// Whether what the program prints is seen on a terminal: a launcher of parallel programs gives each rank a
/// pseudo-terminal of its own, so its own output is looked at, too.
bool output_is_a_terminal();

/// The log of a run, on the screen and in a file: a block per step. Only rank 0 writes; on the other ranks
/// the calls do nothing. On a terminal a progress bar stands below the last line; elsewhere there are plain
/// lines only.
class Log
{
public:
  /// `screen` may be null.
  Log(MPI_Comm communicator, std::ostream *screen, bool terminal = output_is_a_terminal());
  ~Log();

  /// Writes to `file_name`, too; `append` after a restart. Collective. InputError on all ranks if that is
  /// impossible.
  void open_file(const std::string &file_name, bool append);

  void line(const std::string &text = ""); ///< may hold several lines
  void warning(const std::string &text);   ///< "Warning: " and the text

  void begin_step(const Step &step);
  void solve(const std::string &module, const SolveReport &report);
  void observables(const ObservableRow &row); ///< those for the screen
  /// The fraction done, 0 to 1, and the wall time still needed [s], infinity if unknown.
  void progress(double fraction, double remaining_seconds);

private:
  void erase_bar();

  bool active_;
  bool terminal_;
  bool bar_shown_ = false;
  MPI_Comm communicator_;
  std::ostream *screen_;
  std::ofstream file_;
};
} // namespace lithoclase
