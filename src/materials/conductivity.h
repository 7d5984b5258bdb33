#pragma once

#include "materials/constants.h"
#include "materials/value_and_derivative.h"

#include <deal.II/base/array_view.h>
#include <deal.II/base/symmetric_tensor.h>
#include <deal.II/base/tensor.h>

/// Conductivity tensors [S/m], ionic and electronic alike, as functions of the local state.
namespace lithoclase
{
/// One grain boundary whose band holds the point.
template <int dim>
struct GrainBoundaryBand
{
  double indicator;              ///< b_k in [0,1], its integral across the band is the numerical width w_s
  dealii::Tensor<1, dim> normal; ///< m_k, unit length
  double conductivity;           ///< sigma_gb,k [S/m] of the boundary's true width w_gb
};

/// The solid with its grain boundaries: `true_width` w_gb and `numerical_width` w_s [m], sum over all bands
/// at the point.
///     blocking (sigma_gb < sigma_b):  rho   = 1/sigma_b 1 + SUM_k b_k (w_gb/w_s) (1/sigma_gb - 1/sigma_b)
///     m_k m_k leaky    (sigma_gb > sigma_b):  sigma = sigma_b 1 + SUM_k b_k (w_gb/w_s) (sigma_gb - sigma_b)
///     (1 - m_k m_k)    (E3)
/// Where blocking and leaky boundaries meet, the resistivities of the blocking ones are added to the inverse
/// of the leaky sum. sigma_gb counts as at least 1e-10 sigma_b, so that a perfect insulator leaves the tensor
/// positive definite.
template <int dim>
dealii::SymmetricTensor<2, dim>
grain_boundary_conductivity(double bulk_conductivity,
                            const dealii::ArrayView<const GrainBoundaryBand<dim>> &bands, double true_width,
                            double numerical_width);

/// sigma_gb = w_gb/R [S/m] of a boundary with area resistance R [Ohm m^2].
double grain_boundary_conductivity_from_resistance(double area_resistance, double true_width);

/// A resistance in series with the medium along `normal` (unit vector), `resistivity` rho_n [Ohm m] more
/// there:
///     (sigma^-1 + rho_n n n)^-1 = sigma - rho_n/(1 + rho_n n.sigma.n) (sigma n)(sigma n)
template <int dim>
dealii::SymmetricTensor<2, dim> add_series_resistance(const dealii::SymmetricTensor<2, dim> &conductivity,
                                                      double resistivity,
                                                      const dealii::Tensor<1, dim> &normal);

/// A tensor and its derivative by one scalar.
template <int dim>
struct TensorAndDerivative
{
  dealii::SymmetricTensor<2, dim> value;
  dealii::SymmetricTensor<2, dim> derivative;
};

/// Diffuse non-reacting interface: a fraction `fraction` (clipped to [0,1]) of `second`, the rest of `first`,
/// derivative by the fraction. The tensor of a laminate with layers normal to `normal` (unit vector),
///     sigma = f1 s1 + f2 s2 - f1 f2 (D n)(D n)/(f2 n.s1.n + f1 n.s2.n),   D = s1 - s2,
/// i.e. for isotropic phases the harmonic mean along the normal and the arithmetic mean in the plane; for
/// anisotropic phases the exact laminate, symmetric positive definite whenever both phases are. A zero normal
/// (centre of a thin throat) gives the arithmetic mean.
/// `conducting`, in [0,1], is the share of the second phase that conducts; it weighs the last term. The rest
/// is an insulator, whose walls no current crosses: f1 s1 alone is the diffuse form of a boundary without
/// flux (Li, Lowengrub, Raetz, Voigt, Commun. Math. Sci. 7 (2009) 81, doi:10.4310/CMS.2009.v7.n1.a4). The
/// laminate would let the outer half of such a wall conduct along but not across: with an insulating disc,
/// radius a quarter of the square's edge, the square conducts 3.3, 0.69, 0.11 % less than it should (Perrins,
/// McKenzie, McPhedran, Proc. R. Soc. A 369 (1979) 207) on 32^2, 64^2, 128^2 cells, without it 0.22, 0.06,
/// 0.015 % more. And multigrid takes two to three times the iterations where the matter conducts one way
/// only.
template <int dim>
TensorAndDerivative<dim> mix_across_interface(const dealii::SymmetricTensor<2, dim> &first,
                                              const dealii::SymmetricTensor<2, dim> &second, double fraction,
                                              const dealii::Tensor<1, dim> &normal, double conducting = 1.);

/// What a field g in the liquid alone (that of diffusion) is worth in the laminate above: T such that the
/// current density is sigma (-grad phi + T g). With `liquid_conductivity` s of what the fraction f2 of the
/// point conducts through liquid,
///     T = sigma^-1 f2 s [1 + f1 (D n) n/(f2 n.s1.n + f1 n.s2.n)],
/// the last term weighed by `conducting`; for isotropic phases, all of the second being liquid, f2 along the
/// normal and f2 s2/(f1 s1 + f2 s2) in the plane.
template <int dim>
dealii::Tensor<2, dim> diffusion_share(const dealii::SymmetricTensor<2, dim> &first,
                                       const dealii::SymmetricTensor<2, dim> &second,
                                       double liquid_conductivity, double fraction,
                                       const dealii::Tensor<1, dim> &normal, double conducting = 1.);

/// sigma_e = xi^3 sigma_cap 1 + (1-xi) sigma_e,SE and its derivative by xi (xi clipped to [0,1]). The cube:
/// with a lower power the faint tail of the metal profile conducts better than the leaking electrolyte and
/// feeds the reaction far ahead of the front.
template <int dim>
TensorAndDerivative<dim>
electronic_conductivity(double lithium, const dealii::SymmetricTensor<2, dim> &electrolyte, double metal_cap);

/// sigma_i = (1-xi) sigma_i,SE + 1e-8 sigma_i,SE and its derivative by xi (xi clipped to [0,1]).
template <int dim>
TensorAndDerivative<dim> ionic_conductivity(double lithium,
                                            const dealii::SymmetricTensor<2, dim> &electrolyte);

/// A crack at one point.
template <int dim>
struct LocalCrack
{
  double damage = 0.;               ///< d
  double filling = 0.;              ///< S: holds lithium
  dealii::Tensor<1, dim> direction; ///< l grad d, normal to the crack; small inside full layers [1]
  double liquid = 0.;               ///< S_L: holds ionic liquid
};

/// Ions do not cross a crack without liquid: sigma less J (sigma n)(sigma n)/(n.sigma n) with J = (1 - S_L)
/// I, I = 1-(1-d)^2 and n normal to the crack; inside full layers, where l |grad d| < 0.1 and there is no
/// direction, (1-J) sigma. 1e-8 sigma is left. Liquid in a crack takes the share S_L I^3 of the place and
/// conducts by sigma_L: where it is alone that is all, so that a pore full of liquid conducts the same
/// whether a crack's band reaches into it or not. The cube keeps the faint tail of the band from conducting.
template <int dim>
dealii::SymmetricTensor<2, dim> cracked_ionic_conductivity(const dealii::SymmetricTensor<2, dim> &electrolyte,
                                                           const LocalCrack<dim> &crack,
                                                           double liquid_conductivity);

/// Lithium in a crack conducts electrons: S I^3 sigma_cap, added to the electrolyte's.
template <int dim>
dealii::SymmetricTensor<2, dim>
cracked_electronic_conductivity(const dealii::SymmetricTensor<2, dim> &electrolyte,
                                const LocalCrack<dim> &crack, double metal_cap);

/// sigma(T)/sigma(298.15 K) for sigma T = A exp(-E/(k_B T)); `activation_energy` E in J per particle.
double arrhenius_conductivity_factor(double activation_energy, double temperature);

/// i0(T)/i0(298.15 K) for i0 = A exp(-E/(k_B T)); for diffusivities likewise.
double arrhenius_rate_factor(double activation_energy, double temperature);
} // namespace lithoclase
