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
constexpr unsigned int maximum_rounds = 60;
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
/// sides or was moved to its bound.
bool BoundedSolver::update_sides(Vector &x, const Vector &lower, const double upper)
{
  bool changed = false;
  for (unsigned int i = 0; i < side_.size(); ++i) {
    if (side_[i] == excluded_entry)
      continue;
    double &value = x.local_element(i);
    const double aim = value - gradient_.local_element(i) / diagonal_.local_element(i);
    signed char side = aim < lower.local_element(i) ? at_lower : aim > upper ? at_upper : free_entry;
    if (set_is_unknown_)
      side = lower.local_element(i) >= upper ? at_lower : free_entry;
    const double bound = side == at_lower ? lower.local_element(i) : side == at_upper ? upper : value;
    changed = changed || side != side_[i] || value != bound;
    side_[i] = side;
    value = bound;
  }
  set_is_unknown_ = false;
  return changed;
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

unsigned int BoundedSolver::solve_free(Vector &x, const double tolerance)
{
  // In units of x: the norm of the gradient over the diagonal's own size.
  double scale = 0.;
  for (unsigned int i = 0; i < side_.size(); ++i) {
    const bool free = side_[i] == free_entry;
    right_hand_side_.local_element(i) = free ? -gradient_.local_element(i) : 0.;
    if (free)
      scale = std::max(scale, diagonal_.local_element(i));
  }
  scale = Utilities::MPI::max(scale, x.get_mpi_communicator());
  const double norm = right_hand_side_.l2_norm();
  if (norm == 0.)
    return 0;
  increment_ = 0.;
  SolverControl control(maximum_cg_iterations, std::max(round_reduction * norm, 0.1 * tolerance * scale));
  SolverCG<Vector> cg(control);
  try {
    cg.solve(FreePart{solver_, side_}, increment_, right_hand_side_, Diagonal{inverse_diagonal_});
  } catch (const SolverControl::NoConvergence &) {
    throw StepFailure(name_, "conjugate gradients did not converge in " +
                                 std::to_string(maximum_cg_iterations) + " iterations");
  }
  for (unsigned int i = 0; i < side_.size(); ++i)
    x.local_element(i) += increment_.local_element(i);
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
  for (unsigned int i = 0; i < side_.size(); ++i)
    if (side_[i] != excluded_entry)
      x.local_element(i) = std::max(lower.local_element(i), std::min(upper, x.local_element(i)));
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
    ++result.rounds;
    const bool changed = update_sides(x, lower, upper);
    if (Utilities::MPI::max(static_cast<unsigned int>(changed), communicator) > 0)
      compute_gradient(x, b);
    result.iterations += solve_free(x, tolerance);
    compute_gradient(x, b);
  }
}
} // namespace lithoclase
