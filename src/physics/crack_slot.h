#pragma once

#include "core/linear_solver.h"
#include "core/state.h"
#include "physics/pressure_cell.h"
#include "physics/slot_flow.h"

#include <array>

/// A filled crack as a slot: its normal, its aperture, and the transmissivity for lithium that flows along
/// it.
///
/// Normal: the principal direction n of the mean of (l grad d)(l grad d) over a few cells, since grad d
/// vanishes
///     between the flanks, and an oblique crack goes in steps of cells.
/// Aperture: w is the opening across the band, ( gamma w, v ) + ( (L^2/l) n.grad w, n.grad v ) = ( (1-xi) S
///     [1-(1-d)^2] <tr eps>+, v ), uniform across the band because L is wider. (The quotient of both
///     densities at a point is ten times too large in the middle of the band: the opening is there, gamma is
///     not.)
/// Transmissivity: slot_flow.h at this aperture and the pressure's gradient in the plane of the crack.
///
/// symbol  name             unit
/// w       aperture         m
/// T       transmissivity   m^3/(Pa s)
namespace lithoclase
{
template <int dim>
class CrackSlot
{
public:
  CrackSlot(const SlotFlow &flow, State<dim> &state, const PressureFields<dim> &fields);

  void reinit();         ///< the mesh is new. Collective, like all that follow
  void update_normals(); ///< of the present damage
  void update_transmissivity();

  /// n n as far as there is one: near nothing where no crack is near or its tip.
  dealii::SymmetricTensor<2, dim> normal_product(const PressureCell<dim> &work, unsigned int q) const;
  double transmissivity(const PressureCell<dim> &work, const unsigned int q) const ///< not negative
  {
    return std::max(0., transmissivity_.values(work.elastic.point_dofs[q]));
  }
  const Field<dim> &aperture() const { return aperture_; } ///< nodal [m]

private:
  static constexpr unsigned int n_products = dim * (dim + 1) / 2;
  /// The mean of (l grad d)(l grad d) at a point, or over the cell where q is none of its points.
  dealii::SymmetricTensor<2, dim> normal_tensor(const PressureCell<dim> &work, unsigned int q) const;
  void update_aperture();

  const SlotFlow flow_;
  const PressureFields<dim> &fields_;
  Field<dim> &aperture_;
  Field<dim> &transmissivity_; ///< at quadrature points
  LinearSolver solver_;        ///< of the aperture
  Vector right_hand_side_;
  std::array<Vector, n_products> normals_; ///< means of (l grad d)(l grad d) around nodes, with ghosts
};
} // namespace lithoclase
