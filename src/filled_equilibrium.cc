#include "filled_equilibrium.h"

#include "core/timing.h"

#include <deal.II/lac/solver_gmres.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr unsigned int krylov_vectors = 80, most_iterations = 600, most_iterations_of_old = 200;
constexpr double most_per_digit = 3.; // iterations with old factors, beyond which new ones are cheaper
constexpr double per_platen = 2.;     // further iterations
constexpr double ageing = 1.6; // iterations by those with a new preconditioner, beyond which it is made anew
constexpr double force_per_volume = 1e-3; // by the stiffness of a cell
} // namespace

/// The coupled matrix, both rows divided by their scales.
template <int dim>
struct FilledEquilibrium<dim>::Operator
{
  FilledEquilibrium &system;
  void vmult(Vector &result, const Vector &direction) const
  {
    system.multiply_by_jacobian(result, direction);
  }
};

template <int dim>
struct FilledEquilibrium<dim>::Preconditioner
{
  FilledEquilibrium &s;
  void vmult(Vector &result, const Vector &residual) const
  {
    s.split(residual);
    s.u_ *= s.force_scale_;
    s.p_ *= s.volume_scale_;
    for (unsigned int k = 0; k < s.platens_.size(); ++k)
      s.platens_[k] *=
          s.force_scale_ * s.mechanics_.platens().weight(k) / s.mechanics_.platens().stiffness()(k, k);
    if (s.solver_ == LithiumPressureParameters::Solver::direct) {
      s.factors_.apply(s.u_, s.p_);
      s.join(result);
      return;
    }
    s.pressure_.precondition(s.volume_, s.p_);
    s.p_ = s.volume_;
    s.pressure_.multiply_transpose(s.force_, s.p_);
    s.force_ += s.u_;
    s.mechanics_.precondition(s.u_, s.force_);
    s.join(result);
    if (s.factors_.made())
      s.correct_cracks(result, residual);
  }
};

template <int dim>
FilledEquilibrium<dim>::FilledEquilibrium(Mechanics<dim> &mechanics, LithiumPressure<dim> &pressure,
                                          const NewtonParameters &newton,
                                          const LithiumPressureParameters::Solver solver)
    : mechanics_(mechanics), pressure_(pressure), newton_(newton), solver_(solver)
{
}

template <int dim>
void FilledEquilibrium<dim>::reinit()
{
  u_ = mechanics_.residual();
  p_ = pressure_.residual();
  force_ = u_;
  volume_ = p_;
  MPI_Comm communicator = u_.get_mpi_communicator();
  platens_.assign(mechanics_.platens().size(), 0.);
  types::global_dof_index n = u_.locally_owned_size() + p_.locally_owned_size();
  if (Utilities::MPI::this_mpi_process(communicator) == 0)
    n += platens_.size();
  const types::global_dof_index total = Utilities::MPI::sum(n, communicator);
  types::global_dof_index before = 0; // those of the ranks below
  MPI_Exscan(&n, &before, 1, DEAL_II_DOF_INDEX_MPI_TYPE, MPI_SUM, communicator);
  IndexSet owned(total);
  owned.add_range(before, before + n);
  for (Vector *vector : {&residual_, &right_hand_side_, &increment_, &correction_})
    vector->reinit(owned, communicator);
  fresh_iterations_ = 0;
  factors_.clear();
}

template <int dim>
void FilledEquilibrium<dim>::split(const Vector &both)
{
  const unsigned int n = u_.locally_owned_size();
  std::copy(both.begin(), both.begin() + n, u_.begin());
  const unsigned int end = n + p_.locally_owned_size();
  std::copy(both.begin() + n, both.begin() + end, p_.begin());
  if (platens_.empty())
    return;
  for (unsigned int k = 0; k < platens_.size(); ++k)
    platens_[k] = end < both.locally_owned_size() ? both.local_element(end + k) : 0.;
  Utilities::MPI::sum(platens_, both.get_mpi_communicator(), platens_);
}

template <int dim>
void FilledEquilibrium<dim>::join(Vector &both) const
{
  const unsigned int n = u_.locally_owned_size();
  std::copy(u_.begin(), u_.begin() + n, both.begin());
  const unsigned int end = n + p_.locally_owned_size();
  std::copy(p_.begin(), p_.begin() + p_.locally_owned_size(), both.begin() + n);
  if (end < both.locally_owned_size())
    std::copy(platens_.begin(), platens_.end(), both.begin() + end);
}

template <int dim>
SolveReport FilledEquilibrium<dim>::solve_roughly(const Step &step, const double reduction)
{
  cracks_are_new_ = true;
  mechanics_.begin_solve();
  pressure_.begin_solve(step, mechanics_.constraints(), mechanics_.platens().motions());
  NewtonParameters newton = newton_;
  newton.sufficient_reduction = reduction;
  newton.full_steps = true; // of linear pieces: tension or compression, wet or dry
  return solve_newton(*this, newton, "mechanics and lithium pressure");
}

template <int dim>
double FilledEquilibrium<dim>::assemble()
{
  mechanics_.assemble();
  pressure_.assemble();
  // At rest there is no force to compare with, but what the volume would make.
  volume_scale_ = std::max(pressure_.residual_scale(), 1e-300);
  force_scale_ =
      std::max(mechanics_.residual_scale(), force_per_volume * pressure_.stiffness() * volume_scale_);
  u_ = mechanics_.residual();
  p_ = pressure_.residual();
  u_ /= force_scale_;
  p_ /= volume_scale_;
  for (unsigned int k = 0; k < platens_.size(); ++k)
    platens_[k] = mechanics_.platens().residual(k) / force_scale_;
  join(residual_);
  return residual_.l2_norm();
}

template <int dim>
void FilledEquilibrium<dim>::multiply_by_jacobian(Vector &result, const Vector &direction)
{
  split(direction);
  mechanics_.multiply_by_jacobian(force_, u_);
  pressure_.multiply_coupling(volume_, u_);
  const std::vector<double> motion = platens_;
  const std::vector<Vector> &columns = mechanics_.platen_columns(), &volumes = pressure_.motion_volumes();
  for (unsigned int k = 0; k < motion.size(); ++k) {
    platens_[k] = columns[k] * u_ - volumes[k] * p_;
    for (unsigned int m = 0; m < motion.size(); ++m)
      platens_[k] += mechanics_.platens().stiffness()(k, m) * motion[m];
    platens_[k] /= force_scale_ * mechanics_.platens().weight(k);
    force_.add(motion[k], columns[k]);
    volume_.add(motion[k], volumes[k]);
  }
  const Vector pressure = p_;
  pressure_.multiply_transpose(u_, pressure);
  force_ -= u_;
  pressure_.multiply_storage(p_, pressure);
  volume_ += p_;
  u_.equ(1. / force_scale_, force_);
  p_.equ(1. / volume_scale_, volume_);
  join(result);
}

template <int dim>
unsigned int FilledEquilibrium<dim>::solve_increment(const double relative_tolerance)
{
  const TimeSpent time(seconds_);
  right_hand_side_.equ(-1., residual_);
  increment_ = 0.;
  const double norm = right_hand_side_.l2_norm();
  if (norm == 0.)
    return 0;
  if (!pressure_.matrices_are_current())
    pressure_.assemble_matrices(mechanics_.constraints(), mechanics_.platens().motions());
  const bool direct = solver_ == LithiumPressureParameters::Solver::direct, fresh = fresh_iterations_ == 0;
  if (fresh || (!direct && cracks_are_new_))
    factorise();
  cracks_are_new_ = false;
  unsigned int iterations = 0;
  const bool converged = iterate(relative_tolerance * norm, iterations);
  if (!converged && fresh)
    throw StepFailure("mechanics and lithium pressure",
                      "the linear solver did not converge in " + std::to_string(iterations) + " iterations");
  const double per_digit = iterations / std::max(0.5, -std::log10(relative_tolerance));
  if (fresh && converged)
    fresh_iterations_ = std::max(1., std::ceil(per_digit));
  else if (!converged || per_digit > (direct ? most_per_digit + per_platen * platens_.size()
                                             : ageing * fresh_iterations_)) {
    mechanics_.linear_solver().discard_preconditioner();
    fresh_iterations_ = 0;
  }
  return converged ? iterations : iterations + solve_increment(relative_tolerance);
}

template <int dim>
bool FilledEquilibrium<dim>::iterate(const double tolerance, unsigned int &iterations)
{
  increment_ = 0.;
  SolverControl control(fresh_iterations_ == 0 ? most_iterations : most_iterations_of_old, tolerance, false,
                        false);
  typename SolverFGMRES<Vector>::AdditionalData data(krylov_vectors);
#if DEAL_II_VERSION_GTE(9, 6, 0)
  // The later default takes norms from differences, which lose all digits when good factors converge at once:
  // the residual that it tells is then not the true one.
  data.orthogonalization_strategy = LinearAlgebra::OrthogonalizationStrategy::modified_gram_schmidt;
#endif
  SolverFGMRES<Vector> solver(control, data);
  bool converged = true;
  try {
    solver.solve(Operator{*this}, increment_, right_hand_side_, Preconditioner{*this});
  } catch (const SolverControl::NoConvergence &) {
    converged = false;
  }
  iterations = control.last_step();
  return converged;
}

/// Of the whole, or of the cracks alone.
template <int dim>
void FilledEquilibrium<dim>::factorise()
{
  mechanics_.multiply_by_jacobian(force_, u_); // brings the matrix up to date
  const Mat K = mechanics_.linear_solver().matrix(), B = pressure_.coupling(), C = pressure_.storage();
  if (solver_ == LithiumPressureParameters::Solver::direct)
    factors_.make(K, B, C, pressure_.stiffness());
  else {
    const CoupledFactors::Part cracks = pressure_.unknowns_in_cracks();
    if (Utilities::MPI::sum(cracks.second.size(), u_.get_mpi_communicator()) > 0)
      factors_.make(K, B, C, pressure_.stiffness(), cracks);
    else
      factors_.clear();
  }
}

/// What `result` leaves of the residual in the cracks is solved for there.
template <int dim>
void FilledEquilibrium<dim>::correct_cracks(Vector &result, const Vector &residual)
{
  multiply_by_jacobian(correction_, result);
  correction_.sadd(-1., 1., residual);
  split(correction_);
  u_ *= force_scale_;
  p_ *= volume_scale_;
  factors_.apply(u_, p_);
  std::fill(platens_.begin(), platens_.end(), 0.);
  join(correction_);
  result += correction_;
}

template <int dim>
void FilledEquilibrium<dim>::add_increment(const double factor)
{
  split(increment_);
  mechanics_.increment() = u_;
  mechanics_.platens().set_increments(platens_);
  mechanics_.distribute_increment();
  mechanics_.add_increment(factor);
  pressure_.add_increment(factor, p_);
}

template class FilledEquilibrium<2>;
template class FilledEquilibrium<3>;
} // namespace lithoclase
