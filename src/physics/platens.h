#pragma once

#include "core/cell_assembly.h"
#include "core/linear_solver.h"
#include "core/observables.h"
#include "core/state.h"
#include "physics/mechanical_conditions.h"

#include <deal.II/lac/full_matrix.h>

#include <cmath>
#include <vector>

namespace lithoclase
{
/// A prescribed component of the displacement as an unknown of this rank.
struct Held
{
  unsigned int unknown; ///< local index, owned
  unsigned int component;
  unsigned int condition;
};

/// Platens: sides of a body whose displacement along the normal is uniform, such that the force on them is
/// the wanted one. They slide without friction.
///
/// The displacement U of each is one more unknown of mechanics. With e the displacement when the platen moves
/// by one (1 on it, 0 elsewhere) and K the matrix of the body, its equation is (sigma - alpha p 1, grad e) =
/// F, F the wanted force, and its column K e. It is eliminated by bordering: one more solve with K.
template <int dim>
class Platens
{
public:
  Platens(const MechanicalConditions<dim> &conditions, State<dim> &state, const Field<dim> &displacement);

  void reinit(const std::vector<Held> &held); ///< for a new mesh; all components that are prescribed

  // Making of K e, beside the assembly of K:
  void begin_matrix();
  void add_cell(unsigned int active_cell_index, const dealii::FullMatrix<double> &cell_matrix,
                CellAssembly<dim> &assembly);
  void end_matrix(); ///< collective

  /// Of the forces on the platens less the wanted ones, spread over the vertices like other residuals: the
  /// force divided by the root of their number. `residual`: that of mechanics. Collective.
  double residual_square(const Vector &residual);
  double load_scale() const; ///< likewise, the largest wanted force

  /// Adds to `increment`, what the body does at fixed platens, what it does when they move as they must, and
  /// keeps how they move; returns the iterations.
  unsigned int solve(LinearSolver &solver, double relative_tolerance, Vector &increment);
  void distribute(Vector &increment) const; ///< to their vertices
  void move(double factor);                 ///< by so much of the increments
  double work() const;                      ///< of the wanted forces so far [J], in 2-D [J/m]
  void add_observables(ObservableRow &row) const;

  // For a system that mechanics is a part of:
  unsigned int size() const { return motions_.size(); }
  const std::vector<Vector> &motions() const { return motions_; } ///< e, with ghosts
  const std::vector<Vector> &columns() const { return columns_; } ///< K e [N/m], zero where prescribed
  const dealii::FullMatrix<double> &stiffness() const { return stiffness_; } ///< e . K e [N/m] of all pairs
  double weight(const unsigned int platen) const { return std::sqrt(vertices_[platen]); }
  double residual(const unsigned int platen) const { return errors_[platen] / weight(platen); } ///< as above
  void set_increments(const std::vector<double> &increments) { increments_ = increments; }

private:
  double sum_over(unsigned int platen, const Vector &vector) const; ///< collective
  double load(unsigned int platen) const; ///< force on the body along the axis that is wanted [N]

  const MechanicalConditions<dim> &conditions_;
  const Field<dim> &displacement_;
  std::vector<Scalar *> displacements_; ///< U [m]

  std::vector<unsigned int> held_;                  ///< unknowns of all prescribed components
  std::vector<std::vector<unsigned int>> unknowns_; ///< of each platen
  std::vector<Vector> motions_, columns_;
  std::vector<Vector> responses_; ///< what the body does when a platen moves by one, kept as initial guesses
  dealii::FullMatrix<double> stiffness_;
  std::vector<double> increments_; ///< [m]
  std::vector<double> errors_;     ///< force less the wanted one [N]
  std::vector<double> vertices_;   ///< their number
  dealii::Vector<double> cell_motion_, cell_force_;
};
} // namespace lithoclase
