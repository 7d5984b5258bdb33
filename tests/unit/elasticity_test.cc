#include "materials/elasticity.h"

#include "core/failure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace lithoclase;
using dealii::SymmetricTensor;
using dealii::Tensor;

namespace
{
constexpr CubicConstants cubic_llzo = {187e9, 75.1e9, 71.0e9};
constexpr CubicConstants lithium = {13.42e9, 11.30e9, 8.8e9};

Tensor<2, 3> identity_matrix()
{
  return Tensor<2, 3>(dealii::unit_symmetric_tensor<3>());
}

/// A rotation from a random unit quaternion.
Tensor<2, 3> random_rotation(std::mt19937 &generator)
{
  std::normal_distribution<double> normal;
  double w = normal(generator), x = normal(generator), y = normal(generator), z = normal(generator);
  const double norm = std::sqrt(w * w + x * x + y * y + z * z);
  w /= norm, x /= norm, y /= norm, z /= norm;
  const double rows[3][3] = {{1. - 2. * (y * y + z * z), 2. * (x * y - w * z), 2. * (x * z + w * y)},
                             {2. * (x * y + w * z), 1. - 2. * (x * x + z * z), 2. * (y * z - w * x)},
                             {2. * (x * z - w * y), 2. * (y * z + w * x), 1. - 2. * (x * x + y * y)}};
  return Tensor<2, 3>(rows);
}

SymmetricTensor<2, 3> random_strain(std::mt19937 &generator)
{
  std::normal_distribution<double> normal;
  SymmetricTensor<2, 3> strain;
  for (unsigned int i = 0; i < SymmetricTensor<2, 3>::n_independent_components; ++i)
    strain.access_raw_entry(i) = 1e-3 * normal(generator);
  return strain;
}

/// Young's modulus along a direction of the sample.
double youngs_along(const SymmetricTensor<4, 3> &stiffness, const Tensor<1, 3> &direction)
{
  const auto along = symmetrize(outer_product(direction, direction));
  return 1. / (along * (invert(stiffness) * along));
}
} // namespace

TEST(Elasticity, isotropic_constants)
{
  // The steel of the notched-tension case: E 210, nu 0.3 give lambda 121.15, mu 80.77 kN/mm^2.
  const IsotropicModuli steel = IsotropicModuli::from_youngs(210e9, 0.3);
  EXPECT_NEAR(steel.lambda, 121.15e9, 0.005e9);
  EXPECT_NEAR(steel.shear, 80.77e9, 0.005e9);
  EXPECT_NEAR(steel.youngs() / 210e9, 1., 1e-14);
  EXPECT_NEAR(steel.poisson(), 0.3, 1e-14);
  const IsotropicModuli back = IsotropicModuli::from_bulk(steel.bulk(), steel.shear);
  EXPECT_NEAR(back.lambda / steel.lambda, 1., 1e-14);

  const auto stiffness = isotropic_stiffness<3>(steel);
  EXPECT_NEAR(youngs_along(stiffness, Tensor<1, 3>({0., 1., 0.})) / 210e9, 1., 1e-12);
}

TEST(Elasticity, polycrystal_averages)
{
  // Verification case V12: K 112.4, G 64.56 GPa; the dense crystal's average E is 163 GPa.
  EXPECT_NEAR(cubic_llzo.bulk(), 112.4e9, 1e6);
  EXPECT_LT(cubic_llzo.reuss_shear(), 64.56e9);
  EXPECT_GT(cubic_llzo.voigt_shear(), 64.56e9);
  EXPECT_NEAR(IsotropicModuli::from_bulk(cubic_llzo.bulk(), cubic_llzo.hill_shear()).youngs(), 163e9, 1e9);
}

TEST(Elasticity, cubic_crystal_in_its_own_axes)
{
  const auto stiffness = cubic_stiffness<3>(cubic_llzo, identity_matrix());
  EXPECT_NEAR(stiffness[0][0][0][0], cubic_llzo.c11, 1.);
  EXPECT_NEAR(stiffness[2][2][1][1], cubic_llzo.c12, 1.);
  EXPECT_NEAR(stiffness[0][2][0][2], cubic_llzo.c44, 1.);
  EXPECT_NEAR(stiffness[0][0][0][1], 0., 1.);
}

TEST(Elasticity, direction_dependence_of_lithium)
{
  // 1/E_100 = S11, 1/E_111 = S11 - 2/3 (S11 - S12 - S44/2).
  const double s11 =
      (lithium.c11 + lithium.c12) / ((lithium.c11 - lithium.c12) * (lithium.c11 + 2. * lithium.c12));
  const double s12 = -lithium.c12 / ((lithium.c11 - lithium.c12) * (lithium.c11 + 2. * lithium.c12));
  const double e111 = 1. / (s11 - 2. / 3. * (s11 - s12 - 0.5 / lithium.c44));
  std::mt19937 generator(1);
  for (unsigned int trial = 0; trial < 10; ++trial) {
    const Tensor<2, 3> rotation = random_rotation(generator);
    const auto stiffness = cubic_stiffness<3>(lithium, rotation);
    // The crystal's axes in the sample are the rotation's columns.
    EXPECT_NEAR(youngs_along(stiffness, rotation * Tensor<1, 3>({0., 0., 1.})) * s11, 1., 1e-10);
    const double third = 1. / std::sqrt(3.);
    EXPECT_NEAR(youngs_along(stiffness, rotation * Tensor<1, 3>({third, -third, third})) / e111, 1., 1e-10);
  }
  EXPECT_GT(e111 * s11, 6.); // lithium is strongly anisotropic: 21 against 3 GPa
}

TEST(Elasticity, rotated_energy_is_that_of_the_strain_turned_back)
{
  std::mt19937 generator(2);
  const auto own = cubic_stiffness<3>(cubic_llzo, identity_matrix());
  for (unsigned int trial = 0; trial < 20; ++trial) {
    const Tensor<2, 3> rotation = random_rotation(generator);
    const auto strain = random_strain(generator);
    const auto turned = symmetrize(transpose(rotation) * Tensor<2, 3>(strain) * rotation);
    const double energy = strain * (cubic_stiffness<3>(cubic_llzo, rotation) * strain);
    EXPECT_NEAR(energy / (turned * (own * turned)), 1., 1e-12);
  }
}

TEST(Elasticity, plane_strain_is_the_part_in_the_plane)
{
  std::mt19937 generator(3);
  for (unsigned int trial = 0; trial < 10; ++trial) {
    const Tensor<2, 3> rotation = random_rotation(generator);
    const auto full = cubic_stiffness<3>(cubic_llzo, rotation);
    SymmetricTensor<2, 3> strain = random_strain(generator);
    strain[0][2] = strain[1][2] = strain[2][2] = 0.;
    SymmetricTensor<2, 2> in_plane;
    for (unsigned int i = 0; i < 2; ++i)
      for (unsigned int j = i; j < 2; ++j)
        in_plane[i][j] = strain[i][j];
    const auto stress = full * strain;
    for (const auto &stiffness : {plane_strain(full), cubic_stiffness<2>(cubic_llzo, rotation)}) {
      const auto stress_in_plane = stiffness * in_plane;
      for (unsigned int i = 0; i < 2; ++i)
        for (unsigned int j = i; j < 2; ++j)
          EXPECT_NEAR(stress_in_plane[i][j], stress[i][j], 1e-12 * stress.norm());
    }
  }
}

TEST(Elasticity, unstable_constants_are_refused)
{
  EXPECT_NO_THROW(check_stability(cubic_llzo, "LLZO"));
  EXPECT_THROW(check_stability(CubicConstants{1e9, 2e9, 1e9}, "x"), InputError);
  EXPECT_THROW(check_stability(CubicConstants{1e9, -0.6e9, 1e9}, "x"), InputError);
  EXPECT_THROW(check_stability(CubicConstants{3e9, 1e9, 0.}, "x"), InputError);
  EXPECT_NO_THROW(check_stability(150e9, 0.26, "LLZO"));
  EXPECT_THROW(check_stability(150e9, 0.5, "x"), InputError);
  EXPECT_THROW(check_stability(0., 0.2, "x"), InputError);
}
