#pragma once

#include "core/observables.h"

#include <deal.II/base/mpi.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
/// The time series of a run: a CSV file with a column `name [unit]` per observable and a row per accepted
/// step.
///
/// Rank 0 writes and flushes each row at once. The first observable must be the time: after a restart the
/// rows later than the restart time are cut off, so that nothing stands there twice.
class History
{
public:
  /// With `resume_time` an existing file is continued after that time [s], else a new one is begun.
  /// Collective. InputError if the file cannot be opened or its first column is no time.
  History(MPI_Comm communicator, const std::string &file_name, std::optional<double> resume_time = {},
          unsigned int digits = 12);

  /// Appends a row. Collective. InputError if a continued file has other columns, std::runtime_error if the
  /// row cannot be written, on all ranks.
  void write(const ObservableRow &row);

private:
  std::string keep_until(double time);
  std::string begin(const std::string &header);

  MPI_Comm communicator_;
  bool writer_;
  std::string file_name_;
  unsigned int digits_;
  bool begun_ = false;
  std::string header_; ///< of the continued file, empty if there is none
  std::ofstream file_;
};
} // namespace lithoclase
