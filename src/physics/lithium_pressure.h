#pragma once

#include "core/aitken.h"
#include "core/coupled_factors.h"
#include "core/linear_solver.h"
#include "core/state.h"
#include "physics/crack_slot.h"
#include "physics/initial_cracks.h"
#include "physics/physics_module.h"
#include "physics/pressure_cell.h"
#include "physics/reaction_fields.h"

#include <deal.II/base/function_parser.h>

#include <memory>
#include <vector>

/// Pressure of lithium that has no room: in filled cracks, and in the metal.
///
/// Strong form:  d zeta/dt - div( m grad p ) = (V_Li/F) R_conf + q,   zeta = alpha tr eps + theta p/K_Li (E9)
///     alpha = xi + (1-xi) S [1-(1-d)^2],   theta = xi + (1-xi) S [1-(1-d)^2] <tr eps>+
///     R_conf = A_flank j + (1-omega) |grad xi| j:  zeta grows by just the lithium that the reaction
///     confines, also where alpha grows, and that broken sites of nucleation give (y of
///     nucleated_lithium.h). An opened crack must be filled: until it is, its pressure is low.
///     m = (xi^3 m_Li + m_0) 1 + (1-xi) S { gamma T (1 - n n) + 10 I (l^2/(K_Li dt)) n n }
///     with I = 1-(1-d)^2: along a crack lithium flows as in a slot of aperture w and transmissivity T
///     (slot_flow.h); across the band of damage, which has no width in nature, the pressure evens out within
///     a step, but no faster: a normal that is off by a little would drain the crack along its band. The cube
///     keeps the faint tail of the metal's profile from draining the crack, too, but only in part. If the
///     tail below xi = 0.36 did not conduct at all, the lithium that plates on it at a flat surface would
///     have no way to the metal and stall at the pressure of a crack. n and T: crack_slot.h.
/// Dry tip: lithium cannot pull. Where p < 0 in a crack, zeta = alpha tr eps + ... + c p with a large c
/// (1e-7/Pa,
///     so that |p| stays below 1 MPa): the crack is open farther than it is filled, and fills later.
/// Weak form, test functions v: (zeta - zeta_old, v) + dt (m grad p, grad v) = dt ((V_Li/F) R_conf + q, v),
///     p given where metal touches the collector, else no flux through the boundary.
/// Discretisation: Q1 and 2^dim Gauss points, the strain of mechanics with its mean dilatation, Euler; solved
///     together with the displacement (filled_equilibrium.h). R_conf is linear in p about the pressure that
///     the rates were made with, so that plating stalls within the step: dR/dp <= 0. What this differs from
///     the rates themselves (little, after a few sweeps) is made up for in the next step, so that no charge
///     is lost.
///
/// symbol  name                 unit
/// p       lithium_pressure     Pa
/// zeta    confined_lithium     1        volume per volume
/// S       crack_filling        1        crack_filling.h
/// q       injection            1/s      given volume rate of a crack
/// References: Biot, J. Appl. Phys. 12 (1941) 155, doi:10.1063/1.1712886; Mikelic, Wheeler, Wick, Comput.
/// Geosci. 19 (2015) 1171, doi:10.1007/s10596-015-9532-5 (pressurised phase-field cracks).
namespace lithoclase
{
struct InjectionParameters
{
  Expression volume; ///< [m^3], in 2-D [m^2], function of t

  void declare(ParameterSection &section);
};
using InjectionList = std::vector<std::pair<std::string, InjectionParameters>>;

struct LithiumPressureParameters
{
  enum class Solver
  {
    iterative,
    direct
  };
  SlotFlow slot_flow;
  Solver solver = Solver::iterative;
  Expression collector_pressure{"0"}; ///< [Pa], function of t
  bool drained_collector = true;
  DrainedLithium drained_lithium;
  std::optional<double> maximum_pressure_change; ///< per step [Pa]
  InjectionList injections;

  void declare(ParameterSection &section);
};

/// The state's numbers of ConfinedVolumes, to be booked by the pressure.
struct ConfinedScalars
{
  Scalar &stored, &drained;
};

template <int dim>
class LithiumPressure : public PhysicsModule<dim>
{
public:
  using Matrix = dealii::PETScWrappers::MPI::SparseMatrix;

  LithiumPressure(const LithiumPressureParameters &parameters, const InitialCrackList &cracks,
                  double bulk_modulus, State<dim> &state, const PressureFields<dim> &fields,
                  const ReactionFields<dim> &reaction, const ConfinedScalars &booked);

  /// The rates at the flanks are extrapolated from sweep to sweep.
  void accelerate_sweeps() { accelerated_ = true; }

  std::string name() const override { return "lithium pressure"; }
  void reinit() override;
  void prepare_step(const Step &step) override;
  /// Not alone: see FilledEquilibrium. Notes the pressure that the rates belong to.
  SolveReport solve(const Step &) override;
  void accept_step(const Step &step) override;
  double max_next_time_step(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;

  // The pressure's part of a coupled system
  //     [ K  -B^T ] [ du ]     B = d(zeta)/du,   C = d(zeta)/dp + dt m, dt dR/dp
  //     [ B    C  ] [ dp ]
  /// Matrices for the present cracks; `displacement_constraints` hold what mechanics prescribes, `motions`
  /// (with ghosts) are displacements beyond that, of platens.
  void begin_solve(const Step &step, const dealii::AffineConstraints<double> &displacement_constraints,
                   const std::vector<Vector> &motions);
  /// The same for the present pressure, once parts of cracks have run dry or filled.
  void assemble_matrices(const dealii::AffineConstraints<double> &displacement_constraints,
                         const std::vector<Vector> &motions);
  bool matrices_are_current() const { return matrices_are_current_; }
  void assemble();                                 ///< residual at the present fields
  double residual_scale() const { return scale_; } ///< what its norm is compared with
  double stiffness() const
  {
    return bulk_modulus_ / state_.mesh().finest_cell();
  }                                                    ///< force per volume [N/m^3]
  const Vector &residual() const { return residual_; } ///< zero where p is given
  void add_increment(double factor, const Vector &increment);
  // Changes of alpha p by its largest value. Collective.
  double change_in_solve() const { return change_since(rate_pressure_); }   ///< since solve()
  double change_in_pass() const { return change_since(pass_pressure_); }    ///< since begin_solve()
  void multiply_coupling(Vector &volume, const Vector &displacement) const; ///< B
  void multiply_transpose(Vector &force, const Vector &pressure) const;     ///< B^T
  void multiply_storage(Vector &volume, const Vector &pressure) const;      ///< C
  void precondition(Vector &pressure, const Vector &volume);                ///< about (C + B K^-1 B^T)^-1
  void discard_preconditioner() { schur_.discard_preconditioner(); }
  const std::vector<Vector> &motion_volumes() const { return motion_volumes_; } ///< B of each motion
  const Matrix &coupling() const { return *coupling_; }
  const Matrix &storage() const { return *storage_; }
  /// Owned displacements and pressures in filled cracks and two layers of cells around them. Collective.
  CoupledFactors::Part unknowns_in_cracks() const;

private:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  struct CellWork;
  void collect_constraints();
  void make_matrices();
  void find_injection_cells();
  void take_rates();
  void extrapolate_rates();
  double flank_rate(const CellWork &work, unsigned int q, double pressure) const;
  dealii::SymmetricTensor<2, dim> mobility(const CellWork &work, unsigned int q) const;
  double confined_rate(const CellWork &work, unsigned int q, double pressure, double &slope) const;
  double compressibility(const CellWork &work, unsigned int q) const;
  double content(const CellWork &work, unsigned int q) const;
  double change_since(const Vector &pressure) const;
  double opening_share(unsigned int node, const Vector Field<dim>::*when) const;
  double largest_pressure() const;                                ///< of lithium [Pa]. Collective.
  double joined_now(dealii::types::global_dof_index point) const; ///< y - y_old
  void assemble_cell_matrices(CellWork &work);
  void add_motions(CellWork &work, const std::vector<Vector> &motions);

  const LithiumPressureParameters parameters_;
  const double bulk_modulus_;
  State<dim> &state_;
  const PressureFields<dim> fields_;
  Field<dim> &pressure_;
  CrackSlot<dim> slot_;
  const ReactionFields<dim> reaction_;
  Field<dim> &content_;  ///< zeta
  Field<dim> &unbooked_; ///< volume that charge transport has counted in the last step and zeta has not yet
  Scalar &stored_;       ///< INT zeta, per cross-section [m]
  Scalar &drained_;      ///< through the collector so far, likewise
  Scalar &injected_;     ///< likewise
  Scalar &reacted_;      ///< confined by the reaction or joined so far, likewise
  std::vector<InitialCracks<dim>> injection_cracks_;
  std::vector<std::unique_ptr<dealii::FunctionParser<dim>>> collector_pressure_, injected_volumes_;

  dealii::AffineConstraints<double> constraints_;
  std::vector<unsigned int> given_; ///< local indices of owned nodes with given pressure
  LinearSolver schur_;              ///< C and the compliance of intact matter, in units of unit_
  double unit_ = 1.;                ///< [m^dim/Pa]: multigrid takes entries of SI size (1e-25) for zero
  std::unique_ptr<Matrix> coupling_, storage_;
  std::vector<Vector> motion_volumes_;
  Vector residual_, full_residual_; ///< the latter also where p is given: what drains there
  Vector rate_pressure_;            ///< with ghosts: what the rates were made with
  Vector pass_pressure_;            ///< that of begin_solve()
  Vector flank_rate_, flank_slope_; ///< of the flanks at rate_pressure_ [A/m^3, A/(m^3 Pa)]
  bool accelerated_ = false;
  bool first_sweep_ = true; ///< of the step, or since the mesh has changed
  Aitken aitken_;
  Vector right_hand_side_;
  std::vector<double> injection_; ///< q dt per active cell
  std::vector<char> dry_;         ///< per active cell and point: p < 0 when the matrices were made
  bool matrices_are_current_ = false;
  std::vector<std::vector<bool>> injection_cells_;
  std::vector<double> injection_sizes_;
  double step_size_ = 0., scale_ = 0., reacted_now_ = 0., injected_now_ = 0.;
  double crack_volume_ = 0., metal_volume_ = 0.; ///< INT zeta of both, per cross-section [m]
};
} // namespace lithoclase
