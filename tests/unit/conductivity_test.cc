#include "materials/conductivity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace lithoclase;
using dealii::make_array_view;
using dealii::SymmetricTensor;
using dealii::Tensor;
using dealii::unit_symmetric_tensor;

namespace
{
constexpr double sigma_b = 0.046, sigma_gb = 5.97e-4; // S/m, LLZO
constexpr double w_gb = 10e-9, w_s = 0.3e-6;

template <int dim>
Tensor<1, dim> random_direction(std::mt19937 &generator)
{
  std::normal_distribution<double> normal;
  Tensor<1, dim> n;
  for (unsigned int d = 0; d < dim; ++d)
    n[d] = normal(generator);
  return n / n.norm();
}

/// A random symmetric positive definite tensor with eigenvalues between 1 and 10.
template <int dim>
SymmetricTensor<2, dim> random_tensor(std::mt19937 &generator)
{
  std::uniform_real_distribution<double> uniform(0.2, 1.5);
  SymmetricTensor<2, dim> t = unit_symmetric_tensor<dim>();
  for (unsigned int k = 0; k < dim; ++k) {
    const Tensor<1, dim> n = random_direction<dim>(generator);
    t += uniform(generator) * symmetrize(outer_product(n, n));
  }
  return t;
}

template <int dim>
double along(const SymmetricTensor<2, dim> &sigma, const Tensor<1, dim> &n)
{
  return n * (sigma * n);
}
} // namespace

template <typename Dimension>
class Conductivity : public testing::Test
{
};
using Dimensions = testing::Types<std::integral_constant<int, 2>, std::integral_constant<int, 3>>;
TYPED_TEST_SUITE(Conductivity, Dimensions);

TYPED_TEST(Conductivity, blocking_boundary_adds_resistance_across_only)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(1);
  const Tensor<1, dim> m = random_direction<dim>(generator);
  const std::vector<GrainBoundaryBand<dim>> bands = {{0.8, m, sigma_gb}};
  const SymmetricTensor<2, dim> sigma =
      grain_boundary_conductivity<dim>(sigma_b, make_array_view(bands), w_gb, w_s);
  const double resistivity = 1. / sigma_b + 0.8 * w_gb / w_s * (1. / sigma_gb - 1. / sigma_b);
  EXPECT_NEAR(along(sigma, m) * resistivity, 1., 1e-13);
  EXPECT_NEAR(trace(sigma), 1. / resistivity + (dim - 1) * sigma_b, 1e-14 * sigma_b);
}

TYPED_TEST(Conductivity, leaky_boundary_adds_conductance_along_only)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(2);
  const Tensor<1, dim> m = random_direction<dim>(generator);
  const std::vector<GrainBoundaryBand<dim>> bands = {{0.5, m, 30. * sigma_b}};
  const SymmetricTensor<2, dim> sigma =
      grain_boundary_conductivity<dim>(sigma_b, make_array_view(bands), w_gb, w_s);
  EXPECT_NEAR(along(sigma, m) / sigma_b, 1., 1e-14);
  const double in_plane = sigma_b * (1. + 0.5 * w_gb / w_s * 29.);
  EXPECT_NEAR(trace(sigma), sigma_b + (dim - 1) * in_plane, 1e-13 * sigma_b);
}

TYPED_TEST(Conductivity, junction_sums_resistivities)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(3);
  std::vector<GrainBoundaryBand<dim>> bands;
  SymmetricTensor<2, dim> rho = 1. / sigma_b * unit_symmetric_tensor<dim>();
  for (unsigned int k = 0; k < 4; ++k) {
    const Tensor<1, dim> m = random_direction<dim>(generator);
    bands.push_back({0.2 * (k + 1), m, sigma_gb * (k + 1)});
    rho += 0.2 * (k + 1) * w_gb / w_s * (1. / (sigma_gb * (k + 1)) - 1. / sigma_b) *
           symmetrize(outer_product(m, m));
  }
  const SymmetricTensor<2, dim> sigma =
      grain_boundary_conductivity<dim>(sigma_b, make_array_view(bands), w_gb, w_s);
  EXPECT_LT(
      (Tensor<2, dim>(sigma) * Tensor<2, dim>(rho) - Tensor<2, dim>(unit_symmetric_tensor<dim>())).norm(),
      1e-12);
}

TYPED_TEST(Conductivity, mixed_junction_and_insulator_stay_positive)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(4);
  for (unsigned int trial = 0; trial < 50; ++trial) {
    const std::vector<GrainBoundaryBand<dim>> bands = {
        {1., random_direction<dim>(generator), 0.},
        {0.7, random_direction<dim>(generator), 1e3 * sigma_b},
        {0.3, random_direction<dim>(generator), 1e-3 * sigma_b}};
    const SymmetricTensor<2, dim> sigma =
        grain_boundary_conductivity<dim>(sigma_b, make_array_view(bands), w_gb, w_s);
    for (const double value : eigenvalues(sigma))
      EXPECT_GT(value, 0.);
  }
}

TYPED_TEST(Conductivity, band_resistance_is_independent_of_its_numerical_width)
{
  // INT (1/sigma) dn - w_s/sigma_b = w_gb (1/sigma_gb - 1/sigma_b), whatever the shape of b with INT b dn =
  // w_s.
  constexpr int dim = TypeParam::value;
  Tensor<1, dim> m;
  m[0] = 1.;
  for (const double width : {0.1e-6, 0.3e-6, 1e-6}) {
    const unsigned int n = 2000;
    double resistance = 0.;
    for (unsigned int i = 0; i < n; ++i) {
      const double s = (i + 0.5) / n * 2. - 1.; // from -w_s to w_s
      const std::vector<GrainBoundaryBand<dim>> bands = {{0.5 * (1. + std::cos(M_PI * s)), m, sigma_gb}};
      const auto sigma = grain_boundary_conductivity<dim>(sigma_b, make_array_view(bands), w_gb, width);
      resistance += (1. / along(sigma, m) - 1. / sigma_b) * 2. * width / n;
    }
    EXPECT_NEAR(resistance / (w_gb * (1. / sigma_gb - 1. / sigma_b)), 1., 1e-10);
  }
}

TYPED_TEST(Conductivity, interface_of_isotropic_phases)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(5);
  const Tensor<1, dim> n = random_direction<dim>(generator);
  const double a = 0.046, b = 0.14, f = 0.3;
  const SymmetricTensor<2, dim> first = a * unit_symmetric_tensor<dim>(),
                                second = b * unit_symmetric_tensor<dim>();
  const SymmetricTensor<2, dim> sigma = mix_across_interface(first, second, f, n).value;
  const double harmonic = 1. / ((1. - f) / a + f / b), arithmetic = (1. - f) * a + f * b;
  EXPECT_NEAR(along(sigma, n), harmonic, 1e-14);
  EXPECT_NEAR(trace(sigma), harmonic + (dim - 1) * arithmetic, 1e-14);
  EXPECT_LT((sigma * n - harmonic * n).norm(), 1e-14);
  // No normal: arithmetic mean.
  const auto plain = mix_across_interface(first, second, f, Tensor<1, dim>());
  EXPECT_LT((plain.value - arithmetic * unit_symmetric_tensor<dim>()).norm(), 1e-14);
}

TYPED_TEST(Conductivity, walls_of_an_insulator_conduct_across_as_along)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(15);
  const Tensor<1, dim> n = random_direction<dim>(generator);
  const SymmetricTensor<2, dim> solid = random_tensor<dim>(generator), none;
  const double f = 0.3;
  EXPECT_LT((mix_across_interface(solid, none, f, n, 0.).value - (1. - f) * solid).norm(), 1e-14);
  // In between the laminate counts by the share that conducts, and so does what diffusion is worth in it.
  const SymmetricTensor<2, dim> second = 0.01 * unit_symmetric_tensor<dim>();
  const auto laminate = mix_across_interface(solid, second, f, n),
             mean = mix_across_interface(solid, second, f, n, 0.),
             mixed = mix_across_interface(solid, second, f, n, 0.25);
  EXPECT_LT((mixed.value - 0.25 * laminate.value - 0.75 * mean.value).norm(), 1e-14);
  EXPECT_LT((mixed.derivative - 0.25 * laminate.derivative - 0.75 * mean.derivative).norm(), 1e-12);
  const Tensor<2, dim> whole = laminate.value * diffusion_share<dim>(solid, second, 0.01, f, n),
                       none_of_it = mean.value * diffusion_share<dim>(solid, second, 0.01, f, n, 0.),
                       part = mixed.value * diffusion_share<dim>(solid, second, 0.01, f, n, 0.25);
  EXPECT_LT((none_of_it - f * 0.01 * Tensor<2, dim>(unit_symmetric_tensor<dim>())).norm(), 1e-14);
  EXPECT_LT((part - 0.25 * whole - 0.75 * none_of_it).norm(), 1e-14);
}

TYPED_TEST(Conductivity, interface_of_anisotropic_phases_is_the_exact_laminate)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(6);
  for (unsigned int trial = 0; trial < 20; ++trial) {
    const SymmetricTensor<2, dim> first = random_tensor<dim>(generator),
                                  second = 10. * random_tensor<dim>(generator);
    const Tensor<1, dim> n = random_direction<dim>(generator), field = random_direction<dim>(generator);
    const double f = 0.37;
    const auto mixed = mix_across_interface(first, second, f, n);

    // Layer fields E + c_k n with (1-f) c_1 + f c_2 = 0 and equal normal flux; the laminate carries the mean
    // flux.
    const double jump = n * ((second - first) * field);
    const double denominator = (1. - f) * along(second, n) + f * along(first, n);
    const double first_excess = f * jump / denominator, second_excess = -(1. - f) * jump / denominator;
    const Tensor<1, dim> first_flux = first * (field + first_excess * n),
                         second_flux = second * (field + second_excess * n);
    EXPECT_NEAR(n * first_flux, n * second_flux, 1e-12 * second_flux.norm());
    EXPECT_LT((mixed.value * field - (1. - f) * first_flux - f * second_flux).norm(),
              1e-12 * second_flux.norm());

    for (const double value : eigenvalues(mixed.value))
      EXPECT_GT(value, 0.);
    const double h = 1e-4;
    const auto difference = (mix_across_interface(first, second, f + h, n).value -
                             mix_across_interface(first, second, f - h, n).value) /
                            (2. * h);
    EXPECT_LT((difference - mixed.derivative).norm(),
              1e-6 * mixed.derivative.norm()); // h^2 of the difference
  }
}

TYPED_TEST(Conductivity, metal_fraction_rules)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(7);
  const SymmetricTensor<2, dim> leak = 1e-6 * random_tensor<dim>(generator),
                                ions = 0.046 * random_tensor<dim>(generator);
  const double cap = 46.;
  EXPECT_LT((electronic_conductivity(0., leak, cap).value - leak).norm(), 1e-20);
  EXPECT_LT((electronic_conductivity(1., leak, cap).value - cap * unit_symmetric_tensor<dim>()).norm(),
            1e-12);
  EXPECT_LT((ionic_conductivity(1., ions).value - 1e-8 * ions).norm(), 1e-22);
  // Overshoots are clipped.
  EXPECT_LT((electronic_conductivity(1.1, leak, cap).value - cap * unit_symmetric_tensor<dim>()).norm(),
            1e-12);
  EXPECT_LT((electronic_conductivity(-0.1, leak, cap).value - leak).norm(), 1e-20);
  EXPECT_EQ(electronic_conductivity(-0.1, leak, cap).derivative.norm(), 0.);
  EXPECT_EQ(ionic_conductivity(1.1, ions).derivative.norm(), 0.);

  const double h = 1e-4;
  for (const double xi : {0.1, 0.5, 0.9}) {
    const auto e = (electronic_conductivity(xi + h, leak, cap).value -
                    electronic_conductivity(xi - h, leak, cap).value) /
                   (2. * h);
    EXPECT_LT((e - electronic_conductivity(xi, leak, cap).derivative).norm(),
              2. * h * h * cap); // third derivative 6 cap
    const auto i =
        (ionic_conductivity(xi + h, ions).value - ionic_conductivity(xi - h, ions).value) / (2. * h);
    EXPECT_LT((i - ionic_conductivity(xi, ions).derivative).norm(), 1e-10 * ions.norm());
  }
}

TEST(Arrhenius, known_ratios)
{
  const double energy = 0.34 * constants::elementary_charge; // 0.34 eV
  EXPECT_DOUBLE_EQ(arrhenius_conductivity_factor(energy, 298.15), 1.);
  // exp(0.34/8.617333e-5 (1/298.15 - 1/333.15)) = 4.016 and 298.15/333.15 = 0.8949.
  EXPECT_NEAR(arrhenius_rate_factor(energy, 333.15), 4.016, 1e-3);
  EXPECT_NEAR(arrhenius_conductivity_factor(energy, 333.15), 4.016 * 0.89494, 1e-3);
}

TEST(GrainBoundaryResistance, llzo)
{
  // 5.97 uS/cm over 10 nm is 0.168 Ohm cm^2 (three digits).
  EXPECT_NEAR(grain_boundary_conductivity_from_resistance(0.168e-4, 10e-9), 5.97e-4, 2e-6);
}

namespace
{
template <int dim>
LocalCrack<dim> local_crack(const double damage, const double filling, const Tensor<1, dim> &direction)
{
  LocalCrack<dim> crack;
  crack.damage = damage;
  crack.filling = filling;
  crack.direction = direction;
  return crack;
}
} // namespace

TYPED_TEST(Conductivity, ions_do_not_cross_a_crack)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(11);
  for (unsigned int k = 0; k < 10; ++k) {
    const SymmetricTensor<2, dim> electrolyte = random_tensor<dim>(generator);
    const Tensor<1, dim> n = random_direction<dim>(generator);
    const auto sound =
        cracked_ionic_conductivity(electrolyte, local_crack<dim>(0., 1., Tensor<1, dim>()), 5.);
    EXPECT_LT((sound - electrolyte).norm(), 1e-7);
    const auto broken = cracked_ionic_conductivity(electrolyte, local_crack<dim>(1., 1., 0.5 * n), 5.);
    EXPECT_LT((broken * n).norm(), 1e-6);
    EXPECT_GT(along(broken, n), 0.);
    // A field along the flanks that drives no current across them is not disturbed.
    Tensor<1, dim> field = random_direction<dim>(generator);
    field -= (field * (electrolyte * n)) / (n * (electrolyte * n)) * n;
    EXPECT_LT((broken * field - electrolyte * field).norm(), 1e-6);
    // Half broken: 1-(1-d)^2 = 3/4 of the normal part is gone, whatever the steepness of the band.
    const auto half = cracked_ionic_conductivity(electrolyte, local_crack<dim>(0.5, 0., 0.1 * n), 5.);
    EXPECT_NEAR(along(half, n), 0.25 * along(electrolyte, n), 1e-6);
  }
}

TYPED_TEST(Conductivity, full_layers_of_a_crack_have_no_direction)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(12);
  const SymmetricTensor<2, dim> electrolyte = random_tensor<dim>(generator);
  const Tensor<1, dim> n = random_direction<dim>(generator);
  const auto half = cracked_ionic_conductivity(electrolyte, local_crack<dim>(0.5, 1., Tensor<1, dim>()), 5.);
  EXPECT_LT((half - 0.25 * electrolyte).norm(), 1e-6);
  const auto broken = cracked_ionic_conductivity(electrolyte, local_crack<dim>(1., 1., 1e-9 * n), 5.);
  EXPECT_LT(broken.norm(), 1e-6);
  EXPECT_GT(along(broken, n), 0.);
}

TYPED_TEST(Conductivity, liquid_in_a_crack_conducts_ions)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(15);
  const SymmetricTensor<2, dim> electrolyte = random_tensor<dim>(generator),
                                unit = unit_symmetric_tensor<dim>();
  const Tensor<1, dim> n = random_direction<dim>(generator);
  for (const double slope : {0., 0.05, 0.5}) {
    LocalCrack<dim> crack = local_crack<dim>(0., 0., slope * n);
    crack.liquid = 1.;
    const auto conductivity = [&](const double damage) {
      crack.damage = damage;
      return cracked_ionic_conductivity(electrolyte, crack, 3.);
    };
    EXPECT_LT((conductivity(0.) - electrolyte).norm(), 1e-7);
    EXPECT_LT((conductivity(1.) - 3. * unit).norm(), 1e-7);
    // Half broken, I = 3/4: nothing is blocked, the liquid has 27/64 of the place.
    EXPECT_LT((conductivity(0.5) - 37. / 64. * electrolyte - 3. * 27. / 64. * unit).norm(), 1e-7);
    crack.liquid = 0.5;
    for (unsigned int m = 0; m < 10; ++m)
      EXPECT_GT(along(conductivity(0.1 * m), random_direction<dim>(generator)), 0.);
  }
}

TYPED_TEST(Conductivity, cracked_ionic_conductivity_is_positive_and_without_jumps)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(13);
  std::uniform_real_distribution<double> uniform(0., 1.);
  for (unsigned int k = 0; k < 100; ++k) {
    const SymmetricTensor<2, dim> electrolyte = random_tensor<dim>(generator);
    const Tensor<1, dim> n = random_direction<dim>(generator);
    const double d = uniform(generator), slope = 0.3 * uniform(generator);
    const auto sigma = cracked_ionic_conductivity(electrolyte, local_crack<dim>(d, 0., slope * n), 5.);
    for (unsigned int m = 0; m < 10; ++m)
      EXPECT_GT(along(sigma, random_direction<dim>(generator)), 0.);
    const auto beside =
        cracked_ionic_conductivity(electrolyte, local_crack<dim>(d, 0., (slope + 1e-6) * n), 5.);
    EXPECT_LT((beside - sigma).norm(), 1e-3);
  }
}

TYPED_TEST(Conductivity, lithium_in_a_crack_conducts_electrons)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(14);
  const SymmetricTensor<2, dim> electrolyte = 1e-6 * random_tensor<dim>(generator);
  const Tensor<1, dim> n = random_direction<dim>(generator);
  const double cap = 3.;
  const auto conductivity = [&](const double damage, const double filling) {
    return cracked_electronic_conductivity(electrolyte, local_crack<dim>(damage, filling, n), cap);
  };
  EXPECT_LT((conductivity(0., 1.) - electrolyte).norm(), 1e-15);
  EXPECT_LT((conductivity(1., 0.) - electrolyte).norm(), 1e-15) << "an empty crack";
  const SymmetricTensor<2, dim> unit = unit_symmetric_tensor<dim>();
  EXPECT_LT((conductivity(1., 1.) - electrolyte - cap * unit).norm(), 1e-12);
  EXPECT_LT((conductivity(0.5, 1.) - electrolyte - cap * 27. / 64. * unit).norm(), 1e-12);
}

/// A laminate of two layers by hand: the field parts into E + a n in each, tangential fields and the normal
/// current agree. In the liquid layer a field g of diffusion is added.
TYPED_TEST(Conductivity, diffusion_share_is_that_of_layers)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(15);
  for (const double f2 : {0.001, 0.3, 0.9, 1.}) {
    const SymmetricTensor<2, dim> solid = random_tensor<dim>(generator);
    const double liquid = 0.7;
    const SymmetricTensor<2, dim> second = liquid * unit_symmetric_tensor<dim>();
    const Tensor<1, dim> n = random_direction<dim>(generator), g = random_direction<dim>(generator),
                         mean = random_direction<dim>(generator);
    // Fields E1 = mean + f2 jump n, E2 = mean - f1 jump n with n.s1.E1 = n.s2.(E2 + g).
    const double f1 = 1. - f2;
    const double jump =
        (n * (second * (mean + g)) - n * (solid * mean)) / (f2 * (n * (solid * n)) + f1 * (n * (second * n)));
    const Tensor<1, dim> current =
        f1 * (solid * (mean + f2 * jump * n)) + f2 * (second * (mean - f1 * jump * n + g));
    const Tensor<2, dim> share = diffusion_share<dim>(solid, second, liquid, f2, n);
    const Tensor<1, dim> found = mix_across_interface<dim>(solid, second, f2, n).value * (mean + share * g);
    EXPECT_LT((found - current).norm(), 1e-12);
  }
}

TYPED_TEST(Conductivity, series_resistance_adds_along_its_normal_alone)
{
  constexpr int dim = TypeParam::value;
  std::mt19937 generator(16);
  const SymmetricTensor<2, dim> sigma = random_tensor<dim>(generator);
  const Tensor<1, dim> n = random_direction<dim>(generator);
  const SymmetricTensor<2, dim> difference = invert(add_series_resistance<dim>(sigma, 3., n)) - invert(sigma);
  EXPECT_LT((difference - 3. * symmetrize(outer_product(n, n))).norm(), 1e-10);
}
