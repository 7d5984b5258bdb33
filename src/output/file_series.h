#pragma once

#include <deal.II/base/mpi.h>

#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
/// The list of a run's outputs with their times, kept in a small file that ParaView opens: `.pvd` for VTU
/// files, `.series` (JSON) for others. Rewritten under a temporary name at each output.
class FileSeries
{
public:
  /// With `resume_time` an existing list is continued after that time [s]. Collective.
  FileSeries(MPI_Comm communicator, const std::string &path, std::optional<double> resume_time);

  /// Adds an output; one with the same name is replaced. Collective. std::runtime_error on all ranks if the
  /// list cannot be written.
  void add(double time, const std::string &file_name);

private:
  struct Entry
  {
    double time;
    std::string file_name; ///< relative to the list
  };

  std::string read(double resume_time);
  std::string text() const;

  MPI_Comm communicator_;
  std::string path_;
  bool json_;
  std::vector<Entry> entries_; ///< on rank 0
};
} // namespace lithoclase
