#pragma once

#include "core/field.h"

#include <deal.II/lac/dynamic_sparsity_pattern.h>
#include <deal.II/lac/petsc_sparse_matrix.h>

#include <petscksp.h>

#include <string>
#include <vector>

namespace lithoclase
{
/// A PETSc matrix with its Krylov solver; the preconditioner is kept as long as it is good.
///
/// An ageing preconditioner needs more iterations per digit than it did when it was new. It is made anew when
/// the iterations lost in this way add up to the cost of a new one. The true residual decides convergence.
/// PETSc options with the solver's prefix (e.g. `-charge_ksp_monitor`, in the environment variable
/// PETSC_OPTIONS or in the parameter file) override all defaults set here.
class LinearSolver
{
public:
  enum class Method
  {
    cg,   ///< symmetric positive definite
    gmres ///< anything else
  };
  enum class Preconditioner
  {
    boomeramg, ///< hypre
    gamg,      ///< PETSc's smoothed aggregation
    jacobi,
    direct ///< MUMPS
  };
  struct Result
  {
    unsigned int iterations = 0;
    bool set_up = false; ///< the preconditioner was made anew
  };

  LinearSolver(const std::string &prefix, Method method, Preconditioner preconditioner,
               unsigned int block_size, int dim);
  ~LinearSolver();
  LinearSolver(const LinearSolver &) = delete;
  LinearSolver &operator=(const LinearSolver &) = delete;

  /// Sets the PETSc option `-prefix_name` unless the user has set it. Before reinit().
  void set_default_option(const std::string &name, const std::string &value);

  /// A new empty matrix for a new mesh.
  void reinit(const dealii::IndexSet &owned, const dealii::DynamicSparsityPattern &sparsity,
              MPI_Comm communicator);

  dealii::PETScWrappers::MPI::SparseMatrix &matrix() { return *matrix_; }

  /// Smooth error modes for algebraic multigrid, e.g. rigid-body motions; owned entries of the system's
  /// vectors.
  void set_near_null_space(const std::vector<Vector> &modes);

  /// Solves matrix * x = b from x = 0, or from the given x, to |b - matrix x| <= relative_tolerance |b|.
  /// Throws StepFailure(module) if that fails even with a fresh preconditioner.
  Result solve(Vector &x, const Vector &b, double relative_tolerance, bool start_from_x = false);

  /// y = P^-1 x, one application of the preconditioner, for use inside the solver of a larger system that
  /// also judges its age.
  void precondition(Vector &y, const Vector &x);

  /// y = matrix * x.
  void multiply(Vector &y, const Vector &x);

  void get_diagonal(Vector &diagonal) const;

  double seconds() const
  {
    return seconds_;
  } ///< wall time of all solves so far, set-up included, on this rank

  /// The next solve makes a new preconditioner.
  void discard_preconditioner() { has_preconditioner_ = false; }

private:
  void destroy();
  void create_solver();
  void set_up(bool new_preconditioner);
  Result attempt(Vector &x, const Vector &b, bool new_preconditioner, KSPConvergedReason &reason);
  void judge_preconditioner(const Result &result);

  std::string prefix_;
  Method method_;
  Preconditioner preconditioner_;
  unsigned int block_size_;
  int dim_;
  std::unique_ptr<dealii::PETScWrappers::MPI::SparseMatrix> matrix_;
  Mat filtered_ = nullptr; ///< what the preconditioner was made of, where that is not the matrix
  KSP ksp_ = nullptr;
  Vec solution_ = nullptr, right_hand_side_ = nullptr;
  bool has_preconditioner_ = false;
  double fresh_iterations_per_digit_ =
      0.;                       ///< of the residual, when the preconditioner was new; 0: not known yet
  double lost_iterations_ = 0.; ///< by its age
  double seconds_ = 0.;
};
} // namespace lithoclase
