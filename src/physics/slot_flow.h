#pragma once

#include "core/parameter_section.h"

namespace lithoclase
{
/// Flow of lithium between the flanks of a crack of aperture w under a pressure gradient p' along it, as flux
/// per width q [m^2/s] over |p'|. Creep, strain rate = e0 (s/s0)^n with s the von Mises stress:
///     q = 2 sqrt(3) e0 (sqrt(3) |p'|/s0)^n (w/2)^(n+2)/(n+2)
/// Viscous: q = w^3 |p'|/(12 mu). Uniform: the pressure of a crack is the same everywhere.
struct SlotFlow
{
  enum class Law
  {
    creep,
    viscous,
    uniform
  };
  Law law = Law::creep;
  double creep_rate = 0.01;      ///< e0 [1/s]
  double creep_stress = 1e6;     ///< s0 [Pa]
  double creep_exponent = 5.;    ///< n
  double viscosity = 1e6;        ///< mu [Pa s]
  double metal_mobility = 1e-16; ///< m_Li [m^2/(Pa s)]
  double least_mobility = 1e-26; ///< where there is no lithium; only carries the pressure on smoothly

  void declare(ParameterSection &section);

  /// q/|p'| [m^3/(Pa s)].
  double transmissivity(double aperture, double gradient) const;
};
} // namespace lithoclase
