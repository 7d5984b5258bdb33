#pragma once

#include "core/coupled_factors.h"
#include "physics/lithium_pressure.h"
#include "physics/mechanics.h"

/// Forces and lithium pressure in equilibrium together (E7), (E9): Newton's method on
///     [ K  -B^T ] [ du ]   [ -r_u ]     K stiffness, B = d(zeta)/du,
///     [ B    C  ] [ dp ] = [ -r_p ]     C storage, flow and stall.
/// The displacement U of a platen, with e what the body does when it moves by one (mechanics.h), is one more
/// unknown with the column (K e, B e), the row (K e, -B e) and e . K e where they meet.
/// Passing pressure and displacement back and forth would diverge: next to lithium, a crack is soft.
/// Iterative: flexible GMRES with the block-triangular preconditioner [ K^ -B^T; 0 S^ ], K^ the multigrid of
/// mechanics, S^ that of C plus the compliance of intact matter, followed by a solve with what is left of the
/// residual in the filled cracks alone, by factors of the rows there. The former takes care of long waves:
/// along a crack the compliance is of order -1, which costs some iterations, while with the stiffness of
/// broken matter the crack would look 1e8 times too soft. The latter takes care of waves as short as the band
/// is wide, for which broken matter is as soft as that; without it the iterations grow with the cells along
/// the crack (at 525,000 unknowns in 2-D: more than 600, with it 9). The factors grow with the surface of the
/// cracks, not with the mesh. Direct: factors of the whole by MUMPS, kept as preconditioner while they are
/// good, for two-dimensional cases. For both a platen is preconditioned by e . K e alone: that is two more
/// iterations for each.
namespace lithoclase
{
template <int dim>
class FilledEquilibrium : public NewtonProblem
{
public:
  FilledEquilibrium(Mechanics<dim> &mechanics, LithiumPressure<dim> &pressure, const NewtonParameters &newton,
                    LithiumPressureParameters::Solver solver);

  void reinit();
  /// Until the residual is `reduction` times the first one, or as small as Newton's method is asked for.
  SolveReport solve_roughly(const Step &step, double reduction);
  double linear_solve_time() const { return seconds_; } ///< so far [s]

  double assemble() override;
  double residual_scale() const override { return 1.; } ///< each part is divided by its own
  unsigned int solve_increment(double relative_tolerance) override;
  void add_increment(double factor) override;
  /// Displacement, then pressure, rank by rank; on the first one the platens follow.
  Vector &increment() override { return increment_; }
  const Vector &residual() override { return residual_; }
  void multiply_by_jacobian(Vector &result, const Vector &direction) override;

private:
  struct Operator;
  struct Preconditioner;
  void split(const Vector &both);
  void join(Vector &both) const;
  bool iterate(double tolerance, unsigned int &iterations);
  void factorise();
  void correct_cracks(Vector &result, const Vector &residual);

  Mechanics<dim> &mechanics_;
  LithiumPressure<dim> &pressure_;
  const NewtonParameters newton_;
  const LithiumPressureParameters::Solver solver_;
  Vector residual_, right_hand_side_, increment_, correction_;
  Vector u_, p_, force_, volume_;               ///< parts of a vector and of what an operator makes of it
  std::vector<double> platens_;                 ///< its part U, on all ranks
  double force_scale_ = 1., volume_scale_ = 1.; ///< what the residuals are divided by
  unsigned int fresh_iterations_ = 0;           ///< with a new preconditioner
  CoupledFactors factors_;                      ///< of the whole, or of the cracks alone
  bool cracks_are_new_ = true;
  double seconds_ = 0.;
};
} // namespace lithoclase
