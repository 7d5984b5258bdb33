#include "core/nodal_system.h"

#include <deal.II/lac/sparsity_tools.h>

namespace lithoclase
{
using namespace dealii;

template <int dim>
NodalSystem<dim>::NodalSystem(const Space<dim> &nodal_space, const unsigned int n_components)
    : space_(nodal_space), n_components_(n_components)
{
  Assert(nodal_space.kind() == SpaceKind::nodal, ExcInternalError());
}

template <int dim>
void NodalSystem<dim>::reinit()
{
  const auto expand = [this](const IndexSet &nodes) {
    IndexSet unknowns(nodes.size() * n_components_);
    for (auto interval = nodes.begin_intervals(); interval != nodes.end_intervals(); ++interval)
      unknowns.add_range(*interval->begin() * n_components_, (interval->last() + 1) * n_components_);
    unknowns.compress();
    return unknowns;
  };
  owned = expand(space_.owned);
  relevant = expand(space_.relevant);
  partitioner = std::make_shared<Utilities::MPI::Partitioner>(owned, relevant, communicator());

  constraints.clear();
  constraints.reinit(relevant);
  for (const auto &line : space_.constraints.get_lines())
    for (unsigned int c = 0; c < n_components_; ++c) {
      constraints.add_line(unknown(line.index, c));
      for (const auto &[node, weight] : line.entries)
        constraints.add_entry(unknown(line.index, c), unknown(node, c), weight);
    }
  mesh_constraints.copy_from(constraints);
  mesh_constraints.close();
}

template <int dim>
void NodalSystem<dim>::constrain(const types::global_dof_index node, const unsigned int component)
{
  const types::global_dof_index index = unknown(node, component);
  if (!constraints.is_constrained(index))
    constraints.add_line(index);
}

template <int dim>
void NodalSystem<dim>::cell_unknowns(const std::vector<types::global_dof_index> &nodes,
                                     std::vector<types::global_dof_index> &unknowns) const
{
  for (unsigned int i = 0; i < nodes.size(); ++i)
    for (unsigned int c = 0; c < n_components_; ++c)
      unknowns[i * n_components_ + c] = unknown(nodes[i], c);
}

template <int dim>
DynamicSparsityPattern NodalSystem<dim>::sparsity() const
{
  DynamicSparsityPattern pattern(relevant);
  std::vector<types::global_dof_index> nodes(space_.fe().n_dofs_per_cell());
  std::vector<types::global_dof_index> unknowns(nodes.size() * n_components_);
  for (const auto &cell : space_.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(nodes);
      cell_unknowns(nodes, unknowns);
      constraints.add_entries_local_to_global(unknowns, pattern, false);
    }
  SparsityTools::distribute_sparsity_pattern(pattern, owned, communicator(), relevant);
  return pattern;
}

template <int dim>
void NodalSystem<dim>::add_component(const Vector &system_vector, const unsigned int component,
                                     const double factor, Field<dim> &field) const
{
  const unsigned int n = field.values.locally_owned_size();
  for (unsigned int i = 0; i < n; ++i)
    field.values.local_element(i) += factor * system_vector.local_element(i * n_components_ + component);
  field.update();
}

template class NodalSystem<2>;
template class NodalSystem<3>;
} // namespace lithoclase
