#include "resolution.h"

#include "core/failure.h"
#include "materials/constants.h"
#include "physics/transport_properties.h"

#include <cmath>
#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double rounding = 1e-9; // of limits that are met exactly

template <int dim>
void check_front(const Parameters &parameters, const double h, const Microstructure<dim> &microstructure,
                 const double kinetic_length, Log &log)
{
  const double delta = parameters.electrodeposition.front_width, band = microstructure.band_width();
  if (parameters.electrodeposition_active && delta < 2. * h * (1. - rounding))
    throw InputError("parameter 'Electrodeposition/front width' is " + friendly(delta, "m") +
                     ", but must be at least two of the finest cells of " + friendly(h, "m"));
  if (parameters.electrodeposition_active && parameters.electrodeposition.accessibility.grain_boundary > 0. &&
      microstructure.n_boundaries() > 0 && band < 3. * delta * (1. - rounding))
    log.warning("the band width " + friendly(band, "m") + " is less than three of the front width of " +
                friendly(delta, "m") + ": lithium in a grain boundary will not reach its full profile");
  if (parameters.charge_transport_active && delta > 0.1 * kinetic_length * (1. + rounding))
    log.warning("the front width " + friendly(delta, "m") +
                " is more than a tenth of sigma_i R_ct = " + friendly(kinetic_length, "m") +
                ": the kinetics of the front will be off by several per cent");
}

void tell_replacement(const Parameters &parameters, Log &log)
{
  const AccessibilityParameters &omega = parameters.electrodeposition.accessibility;
  if (parameters.electrodeposition_active && (omega.grain > 0. || omega.grain_boundary > 0.))
    log.line("Replacement mode: lithium may take the place of electrolyte (accessibility of grains " +
             std::to_string(omega.grain) + ", of grain boundaries " + std::to_string(omega.grain_boundary) +
             (parameters.mechanics_active ? ")." : "); no mechanics resists it."));
  else if (parameters.electrodeposition_active && omega.field.empty())
    log.line("Lithium has no room in grains and their boundaries (Electrodeposition/Accessibility): what is "
             "plated on them thickens the anode through the collector, and the front stays.");
}

/// Whether a crack that ends there is open: at a side of the box or in the metal.
template <int dim>
bool is_open(const Point<dim> &end, const Mesh<dim> &mesh, const Microstructure<dim> &microstructure)
{
  for (unsigned int a = 0; a < dim; ++a) {
    const double reach = 1e-6 * (mesh.upper()[a] - mesh.lower()[a]);
    if (end[a] < mesh.lower()[a] + reach || end[a] > mesh.upper()[a] - reach)
      return true;
  }
  return microstructure.distance_to_lithium(end) > -mesh.finest_cell();
}
} // namespace

template <int dim>
void check_resolution(const Parameters &parameters, const Mesh<dim> &mesh,
                      const Microstructure<dim> &microstructure, const TransportData *const data, Log &log)
{
  const double h = mesh.finest_cell(), crack_width = parameters.fracture.crack_width;
  if (parameters.fracture_active && crack_width < 3. * h * (1. - rounding))
    log.warning("the crack width " + friendly(crack_width, "m") +
                " is less than three of the finest cells of " + friendly(h, "m") +
                ": cracks will be too tough and follow the mesh");
  if (parameters.mode != Mode::simulation ||
      !(parameters.charge_transport_active || parameters.electrodeposition_active))
    return;
  const double resistance = constants::thermal_voltage(data->temperature) / data->exchange_current_density;
  const double kinetic_length = data->ionic_conductivity * resistance;
  check_front(parameters, h, microstructure, kinetic_length, log);
  if (parameters.electrodeposition_active && !parameters.fracture_active && !microstructure.has_lithium() &&
      parameters.electrodeposition.initial_lithium.empty())
    log.warning(
        "there is no lithium (Microstructure/Anode/thickness is 0, nor is any given otherwise): a current "
        "has no surface to pass through");
  std::ostringstream groups;
  const double thickness =
      mesh.upper()[dim - 1] - mesh.lower()[dim - 1] - parameters.microstructure.anode.thickness;
  groups << "Wagner number sigma_i R_ct/L = " << kinetic_length / thickness
         << " with the electrolyte's thickness L = " << friendly(thickness, "m")
         << ", leakage ratio sigma_e/sigma_i = " << data->electronic_conductivity / data->ionic_conductivity;
  log.line(groups.str());
  tell_replacement(parameters, log);
}

template <int dim>
void tell_critical_overpotential(const InitialCrackList &cracks, const IsotropicModuli &solid,
                                 const double fracture_energy, const Mesh<dim> &mesh,
                                 const Microstructure<dim> &microstructure, Log &log)
{
  const double a = InitialCracks<dim>(cracks, mesh).largest_size([&](const Point<dim> &end) {
    return is_open(end, mesh, microstructure);
  });
  if (a == 0.)
    return;
  const double stiffness = solid.youngs() / (1. - std::pow(solid.poisson(), 2)); // plane strain
  const double critical_pressure = std::sqrt(stiffness * fracture_energy / (numbers::PI * a));
  log.line("Critical overpotential K_Ic V_Li/(F sqrt(pi a)) in grains = " +
           friendly(critical_pressure * constants::overpotential_per_pressure, "V") +
           " for the largest initial crack, a = " + friendly(a, "m") + ", that is " +
           friendly(critical_pressure, "Pa"));
}

template void check_resolution<2>(const Parameters &, const Mesh<2> &, const Microstructure<2> &,
                                  const TransportData *, Log &);
template void check_resolution<3>(const Parameters &, const Mesh<3> &, const Microstructure<3> &,
                                  const TransportData *, Log &);
template void tell_critical_overpotential<2>(const InitialCrackList &, const IsotropicModuli &, double,
                                             const Mesh<2> &, const Microstructure<2> &, Log &);
template void tell_critical_overpotential<3>(const InitialCrackList &, const IsotropicModuli &, double,
                                             const Mesh<3> &, const Microstructure<3> &, Log &);
} // namespace lithoclase
