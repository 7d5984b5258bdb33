#pragma once

#include <deal.II/base/mpi.h>

#include <string>

namespace lithoclase
{
/// Keeps a folder of results for one run: while the object lives, rank 0 holds the lock (flock) of the file
/// `.lock` in it. The system takes the lock back when the process ends, however it ends; the file stays, as
/// it is the lock that counts. Two machines see each other's lock where their common file system supports it.
class FolderLock
{
public:
  /// Collective. InputError on all ranks, with the holder's machine and process, if another run holds the
  /// lock; `parameter` is named in it.
  FolderLock(MPI_Comm communicator, const std::string &folder, const std::string &parameter);
  ~FolderLock();
  FolderLock(const FolderLock &) = delete;
  FolderLock &operator=(const FolderLock &) = delete;

  /// Why rank 0 has no lock although no other run holds it (a file system without locks); empty: it has one.
  const std::string &missing() const { return missing_; }

private:
  /// Returns who holds the lock, if another run does.
  std::string take(const std::string &path);

  int file_ = -1;
  std::string missing_;
};
} // namespace lithoclase
