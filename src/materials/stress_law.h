#pragma once

#include "materials/elasticity.h"
#include "materials/fracture_energy.h"

#include <deal.II/base/symmetric_tensor.h>

namespace lithoclase
{
/// Elastic constants at one point, perhaps a mixture of phases. In 2-D the tensor is that of plane strain.
template <int dim>
struct Stiffness
{
  dealii::SymmetricTensor<4, dim> tensor; ///< [Pa]
  double bulk_modulus = 0.;               ///< K of the three-dimensional tensor [Pa]
  bool isotropic = true;
  IsotropicModuli moduli{0., 0.}; ///< where isotropic
};

/// What a stress law says about one point.
template <int dim>
struct StressResponse
{
  dealii::SymmetricTensor<2, dim> stress;  ///< sigma [Pa]
  dealii::SymmetricTensor<4, dim> tangent; ///< d sigma/d eps [Pa]
  double positive_energy = 0.;             ///< psi+ [J/m^3], not degraded: it drives damage
  double negative_energy = 0.;             ///< psi- [J/m^3]
  double degradation = 1.;                 ///< g(d)

  double energy() const { return degradation * positive_energy + negative_energy; } ///< stored [J/m^3]
};

/// Elasticity that damage degrades: psi = g(d) psi+(eps) + psi-(eps), sigma = d psi/d eps, with eps the
/// elastic strain. Matter that does not break (lithium, liquid) keeps its share of the stiffness: there
/// g = 1 - breakable [1 - (1-d)^2 - k].
struct DegradedElasticity
{
  EnergySplit split = EnergySplit::none;
  double residual_stiffness = 1e-8; ///< k in g(d)

  /// g(d) of matter of which only the share `breakable` can break.
  double degradation_of(double damage, double breakable) const;

  /// Whether the stress is linear in the strain.
  bool linear() const { return split == EnergySplit::none; }

  template <int dim>
  StressResponse<dim> evaluate(const dealii::SymmetricTensor<2, dim> &strain, double damage,
                               const Stiffness<dim> &stiffness, double breakable = 1.) const;
};
} // namespace lithoclase
