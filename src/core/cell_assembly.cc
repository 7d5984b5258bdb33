#include "core/cell_assembly.h"

#include "core/petsc_error.h"

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <limits>

namespace lithoclase
{
using namespace dealii;

namespace
{
/// The rows and columns that this rank owns.
Mat own_block(const PETScWrappers::MPI::SparseMatrix &matrix)
{
  Mat block = nullptr;
  check_petsc(MatGetDiagonalBlock(matrix, &block)); // with one rank it may be the matrix itself
  return block;
}
} // namespace

template <int dim>
void CellAssembly<dim>::reinit(PETScWrappers::MPI::SparseMatrix &matrix,
                               const AffineConstraints<double> &constraints)
{
  matrix_ = &matrix;
  constraints_ = &constraints;
  const unsigned int n_cells = space_.mesh().triangulation.n_active_cells();
  kinds_.assign(n_cells, Kind::other);
  places_.assign(static_cast<std::size_t>(n_cells) * n_vertices * n_vertices, 0);
  dofs_.resize(per_dof_ * space_.fe().n_dofs_per_cell());
  local_dofs_.resize(dofs_.size());

  PetscInt n_rows = 0;
  const PetscInt *rows = nullptr, *columns = nullptr;
  PetscBool done = PETSC_FALSE;
  Mat block = own_block(matrix);
  check_petsc(MatGetRowIJ(block, 0, PETSC_FALSE, PETSC_FALSE, &n_rows, &rows, &columns, &done));
  AssertThrow(done, ExcMessage("PETSc does not show the rows of its matrix."));
  row_begins_.assign(rows, rows + n_rows);
  for (const auto &cell : space_.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      const unsigned int index = cell->active_cell_index();
      look_up_dofs(index);
      if (std::none_of(dofs_.begin(), dofs_.end(),
                       [&](const auto dof) { return constraints.is_constrained(dof); }))
        kinds_[index] = locate(index, rows, columns) ? Kind::located : Kind::free;
    }
  check_petsc(MatRestoreRowIJ(block, 0, PETSC_FALSE, PETSC_FALSE, &n_rows, &rows, &columns, &done));
}

/// Numbers in vectors, and in the rows of this rank.
template <int dim>
const unsigned int *CellAssembly<dim>::local_dofs(const unsigned int active_cell_index)
{
  const unsigned int *dofs = space_.cell_dofs(active_cell_index);
  if (per_dof_ == 1)
    return dofs;
  for (unsigned int a = 0; a < local_dofs_.size(); ++a)
    local_dofs_[a] = dofs[a / per_dof_] * per_dof_ + a % per_dof_;
  return local_dofs_.data();
}

/// Whether all entries of the cell's matrix are in this rank's block, with the components of a vertex side by
/// side.
template <int dim>
bool CellAssembly<dim>::locate(const unsigned int active_cell_index, const PetscInt *rows,
                               const PetscInt *columns)
{
  const unsigned int *dofs = local_dofs(active_cell_index);
  const unsigned int n = dofs_.size(), n_components = n_components_;
  for (unsigned int a = 0; a < n; ++a)
    if (dofs[a] >= row_begins_.size())
      return false;
  for (unsigned int a = 0; a < n; ++a)
    for (unsigned int b = 0; b < n; ++b) {
      const PetscInt *begin = columns + rows[dofs[a]], *end = columns + rows[dofs[a] + 1];
      const PetscInt *found = std::lower_bound(begin, end, static_cast<PetscInt>(dofs[b]));
      if (found == end || *found != static_cast<PetscInt>(dofs[b]))
        return false;
      const auto position = found - begin;
      std::uint16_t &place =
          places_[(static_cast<std::size_t>(active_cell_index) * n_vertices + a / n_components) * n_vertices +
                  b / n_components];
      if (position > std::numeric_limits<std::uint16_t>::max())
        return false;
      if (a % n_components == 0 && b % n_components == 0)
        place = position;
      else if (position != place + b % n_components)
        return false;
    }
  return true;
}

template <int dim>
void CellAssembly<dim>::look_up_dofs(const unsigned int active_cell_index)
{
  const unsigned int *dofs = local_dofs(active_cell_index);
  for (unsigned int a = 0; a < dofs_.size(); ++a)
    dofs_[a] = partitioner_->local_to_global(dofs[a]);
}

template <int dim>
void CellAssembly<dim>::begin_matrix()
{
  *matrix_ = 0.;
  check_petsc(MatSeqAIJGetArray(own_block(*matrix_), &entries_));
}

template <int dim>
void CellAssembly<dim>::end_matrix()
{
  check_petsc(MatSeqAIJRestoreArray(own_block(*matrix_), &entries_));
  matrix_->compress(VectorOperation::add);
}

template <int dim>
template <int n_components>
void CellAssembly<dim>::add_located(const unsigned int active_cell_index,
                                    const FullMatrix<double> &cell_matrix)
{
  const unsigned int *dofs = local_dofs(active_cell_index);
  const std::uint16_t *places =
      &places_[static_cast<std::size_t>(active_cell_index) * n_vertices * n_vertices];
  for (unsigned int a = 0; a < n_vertices * n_components; ++a) {
    double *row = entries_ + row_begins_[dofs[a]];
    const double *cell_row = &cell_matrix(a, 0);
    for (unsigned int v = 0; v < n_vertices; ++v)
      for (unsigned int c = 0; c < n_components; ++c)
        row[places[a / n_components * n_vertices + v] + c] += cell_row[v * n_components + c];
  }
}

template <int dim>
void CellAssembly<dim>::add(const unsigned int active_cell_index, const FullMatrix<double> &cell_matrix)
{
  if (kinds_[active_cell_index] == Kind::located) {
    switch (n_components_) {
    case 1:
      return add_located<1>(active_cell_index, cell_matrix);
    case 2:
      return add_located<2>(active_cell_index, cell_matrix);
    case 3:
      return add_located<3>(active_cell_index, cell_matrix);
    default:
      Assert(false, ExcInternalError());
    }
  }
  look_up_dofs(active_cell_index);
  constraints_->distribute_local_to_global(cell_matrix, dofs_, *matrix_);
}

template <int dim>
void CellAssembly<dim>::add(const unsigned int active_cell_index, const dealii::Vector<double> &cell_vector,
                            Vector &vector)
{
  if (kinds_[active_cell_index] == Kind::other) {
    look_up_dofs(active_cell_index);
    mesh_constraints_.distribute_local_to_global(cell_vector, dofs_, vector);
    return;
  }
  const unsigned int *dofs = local_dofs(active_cell_index);
  for (unsigned int a = 0; a < cell_vector.size(); ++a)
    vector.local_element(dofs[a]) += cell_vector(a);
}

template class CellAssembly<2>;
template class CellAssembly<3>;
} // namespace lithoclase
