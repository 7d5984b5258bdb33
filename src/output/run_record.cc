#include "output/run_record.h"

#include "core/build_info.h"
#include "core/collective.h"
#include "output/files.h"

#include <deal.II/base/config.h>
#include <deal.II/base/exceptions.h>

#include <hdf5.h>
#include <nlohmann/json.hpp>
#include <p4est_config.h>
#include <petscsys.h>
#include <unistd.h>
#include <vtkVersion.h>

#include <ctime>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace lithoclase
{
using namespace dealii;
using nlohmann::json;

namespace
{
/// The time of `seconds` ago.
std::string time_before(const double seconds)
{
  const std::time_t now = std::time(nullptr) - static_cast<std::time_t>(seconds);
  std::tm utc = {};
  gmtime_r(&now, &utc);
  char text[40];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

json this_host()
{
  char name[256] = {};
  gethostname(name, sizeof(name) - 1);
  std::string model, line;
  std::ifstream cpu("/proc/cpuinfo");
  while (model.empty() && std::getline(cpu, line))
    if (line.rfind("model name", 0) == 0 && line.find(':') + 2 < line.size())
      model = line.substr(line.find(':') + 2);
  return {{"name", name}, {"processor", model}, {"cores", std::thread::hardware_concurrency()}};
}

/// The record of the run before, itself in the list of its earlier runs.
json earlier_runs(const std::string &path)
{
  std::string text;
  json list = json::array();
  if (!read_file(path, text).empty())
    return list;
  json before = json::parse(text, nullptr, false);
  if (before.is_discarded() || !before.is_object())
    return list;
  if (before.contains("earlier_runs"))
    list = before["earlier_runs"];
  before.erase("earlier_runs");
  list.push_back(before);
  return list;
}

json material_values(const std::string &text)
{
  const json values = json::parse(text.empty() ? "{}" : text, nullptr, false);
  Assert(!values.is_discarded(), ExcMessage("the material values are no JSON"));
  return values;
}
} // namespace

std::map<std::string, std::string> library_versions()
{
  unsigned int major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  MPI_Get_library_version(mpi, &length);
  std::string mpi_name(mpi);
  mpi_name = mpi_name.substr(0, mpi_name.find_first_of(",\n"));
  return {{"deal.II", DEAL_II_PACKAGE_VERSION},
          {"PETSc", std::to_string(PETSC_VERSION_MAJOR) + "." + std::to_string(PETSC_VERSION_MINOR) + "." +
                        std::to_string(PETSC_VERSION_SUBMINOR)},
          {"p4est", P4EST_VERSION},
          {"HDF5", std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release)},
          {"VTK", vtkVersion::GetVTKVersion()},
          {"MPI", mpi_name}};
}

RunRecord::RunRecord(MPI_Comm communicator, const std::string &path, const RunDescription &description,
                     const bool resumed, const double already)
    : communicator_(communicator), path_(path),
      start_(Clock::now() -
             std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(already)))
{
  std::string error;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0) {
    json record = {{"case", description.case_name},
                   {"command", description.command},
                   {"start", time_before(already)},
                   {"revision", source_revision()},
                   {"libraries", library_versions()},
                   {"ranks", Utilities::MPI::n_mpi_processes(communicator_)},
                   {"host", this_host()},
                   {"seeds", description.seeds},
                   {"materials", material_values(description.materials)},
                   {"parameters", description.parameters},
                   {"resumed", resumed}};
    if (resumed)
      record["earlier_runs"] = earlier_runs(path_);
    error = write_file_atomically(path_, record.dump(1) + "\n");
  }
  throw_on_all_ranks<std::runtime_error>(communicator_, error);
}

void RunRecord::finish(const std::string &exit_reason, const int exit_code,
                       const std::map<std::string, double> &numbers) const
{
  if (Utilities::MPI::this_mpi_process(communicator_) != 0)
    return;
  std::string text;
  if (!read_file(path_, text).empty())
    return;
  json record = json::parse(text, nullptr, false);
  if (record.is_discarded())
    return;
  record["end"] = time_before(0.);
  record["wall_time [s]"] = std::chrono::duration<double>(Clock::now() - start_).count();
  record["exit_reason"] = exit_reason;
  record["exit_code"] = exit_code;
  for (const auto &[name, value] : numbers)
    record[name] = value;
  write_file_atomically(path_, record.dump(1) + "\n");
}
} // namespace lithoclase
