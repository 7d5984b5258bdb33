#include "materials/composite_bounds.h"

#include <gtest/gtest.h>

using namespace lithoclase;

namespace
{
template <int dim>
ElasticPhase<dim> isotropic_phase(const double volume, const double bulk, const double shear)
{
  return {volume, isotropic_stiffness<dim>(IsotropicModuli::from_bulk(bulk, shear)), bulk, shear, shear};
}
} // namespace

TEST(CompositeBounds, two_conductors)
{
  // Maxwell's formula for spheres and for discs of 0.3 by volume: 1 in 10, and 10 in 1.
  const auto maxwell = [](const double dim, const double matrix, const double inclusion, const double f) {
    const double contrast = (inclusion - matrix) / (inclusion + (dim - 1.) * matrix);
    return matrix * (1. + (dim - 1.) * f * contrast) / (1. - f * contrast);
  };
  for (const unsigned int dim : {2u, 3u}) {
    const Bounds bounds = conductivity_bounds(dim, {{0.6, 1.}, {1.4, 10.}, {0., 100.}});
    EXPECT_NEAR(bounds.lower, maxwell(dim, 1., 10., 0.7), 1e-12);
    EXPECT_NEAR(bounds.upper, maxwell(dim, 10., 1., 0.3), 1e-12);
    EXPECT_NEAR(bounds.reuss, 1. / (0.3 + 0.07), 1e-12);
    EXPECT_NEAR(bounds.voigt, 7.3, 1e-12);
  }
  const Bounds porous = conductivity_bounds(3, {{0.3, 0.}, {0.7, 1.}});
  EXPECT_EQ(porous.reuss, 0.);
  EXPECT_EQ(porous.lower, 0.);
  EXPECT_NEAR(porous.upper, 2. * 0.7 / 2.3, 1e-14); // Maxwell's 2(1-f)/(2+f)
}

TEST(CompositeBounds, two_isotropic_solids)
{
  // Hashin and Shtrikman's formulas of 1963 for two phases, the second one stiffer; volumes 1 : 3.
  const double K1 = 20., G1 = 5., K2 = 100., G2 = 60., f1 = 0.25, f2 = 0.75;
  const ElasticBounds bounds =
      elastic_bounds<3>({isotropic_phase<3>(1., K1, G1), isotropic_phase<3>(3., K2, G2)});
  EXPECT_NEAR(bounds.bulk.lower, K1 + f2 / (1. / (K2 - K1) + 3. * f1 / (3. * K1 + 4. * G1)), 1e-10);
  EXPECT_NEAR(bounds.bulk.upper, K2 + f1 / (1. / (K1 - K2) + 3. * f2 / (3. * K2 + 4. * G2)), 1e-10);
  EXPECT_NEAR(bounds.shear.lower,
              G1 + f2 / (1. / (G2 - G1) + 6. * (K1 + 2. * G1) * f1 / (5. * G1 * (3. * K1 + 4. * G1))), 1e-10);
  EXPECT_NEAR(bounds.shear.upper,
              G2 + f1 / (1. / (G1 - G2) + 6. * (K2 + 2. * G2) * f2 / (5. * G2 * (3. * K2 + 4. * G2))), 1e-10);
  EXPECT_NEAR(bounds.bulk.reuss, 1. / (f1 / K1 + f2 / K2), 1e-10);
  EXPECT_NEAR(bounds.shear.voigt, f1 * G1 + f2 * G2, 1e-10);
}

TEST(CompositeBounds, fibres)
{
  // Plane strain: Hashin, J. Mech. Phys. Solids 13 (1965) 119.
  const double K1 = 20., G1 = 5., K2 = 100., G2 = 60., f1 = 0.25, f2 = 0.75;
  const double k1 = K1 + G1 / 3., k2 = K2 + G2 / 3.;
  const ElasticBounds bounds =
      elastic_bounds<2>({isotropic_phase<2>(1., K1, G1), isotropic_phase<2>(3., K2, G2)});
  EXPECT_NEAR(bounds.bulk.lower, k1 + f2 / (1. / (k2 - k1) + f1 / (k1 + G1)), 1e-10);
  EXPECT_NEAR(bounds.bulk.upper, k2 + f1 / (1. / (k1 - k2) + f2 / (k2 + G2)), 1e-10);
  EXPECT_NEAR(bounds.shear.lower, G1 + f2 / (1. / (G2 - G1) + f1 * (k1 + 2. * G1) / (2. * G1 * (k1 + G1))),
              1e-10);
  EXPECT_NEAR(bounds.shear.upper, G2 + f1 / (1. / (G1 - G2) + f2 * (k2 + 2. * G2) / (2. * G2 * (k2 + G2))),
              1e-10);
}

TEST(CompositeBounds, cubic_polycrystal)
{
  // Lithium, C11, C12, C44 = 13.5, 11.44, 8.78 GPa: Hashin and Shtrikman 3.083 and 4.569 GPa.
  const CubicConstants lithium{13.5, 11.44, 8.78};
  const auto crystal = cubic_stiffness<3>(lithium, dealii::Tensor<2, 3>(dealii::unit_symmetric_tensor<3>()));
  const ElasticBounds bounds = elastic_bounds<3>({{1., crystal, lithium.bulk(), 1.03, 8.78}});
  EXPECT_NEAR(bounds.shear.lower, 3.083, 5e-4);
  EXPECT_NEAR(bounds.shear.upper, 4.569, 5e-4);
  EXPECT_NEAR(bounds.shear.reuss, lithium.reuss_shear(), 1e-12);
  EXPECT_NEAR(bounds.shear.voigt, lithium.voigt_shear(), 1e-12);
  for (const double bulk : {bounds.bulk.reuss, bounds.bulk.lower, bounds.bulk.upper, bounds.bulk.voigt})
    EXPECT_NEAR(bulk, lithium.bulk(), 1e-12);
}

TEST(CompositeBounds, voids_leave_no_lower_bound)
{
  const ElasticBounds bounds = elastic_bounds<3>(
      {isotropic_phase<3>(0.9, 100., 60.), {0.1, dealii::SymmetricTensor<4, 3>(), 0., 0., 0.}});
  for (const double low : {bounds.bulk.reuss, bounds.bulk.lower, bounds.shear.reuss, bounds.shear.lower})
    EXPECT_EQ(low, 0.);
  EXPECT_NEAR(bounds.bulk.upper, 100. - 0.1 / (1. / 100. - 0.9 / (100. + 80.)), 1e-10);
}
