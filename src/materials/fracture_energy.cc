#include "materials/fracture_energy.h"

#include <deal.II/base/exceptions.h>
#include <deal.II/base/tensor.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lithoclase
{
using dealii::SymmetricTensor;
using dealii::Tensor;

ValueAndTwoDerivatives local_crack_energy(const CrackModel model, const double damage)
{
  if (model == CrackModel::at1)
    return {damage, 1., 0.};
  return {damage * damage, 2. * damage, 2.};
}

double crack_normalisation(const CrackModel model)
{
  return model == CrackModel::at1 ? 8. / 3. : 2.; // 4 INT_0^1 sqrt(w) ds
}

ValueAndTwoDerivatives degradation(const double damage, const double residual)
{
  return {(1. - damage) * (1. - damage) + residual, -2. * (1. - damage), 2.};
}

ValueAndDerivative pressure_coefficient(const double damage)
{
  return {1. - (1. - damage) * (1. - damage), 2. * (1. - damage)};
}

double toughness_correction(const CrackModel model, const double cell_size, const double crack_width)
{
  Assert(cell_size >= 0. && crack_width > 0., dealii::ExcInternalError());
  return 1. / (1. + (model == CrackModel::at1 ? 3. / 8. : 1. / 2.) * cell_size / crack_width);
}

namespace
{
template <int dim>
struct PrincipalStrains
{
  std::array<double, dim> values;
  std::array<Tensor<1, dim>, dim> directions; ///< orthonormal
};

/// Jacobi's rotations: the directions are orthonormal to rounding, whatever the distance of the values.
template <int dim>
PrincipalStrains<dim> principal_strains(const SymmetricTensor<2, dim> &strain)
{
  PrincipalStrains<dim> principal;
  const auto pairs = eigenvectors(strain, dealii::SymmetricTensorEigenvectorMethod::jacobi);
  for (unsigned int a = 0; a < dim; ++a) {
    principal.values[a] = pairs[a].first;
    principal.directions[a] = pairs[a].second;
  }
  return principal;
}

/// (<a>+ - <b>+)/(a - b), with its limit at a = b: no difference of nearly equal numbers is formed.
double divided_difference(const double a, const double b)
{
  if (a > 0. && b > 0.)
    return 1.;
  if (a <= 0. && b <= 0.)
    return 0.;
  return std::max(a, b) / (std::abs(a) + std::abs(b));
}

/// eps+ = SUM_a <e_a>+ n_a n_a and P = d eps+/d eps.
template <int dim>
void positive_part(const SymmetricTensor<2, dim> &strain, SymmetricTensor<2, dim> &positive,
                   SymmetricTensor<4, dim> &projection)
{
  const PrincipalStrains<dim> principal = principal_strains(strain);
  for (unsigned int a = 0; a < dim; ++a) {
    const Tensor<1, dim> &n = principal.directions[a];
    const SymmetricTensor<2, dim> own = symmetrize(outer_product(n, n));
    if (principal.values[a] > 0.) {
      positive += principal.values[a] * own;
      projection += outer_product(own, own);
    }
    for (unsigned int b = a + 1; b < dim; ++b) {
      // n_a n_b + n_b n_a over the root of two is the unit tensor along which the directions turn.
      const SymmetricTensor<2, dim> turn = symmetrize(outer_product(n, principal.directions[b]));
      projection +=
          2. * divided_difference(principal.values[a], principal.values[b]) * outer_product(turn, turn);
    }
  }
}

template <int dim>
SplitEnergy<dim> spectral_split(const SymmetricTensor<2, dim> &strain, const IsotropicModuli &moduli)
{
  const auto unit = dealii::unit_symmetric_tensor<dim>();
  const auto unit_squared = outer_product(unit, unit);
  const double volume = trace(strain);

  SymmetricTensor<2, dim> tension;
  SymmetricTensor<4, dim> projection;
  positive_part(strain, tension, projection);
  const SymmetricTensor<2, dim> compression = strain - tension;
  const double dilation = std::max(volume, 0.), contraction = std::min(volume, 0.);

  SplitEnergy<dim> result;
  result.positive = 0.5 * moduli.lambda * dilation * dilation + moduli.shear * (tension * tension);
  result.negative =
      0.5 * moduli.lambda * contraction * contraction + moduli.shear * (compression * compression);
  result.positive_stress = moduli.lambda * dilation * unit + 2. * moduli.shear * tension;
  result.negative_stress = moduli.lambda * contraction * unit + 2. * moduli.shear * compression;
  result.positive_tangent =
      (volume > 0. ? moduli.lambda : 0.) * unit_squared + 2. * moduli.shear * projection;
  result.negative_tangent = (volume > 0. ? 0. : moduli.lambda) * unit_squared +
                            2. * moduli.shear * (dealii::identity_tensor<dim>() - projection);
  return result;
}
} // namespace

template <int dim>
SplitEnergy<dim> split_energy(const EnergySplit split, const SymmetricTensor<2, dim> &strain,
                              const SymmetricTensor<4, dim> &stiffness, const double bulk_modulus)
{
  Assert(split != EnergySplit::spectral,
         dealii::ExcMessage("The spectral split is for isotropic materials."));
  SplitEnergy<dim> result;
  result.positive_stress = stiffness * strain;
  result.positive = 0.5 * (result.positive_stress * strain);
  result.positive_tangent = stiffness;

  const double volume = trace(strain);
  if (split == EnergySplit::volumetric_deviatoric && volume < 0.) {
    const auto unit = dealii::unit_symmetric_tensor<dim>();
    result.negative = 0.5 * bulk_modulus * volume * volume;
    result.negative_stress = bulk_modulus * volume * unit;
    result.negative_tangent = bulk_modulus * outer_product(unit, unit);
    result.positive = std::max(result.positive - result.negative, 0.); // rounding in pure compression
    result.positive_stress -= result.negative_stress;
    result.positive_tangent -= result.negative_tangent;
  }
  return result;
}

template <int dim>
SplitEnergy<dim> split_energy(const EnergySplit split, const SymmetricTensor<2, dim> &strain,
                              const IsotropicModuli &moduli)
{
  if (split == EnergySplit::spectral)
    return spectral_split(strain, moduli);
  return split_energy(split, strain, isotropic_stiffness<dim>(moduli), moduli.bulk());
}

template SplitEnergy<2> split_energy(EnergySplit, const SymmetricTensor<2, 2> &, const IsotropicModuli &);
template SplitEnergy<3> split_energy(EnergySplit, const SymmetricTensor<2, 3> &, const IsotropicModuli &);
template SplitEnergy<2> split_energy(EnergySplit, const SymmetricTensor<2, 2> &,
                                     const SymmetricTensor<4, 2> &, double);
template SplitEnergy<3> split_energy(EnergySplit, const SymmetricTensor<2, 3> &,
                                     const SymmetricTensor<4, 3> &, double);
} // namespace lithoclase
