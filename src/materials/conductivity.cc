#include "materials/conductivity.h"

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
using dealii::SymmetricTensor;
using dealii::Tensor;
using dealii::unit_symmetric_tensor;

namespace
{
constexpr double smallest_boundary_ratio = 1e-10; ///< sigma_gb/sigma_b of an insulating boundary
constexpr double ionic_floor = 1e-8;              ///< sigma_i left in the metal
} // namespace

template <int dim>
SymmetricTensor<2, dim>
grain_boundary_conductivity(const double bulk_conductivity,
                            const dealii::ArrayView<const GrainBoundaryBand<dim>> &bands,
                            const double true_width, const double numerical_width)
{
  Assert(bulk_conductivity > 0. && true_width > 0. && numerical_width > 0., dealii::ExcInternalError());
  const double width_ratio = true_width / numerical_width;
  SymmetricTensor<2, dim> sigma = bulk_conductivity * unit_symmetric_tensor<dim>();

  for (const GrainBoundaryBand<dim> &band : bands)
    if (band.conductivity > bulk_conductivity)
      sigma += band.indicator * width_ratio * (band.conductivity - bulk_conductivity) *
               (unit_symmetric_tensor<dim>() - symmetrize(outer_product(band.normal, band.normal)));

  // (sigma^-1 + r m m)^-1 by Sherman and Morrison, one boundary after the other: no tensor of high contrast
  // is inverted.
  for (const GrainBoundaryBand<dim> &band : bands)
    if (band.conductivity < bulk_conductivity && band.indicator > 0.) {
      const double boundary = std::max(band.conductivity, smallest_boundary_ratio * bulk_conductivity);
      const double resistivity = band.indicator * width_ratio * (1. / boundary - 1. / bulk_conductivity);
      sigma = add_series_resistance(sigma, resistivity, band.normal);
    }
  return sigma;
}

template <int dim>
SymmetricTensor<2, dim> add_series_resistance(const SymmetricTensor<2, dim> &conductivity,
                                              const double resistivity, const Tensor<1, dim> &normal)
{
  const Tensor<1, dim> flux = conductivity * normal;
  return conductivity -
         resistivity / (1. + resistivity * (normal * flux)) * symmetrize(outer_product(flux, flux));
}

template <int dim>
Tensor<2, dim> diffusion_share(const SymmetricTensor<2, dim> &first, const SymmetricTensor<2, dim> &second,
                               const double liquid_conductivity, const double fraction,
                               const Tensor<1, dim> &normal, const double conducting)
{
  const double f2 = std::clamp(fraction, 0., 1.), f1 = 1. - f2;
  const double denominator = f2 * (normal * (first * normal)) + f1 * (normal * (second * normal));
  Tensor<2, dim> current = unit_symmetric_tensor<dim>();
  if (denominator > 0.)
    current += conducting * f1 / denominator * outer_product((first - second) * normal, normal);
  const Tensor<2, dim> mixed = mix_across_interface(first, second, fraction, normal, conducting).value;
  return f2 * liquid_conductivity * (invert(mixed) * current);
}

double grain_boundary_conductivity_from_resistance(const double area_resistance, const double true_width)
{
  Assert(area_resistance > 0. && true_width > 0., dealii::ExcInternalError());
  return true_width / area_resistance;
}

template <int dim>
TensorAndDerivative<dim> mix_across_interface(const SymmetricTensor<2, dim> &first,
                                              const SymmetricTensor<2, dim> &second, const double fraction,
                                              const Tensor<1, dim> &normal, const double conducting)
{
  const double f2 = std::clamp(fraction, 0., 1.);
  const double f1 = 1. - f2;
  const SymmetricTensor<2, dim> difference = first - second;
  TensorAndDerivative<dim> result{f1 * first + f2 * second, -1. * difference};

  if (normal.norm_square() > 0.) {
    Assert(std::abs(normal.norm() - 1.) < 1e-6, dealii::ExcInternalError());
    const double normal_first = normal * (first * normal);
    const double normal_second = normal * (second * normal);
    const double denominator = f2 * normal_first + f1 * normal_second;
    const Tensor<1, dim> flux_jump = difference * normal;
    const SymmetricTensor<2, dim> jump = conducting * symmetrize(outer_product(flux_jump, flux_jump));
    const double weight = f1 * f2 / denominator;
    result.value -= weight * jump;
    result.derivative -= ((f1 - f2) - weight * (normal_first - normal_second)) / denominator * jump;
  }
  if (fraction < 0. || fraction > 1.)
    result.derivative = 0.;
  return result;
}

template <int dim>
TensorAndDerivative<dim> electronic_conductivity(const double lithium,
                                                 const SymmetricTensor<2, dim> &electrolyte,
                                                 const double metal_cap)
{
  const double xi = std::clamp(lithium, 0., 1.);
  TensorAndDerivative<dim> result;
  result.value = xi * xi * xi * metal_cap * unit_symmetric_tensor<dim>() + (1. - xi) * electrolyte;
  if (xi == lithium)
    result.derivative = 3. * xi * xi * metal_cap * unit_symmetric_tensor<dim>() - electrolyte;
  return result;
}

template <int dim>
TensorAndDerivative<dim> ionic_conductivity(const double lithium, const SymmetricTensor<2, dim> &electrolyte)
{
  const double xi = std::clamp(lithium, 0., 1.);
  TensorAndDerivative<dim> result;
  result.value = (1. - xi + ionic_floor) * electrolyte;
  if (xi == lithium)
    result.derivative = -1. * electrolyte;
  return result;
}

double arrhenius_rate_factor(const double activation_energy, const double temperature)
{
  Assert(temperature > 0., dealii::ExcInternalError());
  return std::exp(-activation_energy / constants::boltzmann *
                  (1. / temperature - 1. / constants::reference_temperature));
}

template <int dim>
SymmetricTensor<2, dim> cracked_ionic_conductivity(const SymmetricTensor<2, dim> &electrolyte,
                                                   const LocalCrack<dim> &crack,
                                                   const double liquid_conductivity)
{
  constexpr double least = 1e-8, flat = 0.1;
  const double d = std::clamp(crack.damage, 0., 1.), open = 1. - (1. - d) * (1. - d);
  const double closed = (1. - crack.liquid) * open, slope = crack.direction.norm();
  const double directed = std::min(1., slope / flat); // no jump between the two cases
  SymmetricTensor<2, dim> result = (1. - (1. - directed) * closed + least) * electrolyte;
  const Tensor<1, dim> flux = electrolyte * crack.direction;
  const double along_normal = crack.direction * flux;
  if (along_normal > 0.)
    result -= directed * closed / along_normal * symmetrize(outer_product(flux, flux));
  if (crack.liquid > 0.) {
    const double wet = crack.liquid * open * open * open;
    result = (1. - wet) * result + wet * liquid_conductivity * unit_symmetric_tensor<dim>();
  }
  return result;
}

template <int dim>
SymmetricTensor<2, dim> cracked_electronic_conductivity(const SymmetricTensor<2, dim> &electrolyte,
                                                        const LocalCrack<dim> &crack, const double metal_cap)
{
  const double d = std::clamp(crack.damage, 0., 1.), open = 1. - (1. - d) * (1. - d);
  return electrolyte + crack.filling * open * open * open * metal_cap * unit_symmetric_tensor<dim>();
}

double arrhenius_conductivity_factor(const double activation_energy, const double temperature)
{
  return constants::reference_temperature / temperature *
         arrhenius_rate_factor(activation_energy, temperature);
}

#define INSTANTIATE(dim)                                                                                     \
  template SymmetricTensor<2, dim> grain_boundary_conductivity(                                              \
      double, const dealii::ArrayView<const GrainBoundaryBand<dim>> &, double, double);                      \
  template TensorAndDerivative<dim> mix_across_interface(const SymmetricTensor<2, dim> &,                    \
                                                         const SymmetricTensor<2, dim> &, double,            \
                                                         const Tensor<1, dim> &, double);                    \
  template SymmetricTensor<2, dim> add_series_resistance(const SymmetricTensor<2, dim> &, double,            \
                                                         const Tensor<1, dim> &);                            \
  template Tensor<2, dim> diffusion_share(const SymmetricTensor<2, dim> &, const SymmetricTensor<2, dim> &,  \
                                          double, double, const Tensor<1, dim> &, double);                   \
  template TensorAndDerivative<dim> electronic_conductivity(double, const SymmetricTensor<2, dim> &,         \
                                                            double);                                         \
  template TensorAndDerivative<dim> ionic_conductivity(double, const SymmetricTensor<2, dim> &);             \
  template SymmetricTensor<2, dim> cracked_ionic_conductivity(const SymmetricTensor<2, dim> &,               \
                                                              const LocalCrack<dim> &, double);              \
  template SymmetricTensor<2, dim> cracked_electronic_conductivity(const SymmetricTensor<2, dim> &,          \
                                                                   const LocalCrack<dim> &, double);

INSTANTIATE(2)
INSTANTIATE(3)
#undef INSTANTIATE
} // namespace lithoclase
