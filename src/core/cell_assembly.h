#pragma once

#include "core/field.h"
#include "core/nodal_system.h"

#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/petsc_sparse_matrix.h>
#include <deal.II/lac/vector.h>

#include <cstdint>
#include <vector>

namespace lithoclase
{
/// Adds what cells contribute to a vector or a PETSc matrix.
///
/// PETSc searches the row for each entry, which takes longer than making the entries. Here the places are
/// looked up once per mesh: one per pair of vertices of a cell, whose components lie side by side. Cells with
/// constraints or with vertices of other ranks go the usual way. The unknowns are those of a space, or those
/// of a system with several per node.
template <int dim>
class CellAssembly
{
public:
  explicit CellAssembly(const Space<dim> &space)
      : space_(space), per_dof_(1), n_components_(space.n_components()), partitioner_(space.partitioner),
        mesh_constraints_(space.constraints)
  {
  }
  explicit CellAssembly(const NodalSystem<dim> &system)
      : space_(system.space()), per_dof_(system.n_components()), n_components_(system.n_components()),
        partitioner_(system.partitioner), mesh_constraints_(system.mesh_constraints)
  {
  }

  /// For a new mesh; `matrix` and `constraints`, those of the matrix, are kept by reference. Vectors obey the
  /// constraints of the mesh.
  void reinit(dealii::PETScWrappers::MPI::SparseMatrix &matrix,
              const dealii::AffineConstraints<double> &constraints);

  void begin_matrix(); ///< sets it to zero
  void add(unsigned int active_cell_index, const dealii::FullMatrix<double> &cell_matrix);
  void end_matrix(); ///< collective

  /// Compress the vector afterwards.
  void add(unsigned int active_cell_index, const dealii::Vector<double> &cell_vector, Vector &vector);

private:
  enum class Kind : unsigned char
  {
    other,  ///< not of this rank, or with constraints
    free,   ///< without constraints
    located ///< and with places in the rows
  };
  static constexpr unsigned int n_vertices = 1 << dim;

  bool locate(unsigned int active_cell_index, const PetscInt *rows, const PetscInt *columns);
  const unsigned int *local_dofs(unsigned int active_cell_index);
  void look_up_dofs(unsigned int active_cell_index);
  template <int n_components>
  void add_located(unsigned int active_cell_index, const dealii::FullMatrix<double> &cell_matrix);

  const Space<dim> &space_;
  const unsigned int per_dof_;      ///< unknowns per degree of freedom of the space
  const unsigned int n_components_; ///< unknowns per vertex
  const std::shared_ptr<const dealii::Utilities::MPI::Partitioner> &partitioner_;
  const dealii::AffineConstraints<double> &mesh_constraints_;
  dealii::PETScWrappers::MPI::SparseMatrix *matrix_ = nullptr;
  const dealii::AffineConstraints<double> *constraints_ = nullptr;
  std::vector<Kind> kinds_;           ///< per active cell
  std::vector<std::uint16_t> places_; ///< per active cell and pair of vertices, from the begin of the row
  std::vector<dealii::types::global_dof_index> dofs_; ///< of the cell at hand
  std::vector<unsigned int> local_dofs_;              ///< likewise
  std::vector<PetscInt> row_begins_;                  ///< of this rank's own columns
  double *entries_ = nullptr;                         ///< likewise, while the matrix is assembled
};
} // namespace lithoclase
