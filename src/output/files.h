#pragma once

#include <deal.II/base/mpi.h>

#include <optional>
#include <string>

/// What all writers need from the file system. Functions without a communicator are for one rank alone; they
/// return a message, empty if all went well, for throw_on_all_ranks().
namespace lithoclase
{
/// Makes `path` and the folders above it, and makes sure that files can be written there. Collective.
/// InputError on all ranks if not; `parameter` is named in it.
void make_directory(MPI_Comm communicator, const std::string &path, const std::string &parameter);

/// Writes a text file under a temporary name, brings it to the disk and renames it, so that at any time
/// either the old or the new file is there in full.
std::string write_file_atomically(const std::string &path, const std::string &content);

/// Writes the text `folder`/<name>_<step>.csv, the same on all ranks, from the first one. Collective.
/// std::runtime_error on all ranks if that cannot be done.
void write_table(MPI_Comm communicator, const std::string &folder, const std::string &name,
                 unsigned long long step, const std::string &content);

/// Removes such tables of steps later than `last`, or all. Collective.
void remove_tables(MPI_Comm communicator, const std::string &folder, std::optional<unsigned long long> last);

/// The whole content of a text file.
std::string read_file(const std::string &path, std::string &content);

/// Renames a file; its old name may hold the output of several ranks.
std::string rename_file(const std::string &from, const std::string &to);

/// Brings a file or folder to the disk.
std::string sync_file(const std::string &path);

/// Checks that `bytes` more can be written into the folder `directory`: free space, quota, and largest file
/// size. The message names `what` is to be written, what is needed and what is free.
std::string check_space(const std::string &directory, unsigned long long bytes, const std::string &what);

/// Bytes in friendly units, "1.5 GB".
std::string format_bytes(double bytes);
} // namespace lithoclase
