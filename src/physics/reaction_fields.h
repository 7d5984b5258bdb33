#pragma once

#include "core/field.h"

namespace lithoclase
{
/// What charge transport tells the growth of metal, at quadrature points.
template <int dim>
struct ReactionFields
{
  Field<dim> *surface = nullptr;       ///< R_s = |grad xi| j(eta) [A/m^3], positive = deposition
  Field<dim> *nucleation = nullptr;    ///< R_n, on grain boundaries and walls [A/m^3]
  Field<dim> *overpotential = nullptr; ///< eta [V]
};
} // namespace lithoclase
