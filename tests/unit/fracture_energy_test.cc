#include "materials/fracture_energy.h"

#include <deal.II/base/tensor.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace lithoclase;
using dealii::SymmetricTensor;
using dealii::Tensor;

namespace
{
const IsotropicModuli llzo = IsotropicModuli::from_youngs(150e9, 0.26);
constexpr CubicConstants crystal = {187e9, 75.1e9, 71.0e9};
constexpr EnergySplit all_splits[] = {EnergySplit::none, EnergySplit::volumetric_deviatoric,
                                      EnergySplit::spectral};

template <int dim>
SymmetricTensor<2, dim> random_strain(std::mt19937 &generator, const double scale)
{
  std::normal_distribution<double> normal;
  SymmetricTensor<2, dim> strain;
  for (unsigned int i = 0; i < SymmetricTensor<2, dim>::n_independent_components; ++i)
    strain.access_raw_entry(i) = scale * normal(generator);
  return strain;
}

/// Stresses against differences of the energies and tangents against differences of the stresses. The strain
/// must not lie within the step of a change of sign, where the tangent jumps; energies and stresses are
/// smooth to either side.
template <int dim, typename Split>
void expect_consistent(const Split &split, const SymmetricTensor<2, dim> &strain,
                       const double stiffness_scale)
{
  const SplitEnergy<dim> at = split(strain);
  const double step = 1e-5 * strain.norm();
  const double stress_scale = stiffness_scale * strain.norm();
  for (unsigned int i = 0; i < dim; ++i)
    for (unsigned int j = i; j < dim; ++j) {
      SymmetricTensor<2, dim> direction;
      direction[i][j] = 1.;
      const SplitEnergy<dim> plus = split(strain + step * direction),
                             minus = split(strain - step * direction);
      // Truncation is of order 1e-10, rounding of order 1e-16/1e-5 of the scales.
      const auto near = [&](const double value, const double difference, const double scale) {
        EXPECT_NEAR(value, difference / (2. * step), 1e-8 * scale) << "strain " << strain;
      };
      near(at.positive_stress * direction, plus.positive - minus.positive, stress_scale);
      near(at.negative_stress * direction, plus.negative - minus.negative, stress_scale);
      for (unsigned int k = 0; k < dim; ++k)
        for (unsigned int l = k; l < dim; ++l) {
          near((at.positive_tangent * direction)[k][l],
               plus.positive_stress[k][l] - minus.positive_stress[k][l], stiffness_scale);
          near((at.negative_tangent * direction)[k][l],
               plus.negative_stress[k][l] - minus.negative_stress[k][l], stiffness_scale);
        }
    }
}

template <int dim>
SymmetricTensor<2, 3> embed(const SymmetricTensor<2, dim> &strain)
{
  SymmetricTensor<2, 3> full;
  for (unsigned int i = 0; i < dim; ++i)
    for (unsigned int j = i; j < dim; ++j)
      full[i][j] = strain[i][j];
  return full;
}
} // namespace

TEST(FractureEnergy, crack_models)
{
  for (const CrackModel model : {CrackModel::at1, CrackModel::at2}) {
    double integral = 0.; // c_w = 4 INT_0^1 sqrt(w), midpoint rule
    const unsigned int n = 100000;
    for (unsigned int i = 0; i < n; ++i)
      integral += 4. * std::sqrt(local_crack_energy(model, (i + 0.5) / n).value) / n;
    EXPECT_NEAR(integral, crack_normalisation(model), 1e-6);
    const double h = 1e-4, d = 0.3;
    const auto w = [&](const double x) { return local_crack_energy(model, x); };
    EXPECT_NEAR(w(d).first, (w(d + h).value - w(d - h).value) / (2. * h), 1e-11);
    EXPECT_NEAR(w(d).second, (w(d + h).first - w(d - h).first) / (2. * h), 1e-11);
    EXPECT_NEAR(degradation(d).first, (degradation(d + h).value - degradation(d - h).value) / (2. * h),
                1e-11);
    EXPECT_NEAR(degradation(d).second, (degradation(d + h).first - degradation(d - h).first) / (2. * h),
                1e-11);
  }
  EXPECT_DOUBLE_EQ(degradation(0.).value, 1. + 1e-8);
  EXPECT_DOUBLE_EQ(degradation(1.).value, 1e-8);
  EXPECT_DOUBLE_EQ(toughness_correction(CrackModel::at1, 1., 3.), 1. / 1.125);
  EXPECT_DOUBLE_EQ(toughness_correction(CrackModel::at2, 1., 3.), 1. / (1. + 1. / 6.));
}

TEST(FractureEnergy, strength_of_a_bar)
{
  // Verification case V13, E = G_c = 1, l = 0.03, homogeneous damage: -g' psi = G_c w'/(c_w l), stress g
  // sqrt(2 E psi).
  for (const auto &[model, strength] :
       {std::make_pair(CrackModel::at1, 3.5355), std::make_pair(CrackModel::at2, 1.8750)}) {
    double largest = 0.;
    for (double d = 0.; d < 0.99; d += 1e-4) {
      const double psi = local_crack_energy(model, d).first /
                         (crack_normalisation(model) * 0.03 * -degradation(d, 0.).first);
      largest = std::max(largest, degradation(d, 0.).value * std::sqrt(2. * psi));
    }
    EXPECT_NEAR(largest, strength, 1e-4);
  }
}

template <typename Dimension>
class EnergySplits : public testing::Test
{
};
using Dimensions = testing::Types<std::integral_constant<int, 2>, std::integral_constant<int, 3>>;
TYPED_TEST_SUITE(EnergySplits, Dimensions);

TYPED_TEST(EnergySplits, parts_add_up_to_linear_elasticity)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(1);
  const auto stiffness = isotropic_stiffness<dim>(llzo);
  for (unsigned int trial = 0; trial < 50; ++trial)
    for (const EnergySplit split : all_splits) {
      const auto strain = random_strain<dim>(generator, 1e-3);
      const auto parts = split_energy(split, strain, llzo);
      const auto stress = stiffness * strain;
      EXPECT_NEAR((parts.positive + parts.negative) / (0.5 * (stress * strain)), 1., 1e-12);
      EXPECT_LT((parts.positive_stress + parts.negative_stress - stress).norm(), 1e-12 * stress.norm());
      EXPECT_LT((parts.positive_tangent + parts.negative_tangent - stiffness).norm(),
                1e-12 * stiffness.norm());
      EXPECT_GE(parts.positive, 0.);
      EXPECT_GE(parts.negative, 0.);
    }
}

TYPED_TEST(EnergySplits, derivatives_at_random_strains)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(2);
  for (const double scale : {1e-8, 1e-3, 1.})
    for (unsigned int trial = 0; trial < 30; ++trial) {
      const auto strain = random_strain<dim>(generator, scale);
      for (const EnergySplit split : all_splits)
        expect_consistent([&](const auto &s) { return split_energy(split, s, llzo); }, strain, llzo.youngs());
    }
}

TYPED_TEST(EnergySplits, derivatives_at_nearly_equal_principal_strains)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(3);
  for (const double mean : {-1e-3, 1e-3})
    for (const double distance : {0., 1e-18, 1e-13, 1e-9, 1e-6}) {
      auto strain = mean * dealii::unit_symmetric_tensor<dim>() + random_strain<dim>(generator, distance);
      expect_consistent([&](const auto &s) { return split_energy(EnergySplit::spectral, s, llzo); }, strain,
                        llzo.youngs());
      strain[0][0] *= -3.; // in 3-D two nearly equal and one of other sign; a trace of zero would be a kink
      expect_consistent([&](const auto &s) { return split_energy(EnergySplit::spectral, s, llzo); }, strain,
                        llzo.youngs());
    }
}

TYPED_TEST(EnergySplits, zero_strain_is_finite)
{
  constexpr int dim = TypeParam::value;
  for (const EnergySplit split : all_splits) {
    const auto parts = split_energy(split, SymmetricTensor<2, dim>(), llzo);
    EXPECT_EQ(parts.positive + parts.negative, 0.);
    EXPECT_NEAR((parts.positive_tangent + parts.negative_tangent - isotropic_stiffness<dim>(llzo)).norm(), 0.,
                1e-12 * llzo.youngs());
  }
}

TYPED_TEST(EnergySplits, uniaxial_strains)
{
  constexpr int dim = TypeParam::value;
  SymmetricTensor<2, dim> strain;
  strain[dim - 1][dim - 1] = -2e-3;
  // Miehe: all negative. Amor: the volume is negative, the deviator (2/3 of the square) drives the crack.
  EXPECT_EQ(split_energy(EnergySplit::spectral, strain, llzo).positive, 0.);
  const auto amor = split_energy(EnergySplit::volumetric_deviatoric, strain, llzo);
  EXPECT_NEAR(amor.positive / (llzo.shear * 4e-6 * 2. / 3.), 1., 1e-12);
  EXPECT_NEAR(amor.negative / (0.5 * llzo.bulk() * 4e-6), 1., 1e-12);
  for (const EnergySplit split : all_splits)
    EXPECT_EQ(split_energy(split, -1. * strain, llzo).negative, 0.);
}

TYPED_TEST(EnergySplits, cubic_crystals_split_into_volume_and_deviator)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(4);
  const double angle = 0.7, c = std::cos(angle), s = std::sin(angle);
  const double first[3][3] = {{c, -s, 0.}, {s, c, 0.}, {0., 0., 1.}};
  const double second[3][3] = {{1., 0., 0.}, {0., c, -s}, {0., s, c}};
  const Tensor<2, 3> rotation = Tensor<2, 3>(first) * Tensor<2, 3>(second);
  const auto full = cubic_stiffness<3>(crystal, rotation);
  const auto split = [&](const SymmetricTensor<2, dim> &strain) {
    return split_energy(EnergySplit::volumetric_deviatoric, strain, cubic_stiffness<dim>(crystal, rotation),
                        crystal.bulk());
  };
  for (unsigned int trial = 0; trial < 30; ++trial) {
    const auto strain = random_strain<dim>(generator, 1e-3);
    const auto parts = split(strain);
    const auto deviator = dealii::deviator(embed(strain));
    const double dilation = std::max(trace(strain), 0.);
    const double expected = 0.5 * (deviator * (full * deviator)) + 0.5 * crystal.bulk() * dilation * dilation;
    EXPECT_NEAR(parts.positive / expected, 1., 1e-10);
    expect_consistent(split, strain, crystal.c11);
  }
}

TEST(EnergySplitsInPlane, plane_strain_is_three_dimensional)
{
  std::mt19937 generator(5);
  for (unsigned int trial = 0; trial < 30; ++trial)
    for (const EnergySplit split : all_splits) {
      const auto strain = random_strain<2>(generator, 1e-3);
      const auto plane = split_energy(split, strain, llzo);
      const auto space = split_energy(split, embed(strain), llzo);
      const double scale = space.positive + space.negative;
      EXPECT_NEAR(plane.positive, space.positive, 1e-12 * scale);
      EXPECT_NEAR(plane.negative, space.negative, 1e-12 * scale);
      for (unsigned int i = 0; i < 2; ++i)
        for (unsigned int j = 0; j < 2; ++j)
          EXPECT_NEAR(plane.positive_stress[i][j], space.positive_stress[i][j],
                      1e-12 * llzo.youngs() * strain.norm());
    }
}
