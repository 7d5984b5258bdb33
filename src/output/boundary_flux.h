#pragma once

#include "core/observables.h"
#include "output/observed_quantity.h"

#include <deal.II/base/function_parser.h>

#include <memory>
#include <string>
#include <vector>

namespace lithoclase
{
/// Flux through (a part of) a boundary, conservative: what the weak form knows about it.
///
/// With test functions v_k of the nodes, r_k = -INT ( i . grad v_k + (div i) v_k ) dV is the flux that enters
/// through the boundary near node k, and zero inside: exact wherever the module's equations hold, also at the
/// singular edges of electrodes. The sum over a boundary is its total. For a part of it r_k is spread over
/// the boundary faces of node k all of whose nodes carry flux; so an electrode on a part of a boundary keeps
/// all of its flux, while a cut through an electrode is accurate to second order. Where two boundaries that
/// both carry flux meet, the flux of the common nodes is divided between them by area.
template <int dim>
class BoundaryFlux
{
public:
  /// Finds the nodal fluxes of the present state. Collective.
  BoundaryFlux(const FluxDensity<dim> &flux_density, const Space<dim> &nodal_space);

  /// Inward flux where `where` is positive [unit of the density times area]. Collective.
  double through(dealii::types::boundary_id boundary, const dealii::Function<dim> &where) const;

private:
  void find_nodal_flux(const FluxDensity<dim> &flux_density);
  void find_loaded_nodes();
  void spread();
  bool loaded(const std::vector<dealii::types::global_dof_index> &face_dofs) const;
  template <typename Function>
  void for_each_boundary_face(const Function &f) const;
  double through_single_nodes(dealii::types::boundary_id boundary, const dealii::Function<dim> &where) const;

  const Space<dim> &space_;
  Vector nodal_flux_; ///< r_k
  Vector loaded_;     ///< 1 where r_k is more than round-off
  Vector area_;       ///< of loaded faces, INT v_k dA
  Vector density_;    ///< r_k over area
};

/// The flux through a part of a boundary as a column of the history, positive into the box, per cross-section
/// of the box.
template <int dim>
class FluxThroughBoundary
{
public:
  FluxThroughBoundary(const std::string &name, const FluxParameters &parameters,
                      const Observed<dim> &observed);
  void add(double time, ObservableRow &row); ///< Collective.

private:
  std::string name_;
  const Observed<dim> &observed_;
  unsigned int flux_density_; ///< index in observed_
  dealii::types::boundary_id boundary_;
  std::unique_ptr<dealii::FunctionParser<dim>> where_;
};
} // namespace lithoclase
