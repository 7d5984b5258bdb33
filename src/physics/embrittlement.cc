#include "physics/embrittlement.h"

#include "core/failure.h"

namespace lithoclase
{
void EmbrittlementParameters::declare(ParameterSection &s)
{
  s.boolean("active", active, "the toughness falls with the local ionic current density");
  s.number("residual toughness", residual_toughness, Range::closed(0.01, 1.),
           "share of the toughness that is left at large current density");
  s.optional_quantity(
      "half current density", half_current_density, "mA/cm^2", Range::positive(),
      "ionic current density at which half of the loss is reached; no measured value is known",
      "must be given");
  if (active && !half_current_density)
    throw InputError("'Fracture/Embrittlement/active' is true, but its 'half current density' is not given: "
                     "there is no measured value to fall back on");
}

double embrittlement_factor(const EmbrittlementParameters &parameters, const double current_density)
{
  const double r = parameters.residual_toughness;
  return r + (1. - r) / (1. + current_density / *parameters.half_current_density);
}
} // namespace lithoclase
