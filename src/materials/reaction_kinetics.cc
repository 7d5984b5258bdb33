#include "materials/reaction_kinetics.h"

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
namespace
{
constexpr double largest_argument = 20.;

/// exp(x) - 1 with the same continuation: keeps all digits of (E1) near equilibrium. The slope is that of
/// exp.
ValueAndDerivative continued_exponential_minus_one(const double x)
{
  if (x > largest_argument) {
    static const double slope = std::exp(largest_argument);
    return {slope * (1. + (x - largest_argument)) - 1., slope};
  }
  const double value = std::expm1(x);
  return {value, value + 1.};
}

/// x with continued_exponential(x) = value, for value >= 1.
double continued_logarithm_1p(const double value_minus_one)
{
  static const double slope = std::exp(largest_argument);
  return value_minus_one + 1. <= slope ? std::log1p(value_minus_one)
                                       : largest_argument - 1. + (value_minus_one + 1.) / slope;
}

/// Solves exp(a x) - exp(-b x) = drive (both continued) for x >= 0 when drive >= 0: Newton, kept inside a
/// bracket.
double solve_reduced_kinetics(const double a, const double b, const double drive)
{
  double low = 0.;
  double high = continued_logarithm_1p(drive) / a; // neglects exp(-b x) <= 1
  double x = std::min(high, drive); // the linear law exp(ax) - exp(-bx) = (a + b) x, with a + b = 1
  for (unsigned int iteration = 0; iteration < 100; ++iteration) {
    const ValueAndDerivative forward = continued_exponential_minus_one(a * x);
    const ValueAndDerivative backward = continued_exponential_minus_one(-b * x);
    const double residual = forward.value - backward.value - drive;
    (residual > 0. ? high : low) = x;
    double next = x - residual / (a * forward.derivative + b * backward.derivative);
    if (!(next > low && next < high))
      next = residual == 0. ? x : 0.5 * (low + high);
    const bool converged = std::abs(next - x) <= 1e-15 * x;
    x = next;
    if (converged)
      break;
  }
  return x;
}
} // namespace

ValueAndDerivative continued_exponential(const double x)
{
  const ValueAndDerivative e = continued_exponential_minus_one(x);
  return {e.value + 1., e.derivative};
}

ButlerVolmer::ButlerVolmer(const double anodic_transfer_coefficient, const double temperature)
    : anodic_transfer_coefficient_(anodic_transfer_coefficient),
      inverse_thermal_voltage_(1. / constants::thermal_voltage(temperature))
{
  Assert(anodic_transfer_coefficient > 0. && anodic_transfer_coefficient < 1., dealii::ExcInternalError());
  Assert(temperature > 0., dealii::ExcInternalError());
}

ValueAndDerivative ButlerVolmer::current_density(const double exchange_current_density,
                                                 const double overpotential) const
{
  const double anodic = anodic_transfer_coefficient() * inverse_thermal_voltage_;
  const double cathodic = cathodic_transfer_coefficient() * inverse_thermal_voltage_;
  const ValueAndDerivative deposition = continued_exponential_minus_one(-cathodic * overpotential);
  const ValueAndDerivative dissolution = continued_exponential_minus_one(anodic * overpotential);
  return {exchange_current_density * (deposition.value - dissolution.value),
          -exchange_current_density * (cathodic * deposition.derivative + anodic * dissolution.derivative)};
}

double ButlerVolmer::overpotential(const double exchange_current_density, const double current_density) const
{
  Assert(exchange_current_density > 0., dealii::ExcInternalError());
  const double drive = std::abs(current_density) / exchange_current_density;
  const double sign = current_density > 0. ? -1. : 1.; // deposition needs a negative overpotential
  const double anodic = anodic_transfer_coefficient();
  const double cathodic = cathodic_transfer_coefficient();

  if (anodic == 0.5) {
    const double x = 2. * std::asinh(0.5 * drive);
    if (0.5 * x <= largest_argument)
      return sign * x / inverse_thermal_voltage_;
  }
  if (drive == 0.)
    return 0.;
  const double x = current_density > 0. ? solve_reduced_kinetics(cathodic, anodic, drive)
                                        : solve_reduced_kinetics(anodic, cathodic, drive);
  return sign * x / inverse_thermal_voltage_;
}

double exchange_current_density_from_resistance(const double area_resistance, const double temperature)
{
  Assert(area_resistance > 0., dealii::ExcInternalError());
  return constants::thermal_voltage(temperature) / area_resistance;
}

ValueAndDerivative concentration_factor(const double concentration_ratio,
                                        const double anodic_transfer_coefficient)
{
  constexpr double smallest_ratio = 1e-3;
  const double alpha = anodic_transfer_coefficient;
  if (concentration_ratio >= smallest_ratio) {
    const double value = std::pow(concentration_ratio, alpha);
    return {value, alpha * value / concentration_ratio};
  }
  if (concentration_ratio <= 0.)
    return {0., 0.};
  const double scale = std::pow(smallest_ratio, alpha);
  const double s = concentration_ratio / smallest_ratio;
  return {scale * s * ((2. - alpha) - (1. - alpha) * s),
          scale / smallest_ratio * ((2. - alpha) - 2. * (1. - alpha) * s)};
}

double overpotential(const double electronic_potential, const double ionic_potential,
                     const double normal_pressure, const double surface_energy, const double curvature)
{
  return electronic_potential - ionic_potential +
         constants::overpotential_per_pressure * (normal_pressure + surface_energy * curvature);
}

ValueAndDerivative nucleation_switch(const double overpotential, const double nucleation_barrier,
                                     const double width)
{
  const double t = (-overpotential - nucleation_barrier) / width;
  if (t <= 0.)
    return {0., 0.};
  if (t >= 1.)
    return {1., 0.};
  return {t * t * (3. - 2. * t), -6. * t * (1. - t) / width};
}

ValueAndDerivative nucleation_current_density(const ButlerVolmer &kinetics,
                                              const double exchange_current_density,
                                              const double overpotential, const double nucleation_barrier,
                                              const double stall, const double switch_width)
{
  const auto current = [&](const double x) {
    return kinetics.current_density(exchange_current_density, x) *
           nucleation_switch(x, nucleation_barrier, switch_width);
  };
  ValueAndDerivative n = current(overpotential);
  if (stall <= 0. || n.value <= 0.)
    return n;
  // The root x of x - eta - stall n(x), which rises: Newton, kept inside a bracket.
  double low = overpotential;
  double high = std::min(-nucleation_barrier, overpotential + stall * n.value);
  double x = low;
  for (unsigned int iteration = 0; iteration < 200; ++iteration) {
    const double residual = x - overpotential - stall * n.value;
    (residual > 0. ? high : low) = x;
    double next = x - residual / (1. - stall * n.derivative);
    if (!(next > low && next < high))
      next = residual == 0. ? x : 0.5 * (low + high);
    const bool converged = std::abs(next - x) <= 1e-16 * std::abs(overpotential);
    x = next;
    n = current(x);
    if (converged)
      break;
  }
  const double slope = 1. - stall * n.derivative;
  return {slope < 2. ? n.value : (x - overpotential) / stall, n.derivative / slope}; // the better known
}

namespace chen
{
ValueAndTwoDerivatives double_well(const double lithium, const double barrier_height)
{
  const double xi = lithium;
  const double product = xi * (1. - xi);
  return {barrier_height * product * product, 2. * barrier_height * product * (1. - 2. * xi),
          2. * barrier_height * (1. - 6. * product)};
}

ValueAndTwoDerivatives interpolation(const double lithium)
{
  const double xi = lithium;
  const double product = xi * (1. - xi);
  return {xi * xi * xi * (10. + xi * (-15. + 6. * xi)), 30. * product * product,
          60. * product * (1. - 2. * xi)};
}

double gradient_coefficient(const double barrier_height, const double interface_width)
{
  return 0.5 * barrier_height * interface_width * interface_width;
}

double reaction_mobility(const double exchange_current_density, const double interface_width)
{
  return constants::overpotential_per_pressure * exchange_current_density / (3. * interface_width);
}

ValueAndDerivative reaction_drive(const ButlerVolmer &kinetics, const double overpotential,
                                  const double concentration_ratio)
{
  const double anodic = kinetics.anodic_transfer_coefficient() * kinetics.inverse_thermal_voltage();
  const double cathodic = kinetics.cathodic_transfer_coefficient() * kinetics.inverse_thermal_voltage();
  const ValueAndDerivative dissolution = continued_exponential_minus_one(anodic * overpotential);
  const ValueAndDerivative deposition = continued_exponential_minus_one(-cathodic * overpotential);
  return {dissolution.value - concentration_ratio * deposition.value + (1. - concentration_ratio),
          anodic * dissolution.derivative + concentration_ratio * cathodic * deposition.derivative};
}
} // namespace chen
} // namespace lithoclase
