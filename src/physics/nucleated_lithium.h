#pragma once

#include "core/observables.h"
#include "core/output_fields.h"
#include "core/state.h"
#include "core/step.h"
#include "microstructure/microstructure.h"
#include "physics/crack_fields.h"

#include <deal.II/base/symmetric_tensor.h>

#include <vector>

/// Lithium nucleated inside the electrolyte: its content, the strain that it makes, the pressure that stalls
/// it, and how it joins the lithium of cracks.
///
/// Strong form:  dz/dt + dy/dt = (V_Li/F) (1-omega) R_n,    eps* = z M                               (E5, E7)
///     M = [ chi_s SUM_k b_k m_k m_k + b_w m_w m_w ] / [ chi_s SUM_k b_k + b_w ],    tr M = 1
///     p_n = -M : (sigma - alpha p 1)
/// The lithium pushes apart the boundary that it grows in: each one along its normal, by its share of the
/// reacting area where several meet, and walls of pores along theirs, so that a film on a free wall grows
/// into the pore without resistance. p_n, the mean over these normals of the normal pressure, does work on
/// just this strain. It enters the overpotential of nucleation by the share 1-omega that is confined; the
/// share omega sees the pressure of metal surfaces as before. With the barrier, lithium stalls where p_n =
/// (F/V_Li) (|phi_e - phi_i| - eta_nuc). Content never dissolves.
/// Broken sites: the share alpha (pressure coefficient, lithium_pressure.h) of all lithium nucleated at a
/// point belongs to the lithium of cracks and metal and is a source of (E9); once there it stays there:
///     y = max( y_old, alpha (z + y) ),     alpha with the damage at the beginning of the step.
/// In filled cracks the flanks react instead: nucleation keeps the share 1 - (1-omega) S [1-(1-d)^2] of its
/// area. alpha weighs the opening in (E9) alike, so that what was a strain z M before fills as much opening
/// after. Without lithium pressure nothing joins: z is then a strain of broken matter, which makes no stress.
/// Discretisation: quadrature points, Euler. Strain and pressure are those of whole cells, the means of z M
/// and of the stress: within a cell the strain of first-order elements cannot follow z, and what it misses
/// would be stress. While charge transport is solved the displacement is frozen and
///     p_n = p' + K (V_Li/F) (1-omega) R_n dt less the growth that p' has seen, K = M:C:M
/// of intact matter, solved for R_n at each point. Frozen displacement is the stiffest answer that the
/// surroundings can give: the stall neither overshoots nor oscillates at any step size. Where they are softer
/// growth is too slow, to first order in the step; hence growth may run ahead of its pressure by a tenth of
/// RT/F per step. Repeated sweeps have no such error.
///
/// symbol  name                 unit
/// z       nucleated_lithium    1      volume per volume, in intact electrolyte
/// y       joined_lithium       1      likewise, given to cracks and metal so far
/// p_n     nucleation_pressure  Pa
/// K       nucleation_stiffness Pa     zero where there is no boundary
/// M       direction            1
/// Reference for strains without stress: Mura, Micromechanics of Defects in Solids (1987),
/// doi:10.1007/978-94-009-3489-4.
namespace lithoclase
{
/// How the pressure changes the overpotential of nucleation: by `overpotential` [V] + `slope` R_n.
struct NucleationStall
{
  double overpotential = 0.;
  double slope = 0.;    ///< [V m^3/A]
  double confined = 0.; ///< 1-omega, of the lithium that is subject to it
};

/// Shared by the modules that make, feel and pass on this lithium; it knows none of them.
template <int dim>
class NucleatedLithium
{
public:
  enum class Effect
  {
    none,    ///< content only
    presses, ///< strain and pressure, with mechanics
    joins    ///< and lithium of cracks, with their pressure
  };

  NucleatedLithium(const Microstructure<dim> &microstructure, State<dim> &state, const Field<dim> &lithium,
                   Effect effect);

  /// `cracks` are needed where lithium joins them.
  void set_cracks(const CrackFields<dim> &cracks) { cracks_ = cracks; }

  /// The mesh is new; `accessibility` is omega per active cell and quadrature point.
  void reinit(const std::vector<double> &accessibility);

  /// Content at the end of the step with these rates R_n [A/m^3]. Returns the largest change of its pressure
  /// that mechanics has not seen yet, in RT/F. Collective.
  double grow(const Step &step, const Field<dim> &rate);

  /// For the rate at one point of the step; `local` is its number in vectors, `surface_pressure` that of
  /// metal surfaces [Pa].
  NucleationStall stall(unsigned int index, unsigned int local, double surface_pressure,
                        double step_size) const;

  bool presses() const { return pressure_ != nullptr; }
  bool strains() const; ///< there is a strain somewhere. Collective.
  dealii::SymmetricTensor<2, 3> direction(unsigned int index) const;       ///< M, zero where there is none
  bool possible_in(unsigned int first_point, unsigned int n_points) const; ///< M differs from zero there
  /// Mean of z M over the cell whose first point has this index, and its points these numbers.
  dealii::SymmetricTensor<2, 3> cell_strain(unsigned int first_point,
                                            const std::vector<dealii::types::global_dof_index> &dofs) const;
  /// All that nucleated at a point, z + y.
  double total(const dealii::types::global_dof_index dof) const
  {
    return content_.values(dof) + (joined_ ? joined_->values(dof) : 0.);
  }
  void set_pressure(dealii::types::global_dof_index dof, double pressure, double stiffness);
  const Space<dim> &space() const { return content_.space; }
  const Field<dim> *joined() const { return joined_; } ///< y, null where nothing joins

  double volume() const { return volume(content_); } ///< INT z, per cross-section [m]. Collective.
  double max_next_time_step(const Step &step) const;
  void add_observables(ObservableRow &row) const;
  void add_output(OutputFields<dim> &output) const;

private:
  struct CellWork;
  void crack_shares(CellWork &work) const;
  double growth_unseen(unsigned int index, dealii::types::global_dof_index dof, double growth);
  double volume(const Field<dim> &field) const;

  const Microstructure<dim> &microstructure_;
  const Field<dim> &lithium_;
  CrackFields<dim> cracks_;
  Field<dim> &content_;
  Field<dim> *joined_ = nullptr, *pressure_ = nullptr, *stiffness_ = nullptr;
  // Per active cell and quadrature point:
  std::vector<double> confined_;  ///< 1-omega
  std::vector<double> breakable_; ///< share of the matter beside lithium that can break
  std::vector<dealii::SymmetricTensor<2, dim>> directions_;
  std::vector<double> predicted_, unseen_; ///< p_n as charge transport saw it, and how much of it was growth
};
} // namespace lithoclase
