#include "simulation.h"

#include "core/collective.h"
#include "microstructure/label_export.h"
#include "microstructure/picture.h"
#include "microstructure/report.h"
#include "output/bounds_table.h"
#include "output/files.h"
#include "resolution.h"

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
      model_(parameters_, mesh_, microstructure_, materials_, protocol_, state_, log_),
      coupling_(parameters.coupling, model_.modules()), stepping_(parameters.time_stepping),
      checkpoint_(communicator, parameters.output.directory)
{
  if (parameters_.mode == Mode::simulation)
    onsets_.emplace(state_, model_.first_crack(), parameters_.fracture.crack_width);
  check_resolution(parameters_, mesh_, microstructure_, model_.transport_data(), log_);
  std::vector<FluxDensity<dim>> flux_densities;
  for (auto &module : model_.modules())
    module->add_flux_densities(flux_densities);
  diagnostics_ = std::make_unique<Diagnostics<dim>>(parameters_.diagnostics, state_, flux_densities);
}

template <int dim>
Simulation<dim>::~Simulation() = default;

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
  for (const auto &module : model_.modules())
    module->add_refinement_request(wanted);
  if (!mesh_.flag(wanted))
    return false;
  if (within_step)
    state_.refine_within_step();
  else
    state_.refine();
  if (mesh_.cell_limit_reached() && !told_of_cell_limit_)
    log_.warning("the mesh has reached the limit of " + std::to_string(parameters_.mesh.maximum_cells) +
                 " cells and is not refined any further");
  told_of_cell_limit_ = told_of_cell_limit_ || mesh_.cell_limit_reached();
  return true;
}

template <int dim>
void Simulation<dim>::start()
{
  state_.reinit();
  const auto set = [&] {
    if (parameters_.mode == Mode::simulation && !parameters_.electrodeposition_active)
      set_initial_lithium(parameters_.electrodeposition, microstructure_, model_.lithium());
    for (auto &module : model_.modules())
      module->set_initial_conditions();
  };
  set();
  for (unsigned int round = 0; mesh_.adaptive() && round < 2 * mesh_.maximum_level() && adapt_mesh(); ++round)
    set();
  for (auto &module : model_.modules())
    module->reinit();
  state_.store();
}

template <int dim>
std::map<std::string, std::string> Simulation<dim>::parameters_that_must_agree() const
{
  // What fixes the meaning of the stored numbers: everything of these sections but the limits of refinement.
  std::map<std::string, std::string> result{{"dimension", std::to_string(dim)}};
  for (const auto &[name, value] : printed_values(options_.parameter_text)) {
    const bool geometry = name == "Mesh/size" || name == "Mesh/coarse cells" || name == "Mesh/lower corner" ||
                          name == "Mesh/periodic axes";
    if (geometry || name.rfind("Microstructure/", 0) == 0)
      result[name] = value;
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
  for (auto &module : model_.modules())
    module->reinit();
  state_.store();
  stepping_.restart(info.time, info.step, info.next_step_size);
  earlier_wall_time_ = info.wall_time;
  log_.line("The run goes on at " + friendly(info.time, "s") + ", step " + std::to_string(info.step) + ".");
  tell_changes();
}

/// What the case says otherwise than before: it holds from now on, while parameters.prm will say it for the
/// whole.
template <int dim>
void Simulation<dim>::tell_changes()
{
  std::string before;
  if (Utilities::MPI::this_mpi_process(communicator_) != 0 ||
      !read_file(parameters_.output.directory + "/parameters.prm", before).empty())
    return;
  const auto old_values = printed_values(before), new_values = printed_values(options_.parameter_text);
  std::string changes;
  for (const auto &[name, value] : new_values) {
    const auto old = old_values.find(name);
    if (old == old_values.end() || old->second != value)
      changes +=
          "\n  " + name + ": " + (old == old_values.end() ? "not there" : old->second) + " -> " + value;
  }
  for (const auto &[name, value] : old_values)
    if (new_values.count(name) == 0)
      changes += "\n  " + name + ": " + value + " -> not there";
  if (!changes.empty())
    log_.line("Changed since the run before, valid from here on:" + changes);
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
  std::optional<unsigned long long> last_step;
  if (resume_point)
    last_step = resume_point->step;
  Diagnostics<dim>::remove_old_lines(communicator_, directory, last_step);

  std::ostringstream used;
  materials_.print_used(used);
  log_.line(used.str());
  RunDescription description;
  description.case_name = options_.case_name;
  description.command = options_.command;
  description.parameters = options_.parameter_text;
  description.materials = materials_.used().dump();
  description.seeds = parameters_.microstructure.seeds();
  if (parameters_.charge_transport.noise_amplitude > 0.)
    description.seeds["noise"] = parameters_.charge_transport.noise_seed;
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
    checkpoint_.forget();
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
  } catch (const InputError &error) {
    record_->finish(error.what(), static_cast<int>(ExitCode::bad_input));
    throw;
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
  for (const auto &module : model_.modules())
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
      if (reason.empty() && checkpoint_due())
        write_checkpoint();
      if (!reason.empty())
        write_last_checkpoint(reason, code);
      if (!reason.empty() && !field_output_->due(step))
        write_fields(step.time(), step.number);
    }
  } catch (const StepFailure &failure) {
    reason = failure.what();
    code = ExitCode::step_failed;
    write_fields(stepping_.time(), stepping_.number());
    write_last_checkpoint(reason, code);
  }
}

/// A run whose end was not kept has failed: whoever resumes it would go on from an earlier step.
template <int dim>
void Simulation<dim>::write_last_checkpoint(std::string &reason, ExitCode &code)
{
  if (!parameters_.output.checkpoints() || write_checkpoint())
    return;
  code = ExitCode::failure;
  reason += "; its last checkpoint could not be written";
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
bool Simulation<dim>::write_checkpoint()
{
  const auto scope = timing_.scope("checkpoint");
  bool written = true;
  const double start = timing_.elapsed();
  CheckpointInfo info;
  info.time = stepping_.time();
  info.step = stepping_.number();
  info.next_step_size = stepping_.proposed_size();
  info.wall_time = earlier_wall_time_ + start;
  info.parameters = parameters_that_must_agree();
  try {
    checkpoint_.save(state_, info);
  } catch (const NoCheckpoint &error) {
    log_.warning(error.what());
    written = false;
  }
  last_checkpoint_ = timing_.elapsed();
  wall_clock_.checkpoint_took(last_checkpoint_ - start);
  return written;
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
      Field<dim> &damage = *model_.damage();
      const Vector crack = damage.values;
      state_.restore();
      for (auto &module : model_.modules())
        module->reinit();
      coupling_.prepare(step);
      damage.values = crack;
      damage.update();
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
      for (auto &module : model_.modules())
        module->reinit(); // solvers forget what the failed step left in them
      stepping_.reject(step, failure);
    }
  }
}

template <int dim>
void Simulation<dim>::accept(const Step &step, const typename Coupling<dim>::Counts &counts)
{
  double limit = std::numeric_limits<double>::infinity();
  std::string limiter;
  for (auto &module : model_.modules()) {
    module->accept_step(step);
    const double wanted = module->max_next_time_step(step);
    if (wanted < limit)
      limiter = module->name();
    limit = std::min(limit, wanted);
  }
  if (stepping_.accept(step, limit))
    log_.line("  the next step is limited by " + limiter + ": " + friendly(stepping_.proposed_size(), "s"));
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
      for (auto &module : model_.modules())
        module->reinit();
  }
}

template <int dim>
ObservableRow Simulation<dim>::observe(const Step &step, const typename Coupling<dim>::Counts &counts)
{
  ObservableRow row;
  row.add("time", "s", step.time());
  row.add("step_size", "s", step.size);
  for (auto &module : model_.modules())
    module->add_observables(step, row);
  add_bounds(bounds(), row);
  diagnostics_->add_observables(step.time(), row);
  unsigned long long unknowns = 0;
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
  for (const auto &module : model_.modules()) {
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
  for (const auto &module : model_.modules())
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
