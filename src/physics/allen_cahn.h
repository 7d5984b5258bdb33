#pragma once

#include "core/linear_solver.h"
#include "core/newton.h"
#include "core/nodal_system.h"
#include "core/state.h"
#include "materials/reaction_kinetics.h"
#include "physics/electrodeposition.h"

/// The nonlinear Allen-Cahn formulation of Chen et al. as an alternative to the interface-flux form.
///
/// Strong form:
///     d xi/dt = -L_s [ g'(xi) - kappa lap xi ]
///               - omega L_eta h'(xi) { exp(alpha_a f eta) - exp(-alpha_c f eta) } + s,
///     g = W xi^2 (1-xi)^2,  kappa = W delta^2/2,  h' = 30 xi^2 (1-xi)^2,
///     L_eta = V_Li i0/(3 F delta)
/// Weak form: (d xi/dt + L_s g' + omega L_eta h' {..} - s, v) + (L_s kappa grad xi, grad v) = 0.
/// Discretisation: Q1, 2^dim Gauss points (where the overpotential is), fully implicit, Euler or
/// BDF2 with variable steps, Newton. The front is slower than Butler-Volmer kinetics demands once the
/// reaction is strong against L_s W, and its lithium is not the charge passed: that is the formulation, and
/// the column charge_volume_error shows it. Reference: Chen et al., J. Power Sources 300 (2015) 376,
/// doi:10.1016/j.jpowsour.2015.09.055.
namespace lithoclase
{
template <int dim>
class AllenCahn : public NewtonProblem
{
public:
  /// `overpotential` may be null: no reaction.
  AllenCahn(const ElectrodepositionParameters &parameters, double exchange_current_density,
            const ButlerVolmer &kinetics, State<dim> &state, Field<dim> &lithium,
            const Field<dim> *overpotential);

  void reinit(const BoundaryConditions<dim> &conditions);
  SolveReport solve(const Step &step, const std::vector<double> &accessibility,
                    const dealii::Function<dim> *source);
  void accept_step(const Step &step);

  double assemble() override;
  double residual_scale() const override { return scale_; }
  unsigned int solve_increment(double relative_tolerance) override;
  void add_increment(double factor) override;
  Vector &increment() override { return increment_; }
  const Vector &residual() override { return residual_; }
  void multiply_by_jacobian(Vector &result, const Vector &direction) override
  {
    solver_.multiply(result, direction);
  }

private:
  const ElectrodepositionParameters &parameters_;
  double exchange_current_density_;
  ButlerVolmer kinetics_;
  State<dim> &state_;
  Field<dim> &lithium_;
  const Field<dim> *overpotential_;
  Field<dim> &older_lithium_; ///< one step before the old one
  Scalar &previous_step_size_;
  NodalSystem<dim> system_;
  LinearSolver solver_;
  NewtonParameters newton_;
  Vector residual_, increment_;
  const std::vector<double> *accessibility_ = nullptr;
  const dealii::Function<dim> *source_ = nullptr;
  std::array<double, 3> coefficients_{
      {1., -1., 0.}}; ///< of xi, xi_old, xi_older in the time derivative, over the step size
  double step_size_ = 1.;
  double scale_ = 1.;
};
} // namespace lithoclase
