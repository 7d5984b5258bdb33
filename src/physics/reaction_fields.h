#pragma once

#include "core/field.h"

namespace lithoclase
{
/// What charge transport tells the growth of metal, and both tell the pressure, at quadrature points.
template <int dim>
struct ReactionFields
{
  Field<dim> *surface = nullptr;       ///< R_s = |grad xi| j(eta) [A/m^3], positive = deposition
  Field<dim> *nucleation = nullptr;    ///< R_n, on grain boundaries and walls [A/m^3]
  Field<dim> *overpotential = nullptr; ///< eta [V]
  Field<dim> *confined = nullptr;      ///< (1-omega) R_s, which finds no room [A/m^3], null without pressure
  Field<dim> *flank = nullptr;         ///< R on the flanks of filled cracks [A/m^3], null without such
  Field<dim> *ionic_current = nullptr; ///< |i_i| [A/m^2], null without embrittlement
  Field<dim> *flank_slope = nullptr;   ///< its derivative by the pressure in them [A/(m^3 Pa)]
  const Field<dim> *joined = nullptr;  ///< nucleated lithium that broken sites gave to cracks [1], or null
};

/// Lithium without room, as the pressure holds it: volumes per cross-section [m].
struct ConfinedVolumes
{
  const Scalar *stored = nullptr;  ///< in cracks and squeezed metal
  const Scalar *drained = nullptr; ///< through the collector
};
} // namespace lithoclase
