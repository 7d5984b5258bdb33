#pragma once

#include "core/parameter_section.h"
#include "materials/reaction_kinetics.h"

#include <optional>

namespace lithoclase
{
/// The boundary opposite to the anode.
struct CounterElectrodeParameters
{
  enum class Kinetics
  {
    uniform_flux, ///< the same ionic current density everywhere
    butler_volmer ///< a reaction that depends on the local potential
  };
  enum class Electrons
  {
    blocking, ///< no electronic current
    connected ///< electronic potential = cell voltage: leakage and hard shorts
  };

  Kinetics kinetics = Kinetics::uniform_flux;
  Electrons electrons = Electrons::blocking;
  std::optional<double> exchange_current_density; ///< [A/m^2]; none: reversible, without overpotential
  double equilibrium_potential = 0.;              ///< against lithium [V]

  void declare(ParameterSection &section);
};

/// Kinetics of the counter electrode at voltage V: overpotential eta = V - U - phi_i, and Li+ enters the
/// electrolyte at i = -j(eta) [A/m^2], j of (E1).
class CounterElectrode
{
public:
  CounterElectrode(const CounterElectrodeParameters &parameters, double anodic_transfer_coefficient,
                   double temperature);

  bool uniform() const { return parameters_.kinetics == CounterElectrodeParameters::Kinetics::uniform_flux; }
  bool connected() const { return parameters_.electrons == CounterElectrodeParameters::Electrons::connected; }
  double equilibrium_potential() const { return parameters_.equilibrium_potential; }

  /// Inward ionic current density at V - U - phi_i = `overpotential`, and its slope (never negative) [A/(m^2
  /// V)].
  ValueAndDerivative current_density(double overpotential) const;

  /// The overpotential [V] that drives `current_density`, and its slope [Ohm m^2]; zero for a reversible
  /// electrode.
  ValueAndDerivative overpotential(double current_density) const;

private:
  CounterElectrodeParameters parameters_;
  ButlerVolmer kinetics_;
};
} // namespace lithoclase
