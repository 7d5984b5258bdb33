#include "physics/slot_flow.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
void SlotFlow::declare(ParameterSection &s)
{
  s.choice("slot flow", law, {{"creep", Law::creep}, {"viscous", Law::viscous}, {"uniform", Law::uniform}},
           "along a filled crack: creep: lithium yields by a power law; viscous: as a liquid; uniform: the "
           "pressure is the same all along the crack");
  s.quantity("creep rate", creep_rate, "1/s", Range::positive(), "e0 of strain rate = e0 (stress/s0)^n");
  s.quantity("creep stress", creep_stress, "MPa", Range::positive(), "s0, likewise");
  s.number("creep exponent", creep_exponent, Range::closed(1., 10.), "n, likewise");
  s.quantity("viscosity", viscosity, "Pa s", Range::positive(), "of viscous flow");
  s.quantity("metal mobility", metal_mobility, "m^2/(Pa s)", Range::positive(),
             "of lithium in the metal and across a crack: large, so that the metal carries no gradient");
  s.quantity("least mobility", least_mobility, "m^2/(Pa s)", Range::positive(),
             "outside of lithium, where it only carries the pressure on smoothly");
}

double SlotFlow::transmissivity(const double aperture, const double gradient) const
{
  if (law == Law::viscous)
    return aperture * aperture * aperture / (12. * viscosity);
  const double n = creep_exponent, root = std::sqrt(3.);
  // The law has no stiffness at rest: below a thousandth of a yielding slot's gradient the flow is linear.
  const double half = 0.5 * std::max(aperture, 1e-12);
  const double drive = std::max(root * gradient, 1e-3 * creep_stress / half) / creep_stress;
  return 2. * root * creep_rate * (root / creep_stress) * std::pow(drive * half, n - 1.) * half * half *
         half / (n + 2.);
}
} // namespace lithoclase
