#pragma once

#include "core/linear_solver.h"

#include <vector>

namespace lithoclase
{
/// Minimises x.Ax/2 - b.x under bounds lower <= x <= upper at each entry; A symmetric positive definite.
///
/// Primal-dual active set: entries that the gradient pushes beyond a bound are held there, the others are
/// solved for by conjugate gradients, until no entry changes sides. Where the set does not settle, steps that
/// are cut to the bounds and lower the energy take over. The set of the last solve is the first guess of the
/// next one. Jacobi's preconditioner is enough for operators whose length is a few cells; nothing has to be
/// set up, and the free entries need no matrix of their own. Hintermueller, Ito, Kunisch, SIAM J. Optim. 13
/// (2003) 865, doi:10.1137/S1052623401383558.
class BoundedSolver
{
public:
  struct Result
  {
    unsigned int rounds = 0;     ///< of the active set
    unsigned int iterations = 0; ///< of conjugate gradients in all
  };

  BoundedSolver(const std::string &name, int dim);

  /// A new empty matrix for a new mesh; `excluded` are entries that are not solved for (constrained by the
  /// mesh).
  void reinit(const dealii::IndexSet &owned, const dealii::DynamicSparsityPattern &sparsity,
              const std::shared_ptr<const dealii::Utilities::MPI::Partitioner> &partitioner,
              const dealii::AffineConstraints<double> &excluded);

  dealii::PETScWrappers::MPI::SparseMatrix &matrix() { return solver_.matrix(); }

  /// Improves x until no step of Jacobi's method would change an entry by more than `tolerance`. Throws
  /// StepFailure.
  Result solve(Vector &x, const Vector &b, const Vector &lower, double upper, double tolerance);

  double seconds() const { return seconds_; } ///< wall time of all solves so far on this rank

private:
  enum Side : signed char
  {
    at_lower = -1,
    free_entry = 0,
    at_upper = 1,
    excluded_entry = 2
  };

  struct FreePart; ///< the operator on the free entries
  void compute_gradient(const Vector &x, const Vector &b);
  bool update_sides(Vector &x, const Vector &lower, double upper, bool feasible);
  void clamp(Vector &x, const Vector &lower, double upper) const;
  double energy(const Vector &x, const Vector &b) const;
  void descend(Vector &x, const Vector &b, const Vector &lower, double upper);
  double largest_step(const Vector &x, const Vector &lower, double upper) const;
  unsigned int solve_free(double tolerance);

  std::string name_;
  LinearSolver solver_; ///< holds the matrix
  std::vector<signed char> side_;
  double seconds_ = 0.;
  bool set_is_unknown_ = true; ///< the mesh is new
  Vector diagonal_, inverse_diagonal_, gradient_, increment_, right_hand_side_;
};
} // namespace lithoclase
