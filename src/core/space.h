#pragma once

#include "core/mesh.h"

#include <deal.II/base/index_set.h>
#include <deal.II/base/partitioner.h>
#include <deal.II/dofs/dof_handler.h>
#include <deal.II/fe/fe.h>
#include <deal.II/lac/affine_constraints.h>

#include <memory>
#include <vector>

namespace lithoclase
{
/// InputError if `unknowns` are more than the libraries in use can number, `most`: a counter would wrap.
void check_countable(double unknowns, double most);

/// The kinds of finite element spaces the code knows.
enum class SpaceKind
{
  nodal,      ///< Q1, one component
  vector,     ///< Q1, dim components
  quadrature, ///< one value per point of QGauss(2), discontinuous: for what lives at quadrature points
  cell        ///< one value per cell
};

/// Degrees of freedom of one kind on the mesh, with the constraints that belong to the mesh (hanging nodes,
/// periodic sides).
template <int dim>
class Space
{
public:
  Space(const Mesh<dim> &mesh, SpaceKind kind);

  /// Numbers the degrees of freedom anew after the mesh has changed.
  void reinit();

  SpaceKind kind() const { return kind_; }
  const Mesh<dim> &mesh() const { return mesh_; }
  const dealii::FiniteElement<dim> &fe() const { return *fe_; }
  unsigned int n_components() const { return fe_->n_components(); }

  /// The first degree of freedom that the mesh does not constrain, e.g. to pin what is known but for a
  /// constant: all ranks that hold it must then constrain it. Collective.
  dealii::types::global_dof_index first_free_dof() const;

  /// Local numbers (of vectors made with the partitioner) of the degrees of freedom of an owned cell, in the
  /// element's order. Looked up once per mesh: to ask the mesh and the vectors in each assembly costs as much
  /// as the assembly itself.
  const unsigned int *cell_dofs(const unsigned int active_cell_index) const
  {
    return &cell_dofs_[static_cast<std::size_t>(active_cell_index) * fe_->n_dofs_per_cell()];
  }

  dealii::DoFHandler<dim> dof_handler;
  dealii::AffineConstraints<double> constraints;
  dealii::IndexSet owned;
  dealii::IndexSet relevant;
  std::shared_ptr<const dealii::Utilities::MPI::Partitioner> partitioner;

private:
  const Mesh<dim> &mesh_;
  SpaceKind kind_;
  std::unique_ptr<dealii::FiniteElement<dim>> fe_;
  std::vector<unsigned int> cell_dofs_; ///< per active cell
};
} // namespace lithoclase
