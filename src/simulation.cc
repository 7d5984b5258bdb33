#include "simulation.h"

#include "core/collective.h"
#include "microstructure/label_export.h"
#include "microstructure/picture.h"
#include "microstructure/report.h"
#include "output/bounds_table.h"
#include "output/files.h"

#include <nlohmann/json.hpp>

#include <sstream>

namespace lithoclase
{
using namespace dealii;

template <int dim>
Simulation<dim>::Simulation(const Parameters &parameters, const RunOptions &options, MPI_Comm communicator)
    : parameters_(parameters), options_(options), communicator_(communicator),
      wall_clock_(parameters.time_stepping.wall_time), log_(communicator, &std::cout),
      mesh_(communicator, parameters.mesh, options.resume ? MeshStart::coarse : MeshStart::refined),
      microstructure_(parameters.microstructure, mesh_.lower(), mesh_.upper(), mesh_.finest_cell(),
                      mesh_.periodic_axes(), communicator),
      materials_(parameters.materials, communicator), protocol_(parameters.protocol), state_(mesh_),
      lithium_(state_.add_field("lithium", "1", SpaceKind::nodal)), coupling_(parameters.coupling, modules_),
      stepping_(parameters.time_stepping), checkpoint_(communicator, parameters.output.directory)
{
  make_modules();
  check_resolution();
}

template <int dim>
Simulation<dim>::~Simulation() = default;

template <int dim>
bool Simulation<dim>::moves_charge() const
{
  if (parameters_.mode != Mode::simulation)
    return parameters_.wants_conductivity();
  return parameters_.charge_transport_active || parameters_.electrodeposition_active;
}

template <int dim>
void Simulation<dim>::make_modules()
{
  if (parameters_.mode == Mode::simulation && moves_charge() && mesh_.periodic(dim - 1))
    throw InputError(
        "the stack axis is among 'Mesh/periodic axes', but the electrodes of charge transport and "
        "electrodeposition are at its ends");
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
  onsets_ = std::make_unique<Onsets<dim>>(state_, first_crack_.get(), parameters_.fracture.crack_width);
}

template <int dim>
void Simulation<dim>::make_elasticity(const DrainedLithium &lithium)
{
  elasticity_ = std::make_unique<ElasticProperties<dim>>(
      parameters_.mechanics.elasticity, materials_, parameters_.transport.electrolyte,
      parameters_.transport.liquid, microstructure_, lithium);
}

template <int dim>
void Simulation<dim>::make_effective_properties()
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
void Simulation<dim>::make_nucleated_lithium()
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
void Simulation<dim>::make_crack_fields()
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
void Simulation<dim>::make_crack_liquid()
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
void Simulation<dim>::make_reaction()
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
CrackFields<dim> Simulation<dim>::crack_fields() const
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
void Simulation<dim>::make_mechanics()
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
std::unique_ptr<LithiumPressure<dim>> Simulation<dim>::make_lithium_pressure(const Mechanics<dim> &mechanics)
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

template <int dim>
void Simulation<dim>::check_resolution()
{
  const double h = mesh_.finest_cell(), crack_width = parameters_.fracture.crack_width;
  if (parameters_.fracture_active && crack_width < 3. * h * (1. - 1e-9))
    log_.warning("the crack width " + friendly(crack_width, "m") +
                 " is less than three of the finest cells of " + friendly(h, "m") +
                 ": cracks will be too tough and follow the mesh");
  if (parameters_.mode != Mode::simulation || !moves_charge())
    return;
  const double delta = parameters_.electrodeposition.front_width;
  const double resistance =
      constants::thermal_voltage(transport_data_->temperature) / transport_data_->exchange_current_density;
  const double kinetic_length = transport_data_->ionic_conductivity * resistance;
  if (parameters_.electrodeposition_active && delta < 2. * h * (1. - 1e-9))
    throw InputError("parameter 'Electrodeposition/front width' is " + friendly(delta, "m") +
                     ", but must be at least two of the finest cells of " + friendly(h, "m"));
  if (parameters_.charge_transport_active && delta > 0.1 * kinetic_length * (1. + 1e-9))
    log_.warning("the front width " + friendly(delta, "m") +
                 " is more than a tenth of sigma_i R_ct = " + friendly(kinetic_length, "m") +
                 ": the kinetics of the front will be off by several per cent");
  const double thickness = mesh_.upper()[dim - 1] - mesh_.lower()[dim - 1];
  std::ostringstream groups;
  groups << "Wagner number sigma_i R_ct/L = " << kinetic_length / thickness
         << ", leakage ratio sigma_e/sigma_i = "
         << transport_data_->electronic_conductivity / transport_data_->ionic_conductivity;
  log_.line(groups.str());
  const AccessibilityParameters &omega = parameters_.electrodeposition.accessibility;
  if (parameters_.electrodeposition_active && (omega.grain > 0. || omega.grain_boundary > 0.))
    log_.line("Replacement mode: lithium may take the place of electrolyte (accessibility of grains " +
              std::to_string(omega.grain) + ", of grain boundaries " + std::to_string(omega.grain_boundary) +
              (parameters_.mechanics_active ? ")." : "); no mechanics resists it."));
}

template <int dim>
void Simulation<dim>::request_microstructure(std::vector<unsigned char> &wanted_level) const
{
  const double reach = 2. * mesh_.finest_cell();
  const auto asks = [&](const auto &cell) {
    const Point<dim> centre = cell->center();
    const double radius = 0.5 * cell->diameter();
    if (microstructure_.distance_to_lithium(centre) >= radius + reach)
      return false;
    const bool boundary =
        parameters_.mesh.refine_grain_boundaries &&
        microstructure_.distance_to_boundary(centre) < radius + microstructure_.band_width();
    return boundary || (parameters_.mesh.refine_walls && std::abs(microstructure_.distance_to_wall(centre)) <
                                                             radius + microstructure_.half_width() + reach);
  };
  for (const auto &cell : mesh_.triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      unsigned char &wanted = wanted_level[cell->active_cell_index()];
      if (asks(cell))
        wanted = mesh_.maximum_level();
      // A cell that asks may have children that do not: they stay, else the mesh would come and go for ever.
      else if (cell->level() > wanted && asks(cell->parent()))
        wanted = cell->level();
    }
}

template <int dim>
bool Simulation<dim>::adapt_mesh(const bool within_step)
{
  std::vector<unsigned char> wanted = mesh_.no_request();
  request_microstructure(wanted);
  for (const auto &module : modules_)
    module->add_refinement_request(wanted);
  if (!mesh_.flag(wanted))
    return false;
  if (within_step)
    state_.refine_within_step();
  else
    state_.refine();
  if (mesh_.cell_limit_reached())
    log_.warning("the mesh has reached the limit of " + std::to_string(parameters_.mesh.maximum_cells) +
                 " cells and is not refined any further");
  return true;
}

template <int dim>
void Simulation<dim>::start()
{
  state_.reinit();
  const auto set = [&] {
    if (parameters_.mode == Mode::simulation && !parameters_.electrodeposition_active)
      set_initial_lithium(parameters_.electrodeposition, microstructure_, lithium_);
    for (auto &module : modules_)
      module->set_initial_conditions();
  };
  set();
  for (unsigned int round = 0; mesh_.adaptive() && round < 2 * mesh_.maximum_level() && adapt_mesh(); ++round)
    set();
  for (auto &module : modules_)
    module->reinit();
  state_.store();
}

template <int dim>
std::map<std::string, std::string> Simulation<dim>::parameters_that_must_agree() const
{
  // What fixes the meaning of the stored numbers: everything of these sections but the limits of refinement.
  std::map<std::string, std::string> result{{"dimension", std::to_string(dim)}};
  std::istringstream lines(options_.parameter_text);
  std::string line, section;
  for (unsigned int depth = 0; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos)
      continue;
    const std::string word = line.substr(begin);
    if (word.rfind("subsection ", 0) == 0 && depth++ == 0)
      section = word.substr(11);
    else if (word == "end")
      --depth;
    const bool geometry = word.rfind("set size", 0) == 0 || word.rfind("set coarse cells", 0) == 0 ||
                          word.rfind("set lower corner", 0) == 0 || word.rfind("set periodic axes", 0) == 0;
    if ((section == "Mesh" && geometry) || (section == "Microstructure" && depth > 0))
      result[section] += word + "; ";
  }
  for (const Field<dim> &field : state_.fields())
    result["fields"] += field.name + " ";
  return result;
}

template <int dim>
void Simulation<dim>::resume()
{
  const CheckpointInfo info = checkpoint_.read(parameters_that_must_agree());
  checkpoint_.load(state_);
  for (auto &module : modules_)
    module->reinit();
  state_.store();
  stepping_.restart(info.time, info.step, info.next_step_size);
  earlier_wall_time_ = info.wall_time;
  log_.line("The run goes on at " + friendly(info.time, "s") + ", step " + std::to_string(info.step) + ".");
}

template <int dim>
void Simulation<dim>::open_output()
{
  const std::string &directory = parameters_.output.directory;
  std::optional<double> resume_time;
  std::optional<ResumePoint> resume_point;
  if (options_.resume) {
    resume_time = stepping_.time();
    resume_point = ResumePoint{stepping_.time(), stepping_.number()};
  }
  history_ = std::make_unique<History>(communicator_, directory + "/history.csv", resume_time,
                                       parameters_.output.history_digits);
  if (onsets_)
    onsets_->write(log_, communicator_, events_path());
  field_output_ = std::make_unique<FieldOutput<dim>>(communicator_, parameters_.output, resume_point);
  std::vector<FluxDensity<dim>> flux_densities;
  for (auto &module : modules_)
    module->add_flux_densities(flux_densities);
  diagnostics_ = std::make_unique<Diagnostics<dim>>(parameters_.diagnostics, state_, flux_densities);

  std::ostringstream used;
  materials_.print_used(used);
  log_.line(used.str());
  RunDescription description;
  description.case_name = options_.case_name;
  description.command = options_.command;
  description.parameters = options_.parameter_text;
  description.materials = materials_.used().dump();
  record_ = std::make_unique<RunRecord>(communicator_, directory + "/run.json", description, options_.resume,
                                        timing_.elapsed());
  throw_on_all_ranks<std::runtime_error>(
      communicator_, Utilities::MPI::this_mpi_process(communicator_) == 0
                         ? write_file_atomically(directory + "/parameters.prm", options_.parameter_text)
                         : std::string());
}

template <int dim>
void Simulation<dim>::claim_folder()
{
  if (folder_lock_)
    return;
  const std::string &directory = parameters_.output.directory;
  make_directory(communicator_, directory, "Output/directory");
  folder_lock_ = std::make_unique<FolderLock>(communicator_, directory, "Output/directory");
  if (!folder_lock_->missing().empty())
    log_.warning(folder_lock_->missing() + ": start no second run that writes there");
}

template <int dim>
void Simulation<dim>::write_microstructure()
{
  const auto scope = timing_.scope("microstructure report");
  claim_folder();
  const std::string &directory = parameters_.output.directory;
  const MicrostructureReport report = make_report(microstructure_, communicator_);
  std::ostringstream text;
  print(report, text);
  log_.line(text.str());
  throw_on_all_ranks<std::runtime_error>(
      communicator_, Utilities::MPI::this_mpi_process(communicator_) == 0
                         ? write_file_atomically(directory + "/microstructure.json", to_json(report))
                         : std::string());
  write_picture(microstructure_, communicator_, directory + "/microstructure.png");
}

template <int dim>
void Simulation<dim>::export_labels(const std::string &file)
{
  log_.line(lithoclase::export_labels(microstructure_, communicator_, file));
}

template <int dim>
ExitCode Simulation<dim>::run()
{
  claim_folder();
  const std::string &directory = parameters_.output.directory;
  log_.open_file(directory + "/log.txt", options_.resume);
  log_.line("Results go to " + directory);
  if (options_.resume)
    resume();
  else {
    write_microstructure();
    start();
  }
  open_output();
  if (parameters_.mode == Mode::simulation && !options_.resume)
    write_fields(0., 0);

  std::string reason;
  ExitCode code = ExitCode::success;
  try {
    time_loop(reason, code);
  } catch (const std::exception &error) {
    record_->finish(error.what(), static_cast<int>(ExitCode::failure));
    throw;
  }
  log_.line("The run ends: " + reason + ".");
  if (const auto list = bounds(); !list.empty())
    log_.line(bounds_table(list, dim));
  conservation_.report(log_);
  log_.line(timing_.summary(communicator_));
  std::map<std::string, double> numbers{{"steps", stepping_.number()},
                                        {"time [s]", stepping_.time()},
                                        {"cells", mesh_.triangulation.n_global_active_cells()}};
  if (conservation_.largest_error())
    numbers["largest charge_volume_error [1]"] = *conservation_.largest_error();
  record_->finish(reason, static_cast<int>(code), numbers);
  return code;
}

template <int dim>
std::vector<BoundedProperty> Simulation<dim>::bounds() const
{
  std::vector<BoundedProperty> list;
  for (const auto &module : modules_)
    module->add_bounds(list);
  return list;
}

template <int dim>
void Simulation<dim>::time_loop(std::string &reason, ExitCode &code)
{
  if (stepping_.at_end())
    reason = "the end time was reached before";
  try {
    while (reason.empty()) {
      const double start = timing_.elapsed();
      const Step step = make_step();
      wall_clock_.step_took(timing_.elapsed() - start);
      reason = reason_to_end(step, code);
      if (reason.empty() ? checkpoint_due() : parameters_.output.checkpoints())
        write_checkpoint();
      if (!reason.empty() && !field_output_->due(step))
        write_fields(step.time(), step.number);
    }
  } catch (const StepFailure &failure) {
    reason = failure.what();
    code = ExitCode::step_failed;
    write_fields(stepping_.time(), stepping_.number());
    if (parameters_.output.checkpoints())
      write_checkpoint();
  }
}

template <int dim>
bool Simulation<dim>::checkpoint_due() const
{
  const double interval = parameters_.output.checkpoint_interval;
  const unsigned long long steps = parameters_.output.checkpoint_step_interval;
  const bool by_time = interval > 0. && timing_.elapsed() - last_checkpoint_ > interval;
  // The clocks of the ranks differ a little: rank 0 decides.
  return Utilities::MPI::broadcast(communicator_, by_time) || (steps > 0 && stepping_.number() % steps == 0);
}

template <int dim>
void Simulation<dim>::write_checkpoint()
{
  const auto scope = timing_.scope("checkpoint");
  const double start = timing_.elapsed();
  CheckpointInfo info;
  info.time = stepping_.time();
  info.step = stepping_.number();
  info.next_step_size = stepping_.proposed_size();
  info.wall_time = earlier_wall_time_ + start;
  info.parameters = parameters_that_must_agree();
  try {
    checkpoint_.save(state_, info);
  } catch (const std::runtime_error &error) {
    log_.warning(std::string(error.what()) + "; the run goes on, the checkpoint before is still there");
  }
  last_checkpoint_ = timing_.elapsed();
  wall_clock_.checkpoint_took(last_checkpoint_ - start);
}

/// The mesh may follow a crack within the step, which then begins again with the crack where it has come to.
template <int dim>
typename Coupling<dim>::Counts Simulation<dim>::solve_step(Step step)
{
  step.refinable = mesh_.adaptive();
  coupling_.prepare(step);
  while (true)
    try {
      return coupling_.solve(step, log_, timing_);
    } catch (const MeshTooCoarse &reason) {
      const auto scope = timing_.scope("mesh adaptation");
      step.refinable = adapt_mesh(true); // at the limit of cells the step goes on as it is
      log_.line(std::string("  ") + reason.what() + ": " +
                std::to_string(mesh_.triangulation.n_global_active_cells()) + " cells");
      const Vector crack = damage_->values;
      state_.restore();
      for (auto &module : modules_)
        module->reinit();
      coupling_.prepare(step);
      damage_->values = crack;
      damage_->update();
    }
}

template <int dim>
Step Simulation<dim>::make_step()
{
  while (true) {
    const double now = stepping_.time();
    const Step step =
        stepping_.next(std::min(protocol_.next_breakpoint(now), parameters_.output.trigger.next_time(now)));
    log_.begin_step(step);
    try {
      accept(step, solve_step(step));
      return step;
    } catch (const StepFailure &failure) {
      log_.line("  step failed in " + failure.module + ": " + failure.reason +
                "; it is repeated with half the size");
      state_.restore();
      for (auto &module : modules_)
        module->reinit(); // solvers forget what the failed step left in them
      stepping_.reject(step, failure);
    }
  }
}

template <int dim>
void Simulation<dim>::accept(const Step &step, const typename Coupling<dim>::Counts &counts)
{
  double limit = std::numeric_limits<double>::infinity();
  for (auto &module : modules_) {
    module->accept_step(step);
    limit = std::min(limit, module->max_next_time_step(step));
  }
  stepping_.accept(step, limit);
  const ObservableRow row = observe(step, counts);
  history_->write(row);
  log_.observables(row);
  conservation_.update(row);
  if (onsets_)
    onsets_->update(row, log_, communicator_, events_path());
  remaining_.update(stepping_.fraction_done(), timing_.elapsed());
  log_.progress(stepping_.fraction_done(), remaining_.seconds());
  if (field_output_->due(step))
    write_fields(step.time(), step.number);
  state_.store();
  if (mesh_.adaptive() && step.number % parameters_.mesh.refinement_interval == 0) {
    const auto scope = timing_.scope("mesh adaptation");
    if (adapt_mesh())
      for (auto &module : modules_)
        module->reinit();
  }
}

template <int dim>
ObservableRow Simulation<dim>::observe(const Step &step, const typename Coupling<dim>::Counts &counts)
{
  ObservableRow row;
  row.add("time", "s", step.time());
  row.add("step_size", "s", step.size);
  for (auto &module : modules_)
    module->add_observables(step, row);
  add_bounds(bounds(), row);
  diagnostics_->add_observables(step.time(), row);
  types::global_dof_index unknowns = 0;
  for (const Field<dim> &field : state_.fields())
    if (field.solved_for && field.space.kind() != SpaceKind::quadrature)
      unknowns += field.space.dof_handler.n_dofs();
  row.add("sweeps", "1", counts.sweeps);
  row.add("nonlinear_iterations", "1", counts.nonlinear_iterations);
  row.add("linear_iterations", "1", counts.linear_iterations);
  row.add("cells", "1", mesh_.triangulation.n_global_active_cells());
  row.add("unknowns", "1", unknowns);
  row.add("wall_time", "s", earlier_wall_time_ + timing_.elapsed());
  row.add("memory", "B", peak_memory(communicator_));
  return row;
}

template <int dim>
std::string Simulation<dim>::reason_to_end(const Step &step, ExitCode &code)
{
  for (const auto &module : modules_) {
    const std::string reason = module->end_reason(step);
    if (!reason.empty())
      return reason;
  }
  if (onsets_ && onsets_->happened(parameters_.time_stepping.end_event))
    return "the event at which it was to end was seen at " + friendly(stepping_.time(), "s");
  if (stepping_.at_end())
    return stepping_.time() < stepping_.end_time() * (1. - 1e-12) ? "the largest number of steps is reached"
                                                                  : "the end time is reached";
  const std::string signal = stop_signal(communicator_);
  const bool late = wall_clock_.reached(communicator_);
  if (!signal.empty() || late)
    code = ExitCode::stopped_early;
  if (!signal.empty())
    return signal + " was received at " + friendly(stepping_.time(), "s") + "; --resume goes on";
  if (late)
    return "the limit of wall time is near at " + friendly(stepping_.time(), "s") + "; --resume goes on";
  return {};
}

template <int dim>
void Simulation<dim>::write_fields(const double time, const unsigned long long step)
{
  const auto scope = timing_.scope("output");
  OutputFields<dim> output;
  for (const auto &module : modules_)
    module->add_output(output);
  add_microstructure(output);
  field_output_->write(mesh_, output, time, step);
  diagnostics_->write_lines(parameters_.output.directory, step, time);
}

template <int dim>
void Simulation<dim>::add_microstructure(OutputFields<dim> &output) const
{
  CellArray grain{"grain", "1", 1, {}}, phase{"phase", "1", 1, {}}, boundary{"grain_boundary", "1", 1, {}};
  for (const auto &cell : mesh_.triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      const PointStructure<dim> structure = microstructure_.evaluate(cell->center());
      grain.values.push_back(structure.grain);
      phase.values.push_back(structure.liquid > 0.5 ? 2. : structure.empty > 0.5 ? 1. : 0.);
      boundary.values.push_back(structure.solid * structure.band_sum());
    }
  output.add(std::move(grain));
  output.add(std::move(phase));
  output.add(std::move(boundary));
}

template class Simulation<2>;
template class Simulation<3>;
} // namespace lithoclase
