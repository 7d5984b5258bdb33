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
constexpr double energy_rounding = 1e-6; // rise of the energy, relative, that is put down to rough solves
} // namespace

void AlternateMinimizationParameters::declare(ParameterSection &s)
{
  s.number("tolerance", tolerance, Range::closed(1e-14, 0.1), "largest change of damage in the last pass of a step");
  s.integer("maximum passes", maximum_passes, Range::at_least(1), "a step that needs more has failed");
  s.integer("acceleration depth", acceleration_depth, Range::closed(0, 20),
            "earlier passes that the acceleration looks at; 0: none");
  s.boolean("log passes", log_passes, "a line in the log for each pass");
}

/// What a turn knows of itself and the one before.
template <int dim>
struct AlternateMinimization<dim>::Pass
{
  unsigned int number = 0;
  double energy = 0., energy_before = 0.; ///< of displacement and damage after equilibrium
  double increment = 0.;                  ///< largest change of damage by minimisation
  bool accelerated = false;               ///< the damage that it began with
  unsigned int mechanics_iterations = 0, fracture_iterations = 0;
  SolveReport total;
};

template <int dim>
AlternateMinimization<dim>::AlternateMinimization(const AlternateMinimizationParameters &parameters,
                                                  std::unique_ptr<Mechanics<dim>> mechanics,
                                                  std::unique_ptr<Fracture<dim>> fracture, Log &log)
    : parameters_(parameters), mechanics_(std::move(mechanics)), fracture_(std::move(fracture)), log_(log),
      acceleration_(parameters.acceleration_depth)
{
}

template <int dim>
void AlternateMinimization<dim>::reinit()
{
  mechanics_->reinit();
  fracture_->reinit();
}

template <int dim>
void AlternateMinimization<dim>::prepare_step(const Step &step)
{
  mechanics_->prepare_step(step);
  fracture_->prepare_step(step);
  passes_ = 0;
}

template <int dim>
void AlternateMinimization<dim>::continue_step(const Step &step)
{
  mechanics_->continue_step(step);
  fracture_->continue_step(step);
}

template <int dim>
SolveReport AlternateMinimization<dim>::solve(const Step &step)
{
  const Vector first_damage = fracture_->damage().values;
  acceleration_.restart();
  Pass pass;
  while (true) {
    make_pass(pass);
    if (!pass.accelerated || !give_up_acceleration(pass)) {
      if (!pass.accelerated && pass.number > 1 &&
          pass.energy > pass.energy_before + energy_rounding * std::abs(pass.energy_before))
        throw StepFailure(name(), "the energy rose from " + std::to_string(pass.energy_before) + " to " +
                                      std::to_string(pass.energy) + " in pass " + std::to_string(pass.number));
      const Vector begin = fracture_->damage().values;
      pass.fracture_iterations = fracture_->minimise().iterations;
      pass.total.linear_iterations += pass.fracture_iterations;
      Vector change = begin;
      change -= fracture_->damage().values;
      pass.increment = change.linfty_norm();
      log_pass(pass);
      check_front(step);
      if (pass.increment <= parameters_.tolerance)
        break;
      pass.energy_before = pass.energy;
      plain_damage_ = fracture_->damage().values;
      fracture_->damage().values = begin;
      accelerate(pass);
    }
    if (pass.number == parameters_.maximum_passes)
      throw StepFailure(name(), "displacement and damage still change each other by " + std::to_string(pass.increment) +
                                    " after " + std::to_string(pass.number) + " passes");
  }
  pass.total.linear_iterations += mechanics_->solve(step).linear_iterations;
  passes_ += pass.number;
  Vector change = first_damage;
  change -= fracture_->damage().values;
  pass.total.increment = change.linfty_norm();
  pass.total.nonlinear_iterations = pass.number;
  return pass.total;
}

/// Equilibrium at the present damage, and the energy there.
template <int dim>
void AlternateMinimization<dim>::make_pass(Pass &pass)
{
  ++pass.number;
  const SolveReport report = mechanics_->solve_roughly(rough_reduction);
  pass.mechanics_iterations = report.linear_iterations;
  pass.total.linear_iterations += report.linear_iterations;
  fracture_->assemble();
  pass.energy = mechanics_->potential_energy() + fracture_->energy();
}

/// The damage to go on with: between its bounds.
template <int dim>
void AlternateMinimization<dim>::accelerate(Pass &pass)
{
  Field<dim> &damage = fracture_->damage();
  acceleration_.next(damage.values, plain_damage_);
  damage.values.zero_out_ghost_values();
  for (unsigned int i = 0; i < damage.values.locally_owned_size(); ++i)
    damage.values.local_element(i) =
        std::max(fracture_->lower_bound().local_element(i), std::min(1., damage.values.local_element(i)));
  damage.update();
  pass.accelerated = parameters_.acceleration_depth > 0 && pass.number > 1;
}

/// Goes back to the plain damage where the accelerated one has a higher energy than the turn before.
template <int dim>
bool AlternateMinimization<dim>::give_up_acceleration(Pass &pass)
{
  pass.accelerated = false;
  if (pass.energy <= pass.energy_before + energy_rounding * std::abs(pass.energy_before))
    return false;
  acceleration_.restart();
  fracture_->damage().values = plain_damage_;
  fracture_->damage().update();
  return true;
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
  text << "  pass " << pass.number << ": energy " << pass.energy << (dim == 2 ? " J/m" : " J") << ", change of damage "
       << pass.increment << ", " << pass.mechanics_iterations << " + " << pass.fracture_iterations
       << " linear iterations";
  log_.line(text.str());
}

template <int dim>
void AlternateMinimization<dim>::accept_step(const Step &step)
{
  mechanics_->accept_step(step);
  fracture_->accept_step(step);
  energy_ = mechanics_->energies().stored + fracture_->energy();
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
  row.add("total_energy", dim == 2 ? "J/m" : "J", energy_);
  row.add("passes", "1", passes_, true);
}

template <int dim>
void AlternateMinimization<dim>::add_output(OutputFields<dim> &output)
{
  mechanics_->add_output(output);
  fracture_->add_output(output);
}

template class AlternateMinimization<2>;
template class AlternateMinimization<3>;
} // namespace lithoclase
