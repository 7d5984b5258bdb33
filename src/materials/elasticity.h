#pragma once

#include <deal.II/base/symmetric_tensor.h>
#include <deal.II/base/tensor.h>

#include <string>

/// Linear elastic stiffness tensors [Pa]; stress = stiffness * strain (deal.II's double contraction). In 2-D
/// plane strain.
namespace lithoclase
{
struct IsotropicModuli
{
  double lambda; ///< Lame's first constant [Pa]
  double shear;  ///< mu [Pa]

  double bulk() const { return lambda + 2. / 3. * shear; } ///< K [Pa], three-dimensional also in plane strain
  double youngs() const { return shear * (3. * lambda + 2. * shear) / (lambda + shear); }
  double poisson() const { return lambda / (2. * (lambda + shear)); }

  static IsotropicModuli from_youngs(double youngs_modulus, double poisson_ratio);
  static IsotropicModuli from_bulk(double bulk_modulus, double shear_modulus);
};

/// Stiffness of a cubic crystal [Pa].
struct CubicConstants
{
  double c11;
  double c12;
  double c44;

  double bulk() const { return (c11 + 2. * c12) / 3.; } ///< exact for a polycrystal too

  /// Shear modulus of a polycrystal of random orientations: bounds and their mean (Hill, Proc. Phys. Soc. A
  /// 65 (1952) 349).
  double voigt_shear() const { return (c11 - c12 + 3. * c44) / 5.; }
  double reuss_shear() const { return 5. * (c11 - c12) * c44 / (4. * c44 + 3. * (c11 - c12)); }
  double hill_shear() const { return 0.5 * (voigt_shear() + reuss_shear()); }
};

/// Throws InputError unless the strain energy is positive: C11 > |C12|, C11 + 2 C12 > 0, C44 > 0; or E > 0,
/// -1 < nu < 1/2. `whose` begins the sentence: "material 'LLZO'".
void check_stability(const CubicConstants &constants, const std::string &whose);
void check_stability(double youngs_modulus, double poisson_ratio, const std::string &whose);

template <int dim>
dealii::SymmetricTensor<4, dim> isotropic_stiffness(const IsotropicModuli &moduli);

/// `orientation`: rotation matrix crystal -> sample, i.e. column n is the crystal's n-th axis in the
/// coordinates of the sample.
///     C_ijkl = C12 d_ij d_kl + C44 (d_ik d_jl + d_il d_jk) + (C11 - C12 - 2 C44) SUM_n R_in R_jn R_kn R_ln
template <int dim>
dealii::SymmetricTensor<4, dim> cubic_stiffness(const CubicConstants &constants,
                                                const dealii::Tensor<2, 3> &orientation);

/// The in-plane part: what is left of the stiffness when all strains out of the plane are zero. The stress
/// normal to the plane is not zero and follows from the full tensor.
dealii::SymmetricTensor<4, 2> plane_strain(const dealii::SymmetricTensor<4, 3> &stiffness);
} // namespace lithoclase
