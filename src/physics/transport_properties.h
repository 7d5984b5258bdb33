#pragma once

#include "core/parameter_section.h"
#include "materials/composite_bounds.h"
#include "microstructure/microstructure.h"

#include <deal.II/base/function_parser.h>
#include <deal.II/base/symmetric_tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
class MaterialDatabase;

/// What the user may say about electrolyte, ionic liquid and their interfaces with lithium. What is not given
/// comes from the material files.
struct TransportParameters
{
  std::string electrolyte = "LLZO";
  std::string liquid = "LiTFSI-Py14TFSI";
  double temperature = 298.15; ///< [K]
  bool leakage = true;         ///< electronic conduction in the electrolyte

  std::optional<double> ionic_conductivity; ///< sigma_b [S/m], likewise below
  std::optional<double> electronic_conductivity;
  std::optional<double> boundary_ionic_conductivity; ///< sigma_gb, inside the true width
  std::optional<double> boundary_electronic_conductivity;
  std::optional<double> boundary_width;           ///< w_gb [m]
  std::optional<double> exchange_current_density; ///< i_0 [A/m^2] of Li | electrolyte
  std::optional<double> liquid_ionic_conductivity;
  std::optional<double> liquid_exchange_current_density; ///< of Li | ionic liquid
  double liquid_contact_resistance = 0.;                 ///< R_SLEI [Ohm m^2] of electrolyte | liquid
  double anodic_transfer_coefficient = 0.5;              ///< alpha_a
  std::optional<double> surface_energy;                  ///< gamma [J/m^2]
  bool curvature = false;                                ///< capillary term of (E2) on
  double nucleation_barrier = 5e-3;                      ///< eta_nuc [V]
  double nucleation_area_ratio = 1e-2;                   ///< s_nuc
  bool nucleation = true;
  double metal_conductivity_ratio = 1e3; ///< sigma_cap / sigma_i
  Expression ionic_conductivity_field;   ///< [S/m], isotropic, replaces the microstructure's tensor
  Expression electronic_conductivity_field;

  void declare(ParameterSection &section);
};

/// Numbers at the temperature of the run, SI.
struct TransportData
{
  TransportData(const TransportParameters &parameters, MaterialDatabase &materials);

  double temperature;
  double ionic_conductivity;
  double electronic_conductivity;
  double boundary_ionic_conductivity;
  double boundary_electronic_conductivity;
  double boundary_width;
  double exchange_current_density;
  double liquid_ionic_conductivity;
  double liquid_electronic_conductivity;
  double liquid_exchange_current_density;
  double liquid_contact_resistance;
  double anodic_transfer_coefficient;
  double surface_energy; ///< 0: no capillary term
  double nucleation_barrier;
  double nucleation_area_ratio; ///< 0: no nucleation
  double metal_conductivity;    ///< sigma_cap
};

/// What charge transport needs to know of the unmetallised medium at one point.
template <int dim>
struct PointTransport
{
  dealii::SymmetricTensor<2, dim> ionic;       ///< sigma_i [S/m]
  dealii::SymmetricTensor<2, dim> electronic;  ///< sigma_e [S/m]
  double exchange_current_density = 0.;        ///< i_0 of a metal surface here [A/m^2]
  double nucleation_area = 0.;                 ///< a_nuc [1/m] without its factor (1-xi)
  double liquid_exchange_current_density = 0.; ///< the liquid's part of i_0 [A/m^2]
  dealii::Tensor<2, dim> diffusion_share;      ///< T (materials/conductivity.h), zero outside liquid
};

enum class Carrier
{
  ions,
  electrons
};

/// Volumes of what a body is made of [m^3], in 2-D [m^2]; grain boundaries with their true width.
struct PhaseVolumes
{
  double grains = 0., liquid = 0., empty = 0.;
  std::vector<double> boundaries; ///< per boundary
};

/// Conductivity tensors and interface data as functions of position: grain boundaries by (E3), non-reacting
/// interfaces by the laminate rule, the contact resistance of solid | liquid interfaces in series with them:
///     rho = sigma^-1 + R_SLEI |grad chi_IL| n n,     INT |grad chi_IL| dn = 1.
/// This varies by orders of magnitude within a cell, and the mean conductance of its points would be far
/// above that of resistances in series (by 8 to 60 % with walls of two to three cells). So the points of a
/// cell share the mean of R_SLEI |grad chi_IL|, and the sum across the wall is exact whatever its width.
/// (Walls that face each other within one cell would cancel: films are at least some cells thick.) Shared by
/// the modules that move charge.
template <int dim>
class TransportProperties
{
public:
  TransportProperties(const TransportParameters &parameters, const TransportData &data,
                      const Microstructure<dim> &microstructure);

  PointTransport<dim> at(const dealii::Point<dim> &point) const;
  /// All quadrature points of one cell.
  void at(const std::vector<dealii::Point<dim>> &points, PointTransport<dim> *result) const;
  const TransportData &data() const { return data_; }
  unsigned int n_boundaries() const { return microstructure_.n_boundaries(); }

  /// Adds what a point stands for with its `volume`; there is room for n_boundaries() boundaries.
  void add_phases(const dealii::Point<dim> &point, double volume, PhaseVolumes &volumes) const;
  /// Those with a volume. None where a formula stands for the conductivity, or where interfaces resist.
  std::vector<ConductingPhase> phases(const PhaseVolumes &volumes, Carrier carrier) const;

private:
  PointTransport<dim> at(const dealii::Point<dim> &point, const PointStructure<dim> &structure) const;
  /// |grad chi_IL| where liquid meets solid [1/m].
  double contact(const dealii::Point<dim> &point, const PointStructure<dim> &structure) const;
  void set_diffusion_share(const PointStructure<dim> &structure, const dealii::SymmetricTensor<2, dim> &solid,
                           PointTransport<dim> &result) const;
  dealii::SymmetricTensor<2, dim> mix(const PointStructure<dim> &structure,
                                      const dealii::SymmetricTensor<2, dim> &solid, double liquid,
                                      double empty) const;

  const TransportData &data_;
  const Microstructure<dim> &microstructure_;
  std::vector<double> boundary_ionic_, boundary_electronic_; ///< conductivity of each boundary [S/m]
  std::unique_ptr<dealii::FunctionParser<dim>> ionic_field_, electronic_field_;
};
} // namespace lithoclase
