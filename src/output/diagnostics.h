#pragma once

#include "output/boundary_flux.h"
#include "output/integrals.h"
#include "output/probes.h"
#include "output/profiles.h"

#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
/// Numbers that the user asks for by name, from the fields and flux densities of the run: probes, errors,
/// integrals, fluxes and interface positions for the history, and lines and profiles as files of their own.
template <int dim>
class Diagnostics
{
public:
  /// InputError for names that do not exist and points outside the box. To be made when all modules have
  /// added their fields; keeps a reference to the state.
  Diagnostics(const DiagnosticsParameters &parameters, State<dim> &state,
              const std::vector<FluxDensity<dim>> &flux_densities);

  /// Adds the columns, of the present values of the fields; `time` [s] is for the formulas. Collective.
  void add_observables(double time, ObservableRow &row);

  /// Writes lines/<name>_<step>.csv and profiles/<name>_<step>.csv in the folder of results. Collective.
  /// std::runtime_error on all ranks if that cannot be done.
  void write_lines(const std::string &results_folder, unsigned long long step, double time);

  /// Removes what an earlier run wrote there; after a restart only what is later than step `last`.
  /// Collective.
  static void remove_old_lines(MPI_Comm communicator, const std::string &results_folder,
                               std::optional<unsigned long long> last);

private:
  Observed<dim> observed_;
  std::vector<Probe<dim>> probes_;
  std::vector<Line<dim>> lines_;
  std::vector<Profile<dim>> profiles_;
  std::vector<ErrorNorms<dim>> errors_;
  std::vector<Integral<dim>> integrals_;
  std::vector<FluxThroughBoundary<dim>> fluxes_;
  std::vector<InterfacePosition<dim>> interfaces_;
};
} // namespace lithoclase
