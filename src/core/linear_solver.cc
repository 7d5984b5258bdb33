#include "core/linear_solver.h"

#include "core/failure.h"
#include "core/matrix_without_zeros.h"
#include "core/petsc_error.h"
#include "core/timing.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr unsigned int maximum_iterations = 500;

/// What a new preconditioner costs, in iterations (measured on systems of half a million unknowns; set-up by
/// smoothed aggregation is dear, its cycles are cheap).
double cost_of_setup(const LinearSolver::Preconditioner preconditioner)
{
  return preconditioner == LinearSolver::Preconditioner::gamg ? 40. : 8.;
}

/// From its construction to its destruction, an event that the PETSc option `-log_view` shows with its time.
class LoggedEvent
{
public:
  explicit LoggedEvent(const std::string &name)
  {
    check_petsc(PetscLogEventGetId(name.c_str(), &event_));
    if (event_ < 0)
      check_petsc(PetscLogEventRegister(name.c_str(), KSP_CLASSID, &event_));
    check_petsc(PetscLogEventBegin(event_, nullptr, nullptr, nullptr, nullptr));
  }
  ~LoggedEvent() { PetscLogEventEnd(event_, nullptr, nullptr, nullptr, nullptr); }
  LoggedEvent(const LoggedEvent &) = delete;
  LoggedEvent &operator=(const LoggedEvent &) = delete;

private:
  PetscLogEvent event_ = -1;
};

/// Sets -prefix_name value unless the user has set it.
void default_option(const std::string &prefix, const std::string &name, const std::string &value)
{
  const std::string option = "-" + prefix + "_" + name;
  PetscBool set = PETSC_FALSE;
  check_petsc(PetscOptionsHasName(nullptr, nullptr, option.c_str(), &set));
  if (!set)
    check_petsc(PetscOptionsSetValue(nullptr, option.c_str(), value.c_str()));
}

void set_boomeramg_options(const std::string &prefix, const int dim)
{
  default_option(prefix, "pc_type", "hypre");
  default_option(prefix, "pc_hypre_type", "boomeramg");
  if (dim == 3) // coarsen hard, else the operator complexity explodes
  {
    default_option(prefix, "pc_hypre_boomeramg_coarsen_type", "HMIS");
    default_option(prefix, "pc_hypre_boomeramg_interp_type", "ext+i");
    default_option(prefix, "pc_hypre_boomeramg_agg_nl", "1");
    default_option(prefix, "pc_hypre_boomeramg_strong_threshold", "0.5");
  }
}

void set_gamg_options(const std::string &prefix, const int dim)
{
  default_option(prefix, "pc_type", "gamg");
  // Weak couplings are left out of aggregates. In 3-D, with a crack through the whole sample, solves take 17
  // iterations at 0.02, 24 at 0.01.
  default_option(prefix, "pc_gamg_threshold", dim == 3 ? "0.02" : "0.01");
  // Jacobi, since coarse operators have empty rows where aggregates are smaller than the near-null space.
  default_option(prefix, "mg_levels_ksp_type", "chebyshev");
  default_option(prefix, "mg_levels_pc_type", "jacobi");
  // The estimates of smoothed aggregation belong to the matrix of the first set-up, and a largest eigenvalue
  // that is missed by 20 % makes the preconditioner indefinite.
  default_option(prefix, "pc_gamg_use_sa_esteig", "false");
  default_option(prefix, "mg_levels_esteig_ksp_type", "cg");
  default_option(prefix, "mg_levels_ksp_chebyshev_esteig", "0,0.1,0,1.2");
}

void set_direct_options(const std::string &prefix, const bool symmetric)
{
  default_option(prefix, "ksp_type", "preonly");
  default_option(prefix, "pc_type", symmetric ? "cholesky" : "lu");
  default_option(prefix, "pc_factor_mat_solver_type", "mumps");
}
} // namespace

LinearSolver::LinearSolver(const std::string &prefix, const Method method,
                           const Preconditioner preconditioner, const unsigned int block_size, const int dim)
    : prefix_(prefix), method_(method), preconditioner_(preconditioner), block_size_(block_size), dim_(dim)
{
  switch (preconditioner) {
  case Preconditioner::boomeramg:
    set_boomeramg_options(prefix, dim);
    break;
  case Preconditioner::gamg:
    set_gamg_options(prefix, dim);
    break;
  case Preconditioner::jacobi:
    default_option(prefix, "pc_type", "jacobi");
    break;
  case Preconditioner::direct:
    set_direct_options(prefix, method == Method::cg);
    break;
  }
}

void LinearSolver::set_default_option(const std::string &name, const std::string &value)
{
  default_option(prefix_, name, value);
}

LinearSolver::~LinearSolver()
{
  destroy();
}

void LinearSolver::destroy()
{
  KSPDestroy(&ksp_);
  VecDestroy(&solution_);
  VecDestroy(&right_hand_side_);
  MatDestroy(&filtered_);
  matrix_.reset();
  has_preconditioner_ = false;
}

void LinearSolver::reinit(const IndexSet &owned, const DynamicSparsityPattern &sparsity,
                          MPI_Comm communicator)
{
  destroy();
  matrix_ = std::make_unique<PETScWrappers::MPI::SparseMatrix>();
  matrix_->reinit(owned, owned, sparsity, communicator);
  Mat mat = *matrix_;
  check_petsc(MatSetBlockSize(mat, block_size_));
  if (method_ == Method::cg) {
    check_petsc(MatSetOption(mat, MAT_SYMMETRIC, PETSC_TRUE));
    check_petsc(MatSetOption(mat, MAT_SPD, PETSC_TRUE));
  }
  check_petsc(MatCreateVecs(mat, &solution_, &right_hand_side_));
  create_solver();
}

void LinearSolver::create_solver()
{
  check_petsc(KSPCreate(matrix_->get_mpi_communicator(), &ksp_));
  check_petsc(KSPSetOptionsPrefix(ksp_, (prefix_ + "_").c_str()));
  check_petsc(KSPSetType(ksp_, method_ == Method::cg ? KSPCG : KSPGMRES));
  if (method_ == Method::gmres)
    check_petsc(KSPSetPCSide(ksp_, PC_RIGHT));
  if (preconditioner_ != Preconditioner::direct)
    check_petsc(KSPSetNormType(ksp_, KSP_NORM_UNPRECONDITIONED));
  check_petsc(KSPSetResidualHistory(ksp_, nullptr, maximum_iterations + 1, PETSC_TRUE));
  check_petsc(KSPSetFromOptions(ksp_));
}

void LinearSolver::set_near_null_space(const std::vector<Vector> &modes)
{
  std::vector<Vec> vectors(modes.size());
  for (unsigned int m = 0; m < modes.size(); ++m) {
    check_petsc(VecDuplicate(right_hand_side_, &vectors[m]));
    PetscScalar *entries = nullptr;
    check_petsc(VecGetArray(vectors[m], &entries));
    std::copy(modes[m].begin(), modes[m].end(), entries);
    check_petsc(VecRestoreArray(vectors[m], &entries));
    for (unsigned int k = 0; k < m; ++k) // PETSc wants an orthonormal basis
    {
      PetscScalar product = 0.;
      check_petsc(VecDot(vectors[m], vectors[k], &product));
      check_petsc(VecAXPY(vectors[m], -product, vectors[k]));
    }
    check_petsc(VecNormalize(vectors[m], nullptr));
  }
  MatNullSpace null_space = nullptr;
  check_petsc(MatNullSpaceCreate(matrix_->get_mpi_communicator(), PETSC_FALSE, vectors.size(), vectors.data(),
                                 &null_space));
  check_petsc(MatSetNearNullSpace(*matrix_, null_space));
  check_petsc(MatNullSpaceDestroy(&null_space));
  for (Vec &vector : vectors)
    check_petsc(VecDestroy(&vector));
}

void LinearSolver::set_up(const bool new_preconditioner)
{
  const LoggedEvent setup(prefix_ + "_setup");
  Mat mat = *matrix_;
  if (new_preconditioner && preconditioner_ == Preconditioner::boomeramg && block_size_ > 1) {
    check_petsc(MatDestroy(&filtered_));
    filtered_ = matrix_without_zeros(mat, block_size_);
  }
  check_petsc(KSPSetOperators(ksp_, mat, filtered_ ? filtered_ : mat));
  check_petsc(KSPSetReusePreconditioner(ksp_, new_preconditioner ? PETSC_FALSE : PETSC_TRUE));
  check_petsc(KSPSetUp(ksp_));
}

LinearSolver::Result LinearSolver::attempt(Vector &x, const Vector &b, const bool new_preconditioner,
                                           KSPConvergedReason &reason)
{
  PetscScalar *entries = nullptr;
  check_petsc(VecGetArray(right_hand_side_, &entries));
  std::copy(b.begin(), b.end(), entries);
  check_petsc(VecRestoreArray(right_hand_side_, &entries));
  check_petsc(VecGetArray(solution_, &entries));
  std::copy(x.begin(), x.begin() + x.locally_owned_size(), entries);
  check_petsc(VecRestoreArray(solution_, &entries));

  set_up(new_preconditioner);
  {
    const LoggedEvent solve(prefix_ + "_solve");
    check_petsc(KSPSolve(ksp_, right_hand_side_, solution_));
  }
  check_petsc(KSPGetConvergedReason(ksp_, &reason));
  PetscInt iterations = 0;
  check_petsc(KSPGetIterationNumber(ksp_, &iterations));

  const PetscScalar *result = nullptr;
  check_petsc(VecGetArrayRead(solution_, &result));
  std::copy(result, result + x.locally_owned_size(), x.begin());
  check_petsc(VecRestoreArrayRead(solution_, &result));
  return {static_cast<unsigned int>(iterations), new_preconditioner};
}

/// Iterations per digit from the first and last residual of the solve just made.
void LinearSolver::judge_preconditioner(const Result &result)
{
  const PetscReal *residuals = nullptr;
  PetscInt n = 0;
  check_petsc(KSPGetResidualHistory(ksp_, &residuals, &n));
  const double digits = n > 1 && residuals[n - 1] > 0. ? std::log10(residuals[0] / residuals[n - 1]) : 0.;
  if (result.set_up) {
    fresh_iterations_per_digit_ = lost_iterations_ = 0.;
    has_preconditioner_ = true;
  }
  if (digits < 0.5) // says little
    return;
  if (fresh_iterations_per_digit_ == 0.)
    fresh_iterations_per_digit_ = result.iterations / digits;
  lost_iterations_ =
      std::max(0., lost_iterations_ + result.iterations - digits * fresh_iterations_per_digit_);
  if (lost_iterations_ > cost_of_setup(preconditioner_))
    has_preconditioner_ = false;
}

LinearSolver::Result LinearSolver::solve(Vector &x, const Vector &b, const double relative_tolerance,
                                         const bool start_from_x)
{
  const TimeSpent time(seconds_);
  if (b.linfty_norm() == 0.) {
    x = 0.;
    return {};
  }
  bool guess = start_from_x && preconditioner_ != Preconditioner::direct;
  check_petsc(KSPSetInitialGuessNonzero(ksp_, guess ? PETSC_TRUE : PETSC_FALSE));
  bool fresh = !has_preconditioner_ || preconditioner_ == Preconditioner::direct;
  const auto set_limit = [&](const double iterations) {
    check_petsc(
        KSPSetTolerances(ksp_, relative_tolerance, 1e-300, PETSC_DEFAULT, static_cast<PetscInt>(iterations)));
  };
  // An old preconditioner gets a chance, but not a long one.
  const double expected = fresh_iterations_per_digit_ * -std::log10(relative_tolerance);
  const bool limited = !fresh && expected > 0.;
  set_limit(limited
                ? std::min<double>(maximum_iterations, 1.5 * expected + 2. * cost_of_setup(preconditioner_))
                : maximum_iterations);
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  Result result = attempt(x, b, fresh, reason);
  // A guess whose residual is thousands of times that of zero is none: the matrix has changed too much.
  if (guess && reason == KSP_DIVERGED_DTOL) {
    guess = false;
    check_petsc(KSPSetInitialGuessNonzero(ksp_, PETSC_FALSE));
    result = attempt(x, b, fresh, reason);
  }
  if (reason < 0 && !fresh) {
    set_limit(maximum_iterations);
    if (!guess)
      x = 0.;
    const unsigned int wasted = result.iterations;
    result = attempt(x, b, true, reason);
    judge_preconditioner(result);
    result.iterations += wasted;
  } else
    judge_preconditioner(result);
  if (reason < 0) {
    has_preconditioner_ = false;
    throw StepFailure(prefix_, std::string("the linear solver stopped with ") + KSPConvergedReasons[reason] +
                                   " after " + std::to_string(result.iterations) + " iterations");
  }
  return result;
}

void LinearSolver::precondition(Vector &y, const Vector &x)
{
  const TimeSpent time(seconds_);
  PetscScalar *entries = nullptr;
  check_petsc(VecGetArray(right_hand_side_, &entries));
  std::copy(x.begin(), x.begin() + x.locally_owned_size(), entries);
  check_petsc(VecRestoreArray(right_hand_side_, &entries));
  if (!has_preconditioner_) {
    set_up(true);
    has_preconditioner_ = true;
    fresh_iterations_per_digit_ = lost_iterations_ = 0.;
  }
  check_petsc(KSPSetReusePreconditioner(ksp_, PETSC_TRUE));
  PC preconditioner = nullptr;
  check_petsc(KSPGetPC(ksp_, &preconditioner));
  check_petsc(PCApply(preconditioner, right_hand_side_, solution_));
  const PetscScalar *result = nullptr;
  check_petsc(VecGetArrayRead(solution_, &result));
  std::copy(result, result + y.locally_owned_size(), y.begin());
  check_petsc(VecRestoreArrayRead(solution_, &result));
}

void LinearSolver::multiply(Vector &y, const Vector &x)
{
  PetscScalar *entries = nullptr;
  check_petsc(VecGetArray(right_hand_side_, &entries));
  std::copy(x.begin(), x.begin() + x.locally_owned_size(), entries);
  check_petsc(VecRestoreArray(right_hand_side_, &entries));
  check_petsc(MatMult(*matrix_, right_hand_side_, solution_));
  const PetscScalar *result = nullptr;
  check_petsc(VecGetArrayRead(solution_, &result));
  std::copy(result, result + y.locally_owned_size(), y.begin());
  check_petsc(VecRestoreArrayRead(solution_, &result));
}

void LinearSolver::get_diagonal(Vector &diagonal) const
{
  check_petsc(MatGetDiagonal(*matrix_, solution_));
  const PetscScalar *result = nullptr;
  check_petsc(VecGetArrayRead(solution_, &result));
  std::copy(result, result + diagonal.locally_owned_size(), diagonal.begin());
  check_petsc(VecRestoreArrayRead(solution_, &result));
}
} // namespace lithoclase
