#include "core/bounded_solver.h"

#include "core/failure.h"
#include "core/timing.h"

#include <deal.II/lac/solver_cg.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr unsigned int maximum_rounds = 100;
// Where the set has not settled by then it may be cycling: from now on each round lowers the energy.
constexpr unsigned int plain_rounds = 30;
constexpr double energy_digits = 1e-13; // relative: the last digits of x do not show in the energy
constexpr unsigned int maximum_cg_iterations = 5000;
// Each round of the active set solves for its free entries that much closer: the set, not the last digit, is
// sought.
constexpr double round_reduction = 1e-2;

struct Diagonal
{
  const Vector &inverse;
  void vmult(Vector &result, const Vector &v) const
  {
    for (unsigned int i = 0; i < v.locally_owned_size(); ++i)
      result.local_element(i) = inverse.local_element(i) * v.local_element(i);
  }
};
} // namespace

struct BoundedSolver::FreePart
{
  LinearSolver &matrix;
  const std::vector<signed char> &side;
  void vmult(Vector &result, const Vector &v) const
  {
    matrix.multiply(result, v);
    for (unsigned int i = 0; i < side.size(); ++i)
      if (side[i] != free_entry)
        result.local_element(i) = 0.;
  }
};

BoundedSolver::BoundedSolver(const std::string &name, const int dim)
    : name_(name), solver_(name, LinearSolver::Method::cg, LinearSolver::Preconditioner::jacobi, 1, dim)
{
}

void BoundedSolver::reinit(const IndexSet &owned, const DynamicSparsityPattern &sparsity,
                           const std::shared_ptr<const Utilities::MPI::Partitioner> &partitioner,
                           const AffineConstraints<double> &excluded)
{
  solver_.reinit(owned, sparsity, partitioner->get_mpi_communicator());
  for (Vector *vector : {&diagonal_, &inverse_diagonal_, &gradient_, &increment_, &right_hand_side_})
    vector->reinit(partitioner);
  side_.assign(partitioner->locally_owned_size(), free_entry);
  for (unsigned int i = 0; i < side_.size(); ++i)
    if (excluded.is_constrained(partitioner->local_to_global(i)))
      side_[i] = excluded_entry;
  set_is_unknown_ = true;
}

void BoundedSolver::compute_gradient(const Vector &x, const Vector &b)
{
  solver_.multiply(gradient_, x);
  for (unsigned int i = 0; i < side_.size(); ++i)
    gradient_.local_element(i) -= b.local_element(i);
}

/// Holds x at its bounds where the gradient pushes it there, and lets others go; true if any entry changed
/// sides or was moved to its bound. Without a set to begin with all are let go: the set shrinks to what it
/// must be in a few rounds, but would grow by a layer of cells in each. `feasible`: x is within its bounds,
/// and only entries there are held.
bool BoundedSolver::update_sides(Vector &x, const Vector &lower, const double upper, const bool feasible)
{
  bool changed = false;
  for (unsigned int i = 0; i < side_.size(); ++i) {
    if (side_[i] == excluded_entry)
      continue;
    double &value = x.local_element(i);
    const double low = lower.local_element(i), gradient = gradient_.local_element(i);
    const double aim = value - gradient / diagonal_.local_element(i);
    signed char side = aim < low ? at_lower : aim > upper ? at_upper : free_entry;
    if (set_is_unknown_)
      side = low >= upper ? at_lower : free_entry;
    else if (feasible)
      side = value <= low && gradient > 0.     ? at_lower
             : value >= upper && gradient < 0. ? at_upper
                                               : free_entry;
    const double bound = side == at_lower ? low : side == at_upper ? upper : value;
    changed = changed || side != side_[i] || value != bound;
    side_[i] = side;
    value = bound;
  }
  set_is_unknown_ = false;
  return changed;
}

void BoundedSolver::clamp(Vector &x, const Vector &lower, const double upper) const
{
  for (unsigned int i = 0; i < side_.size(); ++i)
    if (side_[i] != excluded_entry)
      x.local_element(i) = std::max(lower.local_element(i), std::min(upper, x.local_element(i)));
}

/// x.Ax/2 - b.x at the x of the gradient.
double BoundedSolver::energy(const Vector &x, const Vector &b) const
{
  return 0.5 * (x * gradient_ - x * b);
}

/// Goes along the increment, cut to the bounds, as far as the energy falls (Bertsekas, SIAM J. Control Optim.
/// 20 (1982) 221, doi:10.1137/0320018).
void BoundedSolver::descend(Vector &x, const Vector &b, const Vector &lower, const double upper)
{
  const Vector begin = x;
  const double energy_before = energy(x, b);
  for (double factor = 1.; factor > 1e-6; factor *= 0.5) {
    x = begin;
    x.add(factor, increment_);
    clamp(x, lower, upper);
    compute_gradient(x, b);
    if (energy(x, b) <= energy_before + energy_digits * std::abs(energy_before))
      return;
  }
}

double BoundedSolver::largest_step(const Vector &x, const Vector &lower, const double upper) const
{
  double largest = 0.;
  for (unsigned int i = 0; i < side_.size(); ++i)
    if (side_[i] != excluded_entry) {
      const double value = x.local_element(i), low = lower.local_element(i);
      const double aim = value - gradient_.local_element(i) / diagonal_.local_element(i);
      if (!std::isfinite(aim))
        return std::numeric_limits<double>::infinity();
      largest = std::max(largest, std::abs(std::max(low, std::min(upper, aim)) - value));
    }
  return largest;
}

/// The increment of the free entries.
unsigned int BoundedSolver::solve_free(const double tolerance)
{
  // A gradient of tolerance * diagonal is a step of the tolerance: the least diagonal counts, and it may be
  // far below others.
  double scale = std::numeric_limits<double>::max();
  for (unsigned int i = 0; i < side_.size(); ++i) {
    const bool free = side_[i] == free_entry;
    right_hand_side_.local_element(i) = free ? -gradient_.local_element(i) : 0.;
    if (free)
      scale = std::min(scale, diagonal_.local_element(i));
  }
  scale = Utilities::MPI::min(scale, gradient_.get_mpi_communicator());
  const double norm = right_hand_side_.l2_norm();
  increment_ = 0.;
  if (norm == 0.)
    return 0;
  SolverControl control(maximum_cg_iterations, std::max(round_reduction * norm, 0.1 * tolerance * scale));
  SolverCG<Vector> cg(control);
  try {
    cg.solve(FreePart{solver_, side_}, increment_, right_hand_side_, Diagonal{inverse_diagonal_});
  } catch (const SolverControl::NoConvergence &) {
    throw StepFailure(name_, "conjugate gradients did not converge in " +
                                 std::to_string(maximum_cg_iterations) + " iterations");
  }
  return control.last_step();
}

BoundedSolver::Result BoundedSolver::solve(Vector &x, const Vector &b, const Vector &lower,
                                           const double upper, const double tolerance)
{
  const TimeSpent time(seconds_);
  const MPI_Comm communicator = x.get_mpi_communicator();
  x.zero_out_ghost_values();
  solver_.get_diagonal(diagonal_);
  for (unsigned int i = 0; i < side_.size(); ++i)
    inverse_diagonal_.local_element(i) = 1. / diagonal_.local_element(i);
  clamp(x, lower, upper);
  Result result;
  compute_gradient(x, b);
  while (true) {
    const double step = Utilities::MPI::max(largest_step(x, lower, upper), communicator);
    if (!std::isfinite(step))
      throw StepFailure(name_, "the gradient is not a finite number");
    if (step <= tolerance)
      return result;
    if (result.rounds == maximum_rounds)
      throw StepFailure(name_, "the set of entries at their bounds still changed after " +
                                   std::to_string(maximum_rounds) + " rounds");
    const bool safeguarded = result.rounds >= plain_rounds;
    if (result.rounds == plain_rounds) {
      clamp(x, lower, upper);
      compute_gradient(x, b);
    }
    ++result.rounds;
    const bool changed = update_sides(x, lower, upper, safeguarded);
    if (Utilities::MPI::max(static_cast<unsigned int>(changed), communicator) > 0)
      compute_gradient(x, b);
    result.iterations += solve_free(tolerance);
    if (safeguarded)
      descend(x, b, lower, upper);
    else {
      for (unsigned int i = 0; i < side_.size(); ++i)
        x.local_element(i) += increment_.local_element(i);
      compute_gradient(x, b);
    }
  }
}
} // namespace lithoclase
