#include "output/diagnostics.h"

#include "output/files.h"

namespace lithoclase
{
template <int dim>
Diagnostics<dim>::Diagnostics(const DiagnosticsParameters &parameters, State<dim> &state,
                              const std::vector<FluxDensity<dim>> &flux_densities)
    : observed_{state, flux_densities}
{
  for (const auto &[name, probe] : parameters.probes)
    probes_.emplace_back(name, probe, observed_);
  for (const auto &[name, line] : parameters.lines)
    lines_.emplace_back(name, line, observed_);
  for (const auto &[name, profile] : parameters.profiles)
    profiles_.emplace_back(name, profile, observed_);
  for (const auto &[name, error] : parameters.errors)
    errors_.emplace_back(name, error, observed_);
  for (const auto &[name, integral] : parameters.integrals)
    integrals_.emplace_back(name, integral, observed_);
  for (const auto &[name, flux] : parameters.fluxes)
    fluxes_.emplace_back(name, flux, observed_);
  for (const auto &[name, interface] : parameters.interfaces)
    interfaces_.emplace_back(name, interface, state);
}

template <int dim>
void Diagnostics<dim>::add_observables(const double time, ObservableRow &row)
{
  for (Probe<dim> &probe : probes_)
    probe.add(row);
  for (ErrorNorms<dim> &error : errors_)
    error.add(time, row);
  for (Integral<dim> &integral : integrals_)
    integral.add(time, row);
  for (FluxThroughBoundary<dim> &flux : fluxes_)
    flux.add(time, row);
  for (const InterfacePosition<dim> &interface : interfaces_)
    interface.add(row);
}

template <int dim>
void Diagnostics<dim>::remove_old_lines(MPI_Comm communicator, const std::string &results_folder,
                                        const std::optional<unsigned long long> last)
{
  for (const char *folder : {"/lines", "/profiles"})
    remove_tables(communicator, results_folder + folder, last);
}

template <int dim>
void Diagnostics<dim>::write_lines(const std::string &results_folder, const unsigned long long step,
                                   const double time)
{
  for (Line<dim> &line : lines_)
    line.write(results_folder + "/lines", step, time);
  for (Profile<dim> &profile : profiles_)
    profile.write(results_folder + "/profiles", step, time);
}

template class Diagnostics<2>;
template class Diagnostics<3>;
} // namespace lithoclase
