#include "output/files.h"

#include "core/collective.h"
#include "core/failure.h"
#include "core/log.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace lithoclase
{
using namespace dealii;
namespace fs = std::filesystem;

namespace
{
std::string failed(const std::string &what, const std::string &path, const int error)
{
  return what + " '" + path + "': " + std::strerror(error);
}

/// An open file or folder.
class Descriptor
{
public:
  Descriptor(const std::string &path, const int flags) : value(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor()
  {
    if (value >= 0)
      close(value);
  }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;

  const int value;
};

std::string write_and_sync(const std::string &path, const std::string &content)
{
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.value < 0)
    return failed("cannot write", path, errno);
  std::size_t written = 0;
  while (written < content.size()) {
    const ssize_t n = write(file.value, content.data() + written, content.size() - written);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return failed("cannot write", path, n < 0 ? errno : ENOSPC);
    written += n;
  }
  if (fsync(file.value) != 0)
    return failed("cannot write", path, errno);
  return {};
}
} // namespace

std::string format_bytes(const double bytes)
{
  return friendly(bytes, "B");
}

void make_directory(MPI_Comm communicator, const std::string &path, const std::string &parameter)
{
  std::string error;
  if (Utilities::MPI::this_mpi_process(communicator) == 0) {
    std::error_code code;
    fs::create_directories(path, code);
    std::error_code ignored; // it is no folder then
    if (!fs::is_directory(path, ignored))
      error = code ? code.message() : "it is a file";
    else {
      const std::string probe = path + "/.write_test";
      const Descriptor file(probe, O_WRONLY | O_CREAT | O_TRUNC);
      if (file.value < 0)
        error = std::strerror(errno);
      else
        unlink(probe.c_str());
    }
    if (!error.empty())
      error = "the folder '" + path + "' (parameter '" + parameter + "') cannot be written: " + error +
              "; give a folder in which files can be made";
  }
  throw_on_all_ranks<InputError>(communicator, error);
}

std::string rename_file(const std::string &from, const std::string &to)
{
  if (std::rename(from.c_str(), to.c_str()) != 0)
    return failed("cannot rename '" + from + "' to", to, errno);
  return {};
}

std::string sync_file(const std::string &path)
{
  const Descriptor file(path, O_RDONLY);
  // Some file systems cannot sync a folder; they then need no sync.
  if (file.value < 0 || (fsync(file.value) != 0 && errno != EINVAL))
    return failed("cannot bring to the disk", path, errno);
  return {};
}

std::string write_file_atomically(const std::string &path, const std::string &content)
{
  const std::string temporary = path + ".tmp";
  std::string error = write_and_sync(temporary, content);
  if (error.empty())
    error = rename_file(temporary, path);
  if (!error.empty())
    unlink(temporary.c_str());
  return error;
}

void remove_tables(MPI_Comm communicator, const std::string &folder,
                   const std::optional<unsigned long long> last)
{
  namespace fs = std::filesystem;
  if (dealii::Utilities::MPI::this_mpi_process(communicator) == 0) {
    std::error_code ignored;
    std::vector<fs::path> old;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, ignored)) {
      const std::string stem = entry.path().stem().string();
      const std::size_t bar = stem.rfind('_');
      const bool table = entry.path().extension() == ".csv" && bar != std::string::npos &&
                         stem.find_first_not_of("0123456789", bar + 1) == std::string::npos;
      if (table && (!last || std::strtoull(stem.c_str() + bar + 1, nullptr, 10) > *last))
        old.push_back(entry.path());
    }
    for (const fs::path &path : old)
      fs::remove(path, ignored);
  }
  MPI_Barrier(communicator);
}

void write_table(MPI_Comm communicator, const std::string &folder, const std::string &name,
                 const unsigned long long step, const std::string &content)
{
  char suffix[24];
  std::snprintf(suffix, sizeof(suffix), "_%06llu.csv", step);
  make_directory(communicator, folder, "output folder");
  std::string error;
  if (dealii::Utilities::MPI::this_mpi_process(communicator) == 0)
    error = write_file_atomically(folder + "/" + name + suffix, content);
  throw_on_all_ranks<std::runtime_error>(communicator, error);
}

std::string read_file(const std::string &path, std::string &content)
{
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return failed("cannot read", path, errno);
  std::ostringstream text;
  text << file.rdbuf();
  content = text.str();
  return {};
}

std::string check_space(const std::string &directory, const unsigned long long bytes, const std::string &what)
{
  struct statvfs info = {};
  if (statvfs(directory.c_str(), &info) != 0)
    return failed("cannot ask for the free space of", directory, errno);
  const double free_bytes = static_cast<double>(info.f_bavail) * static_cast<double>(info.f_frsize);
  if (free_bytes < static_cast<double>(bytes))
    return "not enough space in '" + directory + "' for " + what + ": " + format_bytes(bytes) +
           " are needed, " + format_bytes(free_bytes) + " are free";

  // Quotas and limits on the size of a file show only when space is asked for in earnest.
  const std::string probe = directory + "/.space_test";
  int error = 0;
  {
    const Descriptor file(probe, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.value < 0 || fallocate(file.value, 0, 0, static_cast<off_t>(std::max(bytes, 1ull))) != 0)
      error = errno;
  }
  unlink(probe.c_str());
  if (error == 0 || error == EOPNOTSUPP || error == ENOSYS)
    return {};
  return "no space in '" + directory + "' for " + what + " of " + format_bytes(bytes) + ": " +
         std::strerror(error);
}
} // namespace lithoclase
