#include "physics/counter_electrode.h"

#include "core/failure.h"

namespace lithoclase
{
void CounterElectrodeParameters::declare(ParameterSection &s)
{
  s.choice(
      "kinetics", kinetics,
      {{"uniform flux", Kinetics::uniform_flux}, {"butler-volmer", Kinetics::butler_volmer}},
      "ionic current density on the counter electrode: the same everywhere, or by the local overpotential");
  s.choice("electrons", electrons, {{"blocking", Electrons::blocking}, {"connected", Electrons::connected}},
           "blocking: no electronic current enters; connected: the electronic potential is the cell voltage, "
           "so that leakage and shorts flow through");
  s.optional_quantity("exchange current density", exchange_current_density, "mA/cm^2", Range::positive(),
                      "of the counter electrode", "reversible");
  s.quantity("equilibrium potential", equilibrium_potential, "V", Range::any(),
             "against lithium; 0 for a lithium counter electrode");
  if (kinetics == Kinetics::butler_volmer && !exchange_current_density)
    throw InputError(s.where("exchange current density") +
                     " is 'reversible', but kinetics = butler-volmer needs a value");
}

CounterElectrode::CounterElectrode(const CounterElectrodeParameters &parameters,
                                   const double anodic_transfer_coefficient, const double temperature)
    : parameters_(parameters), kinetics_(anodic_transfer_coefficient, temperature)
{
}

ValueAndDerivative CounterElectrode::current_density(const double overpotential) const
{
  return -1. * kinetics_.current_density(*parameters_.exchange_current_density, overpotential);
}

ValueAndDerivative CounterElectrode::overpotential(const double current_density) const
{
  if (!parameters_.exchange_current_density)
    return {0., 0.};
  const double eta = kinetics_.overpotential(*parameters_.exchange_current_density, -current_density);
  return {eta, 1. / this->current_density(eta).derivative};
}
} // namespace lithoclase
