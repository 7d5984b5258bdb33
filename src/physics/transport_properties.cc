#include "physics/transport_properties.h"

#include "materials/conductivity.h"
#include "materials/material_database.h"

#include <algorithm>
#include <array>

namespace lithoclase
{
using namespace dealii;

namespace
{
// A medium that conducts nothing keeps this fraction of the electrolyte's conductivity, so that the
// potentials stay defined there.
constexpr double empty_ratio = 1e-8;
constexpr double empty_electronic_ratio = 1e-6;
// Without leakage the electrolyte keeps this fraction of its ionic conductivity as electronic one.
constexpr double no_leakage_ratio = 1e-11;
// An insulating boundary keeps this fraction of the grains' electronic conductivity. In a band 75 times as
// wide as the boundary it then blocks a thousand times better than the grain. Newton's method was seen to
// fail at 1e-8 and below and to converge at 1e-6.
constexpr double insulating_boundary_ratio = 1e-5;
} // namespace

void TransportParameters::declare(ParameterSection &s)
{
  const std::string material = "from material";
  s.text("electrolyte", electrolyte,
         "material of the solid electrolyte: name of a file in input/materials or a path");
  s.text("ionic liquid", liquid, "material of the liquid that fills pores");
  s.quantity("temperature", temperature, "K", Range::closed(150., 600.),
             "uniform temperature; material data follow by their Arrhenius laws");
  s.boolean("leakage", leakage,
            "electronic conduction of the electrolyte; off: the metal only conducts electrons");
  s.optional_quantity("ionic conductivity", ionic_conductivity, "mS/cm", Range::positive(),
                      "of the grains, at the temperature of the run", material);
  s.optional_quantity("electronic conductivity", electronic_conductivity, "S/cm", Range::positive(),
                      "of the grains", material);
  s.optional_quantity("grain boundary ionic conductivity", boundary_ionic_conductivity, "uS/cm",
                      Range::positive(), "inside the true width of a boundary", material);
  s.optional_quantity("grain boundary electronic conductivity", boundary_electronic_conductivity, "S/cm",
                      Range::non_negative(),
                      "inside the true width of a boundary; what is less than 1e-5 of the grains', zero too, "
                      "counts as 1e-5 of it",
                      material);
  s.optional_quantity("grain boundary width", boundary_width, "nm", Range::positive(), "true width w_gb",
                      material);
  s.optional_quantity("exchange current density", exchange_current_density, "mA/cm^2", Range::positive(),
                      "of lithium on the electrolyte", material);
  s.optional_quantity("ionic liquid conductivity", liquid_ionic_conductivity, "mS/cm", Range::positive(),
                      "of the liquid in pores", material);
  s.optional_quantity("ionic liquid exchange current density", liquid_exchange_current_density, "mA/cm^2",
                      Range::positive(), "of lithium in the liquid", material);
  s.quantity("ionic liquid contact resistance", liquid_contact_resistance, "Ohm cm^2", Range::non_negative(),
             "of an area of interface between solid electrolyte and liquid, for ions");
  s.number("anodic transfer coefficient", anodic_transfer_coefficient, Range::closed(0.01, 0.99),
           "alpha_a; the cathodic one is 1 - alpha_a");
  s.boolean("curvature", curvature, "capillary term of the overpotential");
  s.optional_quantity("surface energy", surface_energy, "J/m^2", Range::non_negative(),
                      "of lithium, for the capillary term", material);
  s.boolean("nucleation", nucleation,
            "lithium appears inside the electrolyte, on grain boundaries and pore walls, where leaking "
            "electrons meet ions; not without leakage");
  s.quantity("nucleation barrier", nucleation_barrier, "mV", Range::non_negative(),
             "overpotential beyond which lithium nucleates");
  s.number("nucleation area ratio", nucleation_area_ratio, Range::non_negative(),
           "reactive area per area of grain boundary or wall");
  s.number("metal conductivity ratio", metal_conductivity_ratio, Range::closed(10., 1e6),
           "conductivity of the metal is capped at this multiple of the ionic one");
  s.expression("ionic conductivity field", ionic_conductivity_field, "S/m",
               "replaces grains, boundaries and pores by one isotropic conductivity");
  s.expression("electronic conductivity field", electronic_conductivity_field, "S/m",
               "likewise for electrons");
}

TransportData::TransportData(const TransportParameters &p, MaterialDatabase &materials)
    : temperature(p.temperature), anodic_transfer_coefficient(p.anodic_transfer_coefficient),
      nucleation_barrier(p.nucleation_barrier),
      nucleation_area_ratio(p.nucleation && p.leakage ? p.nucleation_area_ratio : 0.) // it needs electrons
{
  // A value given by hand is one at the temperature of the run. The material is asked only for what is not
  // given, so that the list of the values used is true.
  const Material &solid = materials.material(p.electrolyte);
  const Material &liquid = materials.material(p.liquid);
  const double T = temperature;
  ionic_conductivity = p.ionic_conductivity ? *p.ionic_conductivity : solid.ionic_conductivity(T);
  boundary_width = p.boundary_width ? *p.boundary_width : solid.get("grain_boundary_width");
  boundary_ionic_conductivity = p.boundary_ionic_conductivity
                                    ? *p.boundary_ionic_conductivity
                                    : solid.grain_boundary_ionic_conductivity(boundary_width, T);
  electronic_conductivity = boundary_electronic_conductivity = no_leakage_ratio * ionic_conductivity;
  if (p.leakage) {
    electronic_conductivity =
        p.electronic_conductivity ? *p.electronic_conductivity : solid.electronic_conductivity(T);
    boundary_electronic_conductivity = p.boundary_electronic_conductivity
                                           ? *p.boundary_electronic_conductivity
                                           : solid.grain_boundary_electronic_conductivity(T);
    boundary_electronic_conductivity =
        std::max(boundary_electronic_conductivity, insulating_boundary_ratio * electronic_conductivity);
  }
  exchange_current_density =
      p.exchange_current_density ? *p.exchange_current_density : solid.exchange_current_density(T);
  liquid_ionic_conductivity =
      p.liquid_ionic_conductivity ? *p.liquid_ionic_conductivity : liquid.ionic_conductivity(T);
  liquid_electronic_conductivity =
      p.leakage ? liquid.electronic_conductivity(T) : no_leakage_ratio * ionic_conductivity;
  liquid_exchange_current_density = p.liquid_exchange_current_density ? *p.liquid_exchange_current_density
                                                                      : liquid.exchange_current_density(T);
  liquid_contact_resistance = p.liquid_contact_resistance;
  surface_energy = 0.;
  if (p.curvature)
    surface_energy =
        p.surface_energy ? *p.surface_energy : materials.material("lithium").get("surface_energy");
  metal_conductivity = p.metal_conductivity_ratio * ionic_conductivity;
}

template <int dim>
TransportProperties<dim>::TransportProperties(const TransportParameters &parameters,
                                              const TransportData &data,
                                              const Microstructure<dim> &microstructure)
    : data_(data), microstructure_(microstructure)
{
  if (!parameters.ionic_conductivity_field.empty())
    ionic_field_ = parameters.ionic_conductivity_field.function<dim>();
  if (!parameters.electronic_conductivity_field.empty())
    electronic_field_ = parameters.electronic_conductivity_field.function<dim>();
  for (unsigned int k = 0; k < microstructure.n_boundaries(); ++k) {
    const BoundaryCharacter &character = microstructure.character(k);
    boundary_ionic_.push_back(
        character.conductivity(data.ionic_conductivity, data.boundary_ionic_conductivity));
    boundary_electronic_.push_back(character.electronic_conductivity(data.electronic_conductivity,
                                                                     data.boundary_electronic_conductivity));
  }
}

template <int dim>
SymmetricTensor<2, dim> TransportProperties<dim>::mix(const PointStructure<dim> &structure,
                                                      const SymmetricTensor<2, dim> &solid,
                                                      const double liquid, const double empty) const
{
  if (structure.solid >= 1.)
    return solid;
  // Two phases meet at an interface. Where three do, pores of both kinds count as one second phase of mean
  // conductivity.
  const double part = structure.liquid / (structure.liquid + structure.empty);
  const double second = part * liquid + (1. - part) * empty;
  return mix_across_interface<dim>(solid, second * unit_symmetric_tensor<dim>(), 1. - structure.solid,
                                   structure.phase_normal, part)
      .value;
}

template <int dim>
double TransportProperties<dim>::contact(const Point<dim> &point, const PointStructure<dim> &structure) const
{
  if (structure.liquid == 0. || structure.solid == 0. || data_.liquid_contact_resistance == 0.)
    return 0.;
  // By a difference, since the depth of a phase by expression is not quite a distance.
  const Tensor<1, dim> step = 1e-3 * microstructure_.half_width() * structure.phase_normal;
  const double decrease =
      microstructure_.evaluate(point - step).liquid - microstructure_.evaluate(point + step).liquid;
  return std::max(0., decrease) / (2e-3 * microstructure_.half_width()) * structure.solid /
         (structure.solid + structure.empty);
}

template <int dim>
void TransportProperties<dim>::at(const std::vector<Point<dim>> &points, PointTransport<dim> *result) const
{
  double contact = 0.;
  Tensor<1, dim> normal;
  for (unsigned int q = 0; q < points.size(); ++q) {
    const PointStructure<dim> structure = microstructure_.evaluate(points[q]);
    result[q] = at(points[q], structure);
    const double area = this->contact(points[q], structure);
    contact += area / points.size();
    normal += area * structure.phase_normal;
  }
  const double resistivity = data_.liquid_contact_resistance * contact, length = normal.norm();
  if (resistivity == 0. || length == 0. || ionic_field_)
    return;
  for (unsigned int q = 0; q < points.size(); ++q)
    result[q].ionic = add_series_resistance(result[q].ionic, resistivity, normal / length);
}

template <int dim>
PointTransport<dim> TransportProperties<dim>::at(const Point<dim> &point) const
{
  PointTransport<dim> result;
  at(std::vector<Point<dim>>{point}, &result);
  return result;
}

template <int dim>
void TransportProperties<dim>::set_diffusion_share(const PointStructure<dim> &structure,
                                                   const SymmetricTensor<2, dim> &solid,
                                                   PointTransport<dim> &result) const
{
  if (structure.liquid == 0.)
    return;
  const double pores = structure.liquid + structure.empty, part = structure.liquid / pores;
  const double liquid = part * data_.liquid_ionic_conductivity;
  const double second = liquid + (1. - part) * empty_ratio * data_.ionic_conductivity;
  result.diffusion_share = diffusion_share<dim>(solid, second * unit_symmetric_tensor<dim>(), liquid,
                                                1. - structure.solid, structure.phase_normal, part);
  result.liquid_exchange_current_density = structure.liquid * data_.liquid_exchange_current_density;
}

template <int dim>
void TransportProperties<dim>::add_phases(const Point<dim> &point, const double volume,
                                          PhaseVolumes &volumes) const
{
  const PointStructure<dim> structure = microstructure_.evaluate(point);
  const double solid = volume * structure.solid;
  double grains = solid;
  for (unsigned int k = 0; k < structure.n_bands; ++k) {
    const double part =
        solid * structure.bands[k].indicator * data_.boundary_width / microstructure_.band_width();
    volumes.boundaries[structure.bands[k].boundary] += part;
    grains -= part;
  }
  volumes.grains += grains;
  volumes.liquid += volume * structure.liquid;
  volumes.empty += volume * structure.empty;
}

template <int dim>
std::vector<ConductingPhase> TransportProperties<dim>::phases(const PhaseVolumes &volumes,
                                                              const Carrier carrier) const
{
  const bool ions = carrier == Carrier::ions;
  if (ions ? ionic_field_ != nullptr || (data_.liquid_contact_resistance > 0. && volumes.liquid > 0.)
           : electronic_field_ != nullptr)
    return {};
  std::vector<ConductingPhase> list{
      {volumes.grains, ions ? data_.ionic_conductivity : data_.electronic_conductivity},
      {volumes.liquid, ions ? data_.liquid_ionic_conductivity : data_.liquid_electronic_conductivity},
      {volumes.empty, 0.}};
  for (unsigned int k = 0; k < volumes.boundaries.size(); ++k)
    list.push_back({volumes.boundaries[k], ions ? boundary_ionic_[k] : boundary_electronic_[k]});
  return list;
}

template <int dim>
PointTransport<dim> TransportProperties<dim>::at(const Point<dim> &point,
                                                 const PointStructure<dim> &structure) const
{
  std::array<GrainBoundaryBand<dim>, PointStructure<dim>::max_bands> bands;
  const auto in_bands = [&](const double bulk, const std::vector<double> &boundaries) {
    for (unsigned int k = 0; k < structure.n_bands; ++k)
      bands[k] = {structure.bands[k].indicator, structure.bands[k].normal,
                  boundaries[structure.bands[k].boundary]};
    return grain_boundary_conductivity<dim>(bulk,
                                            make_array_view(bands.data(), bands.data() + structure.n_bands),
                                            data_.boundary_width, microstructure_.band_width());
  };
  PointTransport<dim> result;
  const auto solid = in_bands(data_.ionic_conductivity, boundary_ionic_);
  result.ionic =
      mix(structure, solid, data_.liquid_ionic_conductivity, empty_ratio * data_.ionic_conductivity);
  set_diffusion_share(structure, solid, result);
  result.electronic =
      mix(structure, in_bands(data_.electronic_conductivity, boundary_electronic_),
          data_.liquid_electronic_conductivity, empty_electronic_ratio * data_.electronic_conductivity);
  if (ionic_field_) {
    result.ionic = ionic_field_->value(point) * unit_symmetric_tensor<dim>();
    result.diffusion_share = structure.liquid * unit_symmetric_tensor<dim>();
  }
  if (electronic_field_)
    result.electronic = electronic_field_->value(point) * unit_symmetric_tensor<dim>();
  result.exchange_current_density = structure.solid * data_.exchange_current_density +
                                    structure.liquid * data_.liquid_exchange_current_density;
  if (data_.nucleation_area_ratio > 0.)
    result.nucleation_area = data_.nucleation_area_ratio / microstructure_.band_width() *
                             (structure.solid * structure.band_sum() + structure.wall);
  return result;
}

template class TransportProperties<2>;
template class TransportProperties<3>;
} // namespace lithoclase
