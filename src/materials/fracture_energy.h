#pragma once

#include "materials/elasticity.h"
#include "materials/value_and_derivative.h"

#include <deal.II/base/symmetric_tensor.h>

/// Pieces of the phase-field fracture energy
///
///     E = INT g(d) psi+(eps) + psi-(eps) + (G_c/c_w)[ w(d)/l + l |grad d|^2 ]                          (E8)
///
/// d = 0 intact, 1 broken. Amor et al., J. Mech. Phys. Solids 57 (2009) 1209; Miehe et al., Comput. Methods
/// Appl. Mech. Eng. 199 (2010) 2765; Pham et al., Int. J. Damage Mech. 20 (2011) 618.
namespace lithoclase
{
enum class CrackModel
{
  at1, ///< w = d, c_w = 8/3: elastic up to a threshold
  at2  ///< w = d^2, c_w = 2: damage at any load
};

ValueAndTwoDerivatives local_crack_energy(CrackModel model, double damage); ///< w, w', w''
double crack_normalisation(CrackModel model);                               ///< c_w

/// g = (1-d)^2 + k and its derivatives; `residual` k keeps the broken material's stiffness positive.
ValueAndTwoDerivatives degradation(double damage, double residual = 1e-8);

/// 1 - (1-d)^2: how much of the pressure of what fills a crack acts on the matter.
ValueAndDerivative pressure_coefficient(double damage);

/// A crack on a mesh of cell size h costs more than G_c. Multiplying G_c by this factor, 1/(1 + 3h/(8l)) for
/// AT1 and 1/(1 + h/(2l)) for AT2, gives G_c back (Bourdin, Francfort, Marigo, J. Elasticity 91 (2008) 5).
double toughness_correction(CrackModel model, double cell_size, double crack_width);

enum class EnergySplit
{
  none,                  ///< psi+ = psi
  volumetric_deviatoric, ///< Amor: compression of the volume stays
  spectral               ///< Miehe: negative principal strains stay; isotropic materials only
};

/// psi = psi+ + psi- [J/m^3], their stresses d psi/d eps [Pa] and tangents d stress/d eps [Pa]. In 2-D plane
/// strain.
template <int dim>
struct SplitEnergy
{
  double positive = 0.;
  double negative = 0.;
  dealii::SymmetricTensor<2, dim> positive_stress;
  dealii::SymmetricTensor<2, dim> negative_stress;
  dealii::SymmetricTensor<4, dim> positive_tangent;
  dealii::SymmetricTensor<4, dim> negative_tangent;
};

/// Isotropic material, all splits.
template <int dim>
SplitEnergy<dim> split_energy(EnergySplit split, const dealii::SymmetricTensor<2, dim> &strain,
                              const IsotropicModuli &moduli);

/// Any stiffness, without split or volumetric-deviatoric: psi- = K/2 <tr eps>-^2, psi+ = psi - psi-. For a
/// cubic crystal, and for mixtures of cubic and isotropic phases, a hydrostatic strain makes a hydrostatic
/// stress (C:1 = 3K 1), so that volume and deviator share no energy and psi+ is the deviator's plus that of
/// dilation, as in an isotropic material. `bulk_modulus` K is that of the three-dimensional stiffness, also
/// in plane strain, where the deviator has its component normal to the plane.
template <int dim>
SplitEnergy<dim> split_energy(EnergySplit split, const dealii::SymmetricTensor<2, dim> &strain,
                              const dealii::SymmetricTensor<4, dim> &stiffness, double bulk_modulus);
} // namespace lithoclase
