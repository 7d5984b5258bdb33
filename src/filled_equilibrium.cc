#include "filled_equilibrium.h"

#include "core/timing.h"

#include <deal.II/lac/solver_gmres.h>

#include <petscksp.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr unsigned int krylov_vectors = 60, most_iterations = 600;
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
    s.pressure_.precondition(s.volume_, s.p_);
    s.p_ = s.volume_;
    s.pressure_.multiply_transpose(s.force_, s.p_);
    s.force_ += s.u_;
    s.mechanics_.precondition(s.u_, s.force_);
    s.join(result);
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
FilledEquilibrium<dim>::~FilledEquilibrium() = default;

template <int dim>
void FilledEquilibrium<dim>::reinit()
{
  if (mechanics_.has_platens())
    throw InputError("lithium pressure cannot be combined with a platen yet; press with 'type = traction'");
  u_ = mechanics_.residual();
  p_ = pressure_.residual();
  force_ = u_;
  volume_ = p_;
  MPI_Comm communicator = u_.get_mpi_communicator();
  const types::global_dof_index n = u_.locally_owned_size() + p_.locally_owned_size();
  const types::global_dof_index total = Utilities::MPI::sum(n, communicator);
  types::global_dof_index before = 0; // those of the ranks below
  MPI_Exscan(&n, &before, 1, DEAL_II_DOF_INDEX_MPI_TYPE, MPI_SUM, communicator);
  IndexSet owned(total);
  owned.add_range(before, before + n);
  for (Vector *vector : {&residual_, &right_hand_side_, &increment_})
    vector->reinit(owned, communicator);
  fresh_iterations_ = 0;
}

template <int dim>
void FilledEquilibrium<dim>::split(const Vector &both)
{
  const unsigned int n = u_.locally_owned_size();
  std::copy(both.begin(), both.begin() + n, u_.begin());
  std::copy(both.begin() + n, both.begin() + both.locally_owned_size(), p_.begin());
}

template <int dim>
void FilledEquilibrium<dim>::join(Vector &both) const
{
  const unsigned int n = u_.locally_owned_size();
  std::copy(u_.begin(), u_.begin() + n, both.begin());
  std::copy(p_.begin(), p_.begin() + p_.locally_owned_size(), both.begin() + n);
}

template <int dim>
SolveReport FilledEquilibrium<dim>::solve_roughly(const Step &step, const double reduction)
{
  mechanics_.begin_solve();
  pressure_.begin_solve(step, mechanics_.constraints());
  NewtonParameters newton = newton_;
  newton.sufficient_reduction = reduction;
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
  join(residual_);
  return residual_.l2_norm();
}

template <int dim>
void FilledEquilibrium<dim>::multiply_by_jacobian(Vector &result, const Vector &direction)
{
  split(direction);
  mechanics_.multiply_by_jacobian(force_, u_);
  pressure_.multiply_coupling(volume_, u_);
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
  if (solver_ == LithiumPressureParameters::Solver::direct) {
    solve_directly();
    return 1;
  }
  return solve_iteratively(relative_tolerance);
}

template <int dim>
unsigned int FilledEquilibrium<dim>::solve_iteratively(const double relative_tolerance)
{
  const double norm = right_hand_side_.l2_norm();
  if (norm == 0.)
    return 0;
  SolverControl control(most_iterations, relative_tolerance * norm, false, false);
  typename SolverFGMRES<Vector>::AdditionalData data(krylov_vectors);
  SolverFGMRES<Vector> solver(control, data);
  try {
    solver.solve(Operator{*this}, increment_, right_hand_side_, Preconditioner{*this});
  } catch (const SolverControl::NoConvergence &) {
    mechanics_.linear_solver().discard_preconditioner();
    throw StepFailure("mechanics and lithium pressure",
                      "the linear solver stopped after " + std::to_string(control.last_step()) +
                          " iterations at a residual of " + std::to_string(control.last_value() / norm));
  }
  const unsigned int iterations = control.last_step();
  const double per_digit = iterations / std::max(0.5, -std::log10(relative_tolerance));
  if (fresh_iterations_ == 0)
    fresh_iterations_ = std::max(1., std::ceil(per_digit));
  else if (per_digit > ageing * fresh_iterations_) {
    mechanics_.linear_solver().discard_preconditioner();
    fresh_iterations_ = 0;
  }
  return iterations;
}

template <int dim>
void FilledEquilibrium<dim>::solve_directly()
{
  mechanics_.multiply_by_jacobian(force_, u_); // brings the matrix up to date
  Mat blocks[4], nest = nullptr, matrix = nullptr, transposed = nullptr;
  const Mat coupling = pressure_.coupling();
  MatTranspose(coupling, MAT_INITIAL_MATRIX, &transposed);
  MatScale(transposed, -1.);
  blocks[0] = mechanics_.linear_solver().matrix();
  blocks[1] = transposed;
  blocks[2] = coupling;
  blocks[3] = pressure_.storage();
  MPI_Comm communicator = u_.get_mpi_communicator();
  MatCreateNest(communicator, 2, nullptr, 2, nullptr, blocks, &nest);
  MatConvert(nest, MATAIJ, MAT_INITIAL_MATRIX, &matrix);
  Vec x = nullptr, b = nullptr;
  MatCreateVecs(matrix, &x, &b);
  split(right_hand_side_);
  u_ *= force_scale_;
  p_ *= volume_scale_;
  join(increment_);
  PetscScalar *entries = nullptr;
  VecGetArray(b, &entries);
  std::copy(increment_.begin(), increment_.begin() + increment_.locally_owned_size(), entries);
  VecRestoreArray(b, &entries);
  KSP solver = nullptr;
  PC preconditioner = nullptr;
  KSPCreate(communicator, &solver);
  KSPSetOperators(solver, matrix, matrix);
  KSPSetType(solver, KSPPREONLY);
  KSPGetPC(solver, &preconditioner);
  PCSetType(preconditioner, PCLU);
  PCFactorSetMatSolverType(preconditioner, MATSOLVERMUMPS);
  KSPSolve(solver, b, x);
  const PetscScalar *result = nullptr;
  VecGetArrayRead(x, &result);
  std::copy(result, result + increment_.locally_owned_size(), increment_.begin());
  VecRestoreArrayRead(x, &result);
  KSPDestroy(&solver);
  VecDestroy(&x);
  VecDestroy(&b);
  MatDestroy(&matrix);
  MatDestroy(&nest);
  MatDestroy(&transposed);
}

template <int dim>
void FilledEquilibrium<dim>::add_increment(const double factor)
{
  split(increment_);
  mechanics_.increment() = u_;
  mechanics_.distribute_increment();
  mechanics_.add_increment(factor);
  pressure_.add_increment(factor, p_);
}

template class FilledEquilibrium<2>;
template class FilledEquilibrium<3>;
} // namespace lithoclase
