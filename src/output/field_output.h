#pragma once

#include "core/output_fields.h"
#include "core/step.h"
#include "output/file_series.h"
#include "output/output_parameters.h"

#include <memory>
#include <optional>
#include <string>

namespace lithoclase
{
/// Where a continued run goes on.
struct ResumePoint
{
  double time = 0.;            ///< [s]
  unsigned long long step = 0; ///< number of the last step made
};

/// Writes the fields of a run: `directory`/fields/fields_<step>.vtu (.pvtu if the ranks write several files)
/// with the list `directory`/fields.pvd, and `directory`/fields/fields_<step>.vtkhdf with
/// `directory`/fields.vtkhdf.series.
///
/// Files are named after the step, so a repeated step replaces its file. Outputs of an earlier run in the
/// same folder are removed; after a restart only those later than the restart.
template <int dim>
class FieldOutput
{
public:
  /// Collective. InputError on all ranks if the folder cannot be written.
  FieldOutput(MPI_Comm communicator, const OutputParameters &parameters,
              const std::optional<ResumePoint> &resume = {});

  /// Whether the accepted step ends at or passes a time of output.
  bool due(const Step &step) const;

  /// Collective. Fields must have up-to-date ghost values. std::runtime_error on all ranks if a file cannot
  /// be written.
  void write(const Mesh<dim> &mesh, const OutputFields<dim> &output, double time, unsigned long long step);

private:
  void remove_later_files(const std::optional<ResumePoint> &resume) const;

  MPI_Comm communicator_;
  OutputParameters parameters_;
  std::string folder_;
  std::unique_ptr<FileSeries> vtu_series_;
  std::unique_ptr<FileSeries> vtkhdf_series_;
};
} // namespace lithoclase
