#pragma once

#include <deal.II/base/mpi.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace lithoclase
{
/// An empty folder, the same on all ranks, removed at the end of the test.
class TemporaryFolder
{
public:
  TemporaryFolder()
  {
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0) {
      std::string name = (std::filesystem::temp_directory_path() / "lithoclase_test_XXXXXX").string();
      if (mkdtemp(name.data()) != nullptr)
        path = name;
    }
    path = dealii::Utilities::MPI::broadcast(MPI_COMM_WORLD, path, 0);
  }
  ~TemporaryFolder()
  {
    MPI_Barrier(MPI_COMM_WORLD);
    std::error_code ignored;
    if (dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
      std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  std::string operator/(const std::string &name) const { return path + "/" + name; }

  std::string path;
};

inline std::string content_of(const std::string &file_name)
{
  std::ifstream file(file_name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline bool on_rank_0()
{
  return dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
}
} // namespace lithoclase
