#include "core/connected_components.h"

#include <deal.II/base/partitioner.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace lithoclase
{
using namespace dealii;

/// Disjoint sets with path halving: each set is a tree, named by its root.
class DisjointSets
{
public:
  explicit DisjointSets(const unsigned int size) : parent_(size)
  {
    std::iota(parent_.begin(), parent_.end(), 0u);
  }

  unsigned int root(unsigned int i)
  {
    while (parent_[i] != i)
      i = parent_[i] = parent_[parent_[i]];
    return i;
  }

  void join(const unsigned int i, const unsigned int j)
  {
    const unsigned int a = root(i), b = root(j);
    parent_[std::max(a, b)] = std::min(a, b);
  }

private:
  std::vector<unsigned int> parent_;
};

namespace
{
/// Calls f(neighbour) for the active cells on the other side of a face, through periodic sides as well.
template <int dim, typename Function>
void for_each_neighbour(const typename Triangulation<dim>::active_cell_iterator &cell,
                        const unsigned int face, const Function &f)
{
  const bool periodic = cell->has_periodic_neighbor(face);
  if (cell->at_boundary(face) && !periodic)
    return;
  const auto neighbour = cell->neighbor_or_periodic_neighbor(face);
  if (neighbour->is_active())
    f(neighbour);
  else
    for (unsigned int child = 0; child < GeometryInfo<dim>::max_children_per_face; ++child)
      f(periodic ? cell->periodic_neighbor_child_on_subface(face, child)
                 : cell->neighbor_child_on_subface(face, child));
}
} // namespace

template <int dim>
void ConnectedRegions<dim>::update(const std::vector<bool> &inside, const std::vector<bool> &marked)
{
  AssertDimension(inside.size(), mesh_.triangulation.n_active_cells());
  Assert(marked.empty() || marked.size() == inside.size(),
         ExcDimensionMismatch(marked.size(), inside.size()));
  join_local_cells(share_inside(inside), marked);
  exchange();
}

template <int dim>
std::vector<bool> ConnectedRegions<dim>::share_inside(const std::vector<bool> &inside) const
{
  Vector shared(mesh_.triangulation.global_active_cell_index_partitioner().lock());
  for (const auto &cell : mesh_.triangulation.active_cell_iterators())
    if (cell->is_locally_owned())
      shared(cell->global_active_cell_index()) = inside[cell->active_cell_index()];
  shared.update_ghost_values();
  std::vector<bool> result(inside.size(), false);
  for (const auto &cell : mesh_.triangulation.active_cell_iterators())
    if (!cell->is_artificial())
      result[cell->active_cell_index()] = shared(cell->global_active_cell_index()) > 0.5;
  return result;
}

template <int dim>
void ConnectedRegions<dim>::join_local_cells(const std::vector<bool> &inside, const std::vector<bool> &marked)
{
  // A face between two ghost cells of one rank need not be looked at: the owners do that.
  DisjointSets sets(inside.size());
  for (const auto &cell : mesh_.triangulation.active_cell_iterators())
    if (cell->is_locally_owned() && inside[cell->active_cell_index()])
      for (const unsigned int face : cell->face_indices())
        for_each_neighbour<dim>(cell, face, [&](const auto &neighbour) {
          if (inside[neighbour->active_cell_index()])
            sets.join(cell->active_cell_index(), neighbour->active_cell_index());
        });

  regions_.clear();
  region_of_cell_.assign(inside.size(), -1);
  for (const auto &cell : mesh_.triangulation.active_cell_iterators()) {
    const unsigned int index = cell->active_cell_index();
    if (!inside[index])
      continue;
    // The root is the cell with the smallest index of its set, hence met first.
    const unsigned int root = sets.root(index);
    if (root == index) {
      region_of_cell_[index] = static_cast<int>(regions_.size());
      regions_.push_back({std::numeric_limits<long long>::max(), 0});
    }
    region_of_cell_[index] = region_of_cell_[root];
    Region &region = regions_[region_of_cell_[index]];
    region.label = std::min<long long>(region.label, cell->global_active_cell_index());
    if (cell->is_locally_owned()) {
      for (const unsigned int face : cell->face_indices())
        if (cell->at_boundary(face) && !cell->has_periodic_neighbor(face))
          region.flags |= 1u << cell->face(face)->boundary_id();
      if (!marked.empty() && marked[index])
        region.flags |= 1u << (2 * dim);
    }
  }
}

template <int dim>
void ConnectedRegions<dim>::exchange()
{
  // Doubles hold whole numbers exactly up to 2^53.
  Vector labels(mesh_.triangulation.global_active_cell_index_partitioner().lock());
  Vector flags(labels);
  bool changed = true;
  while (Utilities::MPI::max(static_cast<unsigned int>(changed), mesh_.communicator()) > 0) {
    labels.zero_out_ghost_values();
    flags.zero_out_ghost_values();
    for (const auto &cell : mesh_.triangulation.active_cell_iterators())
      if (cell->is_locally_owned())
        if (const Region *const region = this->region(cell)) {
          labels(cell->global_active_cell_index()) = static_cast<double>(region->label);
          flags(cell->global_active_cell_index()) = region->flags;
        }
    labels.update_ghost_values();
    flags.update_ghost_values();

    changed = false;
    for (const auto &cell : mesh_.triangulation.active_cell_iterators())
      if (cell->is_ghost() && inside(cell)) {
        Region &region = regions_[region_of_cell_[cell->active_cell_index()]];
        const Region before = region;
        region.label =
            std::min(region.label, static_cast<long long>(labels(cell->global_active_cell_index())));
        region.flags |= static_cast<unsigned int>(flags(cell->global_active_cell_index()));
        changed = changed || region.label != before.label || region.flags != before.flags;
      }
  }
}

template <int dim>
const typename ConnectedRegions<dim>::Region *ConnectedRegions<dim>::region(const Cell &cell) const
{
  AssertIndexRange(cell->active_cell_index(), region_of_cell_.size());
  const int index = region_of_cell_[cell->active_cell_index()];
  return index < 0 ? nullptr : &regions_[index];
}

template <int dim>
long long ConnectedRegions<dim>::label(const Cell &cell) const
{
  const Region *const region = this->region(cell);
  return region == nullptr ? -1 : region->label;
}

template <int dim>
bool ConnectedRegions<dim>::touches(const Cell &cell, const types::boundary_id boundary) const
{
  AssertIndexRange(boundary, 2 * dim);
  const Region *const region = this->region(cell);
  return region != nullptr && (region->flags & (1u << boundary)) != 0;
}

template <int dim>
bool ConnectedRegions<dim>::marked(const Cell &cell) const
{
  const Region *const region = this->region(cell);
  return region != nullptr && (region->flags & (1u << (2 * dim))) != 0;
}

template <int dim>
bool ConnectedRegions<dim>::bridges(const types::boundary_id first, const types::boundary_id second) const
{
  const unsigned int both = (1u << first) | (1u << second);
  const bool found = std::any_of(regions_.begin(), regions_.end(),
                                 [&](const Region &region) { return (region.flags & both) == both; });
  return Utilities::MPI::max(static_cast<unsigned int>(found), mesh_.communicator()) > 0;
}

template <int dim>
std::vector<bool> cells_above(const Field<dim> &nodal_field, const double threshold)
{
  Assert(nodal_field.space.kind() == SpaceKind::nodal, ExcInternalError());
  std::vector<bool> result(nodal_field.space.mesh().triangulation.n_active_cells(), false);
  std::vector<types::global_dof_index> dofs(nodal_field.space.fe().n_dofs_per_cell());
  for (const auto &cell : nodal_field.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      double sum = 0.;
      for (const types::global_dof_index dof : dofs)
        sum += nodal_field.values(dof);
      result[cell->active_cell_index()] = sum > threshold * dofs.size();
    }
  return result;
}

template class ConnectedRegions<2>;
template class ConnectedRegions<3>;
template std::vector<bool> cells_above(const Field<2> &, double);
template std::vector<bool> cells_above(const Field<3> &, double);
} // namespace lithoclase
