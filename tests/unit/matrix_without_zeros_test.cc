#include "core/matrix_without_zeros.h"

#include <deal.II/base/utilities.h>
#include <deal.II/lac/dynamic_sparsity_pattern.h>
#include <deal.II/lac/petsc_sparse_matrix.h>

#include <gtest/gtest.h>

using namespace lithoclase;
namespace Utilities = dealii::Utilities;

namespace
{
constexpr int n_nodes = 20, coupled_node = 9;

/// -u'' of two components on a line; room for their coupling at all nodes, a value at one node alone.
double entry(const int row, const int column)
{
  if (row == column)
    return 2.;
  if (row % 2 == column % 2)
    return -1.;
  if (row / 2 == coupled_node && column / 2 == coupled_node)
    return -0.5;
  return row / 2 == column / 2 ? 1e-17 : 0.; // rounding counts as nothing
}
} // namespace

TEST(MatrixWithoutZeros, KeepsWhatCountsAndTheProduct)
{
  // Whole nodes on each rank.
  const int n_ranks = Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD);
  const int rank = Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  dealii::IndexSet owned(2 * n_nodes);
  owned.add_range(2 * (n_nodes * rank / n_ranks), 2 * (n_nodes * (rank + 1) / n_ranks));
  dealii::DynamicSparsityPattern sparsity(2 * n_nodes, 2 * n_nodes, owned);
  const auto for_each_entry = [&](const auto &action) {
    for (const auto row : owned)
      for (int column = 0; column < 2 * n_nodes; ++column)
        if (std::abs(static_cast<int>(row) / 2 - column / 2) <= 1)
          action(row, column);
  };
  for_each_entry([&](const int row, const int column) { sparsity.add(row, column); });
  dealii::PETScWrappers::MPI::SparseMatrix matrix;
  matrix.reinit(owned, owned, sparsity, MPI_COMM_WORLD);
  for_each_entry([&](const int row, const int column) { matrix.set(row, column, entry(row, column)); });
  matrix.compress(dealii::VectorOperation::insert);

  Mat copy = matrix_without_zeros(matrix, 2);
  MatInfo info;
  ASSERT_EQ(MatGetInfo(copy, MAT_GLOBAL_SUM, &info), 0);
  // Per component the diagonal and its neighbours, and the coupling of both at one node.
  EXPECT_EQ(info.nz_used, 2. * (3 * n_nodes - 2) + 2.);
  PetscInt block_size = 0;
  ASSERT_EQ(MatGetBlockSize(copy, &block_size), 0);
  EXPECT_EQ(block_size, 2);

  Vec x = nullptr, expected = nullptr, product = nullptr;
  ASSERT_EQ(MatCreateVecs(copy, &x, &product), 0);
  ASSERT_EQ(VecDuplicate(product, &expected), 0);
  for (const auto i : owned)
    ASSERT_EQ(VecSetValue(x, i, 1. + 0.3 * (i % 7), INSERT_VALUES), 0);
  ASSERT_EQ(VecAssemblyBegin(x), 0);
  ASSERT_EQ(VecAssemblyEnd(x), 0);
  ASSERT_EQ(MatMult(matrix, x, expected), 0);
  ASSERT_EQ(MatMult(copy, x, product), 0);
  ASSERT_EQ(VecAXPY(product, -1., expected), 0);
  PetscReal difference = 1.;
  ASSERT_EQ(VecNorm(product, NORM_INFINITY, &difference), 0);
  EXPECT_LT(difference, 1e-14); // values of order 1
  for (Vec *vector : {&x, &expected, &product})
    VecDestroy(vector);
  MatDestroy(&copy);
}
