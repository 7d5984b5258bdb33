#pragma once

#include "core/log.h"
#include "core/timing.h"
#include "filled_equilibrium.h"
#include "physics/fracture.h"
#include "physics/mechanics.h"

#include <memory>

/// Displacement and damage of least energy, by turns: equilibrium at fixed damage, least energy of damage at
/// fixed displacement, until neither changes.
///
/// One turn never raises the energy, but a running crack takes many. Hence the damage goes on with momentum
/// (Nesterov's sequence), cut to its bounds: the next turn begins at y = x + b (x - x'), where x and x' are
/// what the last two turns found. Momentum starts anew where it points against the last turn. Where the
/// energy rises all the same, y is given up for x; where it rises after a turn without momentum, the step has
/// failed. Within a turn equilibrium need not be closer than the turn's change deserves; the last one is
/// exact, and nothing may change in it. Bourdin, Francfort, Marigo, J. Mech. Phys. Solids 48 (2000) 797,
/// doi:10.1016/S0022-5096(99)00028-9; Beck, Teboulle, SIAM J. Imaging Sci. 2 (2009) 183,
/// doi:10.1137/080716542; O'Donoghue, Candes, Found. Comput. Math. 15 (2015) 715,
/// doi:10.1007/s10208-013-9150-3 (restart).
namespace lithoclase
{
struct AlternateMinimizationParameters
{
  double tolerance = 1e-4; ///< largest change of damage in a plain turn
  unsigned int maximum_passes = 2000;
  bool momentum = true;
  bool log_passes = true;

  void declare(ParameterSection &section);
};

/// Mechanics and fracture as one module of the coupled problem.
template <int dim>
class AlternateMinimization : public PhysicsModule<dim>
{
public:
  AlternateMinimization(const AlternateMinimizationParameters &parameters,
                        std::unique_ptr<Mechanics<dim>> mechanics, std::unique_ptr<Fracture<dim>> fracture,
                        Log &log);

  /// Lithium pressure, to be solved together with mechanics. No energy falls then from pass to pass: the
  /// pressure holds the volume in the crack.
  void add(std::unique_ptr<LithiumPressure<dim>> pressure, LithiumPressureParameters::Solver solver,
           const NewtonParameters &newton);

  std::string name() const override;
  void reinit() override;
  void set_initial_conditions() override { fracture_->set_initial_conditions(); }
  void prepare_step(const Step &step) override;
  SolveReport solve(const Step &step) override;
  void accept_step(const Step &step) override;
  double max_next_time_step(const Step &step) override;
  void add_refinement_request(std::vector<unsigned char> &wanted_level) const override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;

private:
  struct Pass;
  SolveReport solve_equilibrium(const Step &step, double reduction);
  void make_pass(const Step &step, Pass &pass);
  void minimise_damage(Pass &pass);
  void add_momentum(Pass &pass);
  void relax(Pass &pass);
  bool give_up_momentum(Pass &pass);
  bool energy_rose(const Pass &pass) const;
  void check_energy(const Step &step, Pass &pass);
  void measure_energy(Pass &pass);
  void check_front(const Step &step) const;
  void log_pass(const Pass &pass) const;

  const AlternateMinimizationParameters parameters_;
  std::unique_ptr<Mechanics<dim>> mechanics_;
  std::unique_ptr<Fracture<dim>> fracture_;
  std::unique_ptr<LithiumPressure<dim>> pressure_;      ///< may be null
  std::unique_ptr<FilledEquilibrium<dim>> equilibrium_; ///< likewise
  Log &log_;
  Vector beginning_;            ///< y: the damage that the turn began with
  Vector change_before_;        ///< by the turn before, with lithium pressure
  Vector found_, found_before_; ///< x and x': what the last two turns found
  unsigned int passes_ = 0;
  double solve_time_ = 0.; ///< of all steps so far [s]
  double energy_ = 0.;     ///< of the last turn
};
} // namespace lithoclase
