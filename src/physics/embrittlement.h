#pragma once

#include "core/parameter_section.h"

#include <optional>

/// Embrittlement: the toughness of the electrolyte where ionic current is dense.
///
///     G_c = f G_c0,     f = r + (1 - r)/(1 + |i_i|/i_h),     i_i = -sigma_i grad phi_i
///
/// A hypothesis, not a measured law: that electrolytes are weaker where current is focused, as at the tip of
/// a filled crack, is one of the disputed explanations of cracks at low current. It acts while the current
/// flows and is a switch, so that its effect can be told from that of pressure. i_i is concentrated at a tip
/// within about the crack width l, so that i_h belongs to an l: compare runs of one l only.
///
/// symbol   name                      unit
/// f        embrittlement factor      1
/// r        residual toughness        1       at large current
/// i_h      half current density      A/m^2   at which half of the loss is reached
/// i_i      ionic current density     A/m^2   of the step's last solve of charge transport, frozen in
/// fracture
namespace lithoclase
{
struct EmbrittlementParameters
{
  bool active = false;
  double residual_toughness = 0.5;            ///< r
  std::optional<double> half_current_density; ///< i_h [A/m^2]

  void declare(ParameterSection &section);
};

/// f at a current density [A/m^2] that is not negative.
double embrittlement_factor(const EmbrittlementParameters &parameters, double current_density);
} // namespace lithoclase
