#include "materials/stress_law.h"

#include <deal.II/base/exceptions.h>

namespace lithoclase
{
using dealii::SymmetricTensor;

double DegradedElasticity::degradation_of(const double damage, const double breakable) const
{
  return damage == 0. ? 1. : 1. - breakable * (1. - degradation(damage, residual_stiffness).value);
}

template <int dim>
StressResponse<dim> DegradedElasticity::evaluate(const SymmetricTensor<2, dim> &strain, const double damage,
                                                 const Stiffness<dim> &stiffness,
                                                 const double breakable) const
{
  StressResponse<dim> response;
  response.degradation = degradation_of(damage, breakable);
  const double g = response.degradation;
  if (split == EnergySplit::none) {
    response.tangent = stiffness.tensor;
    response.stress = stiffness.tensor * strain;
    response.positive_energy = 0.5 * (response.stress * strain);
    if (g != 1.) {
      response.tangent *= g;
      response.stress *= g;
    }
    return response;
  }
  Assert(stiffness.isotropic || split != EnergySplit::spectral, dealii::ExcInternalError());
  const SplitEnergy<dim> parts = split == EnergySplit::spectral
                                     ? split_energy(split, strain, stiffness.moduli)
                                     : split_energy(split, strain, stiffness.tensor, stiffness.bulk_modulus);
  response.stress = g * parts.positive_stress + parts.negative_stress;
  response.tangent = g * parts.positive_tangent + parts.negative_tangent;
  response.positive_energy = parts.positive;
  response.negative_energy = parts.negative;
  return response;
}

template StressResponse<2> DegradedElasticity::evaluate(const SymmetricTensor<2, 2> &, double,
                                                        const Stiffness<2> &, double) const;
template StressResponse<3> DegradedElasticity::evaluate(const SymmetricTensor<2, 3> &, double,
                                                        const Stiffness<3> &, double) const;
} // namespace lithoclase
