#include "materials/reaction_kinetics.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace lithoclase;

namespace
{
constexpr double i0 = 50.; // A/m^2

/// Fourth-order central difference: its error at these steps is far below the tolerances used.
template <typename Function>
double slope(const Function &f, const double x, const double h)
{
  return (8. * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12. * h);
}
} // namespace

TEST(Constants, known_values)
{
  EXPECT_NEAR(constants::faraday, 96485.33212, 1e-5);
  EXPECT_NEAR(constants::gas_constant, 8.314462618, 1e-9);
  EXPECT_NEAR(constants::thermal_voltage(298.15), 25.69e-3, 5e-6);
  EXPECT_NEAR(1e-3 / constants::overpotential_per_pressure, 7.42e6, 5e3); // F/V_Li in Pa per mV
}

TEST(ButlerVolmer, sign_and_limits)
{
  const ButlerVolmer kinetics(0.3);
  EXPECT_EQ(kinetics.current_density(i0, 0.).value, 0.);
  EXPECT_GT(kinetics.current_density(i0, -0.01).value, 0.); // negative overpotential deposits
  EXPECT_LT(kinetics.current_density(i0, 0.01).value, 0.);

  // Linear law: the slope at equilibrium is -i0 F/(RT) for every transfer coefficient.
  EXPECT_NEAR(kinetics.current_density(i0, 0.).derivative * constants::thermal_voltage(298.15) / -i0, 1.,
              1e-13);
  EXPECT_NEAR(kinetics.current_density(i0, -1e-12).value / (i0 * 1e-12) * constants::thermal_voltage(298.15),
              1., 1e-9);

  // Tafel law: the backward reaction is exp(-0.3/0.02569) = 8e-6 of the forward one.
  const double tafel = i0 * std::exp(0.7 * 0.3 * kinetics.inverse_thermal_voltage());
  EXPECT_NEAR(kinetics.current_density(i0, -0.3).value / tafel, 1., 1e-4);
}

TEST(ButlerVolmer, symmetric_law_is_hyperbolic_sine)
{
  const ButlerVolmer kinetics(0.5, 330.);
  for (const double eta : {-0.4, -0.05, -1e-4, 0.02, 0.3})
    EXPECT_NEAR(kinetics.current_density(i0, eta).value /
                    (-2. * i0 * std::sinh(0.5 * eta / constants::thermal_voltage(330.))),
                1., 1e-12);
}

TEST(ButlerVolmer, derivative_matches_difference)
{
  for (const double alpha : {0.2, 0.5, 0.7}) {
    const ButlerVolmer kinetics(alpha, 310.);
    const auto j = [&](const double eta) { return kinetics.current_density(i0, eta).value; };
    for (const double eta : {-5., -1.2, -0.6, -0.1, -1e-3, 0., 1e-3, 0.1, 0.6, 1.2, 5.}) {
      const double exact = kinetics.current_density(i0, eta).derivative;
      EXPECT_NEAR(slope(j, eta, 1e-4) / exact, 1., 1e-8) << "alpha " << alpha << " eta " << eta;
      EXPECT_LT(exact, 0.);
    }
  }
}

TEST(ButlerVolmer, continuation_is_smooth_and_finite)
{
  const double edge = std::exp(20.);
  for (const double side : {-1e-9, 1e-9}) {
    EXPECT_NEAR(continued_exponential(20. + side).value / edge, 1., 2e-9);
    EXPECT_NEAR(continued_exponential(20. + side).derivative / edge, 1., 2e-9);
  }
  EXPECT_NEAR(continued_exponential(25.).value / edge, 6., 1e-12); // 1 + (25 - 20)
  EXPECT_NEAR(continued_exponential(-3.).value, std::exp(-3.), 1e-15);

  const ButlerVolmer kinetics(0.4);
  for (const double eta : {-1e6, 1e6}) {
    EXPECT_TRUE(std::isfinite(kinetics.current_density(i0, eta).value));
    EXPECT_TRUE(std::isfinite(kinetics.current_density(i0, eta).derivative));
  }
}

TEST(ButlerVolmer, inverse_returns_the_overpotential)
{
  for (const double alpha : {0.1, 0.3, 0.5, 0.8}) {
    const ButlerVolmer kinetics(alpha);
    // The largest values lie in the continued range of the exponentials.
    for (const double eta : {-4., -1.5, -0.3, -0.02, -1e-6, -1e-12, 0., 1e-9, 1e-3, 0.05, 0.4, 1.5, 4.}) {
      const double j = kinetics.current_density(i0, eta).value;
      EXPECT_NEAR(kinetics.overpotential(i0, j), eta, 1e-12 * std::abs(eta)) << "alpha " << alpha;
    }
  }
  // (2RT/F) asinh(i/2 i0), the planar cell of verification case V4.
  EXPECT_NEAR(ButlerVolmer().overpotential(i0, 100.),
              -2. * constants::thermal_voltage(298.15) * std::asinh(1.), 1e-15);
}

TEST(ButlerVolmer, exchange_current_density_of_an_interface_resistance)
{
  // RT/(F i0) with 1 Ohm cm^2 = 1e-4 Ohm m^2: the values of the material table, given there to two digits.
  EXPECT_NEAR(exchange_current_density_from_resistance(400e-4), 0.64, 0.005);
  EXPECT_NEAR(exchange_current_density_from_resistance(30e-4), 8.6, 0.05);
  EXPECT_NEAR(exchange_current_density_from_resistance(2e-4), 128., 0.5);
}

TEST(ConcentrationFactor, power_law_with_smooth_continuation)
{
  for (const double alpha : {0.3, 0.5}) {
    EXPECT_NEAR(concentration_factor(1., alpha).value, 1., 1e-15);
    EXPECT_NEAR(concentration_factor(0.25, alpha).value, std::pow(0.25, alpha), 1e-15);
    EXPECT_EQ(concentration_factor(0., alpha).value, 0.);
    EXPECT_EQ(concentration_factor(-0.1, alpha).value, 0.);
    const auto f = [&](const double r) { return concentration_factor(r, alpha).value; };
    for (const double ratio : {2e-4, 9e-4, 2e-3, 0.1, 1., 3.})
      EXPECT_NEAR(slope(f, ratio, 1e-2 * ratio) / concentration_factor(ratio, alpha).derivative, 1., 1e-6);
    const double below = concentration_factor(1e-3 * (1. - 1e-9), alpha).derivative;
    const double above = concentration_factor(1e-3 * (1. + 1e-9), alpha).derivative;
    EXPECT_NEAR(below / above, 1., 1e-7);
  }
}

TEST(Overpotential, stress_and_curvature_terms)
{
  EXPECT_DOUBLE_EQ(overpotential(-0.05, 0.01), -0.06);
  // Growth stalls at p = F |phi_e - phi_i|/V_Li: 50 mV are 371 MPa.
  EXPECT_NEAR(overpotential(0., 0.05, 0.05 / constants::overpotential_per_pressure), 0., 1e-15);
  EXPECT_NEAR(0.05 / constants::overpotential_per_pressure, 371e6, 0.2e6);
  // A bump of radius 10 nm with gamma = 0.45 J/m^2: K = 2/r, gamma K = 90 MPa, 12.1 mV against deposition.
  EXPECT_NEAR(overpotential(0., 0., 0., 0.45, 2. / 10e-9), 12.13e-3, 1e-5);
}

TEST(NucleationSwitch, step_over_one_millivolt)
{
  const double barrier = 5e-3;
  EXPECT_EQ(nucleation_switch(0.1, barrier).value, 0.);
  EXPECT_EQ(nucleation_switch(-4.99e-3, barrier).value, 0.);
  EXPECT_NEAR(nucleation_switch(-5.5e-3, barrier).value, 0.5, 1e-12);
  EXPECT_EQ(nucleation_switch(-6.01e-3, barrier).value, 1.);
  const auto h = [&](const double eta) { return nucleation_switch(eta, barrier).value; };
  for (const double eta : {-5.2e-3, -5.5e-3, -5.9e-3})
    EXPECT_NEAR(slope(h, eta, 1e-6) / nucleation_switch(eta, barrier).derivative, 1., 1e-8);

  // The nucleation current j H stays monotone in eta, so its linearisation adds a positive matrix.
  const ButlerVolmer kinetics;
  for (double eta = -10e-3; eta < 0.; eta += 1e-4)
    EXPECT_LE((kinetics.current_density(i0, eta) * nucleation_switch(eta, barrier)).derivative, 0.);
}

TEST(NucleationCurrent, stalls_itself)
{
  const double barrier = 5e-3;
  const ButlerVolmer kinetics(0.4);
  for (const double eta : {-0.5, -0.05, -5.5e-3, -4e-3, 0.1}) {
    const ValueAndDerivative free = kinetics.current_density(i0, eta) * nucleation_switch(eta, barrier);
    EXPECT_EQ(nucleation_current_density(kinetics, i0, eta, barrier).value, free.value) << "without stall";
    double before = free.value;
    for (const double stall : {1e-8, 1e-5, 1e-2, 1e2, 1e8}) {
      const auto n = [&](const double x) {
        return nucleation_current_density(kinetics, i0, x, barrier, stall);
      };
      const ValueAndDerivative now = n(eta);
      const double x = eta + stall * now.value;
      EXPECT_LE(now.value, before) << eta << " " << stall;
      EXPECT_LE(x, std::max(eta, -barrier));
      before = now.value;
      if (now.value == 0.)
        continue;
      const ValueAndDerivative law = kinetics.current_density(i0, x) * nucleation_switch(x, barrier);
      // Its argument is known to 1e-16 of eta: that is all that a steep law can be held to.
      const double reachable = 1e-12 * now.value + 1e-15 * std::abs(eta * law.derivative);
      EXPECT_NEAR(now.value, law.value, reachable) << eta << " " << stall;
      const double step = 1e-6;
      EXPECT_NEAR(slope([&](const double at) { return n(at).value; }, eta, step) / now.derivative, 1., 1e-5)
          << eta << " " << stall;
    }
  }
}

TEST(ChenKinetics, polynomials_and_their_derivatives)
{
  const double barrier = 3.7;
  const auto g = [&](const double xi) { return chen::double_well(xi, barrier); };
  for (const double xi : {-0.1, 0., 0.2, 0.5, 0.9, 1., 1.1}) {
    const double h = 1e-3;
    EXPECT_NEAR(g(xi).first, slope([&](double x) { return g(x).value; }, xi, h), 1e-9 * barrier);
    EXPECT_NEAR(g(xi).second, slope([&](double x) { return g(x).first; }, xi, h), 1e-9 * barrier);
    EXPECT_NEAR(chen::interpolation(xi).first,
                slope([](double x) { return chen::interpolation(x).value; }, xi, h), 1e-9);
    EXPECT_NEAR(chen::interpolation(xi).second,
                slope([](double x) { return chen::interpolation(x).first; }, xi, h), 1e-8);
  }
  EXPECT_NEAR(g(0.5).value, barrier / 16., 1e-15);
  EXPECT_EQ(chen::interpolation(0.).value, 0.);
  EXPECT_NEAR(chen::interpolation(1.).value, 1., 1e-15);
}

TEST(ChenKinetics, tanh_profile_is_in_equilibrium)
{
  // g'(xi) = kappa xi'' on xi = (1 + tanh(x/delta))/2.
  const double barrier = 2., delta = 3e-7;
  for (const double x : {-1.3, -0.2, 0.4, 2.}) {
    const double xi = 0.5 * (1. + std::tanh(x));
    const double second = 4. / (delta * delta) * xi * (1. - xi) * (1. - 2. * xi);
    EXPECT_NEAR(chen::double_well(xi, barrier).first, chen::gradient_coefficient(barrier, delta) * second,
                1e-12 * barrier);
  }
}

TEST(ChenKinetics, drive_is_butler_volmer_at_reference_concentration)
{
  const ButlerVolmer kinetics(0.4);
  for (const double eta : {-2., -0.1, 1e-3, 0.3}) {
    EXPECT_NEAR(chen::reaction_drive(kinetics, eta).value / -kinetics.current_density(1., eta).value, 1.,
                1e-14);
    const auto drive = [&](const double e) { return chen::reaction_drive(kinetics, e, 0.3).value; };
    EXPECT_NEAR(slope(drive, eta, 1e-4) / chen::reaction_drive(kinetics, eta, 0.3).derivative, 1., 1e-8);
  }
  EXPECT_NEAR(chen::reaction_drive(kinetics, 0., 0.3).value, 0.7, 1e-15);
  // 3 delta L_eta = V_Li i0/F, the speed at unit drive: 1.347e-10 m/s per A/m^2.
  EXPECT_NEAR(3. * 2e-7 * chen::reaction_mobility(1., 2e-7), 1.347e-10, 1e-13);
}
