#include "core/matrix_without_zeros.h"

#include "core/petsc_error.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lithoclase
{
namespace
{
constexpr double negligible = 1e-14;

/// What stays of one row.
struct KeptRow
{
  std::vector<PetscInt> columns;
  std::vector<PetscScalar> values;

  void read(const Mat matrix, const PetscInt row)
  {
    PetscInt n = 0;
    const PetscInt *all_columns = nullptr;
    const PetscScalar *all_values = nullptr;
    check_petsc(MatGetRow(matrix, row, &n, &all_columns, &all_values));
    const PetscInt *diagonal = std::find(all_columns, all_columns + n, row);
    const double scale = diagonal == all_columns + n ? 0. : std::abs(all_values[diagonal - all_columns]);
    columns.clear();
    values.clear();
    for (PetscInt k = 0; k < n; ++k)
      if (all_columns[k] == row || std::abs(all_values[k]) > negligible * scale) {
        columns.push_back(all_columns[k]);
        values.push_back(all_values[k]);
      }
    check_petsc(MatRestoreRow(matrix, row, &n, &all_columns, &all_values));
  }
};

/// Room for the entries that stay, counted among the columns of this rank and those of others.
void preallocate(const Mat matrix, const Mat copy)
{
  PetscInt first = 0, last = 0, first_column = 0, last_column = 0;
  check_petsc(MatGetOwnershipRange(matrix, &first, &last));
  check_petsc(MatGetOwnershipRangeColumn(matrix, &first_column, &last_column));
  std::vector<PetscInt> n_inside(last - first), n_outside(last - first);
  KeptRow kept;
  for (PetscInt row = first; row < last; ++row) {
    kept.read(matrix, row);
    for (const PetscInt column : kept.columns)
      ++(column >= first_column && column < last_column ? n_inside : n_outside)[row - first];
  }
  check_petsc(MatSeqAIJSetPreallocation(copy, 0, n_inside.data())); // the one that fits its type acts
  check_petsc(MatMPIAIJSetPreallocation(copy, 0, n_inside.data(), 0, n_outside.data()));
}
} // namespace

Mat matrix_without_zeros(const Mat matrix, const PetscInt block_size)
{
  PetscInt n_rows = 0, n_columns = 0, first = 0, last = 0;
  check_petsc(MatGetLocalSize(matrix, &n_rows, &n_columns));
  check_petsc(MatGetOwnershipRange(matrix, &first, &last));
  Mat copy = nullptr;
  check_petsc(MatCreate(PetscObjectComm(reinterpret_cast<PetscObject>(matrix)), &copy));
  check_petsc(MatSetSizes(copy, n_rows, n_columns, PETSC_DETERMINE, PETSC_DETERMINE));
  check_petsc(MatSetType(copy, MATAIJ));
  check_petsc(MatSetBlockSize(copy, block_size));
  preallocate(matrix, copy);
  check_petsc(MatSetOption(copy, MAT_NO_OFF_PROC_ENTRIES, PETSC_TRUE));
  KeptRow kept;
  for (PetscInt row = first; row < last; ++row) {
    kept.read(matrix, row);
    check_petsc(MatSetValues(copy, 1, &row, kept.columns.size(), kept.columns.data(), kept.values.data(),
                             INSERT_VALUES));
  }
  check_petsc(MatAssemblyBegin(copy, MAT_FINAL_ASSEMBLY));
  check_petsc(MatAssemblyEnd(copy, MAT_FINAL_ASSEMBLY));
  return copy;
}
} // namespace lithoclase
