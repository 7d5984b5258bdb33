#include "output/folder_lock.h"

#include "core/collective.h"
#include "core/failure.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lithoclase
{
using namespace dealii;

namespace
{
/// "node7, process 1234"
std::string this_process()
{
  char name[256] = {};
  gethostname(name, sizeof(name) - 1);
  return std::string(name) + ", process " + std::to_string(getpid());
}
} // namespace

FolderLock::FolderLock(MPI_Comm communicator, const std::string &folder, const std::string &parameter)
{
  std::string error;
  if (Utilities::MPI::this_mpi_process(communicator) == 0) {
    const std::string holder = take(folder + "/.lock");
    if (!holder.empty())
      error = "another run (" + holder + ") is writing to the folder '" + folder + "' (parameter '" +
              parameter + "'); wait for its end, or give another folder";
  }
  throw_on_all_ranks<InputError>(communicator, error);
}

std::string FolderLock::take(const std::string &path)
{
  // NFS makes a lock of the whole file of it, which has to be open for writing.
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ >= 0 && flock(file_, LOCK_EX | LOCK_NB) == 0) {
    const std::string text = this_process() + "\n";
    // Where this fails (a full disk) others do not learn who holds the lock, no more.
    [[maybe_unused]] const bool named =
        ftruncate(file_, 0) == 0 && write(file_, text.data(), text.size()) > 0;
    return {};
  }
  if (file_ < 0 || errno != EWOULDBLOCK) {
    missing_ = std::string("the file '") + path + "' cannot be locked (" + std::strerror(errno) + ")";
    return {};
  }
  char text[300] = {};
  const ssize_t n = pread(file_, text, sizeof(text) - 1, 0);
  const std::string holder(text, n > 0 ? n : 0);
  return holder.empty() ? "unknown" : holder.substr(0, holder.find('\n'));
}

FolderLock::~FolderLock()
{
  if (file_ >= 0)
    close(file_); // which gives the lock back
}
} // namespace lithoclase
