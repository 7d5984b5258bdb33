#pragma once

#include "core/anderson.h"
#include "core/log.h"
#include "physics/fracture.h"
#include "physics/mechanics.h"

#include <memory>

/// Displacement and damage of least energy, by turns: equilibrium at fixed damage, least energy of damage at fixed
/// displacement, until neither changes.
///
/// One turn never raises the energy, but a running crack takes many. Hence the damage of a turn is accelerated (Anderson)
/// and cut to its bounds. Where the energy rises, the accelerated damage is given up for the plain one; where it rises
/// after a plain turn, the step has failed. Within a turn equilibrium need not be closer than the turn's change
/// deserves; the last one is exact.
/// Bourdin, Francfort, Marigo, J. Mech. Phys. Solids 48 (2000) 797, doi:10.1016/S0022-5096(99)00028-9; Farrell, Maurini,
/// Int. J. Numer. Methods Eng. 109 (2017) 648, doi:10.1002/nme.5300 (acceleration by over-relaxation).
namespace lithoclase
{
struct AlternateMinimizationParameters
{
  double tolerance = 1e-4;          ///< largest change of damage in a plain turn
  unsigned int maximum_passes = 2000;
  unsigned int acceleration_depth = 5; ///< 0: none
  bool log_passes = true;

  void declare(ParameterSection &section);
};

/// Mechanics and fracture as one module of the coupled problem.
template <int dim>
class AlternateMinimization : public PhysicsModule<dim>
{
public:
  AlternateMinimization(const AlternateMinimizationParameters &parameters, std::unique_ptr<Mechanics<dim>> mechanics,
                        std::unique_ptr<Fracture<dim>> fracture, Log &log);

  std::string name() const override { return "mechanics and fracture"; }
  void reinit() override;
  void set_initial_conditions() override { fracture_->set_initial_conditions(); }
  void prepare_step(const Step &step) override;
  void continue_step(const Step &step) override;
  SolveReport solve(const Step &step) override;
  void accept_step(const Step &step) override;
  double max_next_time_step(const Step &step) override { return fracture_->max_next_time_step(step); }
  void add_refinement_request(std::vector<unsigned char> &wanted_level) const override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;

private:
  struct Pass;
  void make_pass(Pass &pass);
  void accelerate(Pass &pass);
  bool give_up_acceleration(Pass &pass);
  void check_front(const Step &step) const;
  void log_pass(const Pass &pass) const;

  const AlternateMinimizationParameters parameters_;
  std::unique_ptr<Mechanics<dim>> mechanics_;
  std::unique_ptr<Fracture<dim>> fracture_;
  Log &log_;
  AndersonAcceleration acceleration_;
  Vector plain_damage_; ///< what the last turn found, before acceleration
  unsigned int passes_ = 0;
  double energy_ = 0.; ///< of the last turn
};
} // namespace lithoclase
