#pragma once

#include "core/linear_solver.h"
#include "core/state.h"
#include "physics/elastic_cell.h"
#include "physics/elastic_properties.h"
#include "physics/physics_module.h"

/// Effective stiffness tensor of the box, plane strain in 2-D.
///
/// Strong form, for each component kl of a mean strain E of size 1:  div[ C : (E + eps(u')) ] = 0.
///     u' periodic across sides where the mesh is, u' = 0 on all other sides (uniform strain of the sides,
///     which makes a small sample too stiff).
/// Weak form: (C : eps(u'), eps(v)) = -(C : E, eps(v)).
/// Effective tensor, column kl: the volume mean of C : (E + eps(u')). Shear strains are the engineering
///     ones, 2 E_kl = 1, so that a column of shear is C_ijkl.
/// Bounds of its isotropic part: materials/composite_bounds.h.
/// Discretisation: Q1, 2^dim Gauss points, mean dilatation in liquid (see elastic_cell.h), CG with multigrid
///     that knows the rigid-body motions; one matrix for all columns.
///
/// symbol  name                                                       unit
/// C       local stiffness without lithium, see elastic_properties.h   Pa
/// u'      displacement beyond that of E, per unit of mean strain      m
/// Reference: Torquato, Random Heterogeneous Materials (2002), ch. 13.
namespace lithoclase
{
template <int dim>
class EffectiveStiffness : public PhysicsModule<dim>
{
public:
  /// `lithium` must be zero.
  EffectiveStiffness(const ElasticProperties<dim> &properties, LinearSolver::Preconditioner preconditioner,
                     State<dim> &state, const Field<dim> &lithium);

  std::string name() const override { return "stiffness"; }
  void reinit() override;
  SolveReport solve(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;
  void add_bounds(std::vector<BoundedProperty> &list) const override;
  std::string end_reason(const Step &) override { return "the effective stiffness is known"; }

private:
  static constexpr unsigned int n_cases = dim * (dim + 1) / 2;
  using Strain = dealii::SymmetricTensor<2, dim>;

  static Strain mean_strain(unsigned int load_case);
  void constrain();
  void measure_phases();
  void go_to(ElasticCell<dim> &work, const typename ElasticCell<dim>::Cell &cell) const;
  void assemble();
  Strain mean_stress(unsigned int load_case) const;

  const ElasticProperties<dim> &properties_;
  State<dim> &state_;
  const Field<dim> &lithium_;
  Field<dim> &deviation_; ///< u' of the load case at hand; in the end of extension along the stack axis [m]
  const Space<dim> &point_space_;
  LinearSolver solver_;
  dealii::AffineConstraints<double> constraints_;
  std::vector<ElasticPoint> points_;
  std::array<Vector, n_cases> right_hand_sides_;
  Vector solution_;
  dealii::SymmetricTensor<4, dim> stiffness_; ///< [Pa]
  std::vector<ElasticPhase<dim>> phases_;     ///< of all ranks
};
} // namespace lithoclase
