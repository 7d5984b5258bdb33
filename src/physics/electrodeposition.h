#pragma once

#include "core/boundary_conditions.h"
#include "core/cell_assembly.h"
#include "core/linear_solver.h"
#include "core/nodal_system.h"
#include "core/state.h"
#include "materials/reaction_kinetics.h"
#include "microstructure/microstructure.h"
#include "physics/lithium_census.h"
#include "physics/nucleated_lithium.h"
#include "physics/physics_module.h"
#include "physics/reaction_fields.h"
#include "physics/surface_geometry.h"

/// Electrodeposition: the interface-flux phase field of the lithium metal.
///
/// Strong form, xi = 1 metal, 0 not, equilibrium profile 1/2 [1 + tanh(x/delta)]:
///     d xi/dt = omega (V_Li/F) (R_s + R_n) + s + div( omega M [ (delta/2) grad xi - xi (1-xi) n ] )     (E6)
/// R_s, R_n are the very rates that charge transport used, R_s = |grad xi| j(eta); n = grad xi/|grad xi| from
/// the distance-like psi. The second part restores the profile and moves no mass, so F/V_Li times the lithium
/// in all forms equals the charge passed: the part (1-omega) R_s leaves through the collector (it thickens
/// the anode) or, with lithium pressure, is confined (lithium_pressure.h); (1-omega) R_n stays where it is
/// (nucleated_lithium.h).
/// Weak form, test functions v: (d xi/dt, v) = (omega (V_Li/F) (R_s+R_n) + s, v) - (omega M [(delta/2) grad
/// xi - xi(1-xi) n], grad v),
///     no flux through the boundary.
/// Discretisation: Q1, mass lumped (keeps fronts free of ripples), Euler; diffusion implicit, reaction
/// explicit, M = b max|v_n|, v_n = omega (V_Li/F) j. CG with Jacobi. An explicit reaction runs ahead by half
/// a step, as if diffusion were smaller by v_n^2 dt/2 along n; this much is added to the second part. The
/// sharpening xi (1-xi) n is taken from a first pass of the step. Without these two a front that moves 0.2
/// delta per step is 0.5 % too slow (xi climbs beyond 1 behind it) and its profile 12 % too narrow; with them
/// 0.02 % and 2 %, and little more with steps of delta/2.
/// Limit: where the profile is wider than equilibrium, 1/2 [1 + tanh(x/w)] with w > delta, the second part is
/// negative diffusion along the front, omega M (w-delta)/2, under which wrinkles of a few cells grow until it
/// has narrowed the profile. Initial profiles should not be wider than delta.
///
/// symbol   name                unit
/// xi       lithium             1
/// omega    accessibility       1       is there room for lithium?
/// delta    front width         m
/// M        mobility            m/s
/// References: Sun, Beckermann, J. Comput. Phys. 220 (2007) 626, doi:10.1016/j.jcp.2006.05.025 (profile
/// restoration); Chiu, Lin, J. Comput. Phys. 230 (2011) 185, doi:10.1016/j.jcp.2010.09.021 (conservative
/// form).
namespace lithoclase
{
/// Room for lithium per phase, in [0,1].
struct AccessibilityParameters
{
  double grain = 0.;
  double grain_boundary = 0.;
  double liquid = 1.;
  double empty = 0.;
  Expression field; ///< replaces all of them

  void declare(ParameterSection &section);
};

struct ElectrodepositionParameters
{
  enum class Formulation
  {
    interface_flux,
    allen_cahn
  };
  enum class TimeScheme
  {
    euler,
    bdf2
  };

  Formulation formulation = Formulation::interface_flux;
  double front_width = 0.2e-6;       ///< delta [m]
  double restoring_strength = 2.;    ///< b
  double maximum_front_motion = 0.2; ///< per step, in delta
  double refinement_margin = 5.;     ///< distance from the front that is refined, in delta
  bool front_refinement = true;
  AccessibilityParameters accessibility;
  bool end_at_short_circuit = true;
  std::optional<double> end_at_tip_distance; ///< of the metal from the counter electrode [m]
  Expression initial_lithium;                ///< replaces the profile around the microstructure's lithium
  Expression source;                         ///< s [1/s]

  TimeScheme time_scheme = TimeScheme::euler; ///< of the Allen-Cahn formulation, as all below
  double barrier_height = 1e5;                ///< W [J/m^3]
  double mobility = 1e-9;                     ///< L_s [m^3/(J s)]

  void declare(ParameterSection &section);
};

/// The lithium at the start: the expression, or the profile around the microstructure's metal.
template <int dim>
void set_initial_lithium(const ElectrodepositionParameters &parameters,
                         const Microstructure<dim> &microstructure, Field<dim> &lithium);

template <int dim>
class AllenCahn;

template <int dim>
class Electrodeposition : public PhysicsModule<dim>
{
public:
  Electrodeposition(const ElectrodepositionParameters &parameters,
                    const BoundaryConditionList &boundary_conditions,
                    const Microstructure<dim> &microstructure, State<dim> &state, Field<dim> &lithium,
                    const ReactionFields<dim> &reaction, NucleatedLithium<dim> &nucleated,
                    double exchange_current_density, const ButlerVolmer &kinetics,
                    const ConfinedVolumes &confined = {});
  ~Electrodeposition() override;

  std::string name() const override { return "electrodeposition"; }
  void reinit() override;
  void set_initial_conditions() override;
  void prepare_step(const Step &step) override;
  SolveReport solve(const Step &step) override;
  void accept_step(const Step &step) override;
  double max_next_time_step(const Step &step) override;
  void add_refinement_request(std::vector<unsigned char> &wanted_level) const override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;
  std::string end_reason(const Step &step) override;

private:
  struct CellWork;

  void cache_accessibility();
  void assemble_matrices();
  void restore_volume();
  double lithium_volume() const;
  double fastest_front();
  void assemble_system(const Step &step, double mobility);
  void assemble_change(const Step &step, double mobility);
  void apply_boundary_values();
  void book_reaction(const Step &step);
  void tell_confined();
  double accessibility_at(const dealii::Point<dim> &point) const;

  const ElectrodepositionParameters parameters_;
  const Microstructure<dim> &microstructure_;
  State<dim> &state_;
  BoundaryConditions<dim> conditions_;
  ReactionFields<dim> reaction_;
  const ConfinedVolumes confined_;
  Field<dim> &lithium_;
  NucleatedLithium<dim> &nucleated_;
  Scalar &volume_;  ///< of xi, per cross-section [m]
  Scalar &outflow_; ///< through the collector, likewise
  Scalar &initial_volume_;
  Scalar &reacted_volume_; ///< of the lithium that the reaction made, likewise
  Scalar &turnover_;       ///< the same with every step counted as positive
  SurfaceGeometry<dim> surface_;
  NodalSystem<dim> system_;
  CellAssembly<dim> assembly_; ///< of the stiffness
  LinearSolver solver_;
  std::unique_ptr<dealii::PETScWrappers::MPI::SparseMatrix> stiffness_; ///< (omega grad N_i, grad N_j)
  Vector lumped_mass_;
  Vector start_; ///< old values of xi with the boundary values of this step
  Vector change_, right_hand_side_;
  std::vector<double> accessibility_; ///< per active cell and quadrature point
  std::unique_ptr<dealii::FunctionParser<dim>> accessibility_field_, source_;
  std::unique_ptr<AllenCahn<dim>> allen_cahn_;
  LithiumCensus<dim> census_;
  Scalar &front_position_; ///< highest [m]
  double tip_speed_ = 0.;  ///< [m/s]
  double fastest_ = 0.;    ///< of the last solve [m/s]
};
} // namespace lithoclase
