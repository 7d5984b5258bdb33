#include "physics/filled_cracks.h"

#include "physics/crack_fields.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double length_rounding = 1e-9;
}

template <int dim>
FilledCracks<dim>::FilledCracks(const std::string &name, const CrackBands &bands,
                                const Microstructure<dim> &microstructure, State<dim> &state,
                                const Field<dim> &lithium, const Field<dim> &damage)
    : bands_(bands),
      reach_((bands.model == CrackModel::at1 ? 2. : 4.) * bands.width * (1. + length_rounding)),
      microstructure_(microstructure), mesh_(state.mesh()), lithium_(lithium), damage_(damage),
      filling_(state.add_field(name, "1", SpaceKind::nodal)), regions_(state.mesh())
{
  filling_.solved_for = false;
}

template <int dim>
void FilledCracks<dim>::reinit()
{
  FEValues<dim> fe_values(mesh_.mapping, damage_.space.fe(), QGauss<dim>(2), update_quadrature_points);
  solid_.assign(mesh_.triangulation.n_active_cells() * n_points, 1.);
  for (const auto &cell : damage_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      for (unsigned int q = 0; q < n_points; ++q)
        solid_[cell->active_cell_index() * n_points + q] =
            microstructure_.evaluate(fe_values.quadrature_point(q)).solid;
    }
}

template <int dim>
bool FilledCracks<dim>::broken(const Cell &cell) const
{
  const double *solid = &solid_[cell->active_cell_index() * n_points];
  if (!(std::accumulate(solid, solid + n_points, 0.) > 0.5 * n_points))
    return false;
  const typename DoFHandler<dim>::active_cell_iterator damaged(&mesh_.triangulation, cell->level(),
                                                               cell->index(), &damage_.space.dof_handler);
  double largest = 0.;
  for (const unsigned int v : damaged->vertex_indices())
    largest = std::max(largest, damage_.values(damaged->vertex_dof_index(v, 0)));
  return largest > broken_damage;
}

template <int dim>
void FilledCracks<dim>::fill(const std::vector<bool> &open, const std::vector<bool> &sources)
{
  regions_.update(open, sources);
  spread();
}

template <int dim>
bool FilledCracks<dim>::bridge(const types::boundary_id first, const types::boundary_id second) const
{
  return regions_.bridges(first, second);
}

/// Carries to each vertex the nearest vertex of a filled cell, from neighbour to neighbour, until no vertex
/// within reach finds a nearer one.
template <int dim>
void FilledCracks<dim>::spread()
{
  const Space<dim> &space = filling_.space;
  const auto &partitioner = *space.partitioner;
  const unsigned int n_nodes = space.fe().n_dofs_per_cell();
  std::vector<types::global_dof_index> nodes(n_nodes);
  Vector distance(space.partitioner);
  std::array<Vector, dim> nearest;
  nearest.fill(distance);
  const double far = 10. * (mesh_.upper() - mesh_.lower()).norm();
  for (unsigned int i = 0; i < partitioner.locally_owned_size() + partitioner.n_ghost_indices(); ++i)
    distance.local_element(i) = far;
  bool changed = true;
  const auto offer = [&](const unsigned int node, const Point<dim> &position, const Point<dim> &source) {
    const double from_source = position.distance(source), known = distance.local_element(node);
    if (known == 0. || from_source > reach_ || from_source > known * (1. + length_rounding))
      return;
    if (from_source >
        known * (1. - length_rounding)) { // of two as near the first along the axes, on any number of ranks
      unsigned int d = 0;
      while (d < dim && std::abs(source[d] - nearest[d].local_element(node)) < length_rounding * reach_)
        ++d;
      if (d == dim || source[d] > nearest[d].local_element(node))
        return;
    }
    distance.local_element(node) = from_source;
    for (unsigned int d = 0; d < dim; ++d)
      nearest[d].local_element(node) = source[d];
    changed = true;
  };
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (!cell->is_artificial() && regions_.marked(cell)) {
      cell->get_dof_indices(nodes);
      for (unsigned int v = 0; v < n_nodes; ++v)
        offer(partitioner.global_to_local(nodes[v]), cell->vertex(v), cell->vertex(v));
    }
  while (Utilities::MPI::max(static_cast<unsigned int>(changed), mesh_.communicator()) > 0) {
    distance.update_ghost_values();
    for (Vector &component : nearest)
      component.update_ghost_values();
    changed = false;
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (!cell->is_artificial()) {
        cell->get_dof_indices(nodes);
        for (unsigned int from = 0; from < n_nodes; ++from) {
          const unsigned int source = partitioner.global_to_local(nodes[from]);
          if (distance.local_element(source) > reach_)
            continue;
          Point<dim> point;
          for (unsigned int d = 0; d < dim; ++d)
            point[d] = nearest[d].local_element(source);
          for (unsigned int to = 0; to < n_nodes; ++to)
            offer(partitioner.global_to_local(nodes[to]), cell->vertex(to), point);
        }
      }
    distance.zero_out_ghost_values();
    for (Vector &component : nearest)
      component.zero_out_ghost_values();
  }
  for (unsigned int i = 0; i < partitioner.locally_owned_size(); ++i)
    filling_.values.local_element(i) = distance.local_element(i) <= reach_ ? 1. : 0.;
  filling_.update();
}

template <int dim>
double FilledCracks<dim>::length() const
{
  const Space<dim> &space = damage_.space;
  FEValues<dim> fe_values(mesh_.mapping, space.fe(), QGauss<dim>(2),
                          update_values | update_gradients | update_JxW_values);
  std::vector<double> xi(n_points), S(n_points), d(n_points);
  std::vector<Tensor<1, dim>> gradient(n_points);
  const double c_w = crack_normalisation(bands_.model), l = bands_.width;
  double length = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values.get_function_gradients(damage_.values, gradient);
      fe_values.get_function_values(damage_.values, d);
      fe_values.get_function_values(lithium_.values, xi);
      fe_values.get_function_values(filling_.values, S);
      double cell_size = 0.;
      for (unsigned int axis = 0; axis < dim; ++axis)
        cell_size = std::max(cell_size, cell->extent_in_direction(axis));
      const double correction = toughness_correction(bands_.model, cell_size, l);
      for (unsigned int q = 0; q < n_points; ++q) {
        const double filled = solid(cell->active_cell_index(), q) * S[q] * std::clamp(1. - xi[q], 0., 1.);
        length += correction / c_w *
                  (local_crack_energy(bands_.model, d[q]).value / l + l * gradient[q].norm_square()) *
                  filled * fe_values.JxW(q);
      }
    }
  return Utilities::MPI::sum(length, mesh_.communicator());
}

template class FilledCracks<2>;
template class FilledCracks<3>;
} // namespace lithoclase
