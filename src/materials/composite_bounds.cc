#include "materials/composite_bounds.h"

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <limits>

namespace lithoclase
{
using dealii::SymmetricTensor;

namespace
{
/// 1/x, also of zero.
double inverse(const double x)
{
  return x > 0. ? 1. / x : std::numeric_limits<double>::infinity();
}

/// Eigenvalues of an isotropic tensor: dK of changes of volume, 2G of the others.
struct Eigenvalues
{
  double volume, shape;
};

template <int dim>
Eigenvalues isotropic_eigenvalues(const SymmetricTensor<4, dim> &tensor)
{
  constexpr unsigned int n = dim * (dim + 1) / 2;
  double volume = 0., trace = 0.;
  for (unsigned int i = 0; i < dim; ++i)
    for (unsigned int k = 0; k < dim; ++k) {
      volume += tensor[i][i][k][k] / dim;
      trace += tensor[i][k][i][k];
    }
  return {volume, (trace - volume) / (n - 1)};
}

/// The constraint of a matrix with the three-dimensional moduli K and G.
template <int dim>
Eigenvalues constraint(const double bulk, const double shear)
{
  if (shear == 0.)
    return {0., 0.};
  const double K = dim == 2 ? bulk + shear / 3. : bulk;
  const double stiff = 0.5 * dim * K + (dim + 1.) * (dim - 2.) / dim * shear;
  return {2. * (dim - 1) * shear, 2. * shear * stiff / (K + 2. * shear)};
}

template <int dim>
SymmetricTensor<4, dim> isotropic_tensor(const Eigenvalues &e)
{
  return (e.volume - e.shape) / dim *
             outer_product(dealii::unit_symmetric_tensor<dim>(), dealii::unit_symmetric_tensor<dim>()) +
         e.shape * dealii::identity_tensor<dim>();
}

/// Sum of f times the mean of (C + C*)^-1 over all directions.
template <int dim>
Eigenvalues mean_with(const std::vector<ElasticPhase<dim>> &phases, const double volume,
                      const Eigenvalues &constraint)
{
  Eigenvalues compliance{0., 0.};
  for (const ElasticPhase<dim> &phase : phases) {
    if (phase.volume <= 0.)
      continue;
    const double fraction = phase.volume / volume;
    Eigenvalues inverted{inverse(constraint.volume), inverse(constraint.shape)};
    if (phase.highest_shear > 0.)
      inverted = isotropic_eigenvalues<dim>(invert(phase.stiffness + isotropic_tensor<dim>(constraint)));
    compliance.volume += fraction * inverted.volume;
    compliance.shape += fraction * inverted.shape;
  }
  return {inverse(compliance.volume) - constraint.volume, inverse(compliance.shape) - constraint.shape};
}
} // namespace

Bounds conductivity_bounds(const unsigned int dim, const std::vector<ConductingPhase> &phases)
{
  double volume = 0., lowest = std::numeric_limits<double>::infinity(), highest = 0.;
  for (const ConductingPhase &phase : phases)
    if (phase.volume > 0.) {
      volume += phase.volume;
      lowest = std::min(lowest, phase.conductivity);
      highest = std::max(highest, phase.conductivity);
    }
  Assert(volume > 0., dealii::ExcInternalError());
  const auto mean_with = [&](const double constraint) {
    double sum = 0.;
    for (const ConductingPhase &phase : phases)
      if (phase.volume > 0.)
        sum += phase.volume / volume * inverse(phase.conductivity + constraint);
    return inverse(sum) - constraint;
  };
  Bounds bounds{mean_with(0.), mean_with((dim - 1) * lowest), mean_with((dim - 1) * highest), 0.};
  for (const ConductingPhase &phase : phases)
    bounds.voigt += phase.volume / volume * phase.conductivity;
  return bounds;
}

template <int dim>
ElasticBounds elastic_bounds(const std::vector<ElasticPhase<dim>> &phases)
{
  double volume = 0., lowest_bulk = std::numeric_limits<double>::infinity(), lowest_shear = lowest_bulk,
         highest_bulk = 0., highest_shear = 0.;
  SymmetricTensor<4, dim> mean;
  for (const ElasticPhase<dim> &phase : phases)
    if (phase.volume > 0.) {
      volume += phase.volume;
      mean += phase.volume * phase.stiffness;
      lowest_bulk = std::min(lowest_bulk, phase.bulk);
      lowest_shear = std::min(lowest_shear, phase.lowest_shear);
      highest_bulk = std::max(highest_bulk, phase.bulk);
      highest_shear = std::max(highest_shear, phase.highest_shear);
    }
  Assert(volume > 0., dealii::ExcInternalError());
  const Eigenvalues reuss = mean_with(phases, volume, {0., 0.}),
                    lower = mean_with(phases, volume, constraint<dim>(lowest_bulk, lowest_shear)),
                    upper = mean_with(phases, volume, constraint<dim>(highest_bulk, highest_shear)),
                    voigt = isotropic_eigenvalues<dim>(mean / volume);
  return {{reuss.volume / dim, lower.volume / dim, upper.volume / dim, voigt.volume / dim},
          {reuss.shape / 2., lower.shape / 2., upper.shape / 2., voigt.shape / 2.}};
}

template <int dim>
IsotropicPart isotropic_part(const SymmetricTensor<4, dim> &stiffness)
{
  const Eigenvalues eigenvalues = isotropic_eigenvalues<dim>(stiffness);
  return {eigenvalues.volume / dim, eigenvalues.shape / 2.};
}

template ElasticBounds elastic_bounds<2>(const std::vector<ElasticPhase<2>> &);
template ElasticBounds elastic_bounds<3>(const std::vector<ElasticPhase<3>> &);
template IsotropicPart isotropic_part<2>(const SymmetricTensor<4, 2> &);
template IsotropicPart isotropic_part<3>(const SymmetricTensor<4, 3> &);
} // namespace lithoclase
