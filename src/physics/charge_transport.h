#pragma once

#include "core/boundary_conditions.h"
#include "core/cell_assembly.h"
#include "core/linear_solver.h"
#include "core/newton.h"
#include "core/nodal_system.h"
#include "core/state.h"
#include "physics/counter_electrode.h"
#include "physics/current_densities.h"
#include "physics/nucleated_lithium.h"
#include "physics/physics_module.h"
#include "physics/protocol.h"
#include "physics/reaction_fields.h"
#include "physics/salt_fields.h"
#include "physics/surface_geometry.h"
#include "physics/transport_properties.h"

/// Charge transport: two potentials coupled by the reaction Li+ + e- <-> Li.
///
/// Strong form (i_i = -sigma_i grad phi_i, i_e = -sigma_e grad phi_e):
///     -div( sigma_i grad phi_i ) = -R + s_i,      -div( sigma_e grad phi_e ) = R + s_e              (E4)
///     R = |grad xi| j(eta) + a_nuc (1-xi) j(eta) H(-eta-eta_nuc) + A_flank j(eta)                    (E5)
///     j = i0 [exp(-alpha_c f eta) - exp(alpha_a f eta)],                                             (E1)
///     eta = phi_e - phi_i + (V_Li/F) p_n + (gamma V_Li/F) K                                          (E2)
///     p_n: total normal stress of metal surfaces, pressure of the lithium at crack flanks (crack_filling.h),
///     and that against nucleated lithium, which grows with the rate itself (nucleated_lithium.h).
///     Cracks (materials/conductivity.h), with I = 1-(1-d)^2 and n their normal: empty ones block ions, as do
///     those with lithium (S, crack_filling.h), which conducts electrons; those with ionic liquid (S_L,
///     crack_liquid.h) conduct ions:
///     sigma_i = (1-xi) { (1 - S_L I^3) [sigma_SE - (1-S_L) I (sigma_SE n)(sigma_SE n)/(n.sigma_SE n)]
///                        + S_L I^3 sigma_L 1 }
///     sigma_e = (1-xi) { sigma_e,SE + S I^3 sigma_cap 1 } + xi^3 sigma_cap 1
///     With salt transport (salt_transport.h), c frozen here, ionic liquid adds the current of diffusion and
///     its i0 varies:
///     i_i = -sigma_i [grad phi_i - T (nu R T/F)(1-t+) grad ln c],  i0 (c/c0)^alpha_a on lithium | liquid,
///     T the share of the liquid (materials/conductivity.h). The counter electrode does not see c.
/// Weak form, test functions v: (sigma_i grad phi_i, grad v) + (R - s_i, v) - <i_n, v> = 0,
///     (sigma_e grad phi_e, grad v) - (R + s_e, v) = 0, i_n the inward ionic current density on the boundary.
/// Discretisation: Q1, 2^dim Gauss points, the metal profile xi frozen; Newton on (phi_i, phi_e). The
/// Jacobian [K_i + S, -S; -S, K_e + S], S = -dR/d eta > 0, is symmetric positive definite: CG with AMG. The
/// cell voltage V and a uniform flux i_c are further unknowns, eliminated by bordering (one more solve with
/// the same matrix each). The first guess of a step goes on at the rates of the step before.
///
/// symbol   name                        unit
/// phi_i    ionic potential             V       electrochemical potential of Li+ over F
/// phi_e    electronic potential        V       minus that of electrons over F
/// xi       lithium                     1
/// R        reaction rate               A/m^3   positive = deposition
/// V        cell voltage                V       electronic potential of the counter electrode; collector at 0
/// References: Newman, Thomas-Alyea, Electrochemical Systems (2004); Garcia et al., J. Electrochem. Soc. 151
/// (2004) A140; Chen et al., J. Power Sources 300 (2015) 376, doi:10.1016/j.jpowsour.2015.09.055 (diffuse
/// reaction interface).
namespace lithoclase
{
struct ChargeTransportParameters
{
  NewtonParameters newton;
  Expression ionic_source;      ///< s_i [A/m^3]
  Expression electronic_source; ///< s_e [A/m^3]
  bool reaction = true;
  std::optional<double> voltage_limit; ///< the run ends beyond [V]
  std::optional<double> charge_limit;  ///< likewise [C/m^2]
  double noise_amplitude = 0.;         ///< of i0, relative
  double noise_length = 0.5e-6;        ///< patches of equal noise [m]
  unsigned long long noise_seed = 1;

  void declare(ParameterSection &section);
};

template <int dim>
class ChargeTransport : public PhysicsModule<dim>, public NewtonProblem
{
public:
  /// `lithium` and cracks are frozen during a solve. `normal_pressure` (p_n of metal surfaces at quadrature
  /// points [Pa]) may be null, `nucleated` too: then nothing stalls nucleation.
  ChargeTransport(const ChargeTransportParameters &parameters,
                  const CounterElectrodeParameters &counter_electrode,
                  const BoundaryConditionList &boundary_conditions, const Protocol &protocol,
                  const TransportProperties<dim> &properties, double front_width, State<dim> &state,
                  const Field<dim> &lithium, const ReactionFields<dim> &reaction,
                  const Field<dim> *normal_pressure, const CrackFields<dim> &cracks = {},
                  const NucleatedLithium<dim> *nucleated = nullptr, const SaltFields<dim> &salt = {});

  std::string name() const override { return "charge transport"; }
  void reinit() override;
  void prepare_step(const Step &step) override;
  SolveReport solve(const Step &step) override;
  void accept_step(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;
  void add_flux_densities(std::vector<FluxDensity<dim>> &densities) override;
  std::string end_reason(const Step &step) override;

  // The nonlinear problem with the cell voltage and the uniform flux as further unknowns.
  double assemble() override;
  double residual_scale() const override;
  unsigned int solve_increment(double relative_tolerance) override;
  void add_increment(double factor) override;
  Vector &increment() override { return increment_; }
  const Vector &residual() override { return free_residual_; }
  void multiply_by_jacobian(Vector &result, const Vector &direction) override
  {
    solver_.multiply(result, direction);
  }

private:
  struct CellWork;

  bool voltage_is_unknown() const;
  bool flux_is_unknown() const;
  bool has_counter_electrode() const;
  void mark_constraints();
  void cache_properties();
  void apply_boundary_values();
  void shift_potentials();
  void make_noise(const Step &step);
  void predict(double step_size);
  void update_rates(const Step &step);
  ValueAndDerivative nucleation_rate(const CellWork &work, unsigned int q, unsigned int index,
                                     double exchange_current_density, double overpotential) const;
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  SolveReport solve_potentials();
  void assemble_cell(CellWork &work);
  void assemble_boundary(CellWork &work, const Cell &cell);
  void assemble_face(CellWork &work);
  void assemble_counter_electrode_point(CellWork &work, unsigned int q);
  void assemble_border();
  unsigned int solve_border(double relative_tolerance);
  void store_voltage_response();
  double norm_of_residual();
  double electronic_current() const; ///< into the cell through the counter electrode [A], in 2-D [A/m]
  double inflow(unsigned int component) const; ///< of ions or electrons through the whole boundary, likewise
  double integral(const Field<dim> &field) const;
  double mean_counter_potential() const;

  const ChargeTransportParameters parameters_;
  const CounterElectrode counter_electrode_;
  const Protocol &protocol_;
  const TransportProperties<dim> &properties_;
  const ButlerVolmer kinetics_;
  State<dim> &state_;
  const Field<dim> &lithium_;
  const Field<dim> *normal_pressure_;
  const CrackFields<dim> cracks_;
  const NucleatedLithium<dim> *nucleated_;
  const SaltFields<dim> salt_;
  const ReactionFields<dim> reaction_;
  BoundaryConditions<dim> ionic_conditions_, electronic_conditions_;
  SurfaceGeometry<dim> surface_;

  Field<dim> &ionic_potential_, &electronic_potential_;
  Field<dim> &ionic_potential_rate_,
      &electronic_potential_rate_; ///< of the step before [V/s], for the first guess
  Field<dim> &ionic_response_,
      &electronic_response_; ///< to the cell voltage, a first guess that outlives the mesh
  Field<dim> &reaction_rate_, &nucleation_rate_, &overpotential_;
  Scalar &voltage_, &uniform_flux_;
  Scalar &voltage_rate_, &applied_before_;
  Scalar &shifted_flux_; ///< current density that the potentials are ready for
  Scalar &charge_, &leaked_charge_, &reacted_charge_;
  Scalar &nucleated_charge_, &crack_charge_; ///< shares of the reacted charge

  NodalSystem<dim> system_;
  CellAssembly<dim> assembly_;
  LinearSolver solver_;
  std::vector<PointTransport<dim>> points_; ///< per active cell and quadrature point
  std::vector<double> noise_;               ///< factor on i0, likewise; empty without noise
  std::vector<unsigned int> counter_nodes_; ///< local indices of owned nodes with phi_e = V
  std::vector<unsigned int> fixed_;         ///< local indices of owned unknowns with prescribed value
  std::unique_ptr<dealii::FunctionParser<dim>> ionic_source_, electronic_source_;
  CurrentDensities<dim> current_densities_;

  Vector residual_;      ///< with prescribed values not eliminated
  Vector free_residual_; ///< zero where the potential is prescribed
  Vector right_hand_side_, increment_;
  Vector lift_column_;                      ///< dF/dV through nodes and reaction of the counter electrode
  Vector flux_column_;                      ///< integral of the test functions over the counter electrode
  Vector voltage_response_, flux_response_; ///< J^-1 times the columns, kept as initial guesses
  double applied_ = 0.;                     ///< value of the protocol in this step
  double step_size_ = 0.;                   ///< of this step [s]
  double switch_width_ = nucleation_switch_width;
  double counter_area_ = 0.;
  double diffusion_current_ = 0.; ///< largest density of what diffusion of salt drives [A/m^2]
  double reaction_flux_ = 0., reaction_slope_ = 0.; ///< Butler-Volmer: current [A] and dI/dV
  double voltage_increment_ = 0., flux_increment_ = 0.;
  std::array<double, 2> natural_inflow_{
      {0., 0.}}; ///< per component, through conditions of flux, robin, butler_volmer
  std::array<double, 2> border_error_{{0., 0.}}; ///< of the current [A] and of the voltage [V]
  double scale_ = 0.;
  double surface_current_ = 0., nucleation_current_ = 0.,
         flank_current_ = 0.; ///< of the accepted step [A/m^2]
};
} // namespace lithoclase
