#pragma once

#include "core/field.h"
#include "core/space.h"

#include <deal.II/lac/affine_constraints.h>
#include <deal.II/lac/dynamic_sparsity_pattern.h>

#include <functional>
#include <vector>

namespace lithoclase
{
/// Several scalar unknowns per node in one linear system, numbered node by node: unknown = node *
/// n_components + component.
///
/// The nodes are the degrees of freedom of the nodal space, so that fields copy in and out without any map.
template <int dim>
class NodalSystem
{
public:
  NodalSystem(const Space<dim> &nodal_space, unsigned int n_components);

  using ConstrainedValue = std::function<void(dealii::types::global_dof_index node, double value)>;

  /// Numbers the system for the present mesh and takes over the constraints of the mesh for each component.
  void reinit();

  /// Adds "increment = 0" for a component at nodes that are not constrained by the mesh. Between reinit() and
  /// close().
  void constrain(dealii::types::global_dof_index node, unsigned int component);
  void close() { constraints.close(); }

  dealii::types::global_dof_index unknown(const dealii::types::global_dof_index node,
                                          const unsigned int component) const
  {
    return node * n_components_ + component;
  }

  /// Unknowns of a cell from its nodes: all components of vertex 0, then of vertex 1, ...
  void cell_unknowns(const std::vector<dealii::types::global_dof_index> &nodes,
                     std::vector<dealii::types::global_dof_index> &unknowns) const;

  dealii::DynamicSparsityPattern sparsity() const;

  /// field += factor * component of the system's vector (owned entries), then mesh constraints and ghosts of
  /// the field.
  void add_component(const Vector &system_vector, unsigned int component, double factor,
                     Field<dim> &field) const;

  unsigned int n_components() const { return n_components_; }
  const Space<dim> &space() const { return space_; }
  MPI_Comm communicator() const { return space_.mesh().communicator(); }

  dealii::AffineConstraints<double> constraints;
  dealii::AffineConstraints<double> mesh_constraints; ///< for each component, nothing else
  dealii::IndexSet owned;
  dealii::IndexSet relevant;
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> partitioner;

private:
  const Space<dim> &space_;
  unsigned int n_components_;
};
} // namespace lithoclase
