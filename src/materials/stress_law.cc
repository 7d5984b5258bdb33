#include "materials/stress_law.h"

#include <deal.II/base/exceptions.h>

#include <algorithm>

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
  if (split == EnergySplit::spectral) {
    Assert(stiffness.isotropic, dealii::ExcInternalError());
    const SplitEnergy<dim> parts = split_energy(split, strain, stiffness.moduli);
    response.stress = g * parts.positive_stress + parts.negative_stress;
    response.tangent = g * parts.positive_tangent + parts.negative_tangent;
    response.positive_energy = parts.positive;
    response.negative_energy = parts.negative;
    return response;
  }
  // As split_energy(), but without tensors for the two parts: most of the matter is intact or in tension.
  response.tangent = stiffness.tensor;
  response.stress = stiffness.tensor * strain;
  response.positive_energy = 0.5 * (response.stress * strain);
  if (g != 1.) {
    response.tangent *= g;
    response.stress *= g;
  }
  const double volume = trace(strain);
  if (split == EnergySplit::none || volume >= 0.)
    return response;
  response.negative_energy = 0.5 * stiffness.bulk_modulus * volume * volume;
  response.positive_energy = std::max(response.positive_energy - response.negative_energy, 0.);
  if (g != 1.) {
    const auto unit = dealii::unit_symmetric_tensor<dim>();
    const double kept = (1. - g) * stiffness.bulk_modulus;
    response.stress += kept * volume * unit;
    response.tangent += kept * outer_product(unit, unit);
  }
  return response;
}

template StressResponse<2> DegradedElasticity::evaluate(const SymmetricTensor<2, 2> &, double,
                                                        const Stiffness<2> &, double) const;
template StressResponse<3> DegradedElasticity::evaluate(const SymmetricTensor<2, 3> &, double,
                                                        const Stiffness<3> &, double) const;
} // namespace lithoclase
