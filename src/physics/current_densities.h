#pragma once

#include "core/flux_density.h"
#include "core/output_fields.h"
#include "physics/crack_fields.h"
#include "physics/reaction_fields.h"
#include "physics/salt_fields.h"
#include "physics/transport_properties.h"

#include <deal.II/base/function.h>
#include <deal.II/fe/fe_values.h>

#include <memory>
#include <vector>

namespace lithoclase
{
/// What the current densities i = -sigma grad phi are made of. All is owned by charge transport.
template <int dim>
struct CurrentDensityData
{
  const Field<dim> &lithium;
  const Field<dim> &ionic_potential;
  const Field<dim> &electronic_potential;
  ReactionFields<dim> reaction;
  const std::vector<PointTransport<dim>> &points; ///< per active cell and quadrature point
  double metal_conductivity;                      ///< [S/m]
  double liquid_conductivity;                     ///< sigma_L [S/m]
  CrackFields<dim> cracks;
  const dealii::Function<dim> *ionic_source = nullptr; ///< [A/m^3], null: none
  const dealii::Function<dim> *electronic_source = nullptr;
  SaltFields<dim> salt = {};
};

/// Ionic and electronic current density of given potentials, for fields and for currents through boundaries.
template <int dim>
class CurrentDensities
{
public:
  explicit CurrentDensities(const CurrentDensityData<dim> &data) : data_(data) {}

  void add_output(OutputFields<dim> &output) const; ///< mean of each cell
  void add_flux_densities(std::vector<FluxDensity<dim>> &densities) const;

  /// sigma_i, sigma_e at one point.
  static dealii::SymmetricTensor<2, dim> ionic_conductivity(double lithium, const PointTransport<dim> &point,
                                                            double liquid_conductivity,
                                                            const CrackPoints<dim> &cracks, unsigned int q);
  static dealii::SymmetricTensor<2, dim>
  electronic_conductivity(double lithium, const PointTransport<dim> &point, double metal_conductivity,
                          const CrackPoints<dim> &cracks, unsigned int q);

private:
  struct Component;
  struct CellWork;
  using Cell = typename FluxDensity<dim>::Cell;

  Component ionic() const;
  Component electronic() const;
  CellArray cell_means(const Component &component) const;
  void evaluate(CellWork &work, const Component &component, const Cell &cell) const;
  void evaluate_divergence(CellWork &work, const Component &component, std::vector<double> &divergence) const;

  const CurrentDensityData<dim> data_;
};
} // namespace lithoclase
