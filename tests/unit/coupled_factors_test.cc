#include "core/coupled_factors.h"

#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace lithoclase;

namespace
{
constexpr PetscInt n_first = 24, n_second = 12;

/// Rows of a matrix with the entries that `entry(i, k)` gives within a band of three.
template <typename Entry>
Mat matrix(const PetscInt rows, const PetscInt columns, const Entry &entry)
{
  Mat result = nullptr;
  MatCreateAIJ(MPI_COMM_WORLD, PETSC_DECIDE, PETSC_DECIDE, rows, columns, columns, nullptr, columns, nullptr,
               &result);
  PetscInt begin = 0, end = 0;
  MatGetOwnershipRange(result, &begin, &end);
  for (PetscInt i = begin; i < end; ++i)
    for (PetscInt k = 0; k < columns; ++k)
      if (entry(i, k) != 0.)
        MatSetValue(result, i, k, entry(i, k), INSERT_VALUES);
  MatAssemblyBegin(result, MAT_FINAL_ASSEMBLY);
  MatAssemblyEnd(result, MAT_FINAL_ASSEMBLY);
  return result;
}

double stiffness(const PetscInt i, const PetscInt k)
{
  return i == k ? 3. + 0.1 * i : std::abs(i - k) == 1 ? -1. : 0.;
}
double coupling(const PetscInt i, const PetscInt k)
{
  return k == 2 * i ? 0.7 : k == 2 * i + 1 ? -0.4 : 0.;
}
double storage(const PetscInt i, const PetscInt k)
{
  return i == k ? 1e-3 * (1. + i) : 0.;
}

Vector vector_like(const Mat of, const double phase)
{
  PetscInt begin = 0, end = 0, size = 0;
  MatGetOwnershipRange(of, &begin, &end);
  MatGetSize(of, &size, nullptr);
  dealii::IndexSet owned(size), all = dealii::complete_index_set(size);
  owned.add_range(begin, end);
  Vector result(owned, all, MPI_COMM_WORLD);
  for (PetscInt i = begin; i < end; ++i)
    result(i) = std::sin(phase + i);
  return result;
}

class CoupledFactorsTest : public ::testing::Test
{
protected:
  void TearDown() override
  {
    for (Mat *m : {&K, &B, &C})
      MatDestroy(m);
  }

  /// Largest of what the equations of these rows are off, with columns beyond the part left out.
  double error(const std::vector<bool> &first, const std::vector<bool> &second, const Vector &u,
               const Vector &p, const Vector &f, const Vector &g)
  {
    u.update_ghost_values();
    p.update_ghost_values();
    double largest = 0.;
    for (PetscInt i = 0; i < n_first; ++i)
      if (first[i] && f.in_local_range(i)) {
        double sum = -f(i);
        for (PetscInt k = 0; k < n_first; ++k)
          sum += stiffness(i, k) * u(k);
        for (PetscInt k = 0; k < n_second; ++k)
          sum -= coupling(k, i) * p(k);
        largest = std::max(largest, std::abs(sum));
      }
    for (PetscInt i = 0; i < n_second; ++i)
      if (second[i] && g.in_local_range(i)) {
        double sum = -g(i);
        for (PetscInt k = 0; k < n_first; ++k)
          sum += coupling(i, k) * u(k);
        for (PetscInt k = 0; k < n_second; ++k)
          sum += storage(i, k) * p(k);
        largest = std::max(largest, std::abs(sum));
      }
    return dealii::Utilities::MPI::max(largest, MPI_COMM_WORLD);
  }

  Mat K = matrix(n_first, n_first, stiffness), B = matrix(n_second, n_first, coupling),
      C = matrix(n_second, n_second, storage);
};

// 1e-10: of sizes near one, which the unit of the second unknown spreads over three decades.
TEST_F(CoupledFactorsTest, SolveTheWhole)
{
  CoupledFactors factors;
  EXPECT_FALSE(factors.made());
  factors.make(K, B, C, 30.);
  EXPECT_TRUE(factors.made());
  const Vector f = vector_like(K, 0.3), g = vector_like(C, 1.1);
  Vector u = f, p = g;
  factors.apply(u, p);
  EXPECT_LT(error(std::vector<bool>(n_first, true), std::vector<bool>(n_second, true), u, p, f, g), 1e-10);
}

TEST_F(CoupledFactorsTest, SolveAPartWithTheRestAtZero)
{
  CoupledFactors::Part part;
  std::vector<bool> first(n_first), second(n_second);
  const Vector f = vector_like(K, 0.3), g = vector_like(C, 1.1);
  for (PetscInt i = 5; i < 19; ++i)
    if (first[i] = true; f.in_local_range(i))
      part.first.push_back(i);
  for (PetscInt i = 3; i < 9; ++i)
    if (second[i] = true; g.in_local_range(i))
      part.second.push_back(i);
  CoupledFactors factors;
  factors.make(K, B, C, 30., part);
  Vector u = f, p = g;
  factors.apply(u, p);
  EXPECT_LT(error(first, second, u, p, f, g), 1e-10);
  for (PetscInt i = 0; i < n_first; ++i)
    if (!first[i] && u.in_local_range(i)) {
      EXPECT_EQ(u(i), 0.);
    }
  for (PetscInt i = 0; i < n_second; ++i)
    if (!second[i] && p.in_local_range(i)) {
      EXPECT_EQ(p(i), 0.);
    }
}
} // namespace
