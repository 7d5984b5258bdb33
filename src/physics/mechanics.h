#pragma once

#include "core/cell_assembly.h"
#include "core/linear_solver.h"
#include "core/newton.h"
#include "core/state.h"
#include "physics/elastic_cell.h"
#include "physics/elastic_properties.h"
#include "physics/mechanical_loads.h"
#include "physics/nucleated_lithium.h"
#include "physics/physics_module.h"
#include "physics/platens.h"
#include "physics/stress_fields.h"

#include <cmath>

/// Mechanics: small strains in quasi-static equilibrium, plane strain in 2-D.
///
/// Strong form:  div (sigma - alpha p 1) + b = 0 (E7)
///     sigma = d psi/d eps_e,   psi = g(d) psi+(eps_e) + psi-(eps_e)
///     eps_e = (grad u + grad u^T)/2 + E - eps*,   alpha = 1 - (1-d)^2
/// Weak form:    (sigma - alpha p 1, grad v) = <t, v> + (b, v), t the traction on the sides.
///     Sides: u or some of its components given; t given; or a platen: u . n = U uniform, U such that the
///     mean of -n . sigma n is the stack pressure. Periodic sides: u periodic, so that E is the mean strain.
/// Discretisation: Q1, 2^dim Gauss points. Where a cell holds nearly incompressible matter (liquid) the
///     trace of the strain is replaced by its mean over the cell (B-bar). Newton's method, or one solve where
///     the stress is linear in the strain; the matrix is symmetric positive definite: CG with algebraic
///     multigrid that knows the rigid-body motions. The displacements U of platens are eliminated by
///     bordering (see platens.h).
///
/// symbol  name                       unit
/// u       displacement               m
/// b       body force                 N/m^3 and t: see mechanical_loads.h
/// eps*    eigenstrain                1     see elastic_properties.h, also for the stiffness, and
///                                          nucleated_lithium.h
/// E       mean strain                1
/// d       damage                     1     frozen here; see stress_law.h
/// p       crack pressure             Pa    of what fills the cracks, frozen here
/// Psi     driving energy             J/m^3 psi+ + p <tr eps>+ of the matter that can break: drives damage
/// xi      lithium                    1     frozen here
/// U       platen displacement        m     along the axis
/// References: Hughes, Int. J. Numer. Methods Eng. 15 (1980) 1413, doi:10.1002/nme.1620150914 (B-bar); Adams,
/// Int. J. Numer. Methods Eng. 55 (2002) 519, doi:10.1002/nme.506 (multigrid with rigid-body motions).
namespace lithoclase
{
struct MechanicsParameters
{
  ElasticParameters elasticity;
  StrainExpressions mean_strain; ///< functions of time
  BodyForceParameters body_force;
  MechanicalConditionList boundary_conditions;
  NewtonParameters newton;
  LinearSolver::Preconditioner preconditioner = LinearSolver::Preconditioner::gamg;

  void declare(ParameterSection &section);
};

template <int dim>
class Mechanics : public PhysicsModule<dim>, public NewtonProblem
{
public:
  /// `lithium` and `damage` are frozen during a solve; without damage (null) the material stays intact.
  /// `driving_energy` (Psi at quadrature points [J/m^3], kept up to date) may be null, like the pressure and
  /// the nucleated lithium, which adds its strain and is told its pressure.
  Mechanics(const MechanicsParameters &parameters, ElasticProperties<dim> &properties,
            const DegradedElasticity &law, State<dim> &state, const Field<dim> &lithium,
            const Field<dim> *damage = nullptr, Field<dim> *driving_energy = nullptr,
            const CrackFluid<dim> &crack_fluid = {}, Field<dim> *normal_pressure = nullptr,
            NucleatedLithium<dim> *nucleated = nullptr);

  std::string name() const override { return "mechanics"; }
  void reinit() override;
  void prepare_step(const Step &step) override;
  SolveReport solve(const Step &step) override;
  void accept_step(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;

  // The nonlinear problem with the platens' displacements as further unknowns.
  double assemble() override;
  double residual_scale() const override { return scale_; }
  /// The solve within another iteration: a residual that is `reduction` times the first one is small enough.
  SolveReport solve_roughly(double reduction);

  /// Before Newton's method, for the solver of a system that mechanics is a part of.
  void begin_solve();
  void precondition(Vector &result, const Vector &direction);
  /// p_n = -n . (sigma - alpha p 1) n of metal surfaces and of nucleated lithium, where they are wanted.
  void update_normal_pressure();
  void distribute_increment(); ///< to hanging nodes and platens
  Platens<dim> &platens() { return platens_; }
  const std::vector<Vector> &platen_columns(); ///< those of the matrix at hand
  const dealii::AffineConstraints<double> &constraints() const { return constraints_; }
  const std::vector<ElasticPoint> &points() const { return points_; } ///< of all active cells
  bool mean_dilatation() const { return law_.split == EnergySplit::volumetric_deviatoric; }
  LinearSolver &linear_solver() { return solver_; }

  unsigned int solve_increment(double relative_tolerance) override;
  void add_increment(double factor) override;
  Vector &increment() override { return increment_; }
  const Vector &residual() override { return free_residual_; }
  void multiply_by_jacobian(Vector &result, const Vector &direction) override;

  /// Stored and positive part of the elastic energy [J], in 2-D [J/m].
  struct Energies
  {
    double stored = 0., positive = 0.;
    double pressure_work = 0.; ///< INT alpha p tr eps
  };
  const Energies &energies() const { return energies_; } ///< of the last assemble()
  /// Stored energy less the work that the loads at hand could do: least in equilibrium.
  double potential_energy() const;
  double linear_solve_time() const { return solver_.seconds(); } ///< so far [s]
  const Field<dim> &displacement() const { return displacement_; }

private:
  void collect_constraints();
  void update_strain_offsets();
  ElasticCell<dim> cell_work(dealii::UpdateFlags flags = dealii::update_default) const;
  void go_to(ElasticCell<dim> &work,
             const typename dealii::DoFHandler<dim>::active_cell_iterator &cell) const;
  dealii::SymmetricTensor<2, 3> strain_offset(const ElasticCell<dim> &work,
                                              unsigned int q) const; ///< E - eps*
  void apply_boundary_values();
  void assemble_cell(ElasticCell<dim> &work);
  void add_cell(ElasticCell<dim> &work);
  void assemble_forces(bool with_matrix);
  void assemble_matrix();
  double norm_of_residual();
  dealii::SymmetricTensor<2, 3> total_stress(const ElasticCell<dim> &work, unsigned int q,
                                             double &energy) const;
  void update_surface_pressure();
  void update_nucleation_pressure();
  void compute_stress();
  dealii::Tensor<1, dim> force(unsigned int condition) const; ///< on the body [N], in 2-D [N/m]

  const MechanicsParameters parameters_;
  ElasticProperties<dim> &properties_;
  const DegradedElasticity law_;
  State<dim> &state_;
  const Field<dim> &lithium_;
  const Field<dim> *damage_;
  Field<dim> *driving_energy_;
  const CrackFluid<dim> crack_fluid_;
  Field<dim> *normal_pressure_;      ///< p_n at quadrature points [Pa], may be null
  NucleatedLithium<dim> *nucleated_; ///< where it presses, or null
  MechanicalConditions<dim> conditions_;
  StrainFunction<dim> mean_strain_;
  Field<dim> &displacement_;
  MechanicalLoads<dim> loads_;
  StressFields<dim> stress_;
  Scalar &external_work_; ///< by sides and loads [J], in 2-D [J/m]
  Platens<dim> platens_;

  LinearSolver solver_;
  CellAssembly<dim> assembly_;
  dealii::AffineConstraints<double> constraints_;               ///< those of the mesh and "increment = 0"
  std::vector<ElasticPoint> points_;                            ///< per active cell and quadrature point
  std::vector<dealii::SymmetricTensor<2, dim>> strain_offsets_; ///< E - eps*, likewise; empty: zero
  std::vector<Held> held_;                                      ///< prescribed components, each once

  Vector internal_forces_, old_internal_forces_; ///< (sigma, grad v), now and at the start of the step
  Vector residual_;      ///< internal forces less loads: where the displacement is prescribed what holds it
  Vector free_residual_; ///< zero where the displacement is prescribed
  Vector right_hand_side_, increment_;
  Vector assembled_lithium_; ///< for which the matrix was assembled
  bool matrix_is_current_ = false;
  bool matrix_is_wanted_ = true;         ///< the next assemble() shall bring it
  bool old_forces_are_known_ = false;    ///< those of the start of the step
  double scale_ = 0., scale_floor_ = 0.; ///< of the residual; what the first guess alone would make it
  Energies energies_;
};
} // namespace lithoclase
