#pragma once

#include "materials/elasticity.h"

#include <deal.II/base/symmetric_tensor.h>

#include <string>
#include <vector>

/// Bounds on effective properties of a composite from the volume fractions f of its phases.
///
/// All four are one mean with a constraint a, in which x is a conductivity, a bulk or a shear modulus:
///     x_eff(a) = 1/SUM f/(x + a) - a,   a = 0: Reuss,   a = infinity: Voigt.
/// Hashin and Shtrikman take the constraint of the phase that conducts least or most, or that is softest or
/// stiffest (index 0), in d dimensions:
///     conductivity (d-1) sigma_0;   bulk 2 (d-1)/d G_0;
///     shear G_0 [d/2 K_0 + (d+1)(d-2)/d G_0]/(K_0 + 2 G_0).
/// Crystals enter with their stiffness tensor C: the mean of (C + C*)^-1 over all directions, C* the
/// isotropic tensor of the two constraints; C_0 is then the largest isotropic stiffness below all of them,
/// or the smallest above.
///
/// Reuss and Voigt hold for the mean of the diagonal of a conductivity tensor and for the isotropic part of a
/// stiffness tensor, whatever the structure. Hashin and Shtrikman hold besides that for structures that look
/// the same in all directions, crystals with all orientations alike. In 2-D nothing changes along z (plane
/// strain), and the bulk modulus is the one in the plane, K + G/3.
///
/// References: Hashin, Shtrikman, J. Appl. Phys. 33 (1962) 3125, doi:10.1063/1.1728579 (conductivity); J.
/// Mech. Phys. Solids 11 (1963) 127, doi:10.1016/0022-5096(63)90060-7, and 10 (1962) 343,
/// doi:10.1016/0022-5096(62)90005-4 (polycrystals); Walpole, ibid. 14 (1966) 151,
/// doi:10.1016/0022-5096(66)90035-4 (many phases); Torquato, Random Heterogeneous Materials (2002), ch. 21
/// (d dimensions).
namespace lithoclase
{
struct Bounds
{
  double reuss = 0.;
  double lower = 0., upper = 0.; ///< of Hashin and Shtrikman
  double voigt = 0.;
};

/// An effective property with its bounds.
struct BoundedProperty
{
  std::string name; ///< "ionic conductivity"
  std::string unit;
  double computed = 0.;
  Bounds bounds;
};

/// A phase without volume is none.
struct ConductingPhase
{
  double volume;
  double conductivity; ///< [S/m], not negative
};

Bounds conductivity_bounds(unsigned int dim, const std::vector<ConductingPhase> &phases);

template <int dim>
struct ElasticPhase
{
  double volume;
  dealii::SymmetricTensor<4, dim> stiffness; ///< zero: void
  double bulk;                               ///< three-dimensional, also in 2-D [Pa]
  double lowest_shear, highest_shear;        ///< of a crystal: of its planes and directions [Pa]
};

struct ElasticBounds
{
  Bounds bulk, shear; ///< [Pa]
};

template <int dim>
ElasticBounds elastic_bounds(const std::vector<ElasticPhase<dim>> &phases);

/// Of the nearest isotropic tensor; in 2-D the bulk modulus in the plane [Pa].
struct IsotropicPart
{
  double bulk, shear;
};

template <int dim>
IsotropicPart isotropic_part(const dealii::SymmetricTensor<4, dim> &stiffness);
} // namespace lithoclase
