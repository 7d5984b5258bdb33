#include "output/boundary_flux.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace lithoclase
{
using namespace dealii;

template <int dim>
BoundaryFlux<dim>::BoundaryFlux(const FluxDensity<dim> &flux_density, const Space<dim> &nodal_space)
    : space_(nodal_space)
{
  for (Vector *const vector : {&nodal_flux_, &loaded_, &area_, &density_})
    vector->reinit(space_.partitioner);
  find_nodal_flux(flux_density);
  find_loaded_nodes();
  spread();
}

template <int dim>
void BoundaryFlux<dim>::find_nodal_flux(const FluxDensity<dim> &flux_density)
{
  const QGauss<dim> quadrature(2);
  FEValues<dim> fe_values(space_.mesh().mapping, space_.fe(), quadrature,
                          update_values | update_gradients | update_JxW_values);
  std::vector<Tensor<1, dim>> density(quadrature.size());
  std::vector<double> divergence(quadrature.size());
  dealii::Vector<double> cell_flux(fe_values.dofs_per_cell);
  std::vector<types::global_dof_index> dofs(fe_values.dofs_per_cell);
  for (const auto &cell : space_.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      flux_density.evaluate(cell, density, divergence);
      cell_flux = 0.;
      for (unsigned int q = 0; q < quadrature.size(); ++q)
        for (unsigned int i = 0; i < dofs.size(); ++i)
          cell_flux(i) -=
              (density[q] * fe_values.shape_grad(i, q) + divergence[q] * fe_values.shape_value(i, q)) *
              fe_values.JxW(q);
      cell->get_dof_indices(dofs);
      space_.constraints.distribute_local_to_global(cell_flux, dofs, nodal_flux_);
    }
  nodal_flux_.compress(VectorOperation::add);
  nodal_flux_.update_ghost_values();
}

template <int dim>
void BoundaryFlux<dim>::find_loaded_nodes()
{
  // Nodes without flux hold what the solver left over.
  const double threshold = 1e-6 * nodal_flux_.linfty_norm();
  for (unsigned int i = 0; i < loaded_.locally_owned_size(); ++i)
    loaded_.local_element(i) = std::abs(nodal_flux_.local_element(i)) > threshold;
  space_.constraints.distribute(loaded_);
  loaded_.update_ghost_values();
}

template <int dim>
bool BoundaryFlux<dim>::loaded(const std::vector<types::global_dof_index> &face_dofs) const
{
  return std::all_of(face_dofs.begin(), face_dofs.end(), [&](const auto dof) { return loaded_(dof) > 0.99; });
}

template <int dim>
template <typename Function>
void BoundaryFlux<dim>::for_each_boundary_face(const Function &f) const
{
  std::vector<types::global_dof_index> dofs(space_.fe().n_dofs_per_face());
  for (const auto &cell : space_.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned() && cell->at_boundary())
      for (const unsigned int face : cell->face_indices())
        if (cell->at_boundary(face) && !cell->has_periodic_neighbor(face)) {
          cell->face(face)->get_dof_indices(dofs);
          f(cell, face, dofs);
        }
}

template <int dim>
void BoundaryFlux<dim>::spread()
{
  dealii::Vector<double> face_area(space_.fe().n_dofs_per_face());
  for_each_boundary_face([&](const auto &cell, const unsigned int face, const auto &dofs) {
    if (!loaded(dofs))
      return;
    face_area = CellBox<dim>(cell).face_area(face) / dofs.size();
    space_.constraints.distribute_local_to_global(face_area, dofs, area_);
  });
  area_.compress(VectorOperation::add);
  for (unsigned int i = 0; i < density_.locally_owned_size(); ++i)
    density_.local_element(i) =
        area_.local_element(i) > 0. ? nodal_flux_.local_element(i) / area_.local_element(i) : 0.;
  space_.constraints.distribute(density_);
  density_.update_ghost_values();
}

template <int dim>
double BoundaryFlux<dim>::through(const types::boundary_id boundary, const Function<dim> &where) const
{
  // The midpoint rule on parts of faces is exact for the densities and finds the edge of the part within the
  // face.
  const QIterated<dim - 1> quadrature(QGauss<1>(1), 8);
  FEFaceValues<dim> fe_values(space_.mesh().mapping, space_.fe(), quadrature,
                              update_values | update_quadrature_points | update_JxW_values);
  double sum = 0.;
  for_each_boundary_face([&](const auto &cell, const unsigned int face, const auto &dofs) {
    if (cell->face(face)->boundary_id() != boundary || !loaded(dofs))
      return;
    fe_values.reinit(cell, face);
    for (unsigned int q = 0; q < quadrature.size(); ++q)
      if (where.value(fe_values.quadrature_point(q)) > 0.)
        for (unsigned int i = 0; i < dofs.size(); ++i)
          sum += density_(dofs[i]) * fe_values.shape_value(space_.fe().face_to_cell_index(i, face), q) *
                 fe_values.JxW(q);
  });
  sum += through_single_nodes(boundary, where);
  return Utilities::MPI::sum(sum, space_.mesh().communicator());
}

template <int dim>
double BoundaryFlux<dim>::through_single_nodes(const types::boundary_id boundary,
                                               const Function<dim> &where) const
{
  // Nodes with flux but without a face whose nodes all have flux, e.g. an electrode of one node.
  std::set<types::global_dof_index> found;
  for_each_boundary_face([&](const auto &cell, const unsigned int face, const auto &dofs) {
    if (cell->face(face)->boundary_id() != boundary)
      return;
    for (unsigned int i = 0; i < dofs.size(); ++i)
      if (space_.owned.is_element(dofs[i]) && loaded_(dofs[i]) > 0.99 && area_(dofs[i]) == 0. &&
          where.value(cell->face(face)->vertex(i)) > 0.)
        found.insert(dofs[i]);
  });
  double sum = 0.;
  for (const types::global_dof_index dof : found)
    sum += nodal_flux_(dof);
  return sum;
}

template <int dim>
FluxThroughBoundary<dim>::FluxThroughBoundary(const std::string &name, const FluxParameters &parameters,
                                              const Observed<dim> &observed)
    : name_(name), observed_(observed), flux_density_(0),
      boundary_(boundary_named<dim>(parameters.boundary, parameters.boundary_origin)),
      where_(parameters.where.function<dim>())
{
  std::vector<std::string> names;
  for (const FluxDensity<dim> &flux_density : observed.flux_densities)
    names.push_back(flux_density.name);
  const auto found = std::find(names.begin(), names.end(), parameters.quantity);
  if (found == names.end())
    refuse_name(parameters.quantity_origin, parameters.quantity, "flux density", names);
  flux_density_ = found - names.begin();
}

template <int dim>
void FluxThroughBoundary<dim>::add(const double time, ObservableRow &row)
{
  where_->set_time(time);
  const FluxDensity<dim> &flux_density = observed_.flux_densities[flux_density_];
  const BoundaryFlux<dim> flux(flux_density, observed_.state.space(SpaceKind::nodal));
  row.add(name_, flux_density.unit,
          flux.through(boundary_, *where_) / observed_.state.mesh().cross_section());
}

template class BoundaryFlux<2>;
template class BoundaryFlux<3>;
template class FluxThroughBoundary<2>;
template class FluxThroughBoundary<3>;
} // namespace lithoclase
