#pragma once

#include "microstructure/microstructure_parameters.h"

#include <deal.II/base/tensor.h>

#include <utility>
#include <vector>

namespace lithoclase
{
/// How one grain boundary differs from the mean one.
struct BoundaryCharacter
{
  double misorientation = 0.; ///< of its grains, cubic symmetry [rad]
  double conduction = 1.;     ///< multiplies what the boundary adds to resistance or conductance for ions
  double electronic_conduction = 1.; ///< likewise for electrons
  double toughness_share = 1.;       ///< of the difference between the toughness of boundary and grain
  double toughness_factor = 1.;      ///< of the toughness

  /// Conductivity of the boundary for ions [S/m], that of the grain being `grain` and that of the mean
  /// boundary `boundary`: resistivities or, of a boundary that leaks, conductivities are interpolated.
  double conductivity(double grain, double boundary) const
  {
    return interpolated(grain, boundary, conduction);
  }
  double electronic_conductivity(double grain, double boundary) const ///< likewise for electrons
  {
    return interpolated(grain, boundary, electronic_conduction);
  }
  double toughness(double grain, double boundary) const ///< [J/m^2]
  {
    return toughness_factor * (grain + toughness_share * (boundary - grain));
  }

private:
  static double interpolated(double grain, double boundary, double factor)
  {
    if (boundary > grain)
      return grain + factor * (boundary - grain);
    return 1. / (1. / grain + factor * (1. / boundary - 1. / grain));
  }
};

/// Energy of a boundary by that of a general one: Read and Shockley, Phys. Rev. 78 (1950) 275,
/// doi:10.1103/PhysRev.78.275; 1 from the limit on [rad], 0 without misorientation.
double low_angle_share(double misorientation, double limit);

/// For each boundary (a pair of grains). Factors depend on the seed and the pair alone.
std::vector<BoundaryCharacter>
boundary_characters(const BoundaryVariationParameters &parameters,
                    const std::vector<std::pair<unsigned int, unsigned int>> &boundaries,
                    const std::vector<dealii::Tensor<2, 3>> &orientations);
} // namespace lithoclase
