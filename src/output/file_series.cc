#include "output/file_series.h"

#include "core/collective.h"
#include "core/failure.h"
#include "output/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace lithoclase
{
using namespace dealii;

namespace
{
/// The value of an attribute in a line of XML that this class wrote.
std::string xml_attribute(const std::string &line, const std::string &name)
{
  const std::size_t begin = line.find(" " + name + "=\"");
  if (begin == std::string::npos)
    return {};
  const std::size_t value = begin + name.size() + 3;
  return line.substr(value, line.find('"', value) - value);
}
} // namespace

FileSeries::FileSeries(MPI_Comm communicator, const std::string &path,
                       const std::optional<double> resume_time)
    : communicator_(communicator), path_(path),
      json_(path.size() < 4 || path.substr(path.size() - 4) != ".pvd")
{
  std::string error;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0 && resume_time && std::filesystem::exists(path_))
    error = read(*resume_time);
  throw_on_all_ranks<InputError>(communicator_, error);
}

std::string FileSeries::read(const double resume_time)
{
  std::string content;
  const std::string error = read_file(path_, content);
  if (!error.empty())
    return error;
  if (json_) {
    const auto list = nlohmann::json::parse(content, nullptr, false);
    if (list.is_discarded() || !list.contains("files"))
      return "'" + path_ +
             "' is no list of outputs: it cannot be continued; move it away or write to another folder";
    for (const auto &file : list["files"])
      entries_.push_back({file.value("time", 0.), file.value("name", "")});
  } else {
    std::istringstream lines(content);
    std::string line;
    while (std::getline(lines, line))
      if (line.find("<DataSet ") != std::string::npos)
        entries_.push_back(
            {std::strtod(xml_attribute(line, "timestep").c_str(), nullptr), xml_attribute(line, "file")});
  }
  const double limit = resume_time + 1e-12 * std::abs(resume_time);
  entries_.erase(
      std::remove_if(entries_.begin(), entries_.end(), [&](const Entry &e) { return e.time > limit; }),
      entries_.end());
  return {};
}

void FileSeries::add(const double time, const std::string &file_name)
{
  std::string error;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0) {
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                  [&](const Entry &e) { return e.file_name == file_name; }),
                   entries_.end());
    entries_.push_back({time, file_name});
    error = write_file_atomically(path_, text());
  }
  throw_on_all_ranks<std::runtime_error>(communicator_, error);
}

std::string FileSeries::text() const
{
  if (json_) {
    nlohmann::json list = {{"file-series-version", "1.0"}, {"files", nlohmann::json::array()}};
    for (const Entry &entry : entries_)
      list["files"].push_back({{"name", entry.file_name}, {"time", entry.time}});
    return list.dump(1) + "\n";
  }
  std::string text =
      "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\" version=\"0.1\" byte_order=\"LittleEndian\">\n"
      "  <Collection>\n";
  for (const Entry &entry : entries_) {
    char time[40];
    std::snprintf(time, sizeof(time), "%.17g", entry.time);
    text += std::string("    <DataSet timestep=\"") + time + "\" group=\"\" part=\"0\" file=\"" +
            entry.file_name + "\"/>\n";
  }
  return text + "  </Collection>\n</VTKFile>\n";
}
} // namespace lithoclase
