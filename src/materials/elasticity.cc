#include "materials/elasticity.h"

#include "core/failure.h"

#include <deal.II/base/exceptions.h>

#include <cmath>
#include <sstream>

namespace lithoclase
{
IsotropicModuli IsotropicModuli::from_youngs(const double youngs_modulus, const double poisson_ratio)
{
  Assert(poisson_ratio > -1. && poisson_ratio < 0.5, dealii::ExcInternalError());
  return {youngs_modulus * poisson_ratio / ((1. + poisson_ratio) * (1. - 2. * poisson_ratio)),
          youngs_modulus / (2. * (1. + poisson_ratio))};
}

IsotropicModuli IsotropicModuli::from_bulk(const double bulk_modulus, const double shear_modulus)
{
  return {bulk_modulus - 2. / 3. * shear_modulus, shear_modulus};
}

void check_stability(const CubicConstants &constants, const std::string &whose)
{
  if (constants.c11 > std::abs(constants.c12) && constants.bulk() > 0. && constants.c44 > 0.)
    return;
  std::ostringstream message;
  message << whose << ": a crystal with C11 = " << constants.c11 / 1e9
          << " GPa, C12 = " << constants.c12 / 1e9 << " GPa, C44 = " << constants.c44 / 1e9
          << " GPa is not stable; C11 > |C12|, C11 + 2 C12 > 0 and C44 > 0 are needed";
  throw InputError(message.str());
}

void check_stability(const double youngs_modulus, const double poisson_ratio, const std::string &whose)
{
  if (youngs_modulus > 0. && poisson_ratio > -1. && poisson_ratio < 0.5)
    return;
  std::ostringstream message;
  message << whose << ": a solid with Young's modulus " << youngs_modulus / 1e9 << " GPa and Poisson's ratio "
          << poisson_ratio << " is not stable; a positive modulus and a ratio between -1 and 0.5 are needed";
  throw InputError(message.str());
}

template <int dim>
dealii::SymmetricTensor<4, dim> isotropic_stiffness(const IsotropicModuli &moduli)
{
  dealii::SymmetricTensor<4, dim> stiffness;
  for (unsigned int i = 0; i < dim; ++i) {
    for (unsigned int k = 0; k < dim; ++k)
      stiffness[i][i][k][k] = moduli.lambda + (i == k ? 2. * moduli.shear : 0.);
    for (unsigned int k = i + 1; k < dim; ++k)
      stiffness[i][k][i][k] = moduli.shear;
  }
  return stiffness;
}

template <int dim>
dealii::SymmetricTensor<4, dim> cubic_stiffness(const CubicConstants &constants,
                                                const dealii::Tensor<2, 3> &orientation)
{
  Assert((orientation * transpose(orientation) - dealii::Tensor<2, 3>(dealii::unit_symmetric_tensor<3>()))
                 .norm() < 1e-9,
         dealii::ExcMessage("The orientation is no rotation."));
  const double anisotropy = constants.c11 - constants.c12 - 2. * constants.c44;
  dealii::SymmetricTensor<4, dim> stiffness = isotropic_stiffness<dim>({constants.c12, constants.c44});
  for (unsigned int n = 0; n < 3; ++n) {
    dealii::SymmetricTensor<2, dim> axis; // the n-th crystal axis times itself, its part in the plane in 2-D
    for (unsigned int i = 0; i < dim; ++i)
      for (unsigned int j = i; j < dim; ++j)
        axis[i][j] = orientation[i][n] * orientation[j][n];
    stiffness += anisotropy * outer_product(axis, axis);
  }
  return stiffness;
}

dealii::SymmetricTensor<4, 2> plane_strain(const dealii::SymmetricTensor<4, 3> &stiffness)
{
  dealii::SymmetricTensor<4, 2> in_plane;
  for (unsigned int i = 0; i < 2; ++i)
    for (unsigned int j = i; j < 2; ++j)
      for (unsigned int k = 0; k < 2; ++k)
        for (unsigned int l = k; l < 2; ++l)
          in_plane[i][j][k][l] = stiffness[i][j][k][l];
  return in_plane;
}

template dealii::SymmetricTensor<4, 2> isotropic_stiffness<2>(const IsotropicModuli &);
template dealii::SymmetricTensor<4, 3> isotropic_stiffness<3>(const IsotropicModuli &);
template dealii::SymmetricTensor<4, 2> cubic_stiffness<2>(const CubicConstants &,
                                                          const dealii::Tensor<2, 3> &);
template dealii::SymmetricTensor<4, 3> cubic_stiffness<3>(const CubicConstants &,
                                                          const dealii::Tensor<2, 3> &);
} // namespace lithoclase
