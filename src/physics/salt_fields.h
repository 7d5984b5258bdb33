#pragma once

#include "core/cell_shapes.h"
#include "materials/constants.h"
#include "materials/reaction_kinetics.h"
#include "physics/transport_properties.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace lithoclase
{
/// Numbers of the salt in the ionic liquid at the temperature of the run, SI.
struct SaltData
{
  double initial_concentration = 0.; ///< c0 [mol/m^3]
  double diffusivity = 0.;           ///< D [m^2/s]
  double transference_number = 0.;   ///< t+ of lithium, may be negative
  double ion_factor = 0.;            ///< nu
  double temperature = constants::reference_temperature;
  double anodic_transfer_coefficient = 0.5; ///< alpha_a

  /// (nu R T/F) (1 - t+) [V]: the potential difference between places whose concentrations differ by e.
  double potential_per_logarithm() const
  {
    return ion_factor * constants::thermal_voltage(temperature) * (1. - transference_number);
  }
};

/// What charge transport and salt transport tell each other; all null without salt transport.
template <int dim>
struct SaltFields
{
  Field<dim> *concentration = nullptr;              ///< c, at nodes [mol/m^3]
  std::array<Field<dim> *, dim> ionic_current = {}; ///< i_i, at quadrature points [A/m^2]
  SaltData data;
};

/// The concentration as charge transport sees it, at the quadrature points of one cell after another.
///
/// grad ln c is the gradient of the Q1 function that is ln c at the nodes. Where no current flows phi_i,
/// which is Q1 too, can then balance the diffusion potential in each cell. With (grad c)/c at each point it
/// could not: where c changes several times over in a cell, currents that go to and fro in it would use up
/// the salt.
template <int dim>
class SaltPoints
{
public:
  /// c/c0 below which ln c is not followed any more: an undershoot must not divide by zero.
  static constexpr double least_ratio = 1e-4;

  SaltPoints(const SaltFields<dim> &fields, const unsigned int n_points)
      : fields_(fields), concentration_(n_points, 0.), gradient_(n_points)
  {
  }

  bool any() const { return fields_.concentration != nullptr; }

  void reinit(const CellShapes<dim> &shapes)
  {
    if (!any())
      return;
    const Field<dim> &c = *fields_.concentration;
    shapes.values(c, concentration_);
    const unsigned int *nodes = c.space.cell_dofs(shapes.index());
    const double least = least_ratio * fields_.data.initial_concentration;
    for (dealii::Tensor<1, dim> &gradient : gradient_)
      gradient = 0.;
    for (unsigned int i = 0; i < shapes.n_nodes; ++i) {
      const double logarithm = std::log(std::max(c.values.local_element(nodes[i]), least));
      for (unsigned int q = 0; q < gradient_.size(); ++q)
        gradient_[q] += logarithm * shapes.gradient(q, i);
    }
  }

  /// T (nu R T/F)(1-t+) grad ln c [V/m]: the gradient of phi_i at which no current flows.
  dealii::Tensor<1, dim> diffusion_field(const PointTransport<dim> &point, const unsigned int q) const
  {
    if (!any())
      return {};
    return fields_.data.potential_per_logarithm() * (point.diffusion_share * gradient_[q]);
  }

  /// i_0 of a metal surface [A/m^2], in the liquid with (c/c0)^alpha_a.
  double exchange_current_density(const PointTransport<dim> &point, const unsigned int q) const
  {
    if (!any() || point.liquid_exchange_current_density == 0.)
      return point.exchange_current_density;
    const SaltData &data = fields_.data;
    const double factor =
        concentration_factor(concentration_[q] / data.initial_concentration, data.anodic_transfer_coefficient)
            .value;
    return point.exchange_current_density - (1. - factor) * point.liquid_exchange_current_density;
  }

private:
  const SaltFields<dim> fields_;
  std::vector<double> concentration_;
  std::vector<dealii::Tensor<1, dim>> gradient_; ///< of ln c [1/m]
};
} // namespace lithoclase
