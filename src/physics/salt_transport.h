#pragma once

#include "core/anderson.h"
#include "core/linear_solver.h"
#include "core/nodal_system.h"
#include "core/parameter_section.h"
#include "core/state.h"
#include "microstructure/microstructure.h"
#include "physics/physics_module.h"
#include "physics/salt_fields.h"

/// Salt transport: lithium salt in the ionic liquid that fills pores and films.
///
/// Strong form, balance of the anions, which neither react nor enter solid or metal (E10):
///
///     d(chi c)/dt = div( chi D grad c ) + div( chi (1-t+) i_i )/F,     chi = chi_IL (1-xi)
///     i_i = -sigma_L grad phi_i + (nu sigma_L R T/F) (1-t+) grad ln c   in the liquid (charge_transport.h)
///
/// chi inside the divergences is the source of salt on liquid | solid and liquid | metal interfaces. A
/// negative t+ is allowed: only 1-t+ appears. Lithium metal on liquid reacts at i0 (c/c0)^alpha_a, on both
/// terms.
///
/// Weak form, test functions v:
///
///     (d(chi c)/dt, v) + ((chi + e) D grad c, grad v) + (chi (1-t+) i_i/F, grad v) = 0,
///
/// no anions through outer boundaries; e = 1e-8 continues c smoothly where there is no liquid.
///
/// Discretisation: Q1, mass lumped (keeps c free of ripples), implicit Euler for chi c as a whole, so that
/// metal that grows into liquid pushes its salt ahead and the amount of salt INT chi c stays the same. CG
/// with AMG. Charge transport and salt are solved by turns, i_i and c frozen for each other. Where liquid
/// lies beside something else that conducts, the current of diffusion runs in circles, (D'/D)(1-P) times as
/// strong as what it answers to: D' = nu sigma_L R T (1-t+)^2/(F^2 c) is 5 to 20 D in ionic liquids, P the
/// part of the diffusion potential that phi_i takes up (1 where current cannot return). Turns alone diverge
/// then: they are mixed by Anderson's method until c changes less than `Coupling/tolerance`, relative to c0;
/// at least two sweeps are needed. Then the last solve is taken as it is. When the mesh changes, the amount
/// of salt on it differs a little by quadrature (chi is steep): c is multiplied by their ratio everywhere,
/// which the history books as salt_remeshed.
///
/// Assumed: sigma_L, D, t+ do not depend on c; the liquid rests and what metal displaces leaves without its
/// salt; liquid in cracks conducts, but its concentration stays c0; counter electrodes do not see c.
/// Limit: in slow ramps of current or voltage the turns settle down to 0.1 % of c0, the limiting current of a
/// film, where the metal's front is resolved (steep grad c); not tried below. A run ends at `end at
/// concentration ratio`, by default 5 %.
///
/// symbol  name                        unit
/// c       salt concentration          mol/m^3
/// chi     share of liquid             1
/// D       diffusivity                 m^2/s
/// t+      transference number         1     of lithium
/// nu      diffusion potential factor  1     2 in a binary salt, about 1 for dilute lithium
/// i_i     ionic current density       A/m^2
/// References: Newman, Thomas-Alyea, Electrochemical Systems (2004), ch. 12; Sand, Phil. Mag. 1 (1901) 45
/// (time to depletion); Gouverneur et al., Phys. Chem. Chem. Phys. 17 (2015) 30680, doi:10.1039/C5CP05753B
/// (negative transference numbers in ionic liquids).
namespace lithoclase
{
class MaterialDatabase;

struct SaltTransportParameters
{
  std::optional<double> initial_concentration; ///< c0 [mol/m^3], likewise below: else of the material
  std::optional<double> diffusivity;           ///< D [m^2/s]
  std::optional<double> transference_number;   ///< t+
  std::optional<double> ion_factor;            ///< nu
  Expression initial_field;                    ///< replaces the uniform c0 at the start [mol/m^3]
  double maximum_change = 0.05;                ///< of c per step, relative to c0
  double least_ratio = 0.05;                   ///< c/c0 at which the run ends

  void declare(ParameterSection &section);
};

/// The numbers in use: what is given, else those of the material of the liquid.
SaltData salt_data(const SaltTransportParameters &parameters, const TransportParameters &transport,
                   MaterialDatabase &materials);

template <int dim>
class SaltTransport : public PhysicsModule<dim>
{
public:
  /// Adds concentration and ionic current to the state, for charge transport to read and write.
  static SaltFields<dim> make_fields(State<dim> &state, const SaltData &data);

  /// After charge transport and electrodeposition in the list of modules. `tolerance` is that of the sweeps.
  SaltTransport(const SaltTransportParameters &parameters, const SaltFields<dim> &fields,
                const Microstructure<dim> &microstructure, State<dim> &state, const Field<dim> &lithium,
                double tolerance);

  std::string name() const override { return "salt transport"; }
  void reinit() override;
  void set_initial_conditions() override;
  void prepare_step(const Step &step) override;
  SolveReport solve(const Step &step) override;
  void accept_step(const Step &step) override;
  double max_next_time_step(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override { output.add(concentration_); }
  std::string end_reason(const Step &step) override;

private:
  struct CellWork;
  struct Content;

  void cache_liquid();
  Content content() const;
  void restore_amount();
  void assemble(const Step &step);
  void assemble_cell(CellWork &work, const Step &step, unsigned int active_cell_index) const;

  const SaltTransportParameters parameters_;
  const SaltFields<dim> fields_;
  const Microstructure<dim> &microstructure_;
  State<dim> &state_;
  Field<dim> &concentration_; ///< c
  const Field<dim> &lithium_; ///< xi, frozen here
  const double tolerance_;
  Scalar &initial_amount_; ///< INT chi c per cross-section [mol/m^2]
  Scalar &amount_;         ///< likewise
  Scalar &remeshed_;       ///< sum of what changes of the mesh have added, likewise
  Scalar &smallest_;       ///< c in the liquid after the last step [mol/m^3]
  NodalSystem<dim> system_;
  LinearSolver solver_;
  Anderson mixing_;
  std::vector<double> liquid_; ///< chi_IL per active cell and quadrature point
  Vector right_hand_side_, change_;
  double largest_ = 0.;   ///< c in the liquid after the last step [mol/m^3]
  double next_step_ = 0.; ///< limit [s]
};
} // namespace lithoclase
