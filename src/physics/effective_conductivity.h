#pragma once

#include "core/linear_solver.h"
#include "core/nodal_system.h"
#include "core/state.h"
#include "physics/physics_module.h"
#include "physics/transport_properties.h"

#include <array>

/// Effective ionic and electronic conductivity tensor of the box, without reaction.
///
/// Strong form, for each carrier and each axis a:  div[ sigma (e_a + grad phi') ] = 0.
///     phi' = 0 on the two faces normal to a, or phi' periodic where the mesh is; no flux through the other
///     sides.
/// Weak form: (sigma grad phi', grad v) = -(sigma e_a, grad v).
/// Effective tensor, column a: the volume mean of sigma (e_a + grad phi').
/// Bounds of the mean of its diagonal: materials/composite_bounds.h, with grain boundaries as a phase of
/// their
///     true width.
/// Discretisation: Q1, 2^dim Gauss points, CG with AMG.
///
/// symbol   name                     unit
/// sigma    local conductivity       S/m
/// phi'     deviation of the potential from the linear one, per unit of mean field   m
namespace lithoclase
{
template <int dim>
class EffectiveConductivity : public PhysicsModule<dim>
{
public:
  EffectiveConductivity(const TransportProperties<dim> &properties, State<dim> &state);

  std::string name() const override { return "conduction"; }
  void reinit() override;
  SolveReport solve(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;
  void add_bounds(std::vector<BoundedProperty> &list) const override;
  std::string end_reason(const Step &) override { return "the effective conductivity is known"; }

private:
  void constrain(unsigned int axis);
  void assemble(unsigned int axis, Carrier carrier);
  dealii::Tensor<1, dim> mean_flux(unsigned int axis, Carrier carrier);

  const TransportProperties<dim> &properties_;
  State<dim> &state_;
  Field<dim> &deviation_; ///< of the ionic potential for a field along the stack axis [m]
  NodalSystem<dim> system_;
  LinearSolver solver_;
  Vector right_hand_side_, solution_;
  /// Per active cell and quadrature point, then carrier [S/m].
  std::vector<std::array<dealii::SymmetricTensor<2, dim>, 2>> conductivities_;
  struct Result
  {
    std::string name; ///< "ionic"
    Carrier carrier;
    dealii::Tensor<2, dim> tensor; ///< [S/m]
  };
  std::array<Result, 2> results_{{{"ionic", Carrier::ions, {}}, {"electronic", Carrier::electrons, {}}}};
  PhaseVolumes volumes_; ///< of all ranks
};
} // namespace lithoclase
