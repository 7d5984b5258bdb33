#include "output/field_output.h"

#include "output/files.h"
#include "output/output_grid.h"
#include "output/vtkhdf_writer.h"
#include "output/vtu_writer.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace lithoclase
{
using namespace dealii;

namespace
{
const std::string file_stem = "fields_";
} // namespace

template <int dim>
FieldOutput<dim>::FieldOutput(MPI_Comm communicator, const OutputParameters &parameters,
                              const std::optional<ResumePoint> &resume)
    : communicator_(communicator), parameters_(parameters), folder_(parameters.directory + "/fields")
{
  make_directory(communicator_, folder_, "Output/directory");
  remove_later_files(resume);
  const std::optional<double> time = resume ? std::optional<double>(resume->time) : std::nullopt;
  if (parameters_.writes("vtu"))
    vtu_series_ = std::make_unique<FileSeries>(communicator_, parameters_.directory + "/fields.pvd", time);
  if (parameters_.writes("vtkhdf"))
    vtkhdf_series_ =
        std::make_unique<FileSeries>(communicator_, parameters_.directory + "/fields.vtkhdf.series", time);
}

template <int dim>
void FieldOutput<dim>::remove_later_files(const std::optional<ResumePoint> &resume) const
{
  namespace fs = std::filesystem;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0) {
    std::error_code ignored;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder_, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.rfind(file_stem, 0) != 0)
        continue;
      const unsigned long long step = std::strtoull(name.c_str() + file_stem.size(), nullptr, 10);
      if (!resume || step > resume->step)
        fs::remove(entry.path(), ignored);
    }
    if (!resume)
      for (const char *list : {"/fields.pvd", "/fields.vtkhdf.series"})
        fs::remove(parameters_.directory + list, ignored);
  }
  MPI_Barrier(communicator_);
}

template <int dim>
bool FieldOutput<dim>::due(const Step &step) const
{
  return parameters_.trigger.due(step.old_time, step.time(), step.number);
}

template <int dim>
void FieldOutput<dim>::write(const Mesh<dim> &mesh, const OutputFields<dim> &output, const double time,
                             const unsigned long long step)
{
  if (parameters_.formats.empty())
    return;
  OutputGrid grid = make_output_grid(mesh, output, parameters_.fields);
  grid.time = time;
  grid.step = step;
  char name[40];
  std::snprintf(name, sizeof(name), "%s%06llu", file_stem.c_str(), step);
  if (vtkhdf_series_) {
    const std::string file = std::string(name) + ".vtkhdf";
    write_vtkhdf(communicator_, grid, folder_ + "/" + file, parameters_.double_coordinates);
    vtkhdf_series_->add(time, "fields/" + file);
  }
  if (vtu_series_) {
    const std::string file = write_vtu(communicator_, std::move(grid), folder_, name,
                                       parameters_.files_per_output, parameters_.double_coordinates);
    vtu_series_->add(time, "fields/" + file);
  }
}

template class FieldOutput<2>;
template class FieldOutput<3>;
} // namespace lithoclase
