#include "alternate_minimization.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double rough_reduction = 0.02; // of the forces' imbalance in a turn
constexpr double close_reduction = 1e-3; // in a step in which the rough one was not enough
constexpr double least_relaxation = 0.1, most_relaxation = 2.;
constexpr double energy_rounding = 1e-6; // rise of the energy, relative, that is put down to rough solves
} // namespace

void AlternateMinimizationParameters::declare(ParameterSection &s)
{
  s.number(
      "tolerance", tolerance, Range::closed(1e-14, 0.1),
      "largest change of damage, and of lithium pressure relative to its largest value, in the last pass");
  s.integer("maximum passes", maximum_passes, Range::at_least(1), "a step that needs more has failed");
  s.boolean("momentum", momentum, "accelerates the passes; the answer is the same");
  s.boolean("log passes", log_passes, "a line in the log for each pass");
}

/// What a turn knows of itself and the one before.
template <int dim>
struct AlternateMinimization<dim>::Pass
{
  unsigned int number = 0;
  double energy = 0., energy_before = 0.; ///< of displacement and damage after equilibrium
  double energy_scale = 0.;               ///< what the energy is made of, without signs
  double reduction = rough_reduction;
  bool exact = false;    ///< equilibrium, not but roughly so
  double increment = 0.; ///< largest change of damage by minimisation, and of lithium pressure by equilibrium
  double momentum = 0.;  ///< b of the damage that it began with
  double sequence = 1.;  ///< Nesterov's t
  double relaxation = 1.; ///< how much of a turn counts, with lithium pressure
  unsigned int mechanics_iterations = 0, fracture_iterations = 0;
  SolveReport total;
};

template <int dim>
AlternateMinimization<dim>::AlternateMinimization(const AlternateMinimizationParameters &parameters,
                                                  std::unique_ptr<Mechanics<dim>> mechanics,
                                                  std::unique_ptr<Fracture<dim>> fracture, Log &log)
    : parameters_(parameters), mechanics_(std::move(mechanics)), fracture_(std::move(fracture)), log_(log)
{
}

template <int dim>
void AlternateMinimization<dim>::add(std::unique_ptr<LithiumPressure<dim>> pressure,
                                     const LithiumPressureParameters::Solver solver,
                                     const NewtonParameters &newton)
{
  pressure_ = std::move(pressure);
  equilibrium_ = std::make_unique<FilledEquilibrium<dim>>(*mechanics_, *pressure_, newton, solver);
}

template <int dim>
std::string AlternateMinimization<dim>::name() const
{
  return pressure_ ? "mechanics, pressure, fracture" : "mechanics and fracture";
}

template <int dim>
void AlternateMinimization<dim>::reinit()
{
  mechanics_->reinit();
  fracture_->reinit();
  if (pressure_) {
    pressure_->reinit();
    equilibrium_->reinit();
  }
}

template <int dim>
void AlternateMinimization<dim>::prepare_step(const Step &step)
{
  mechanics_->prepare_step(step);
  fracture_->prepare_step(step);
  if (pressure_)
    pressure_->prepare_step(step);
  passes_ = 0;
}

template <int dim>
SolveReport AlternateMinimization<dim>::solve_equilibrium(const Step &step, const double reduction)
{
  return equilibrium_ ? equilibrium_->solve_roughly(step, reduction) : mechanics_->solve_roughly(reduction);
}

template <int dim>
SolveReport AlternateMinimization<dim>::solve(const Step &step)
{
  const TimeSpent time(solve_time_);
  const Vector first_damage = fracture_->damage().values;
  if (pressure_)
    pressure_->solve(step); // notes what pressure the rates belong to
  Pass pass;
  while (true) {
    if (pass.number == parameters_.maximum_passes)
      throw StepFailure(name(), "displacement and damage still change each other by " +
                                    std::to_string(pass.increment) + " after " + std::to_string(pass.number) +
                                    " passes");
    make_pass(step, pass);
    if (give_up_momentum(pass))
      continue;
    check_energy(step, pass);
    minimise_damage(pass);
    log_pass(pass);
    check_front(step);
    const bool settled = pass.increment <= parameters_.tolerance;
    if (settled && pass.exact)
      break;
    if (!settled)
      add_momentum(pass);
    pass.exact = settled;
  }
  fracture_->damage().values = beginning_; // what the displacement is in equilibrium with
  fracture_->damage().update();
  mechanics_->update_normal_pressure();
  Vector change = first_damage;
  change -= fracture_->damage().values;
  pass.total.increment = std::max(change.linfty_norm(), pressure_ ? pressure_->change_in_solve() : 0.);
  pass.total.nonlinear_iterations = pass.number;
  return pass.total;
}

/// Equilibrium at the present damage, and the energy there.
template <int dim>
void AlternateMinimization<dim>::make_pass(const Step &step, Pass &pass)
{
  ++pass.number;
  ++passes_;
  const SolveReport report = solve_equilibrium(step, pass.exact ? 0. : pass.reduction);
  pass.mechanics_iterations = report.linear_iterations;
  pass.total.linear_iterations += report.linear_iterations;
  pass.energy_before = pass.energy;
  measure_energy(pass);
}

template <int dim>
void AlternateMinimization<dim>::measure_energy(Pass &pass)
{
  fracture_->assemble();
  pass.energy = mechanics_->potential_energy() + fracture_->energy();
  const auto &parts = mechanics_->energies();
  pass.energy_scale = parts.stored + std::abs(parts.pressure_work) + fracture_->energy();
}

template <int dim>
bool AlternateMinimization<dim>::energy_rose(const Pass &pass) const
{
  return !pressure_ && pass.number > 1 &&
         pass.energy > pass.energy_before + energy_rounding * pass.energy_scale;
}

/// Goes back to what the turn before found where momentum has led uphill.
template <int dim>
bool AlternateMinimization<dim>::give_up_momentum(Pass &pass)
{
  if (pass.momentum == 0. || !energy_rose(pass))
    return false;
  pass.energy = pass.energy_before;
  pass.momentum = 0.;
  pass.sequence = 1.;
  fracture_->damage().values = found_;
  fracture_->damage().update();
  return true;
}

/// A rough solve may leave more energy than the turn before; an exact one may not.
template <int dim>
void AlternateMinimization<dim>::check_energy(const Step &step, Pass &pass)
{
  if (!energy_rose(pass))
    return;
  pass.reduction = close_reduction;
  pass.total.linear_iterations += mechanics_->solve(step).linear_iterations;
  measure_energy(pass);
  if (!energy_rose(pass))
    return;
  std::ostringstream text;
  text << "the energy rose from " << pass.energy_before << " to " << pass.energy << " in pass "
       << pass.number;
  throw StepFailure(name(), text.str());
}

template <int dim>
void AlternateMinimization<dim>::minimise_damage(Pass &pass)
{
  const Vector &damage = fracture_->damage().values;
  beginning_ = damage;
  if (pass.number > 1)
    found_before_ = found_;
  pass.fracture_iterations = fracture_->minimise().iterations;
  pass.total.linear_iterations += pass.fracture_iterations;
  found_ = damage;
  Vector change = found_;
  change -= beginning_;
  pass.increment = std::max(change.linfty_norm(), pressure_ ? pressure_->change_in_pass() : 0.);
}

/// The damage to go on with: between its bounds.
template <int dim>
void AlternateMinimization<dim>::add_momentum(Pass &pass)
{
  if (pressure_)
    return relax(pass);
  if (!parameters_.momentum || pass.number == 1)
    return;
  Field<dim> &damage = fracture_->damage();
  Vector progress = found_, change = found_;
  progress -= found_before_;
  change -= beginning_;
  if (change * progress < 0.)
    pass.sequence = 1.;
  const double next = 0.5 * (1. + std::sqrt(1. + 4. * pass.sequence * pass.sequence));
  pass.momentum = (pass.sequence - 1.) / next;
  pass.sequence = next;
  damage.values.zero_out_ghost_values();
  for (unsigned int i = 0; i < damage.values.locally_owned_size(); ++i) {
    const double aim = found_.local_element(i) + pass.momentum * progress.local_element(i);
    damage.values.local_element(i) = std::max(fracture_->lower_bound().local_element(i), std::min(1., aim));
  }
  damage.update();
}

/// With a pressure that holds a volume a turn may overshoot and the next one take it back, for ever: turns
/// that reverse the one before count half as much from then on.
template <int dim>
void AlternateMinimization<dim>::relax(Pass &pass)
{
  Vector change = found_;
  change -= beginning_;
  if (pass.number > 1)
    pass.relaxation = change * change_before_ < 0. ? std::max(least_relaxation, 0.5 * pass.relaxation)
                                                   : std::min(most_relaxation, 1.1 * pass.relaxation);
  change_before_ = change;
  Field<dim> &damage = fracture_->damage();
  damage.values.zero_out_ghost_values();
  for (unsigned int i = 0; i < damage.values.locally_owned_size(); ++i) {
    const double aim = beginning_.local_element(i) + pass.relaxation * change.local_element(i);
    damage.values.local_element(i) = std::clamp(aim, fracture_->lower_bound().local_element(i), 1.);
  }
  damage.update();
}

template <int dim>
void AlternateMinimization<dim>::check_front(const Step &step) const
{
  const FractureParameters &parameters = fracture_->parameters();
  const double motion = fracture_->front_motion();
  if (parameters.snap_through_step && step.size > *parameters.snap_through_step * (1. + 1e-9) &&
      motion > parameters.maximum_front_motion)
    throw StepFailure(name(), "the crack runs: it has grown by " + std::to_string(motion) + " crack widths");
  if (step.refinable && fracture_->front_in_coarse_cells())
    throw MeshTooCoarse("the crack has grown into coarse cells");
}

template <int dim>
void AlternateMinimization<dim>::log_pass(const Pass &pass) const
{
  if (!parameters_.log_passes)
    return;
  std::ostringstream text;
  text << "  pass " << pass.number << ": energy " << pass.energy << (dim == 2 ? " J/m" : " J")
       << ", largest change " << pass.increment << ", " << pass.mechanics_iterations << " + "
       << pass.fracture_iterations << " linear iterations";
  log_.line(text.str());
}

template <int dim>
void AlternateMinimization<dim>::accept_step(const Step &step)
{
  mechanics_->accept_step(step);
  fracture_->accept_step(step);
  if (pressure_)
    pressure_->accept_step(step);
  energy_ = mechanics_->energies().stored + fracture_->energy();
}

template <int dim>
double AlternateMinimization<dim>::max_next_time_step(const Step &step)
{
  const double limit = fracture_->max_next_time_step(step);
  return pressure_ ? std::min(limit, pressure_->max_next_time_step(step)) : limit;
}

template <int dim>
void AlternateMinimization<dim>::add_refinement_request(std::vector<unsigned char> &wanted_level) const
{
  mechanics_->add_refinement_request(wanted_level);
  fracture_->add_refinement_request(wanted_level);
}

template <int dim>
void AlternateMinimization<dim>::add_observables(const Step &step, ObservableRow &row)
{
  mechanics_->add_observables(step, row);
  fracture_->add_observables(step, row);
  if (pressure_)
    pressure_->add_observables(step, row);
  row.add("total_energy", dim == 2 ? "J/m" : "J", energy_);
  row.add("passes", "1", passes_, true);
  row.add("linear_solve_time", "s",
          (equilibrium_ ? equilibrium_->linear_solve_time() : mechanics_->linear_solve_time()) +
              fracture_->linear_solve_time());
  row.add("solve_time", "s", solve_time_);
}

template <int dim>
void AlternateMinimization<dim>::add_output(OutputFields<dim> &output)
{
  mechanics_->add_output(output);
  fracture_->add_output(output);
  if (pressure_)
    pressure_->add_output(output);
}

template class AlternateMinimization<2>;
template class AlternateMinimization<3>;
} // namespace lithoclase
