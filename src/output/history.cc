#include "output/history.h"

#include "core/collective.h"
#include "core/failure.h"
#include "output/files.h"

#include <deal.II/base/exceptions.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
std::string header_of(const ObservableRow &row)
{
  std::string header;
  for (const Observable &observable : row.entries())
    header += (header.empty() ? "" : ",") + observable.name + " [" + observable.unit + "]";
  return header;
}
} // namespace

History::History(MPI_Comm communicator, const std::string &file_name, const std::optional<double> resume_time,
                 const unsigned int digits)
    : communicator_(communicator), writer_(Utilities::MPI::this_mpi_process(communicator) == 0),
      file_name_(file_name), digits_(digits)
{
  std::string error;
  if (writer_) {
    if (resume_time && std::filesystem::exists(file_name_))
      error = keep_until(*resume_time);
    if (error.empty()) {
      file_.open(file_name_, header_.empty() ? std::ios::trunc : std::ios::app);
      if (!file_)
        error = "the history '" + file_name_ + "' cannot be written: " + std::strerror(errno);
    }
  }
  throw_on_all_ranks<InputError>(communicator_, error);
}

std::string History::keep_until(const double time)
{
  std::string content;
  std::string error = read_file(file_name_, content);
  if (!error.empty() || content.empty())
    return error;
  std::istringstream lines(content);
  std::string line;
  std::getline(lines, header_);
  if (header_.rfind("time [s]", 0) != 0)
    return "the history '" + file_name_ +
           "' does not begin with the column 'time [s]': it cannot be continued; "
           "move it away or write to another folder";

  // Printed times are rounded to the digits of the file.
  const double limit = time + 10. * std::pow(10., -static_cast<double>(digits_)) * std::abs(time);
  std::string kept = header_ + '\n';
  while (std::getline(lines, line)) {
    const bool complete = !lines.eof(); // a row without its end of line was cut off by a crash
    char *end = nullptr;
    const double row_time = std::strtod(line.c_str(), &end);
    if (complete && end != line.c_str() && row_time <= limit)
      kept += line + '\n';
  }
  return write_file_atomically(file_name_, kept);
}

std::string History::begin(const std::string &header)
{
  if (header_.empty()) {
    file_ << header << '\n';
    return {};
  }
  if (header_ != header)
    return "the history '" + file_name_ +
           "' cannot be continued, it has other columns than this run: keep physics, probes, integrals and "
           "other "
           "diagnostics as they were, or write to another folder";
  return {};
}

void History::write(const ObservableRow &row)
{
  Assert(!row.entries().empty() && row.entries()[0].name == "time",
         ExcMessage("the first observable must be the time"));
  const std::string header = header_of(row);
  if (!begun_)
    throw_on_all_ranks<InputError>(communicator_, writer_ ? begin(header) : "");
  Assert(!begun_ || header == header_, ExcMessage("the columns of the history must not change"));
  begun_ = true;
  header_ = header;

  std::string error;
  if (writer_) {
    char number[40];
    const char *separator = "";
    for (const Observable &observable : row.entries()) {
      std::snprintf(number, sizeof(number), "%.*g", static_cast<int>(digits_), observable.value);
      file_ << separator << number;
      separator = ",";
    }
    file_ << '\n' << std::flush;
    if (!file_)
      error = "the history '" + file_name_ + "' cannot be written: " + std::strerror(errno);
  }
  throw_on_all_ranks<std::runtime_error>(communicator_, error);
}
} // namespace lithoclase
