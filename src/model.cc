#include "model.h"

#include "physics/charge_transport.h"
#include "physics/crack_pressure.h"
#include "resolution.h"

namespace lithoclase
{
using namespace dealii;

template <int dim>
Model<dim>::Model(const Parameters &parameters, const Mesh<dim> &mesh,
                  const Microstructure<dim> &microstructure, MaterialDatabase &materials,
                  const Protocol &protocol, State<dim> &state, Log &log)
    : parameters_(parameters), microstructure_(microstructure), materials_(materials), protocol_(protocol),
      state_(state), log_(log), lithium_(state.add_field("lithium", "1", SpaceKind::nodal))
{
  if (parameters_.mode == Mode::simulation && moves_charge() && mesh.periodic(dim - 1))
    throw InputError(
        "the stack axis is among 'Mesh/periodic axes', but the electrodes of charge transport and "
        "electrodeposition are at its ends");
  make_modules();
}

template <int dim>
Model<dim>::~Model() = default;

template <int dim>
bool Model<dim>::moves_charge() const
{
  if (parameters_.mode != Mode::simulation)
    return parameters_.wants_conductivity();
  return parameters_.charge_transport_active || parameters_.electrodeposition_active;
}

template <int dim>
void Model<dim>::make_modules()
{
  if (moves_charge() || (parameters_.mode == Mode::simulation && parameters_.flank_reaction_active)) {
    transport_data_ = std::make_unique<TransportData>(parameters_.transport, materials_);
    transport_ =
        std::make_unique<TransportProperties<dim>>(parameters_.transport, *transport_data_, microstructure_);
  }
  if (parameters_.mode != Mode::simulation) {
    make_effective_properties();
    return;
  }
  make_nucleated_lithium();
  make_crack_fields();
  make_crack_liquid();
  if (parameters_.mechanics_active && parameters_.charge_transport_active)
    normal_pressure_ = &state_.add_field("normal_pressure", "Pa", SpaceKind::quadrature, Transfer::recompute);
  make_reaction();
  if (parameters_.mechanics_active) {
    make_elasticity(parameters_.lithium_pressure_active ? parameters_.lithium_pressure.drained_lithium
                                                        : DrainedLithium{1., 1.});
    make_mechanics();
  }
  if (modules_.empty())
    throw InputError("no module is active: there is nothing to solve");
}

template <int dim>
void Model<dim>::make_elasticity(const DrainedLithium &lithium)
{
  elasticity_ = std::make_unique<ElasticProperties<dim>>(
      parameters_.mechanics.elasticity, materials_, parameters_.transport.electrolyte,
      parameters_.transport.liquid, microstructure_, lithium);
}

template <int dim>
void Model<dim>::make_effective_properties()
{
  if (parameters_.wants_conductivity())
    modules_.push_back(std::make_unique<EffectiveConductivity<dim>>(*transport_, state_));
  if (parameters_.wants_stiffness()) {
    make_elasticity({1., 1.});
    modules_.push_back(std::make_unique<EffectiveStiffness<dim>>(
        *elasticity_, parameters_.mechanics.preconditioner, state_, lithium_));
  }
}

template <int dim>
void Model<dim>::make_nucleated_lithium()
{
  if (!parameters_.electrodeposition_active)
    return;
  using Effect = typename NucleatedLithium<dim>::Effect;
  Effect effect = Effect::none;
  if (parameters_.mechanics_active && parameters_.charge_transport_active &&
      transport_data_->nucleation_area_ratio > 0.)
    effect = parameters_.lithium_pressure_active ? Effect::joins : Effect::presses;
  nucleated_ = std::make_unique<NucleatedLithium<dim>>(microstructure_, state_, lithium_, effect);
}

/// Damage, and with lithium pressure what several modules share of filled cracks.
template <int dim>
void Model<dim>::make_crack_fields()
{
  if (!parameters_.fracture_active)
    return;
  damage_ = &state_.add_field("damage", "1", SpaceKind::nodal);
  first_crack_ = std::make_unique<FirstCrack<dim>>(state_);
  if (!parameters_.lithium_pressure_active)
    return;
  lithium_pressure_ = &state_.add_field("lithium_pressure", "Pa", SpaceKind::nodal);
  const FractureParameters &fracture = parameters_.fracture;
  auto filling = std::make_unique<CrackFilling<dim>>(
      CrackBands{fracture.model, fracture.crack_width, fracture.initial_cracks}, microstructure_, state_,
      lithium_, *damage_, nucleated_ && nucleated_->joined() ? nucleated_.get() : nullptr);
  filling_ = filling.get();
  modules_.push_back(std::move(filling));
  if (nucleated_)
    nucleated_->set_cracks(crack_fields());
  confined_stored_ = &state_.add_scalar("confined_lithium_volume", "m");
  confined_drained_ = &state_.add_scalar("drained_lithium_volume", "m");
}

/// Liquid in cracks, where there are ions for it to conduct and pores for it to come from.
template <int dim>
void Model<dim>::make_crack_liquid()
{
  if (!parameters_.fracture_active || !parameters_.charge_transport_active ||
      !microstructure_.has_phase(PoreFilling::liquid))
    return;
  const FractureParameters &fracture = parameters_.fracture;
  auto liquid = std::make_unique<CrackLiquid<dim>>(
      CrackBands{fracture.model, fracture.crack_width, fracture.initial_cracks}, microstructure_, state_,
      lithium_, *damage_, filling_ ? &filling_->cracks() : nullptr);
  liquid_ = liquid.get();
  modules_.push_back(std::move(liquid));
}

/// The modules that move charge and metal.
template <int dim>
void Model<dim>::make_reaction()
{
  const auto add = [&](const std::string &name, const std::string &unit) {
    return &state_.add_field(name, unit, SpaceKind::quadrature, Transfer::recompute);
  };
  if (parameters_.charge_transport_active)
    reaction_ = {add("reaction_rate", "A/m^3"), add("nucleation_rate", "A/m^3"), add("overpotential", "V")};
  if (parameters_.fracture_active && parameters_.fracture.embrittlement.active)
    reaction_.ionic_current = add("ionic_current", "A/m^2");
  if (parameters_.lithium_pressure_active &&
      (parameters_.charge_transport_active || parameters_.flank_reaction_active)) {
    reaction_.confined = parameters_.electrodeposition_active && parameters_.charge_transport_active
                             ? add("confined_reaction_rate", "A/m^3")
                             : nullptr;
    reaction_.flank = add("flank_reaction_rate", "A/m^3");
    reaction_.flank_slope = add("flank_reaction_slope", "A/(m^3 Pa)");
  }
  if (nucleated_)
    reaction_.joined = nucleated_->joined();
  if (parameters_.flank_reaction_active)
    modules_.push_back(std::make_unique<FlankReaction<dim>>(
        parameters_.flank_reaction, transport_data_->exchange_current_density,
        ButlerVolmer(transport_data_->anodic_transfer_coefficient, transport_data_->temperature),
        filling_->flank_area(), *lithium_pressure_, reaction_));
  SaltFields<dim> salt;
  if (parameters_.salt_transport_active)
    salt = SaltTransport<dim>::make_fields(
        state_, salt_data(parameters_.salt_transport, parameters_.transport, materials_));
  if (parameters_.charge_transport_active)
    modules_.push_back(std::make_unique<ChargeTransport<dim>>(
        parameters_.charge_transport, parameters_.counter_electrode, parameters_.boundary_conditions,
        protocol_, *transport_, parameters_.electrodeposition.front_width, state_, lithium_, reaction_,
        normal_pressure_, crack_fields(), nucleated_.get(), salt));
  if (parameters_.electrodeposition_active)
    modules_.push_back(std::make_unique<Electrodeposition<dim>>(
        parameters_.electrodeposition, parameters_.boundary_conditions, microstructure_, state_, lithium_,
        reaction_, *nucleated_, transport_data_->exchange_current_density,
        ButlerVolmer(transport_data_->anodic_transfer_coefficient, transport_data_->temperature),
        ConfinedVolumes{confined_stored_, confined_drained_}));
  if (parameters_.salt_transport_active)
    modules_.push_back(std::make_unique<SaltTransport<dim>>(
        parameters_.salt_transport, salt, microstructure_, state_, lithium_, parameters_.coupling.tolerance));
}

template <int dim>
CrackFields<dim> Model<dim>::crack_fields() const
{
  CrackFields<dim> fields;
  fields.damage = damage_;
  fields.width = parameters_.fracture.crack_width;
  if (filling_) {
    fields.filling = &filling_->filling();
    fields.pressure = lithium_pressure_;
    fields.flank_area = &filling_->flank_area();
  }
  if (liquid_)
    fields.liquid = &liquid_->filling();
  return fields;
}

template <int dim>
void Model<dim>::make_mechanics()
{
  NucleatedLithium<dim> *const pressing = nucleated_ && nucleated_->presses() ? nucleated_.get() : nullptr;
  if (!parameters_.fracture_active) {
    modules_.push_back(std::make_unique<Mechanics<dim>>(
        parameters_.mechanics, *elasticity_, DegradedElasticity(), state_, lithium_, nullptr, nullptr,
        CrackFluid<dim>(), normal_pressure_, pressing));
    return;
  }
  const FractureParameters &fracture = parameters_.fracture;
  const auto toughness_of = [&](const std::optional<double> &given, double (Material::*look_up)() const) {
    return given ? *given : (materials_.material(parameters_.transport.electrolyte).*look_up)();
  };
  Toughness toughness;
  toughness.grain = toughness_of(fracture.toughness, &Material::fracture_energy);
  toughness.boundary =
      microstructure_.n_boundaries() > 0
          ? toughness_of(fracture.boundary_toughness, &Material::grain_boundary_fracture_energy)
          : toughness.grain;
  if (moves_charge())
    tell_critical_overpotential(fracture.initial_cracks, elasticity_->solid(), toughness.grain, state_.mesh(),
                                microstructure_, log_);
  CrackFluid<dim> fluid;
  if (parameters_.crack_pressure_active) {
    Field<dim> &pressure = state_.add_field("crack_pressure", "Pa", SpaceKind::nodal);
    fluid.pressure = &pressure;
    modules_.push_back(std::make_unique<CrackPressure<dim>>(parameters_.crack_pressure, pressure));
  } else if (parameters_.lithium_pressure_active)
    fluid = {lithium_pressure_, &filling_->filling()};
  Field<dim> &driving_energy =
      state_.add_field("driving_energy", "J/m^3", SpaceKind::quadrature, Transfer::recompute);
  auto mechanics = std::make_unique<Mechanics<dim>>(
      parameters_.mechanics, *elasticity_, DegradedElasticity{fracture.split, fracture.residual_stiffness},
      state_, lithium_, damage_, &driving_energy, fluid, normal_pressure_, pressing);
  std::unique_ptr<LithiumPressure<dim>> pressure;
  if (parameters_.lithium_pressure_active)
    pressure = make_lithium_pressure(*mechanics);
  if (pressure && parameters_.coupling.acceleration)
    pressure->accelerate_sweeps();
  auto cracks = std::make_unique<Fracture<dim>>(fracture, toughness, microstructure_, state_, *damage_,
                                                mechanics->displacement(), driving_energy, *first_crack_,
                                                reaction_.ionic_current);
  auto minimization = std::make_unique<AlternateMinimization<dim>>(
      parameters_.alternate_minimization, std::move(mechanics), std::move(cracks), log_);
  if (pressure)
    minimization->add(std::move(pressure), parameters_.lithium_pressure.solver, parameters_.mechanics.newton);
  modules_.push_back(std::move(minimization));
}

template <int dim>
std::unique_ptr<LithiumPressure<dim>> Model<dim>::make_lithium_pressure(const Mechanics<dim> &mechanics)
{
  const FractureParameters &fracture = parameters_.fracture;
  const PressureFields<dim> fields{*lithium_pressure_,
                                   lithium_,
                                   *damage_,
                                   mechanics.displacement(),
                                   filling_->filling(),
                                   filling_->flank_area(),
                                   *elasticity_,
                                   mechanics.points(),
                                   mechanics.mean_dilatation(),
                                   fracture.crack_width};
  return std::make_unique<LithiumPressure<dim>>(
      parameters_.lithium_pressure, fracture.initial_cracks, elasticity_->lithium_bulk_modulus(), state_,
      fields, reaction_, ConfinedScalars{*confined_stored_, *confined_drained_});
}

template class Model<2>;
template class Model<3>;
} // namespace lithoclase
