#pragma once

#include "materials/constants.h"
#include "materials/value_and_derivative.h"

/// Kinetics of Li+ + e- <-> Li(metal). Reaction current density j [A/m^2], positive = deposition:
///
///     j(eta) = i0 [ exp(-alpha_c f eta) - exp(alpha_a f eta) ],  f = F/(RT), alpha_a + alpha_c = 1      (E1)
///     eta    = phi_e - phi_i + (V_Li/F) p_n + (gamma V_Li/F) K                                          (E2)
///
/// A negative overpotential deposits.
namespace lithoclase
{
/// exp(x) up to x = 20, then its tangent (C1), so that a far-off Newton iterate cannot overflow.
ValueAndDerivative continued_exponential(double x);

/// The law (E1). The exchange current density is an argument because it varies in space.
class ButlerVolmer
{
public:
  /// `anodic_transfer_coefficient` = alpha_a in (0,1); `temperature` in K.
  explicit ButlerVolmer(double anodic_transfer_coefficient = 0.5,
                        double temperature = constants::reference_temperature);

  /// j [A/m^2] and dj/d eta [A/(m^2 V)] (never positive).
  ValueAndDerivative current_density(double exchange_current_density, double overpotential) const;

  /// The overpotential [V] at which the reaction runs at `current_density`: the inverse of the above.
  double overpotential(double exchange_current_density, double current_density) const;

  double anodic_transfer_coefficient() const { return anodic_transfer_coefficient_; }
  double cathodic_transfer_coefficient() const { return 1. - anodic_transfer_coefficient_; }
  double inverse_thermal_voltage() const { return inverse_thermal_voltage_; } ///< f = F/(RT) [1/V]

private:
  double anodic_transfer_coefficient_;
  double inverse_thermal_voltage_;
};

/// i0 = RT/(F R_ct) [A/m^2] from the area resistance R_ct [Ohm m^2] of the interface (the slope of (E1) at
/// eta = 0).
double exchange_current_density_from_resistance(double area_resistance,
                                                double temperature = constants::reference_temperature);

/// (c/c0)^alpha_a and its derivative by c/c0: the factor of i0 in the ionic liquid. It stands on both terms
/// of (E1) because the concentration dependence of the equilibrium is already in phi_i. Below c/c0 = 1e-3 the
/// power is continued (C1) by a parabola through zero, which keeps the slope finite; an undershoot below zero
/// gives zero.
ValueAndDerivative concentration_factor(double concentration_ratio, double anodic_transfer_coefficient);

/// (E2) [V]. `normal_pressure` p_n [Pa]: compressive normal stress that the new lithium pushes against;
/// `surface_energy` gamma [J/m^2]; `curvature` K [1/m]: sum of the principal curvatures, positive for a metal
/// bump. Derivatives: +1 by phi_e, -1 by phi_i, constants::overpotential_per_pressure by p_n.
double overpotential(double electronic_potential, double ionic_potential, double normal_pressure = 0.,
                     double surface_energy = 0., double curvature = 0.);

constexpr double nucleation_switch_width = 1e-3; ///< [V]

/// H(-eta - eta_nuc) of (E5) and its derivative by eta: 0 for overpotentials weaker than the nucleation
/// barrier eta_nuc, 1 from `width` beyond it, a C1 step in between.
ValueAndDerivative nucleation_switch(double overpotential, double nucleation_barrier,
                                     double width = nucleation_switch_width);

/// Current density n of nucleation that stalls itself: the new lithium raises the pressure against it, so
/// that
///     n = j(x) H(-x - eta_nuc),   x = eta + stall n,
/// `stall` >= 0 [V m^2/A]. There is just one n, between 0 and that without stall. Derivative by eta.
ValueAndDerivative nucleation_current_density(const ButlerVolmer &kinetics, double exchange_current_density,
                                              double overpotential, double nucleation_barrier,
                                              double stall = 0.,
                                              double switch_width = nucleation_switch_width);

/// The nonlinear Allen-Cahn formulation of Chen et al., J. Power Sources 300 (2015) 376:
///
///     d xi/dt = -L_s [ g'(xi) - kappa lap xi ] - L_eta h'(xi) { exp[alpha_a f eta] - (c/c0) exp[-alpha_c f
///     eta] } g = W xi^2 (1-xi)^2,  kappa = W delta^2/2,  h' = 30 xi^2 (1-xi)^2,  L_eta = V_Li i0/(3 F delta)
namespace chen
{
ValueAndTwoDerivatives double_well(double lithium,
                                   double barrier_height); ///< g, g', g'' with W = barrier_height
ValueAndTwoDerivatives interpolation(double lithium);      ///< h = xi^3 (10 - 15 xi + 6 xi^2), h', h''

double gradient_coefficient(double barrier_height, double interface_width); ///< kappa; width delta [m]

/// L_eta [1/s]: with it a planar front moves at V_Li j/F.
double reaction_mobility(double exchange_current_density, double interface_width);

/// The bracket { } above and its derivative by eta [1/V]; exponentials continued as in (E1).
ValueAndDerivative reaction_drive(const ButlerVolmer &kinetics, double overpotential,
                                  double concentration_ratio = 1.);
} // namespace chen
} // namespace lithoclase
