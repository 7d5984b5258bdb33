#include "core/coupled_factors.h"

#include "core/petsc_error.h"

#include <numeric>

namespace lithoclase
{
namespace
{
std::vector<unsigned int> local_rows(const Mat matrix, const std::vector<PetscInt> &rows)
{
  PetscInt begin = 0;
  check_petsc(MatGetOwnershipRange(matrix, &begin, nullptr));
  std::vector<unsigned int> result;
  result.reserve(rows.size());
  for (const PetscInt row : rows)
    result.push_back(row - begin);
  return result;
}

std::vector<unsigned int> all_rows(const Mat matrix)
{
  PetscInt n = 0;
  check_petsc(MatGetLocalSize(matrix, &n, nullptr));
  std::vector<unsigned int> result(n);
  std::iota(result.begin(), result.end(), 0u);
  return result;
}
} // namespace

void CoupledFactors::make(Mat K, Mat B, Mat C, const double unit)
{
  unit_ = unit;
  first_ = all_rows(K);
  second_ = all_rows(C);
  factorise(K, B, C);
}

void CoupledFactors::make(Mat K, Mat B, Mat C, const double unit, const Part &part)
{
  unit_ = unit;
  first_ = local_rows(K, part.first);
  second_ = local_rows(C, part.second);
  MPI_Comm communicator = PetscObjectComm(reinterpret_cast<PetscObject>(K));
  IS first = nullptr, second = nullptr;
  check_petsc(ISCreateGeneral(communicator, part.first.size(), part.first.data(), PETSC_USE_POINTER, &first));
  check_petsc(
      ISCreateGeneral(communicator, part.second.size(), part.second.data(), PETSC_USE_POINTER, &second));
  Mat parts[3] = {nullptr, nullptr, nullptr};
  check_petsc(MatCreateSubMatrix(K, first, first, MAT_INITIAL_MATRIX, &parts[0]));
  check_petsc(MatCreateSubMatrix(B, second, first, MAT_INITIAL_MATRIX, &parts[1]));
  check_petsc(MatCreateSubMatrix(C, second, second, MAT_INITIAL_MATRIX, &parts[2]));
  check_petsc(ISDestroy(&first));
  check_petsc(ISDestroy(&second));
  factorise(parts[0], parts[1], parts[2]);
  for (Mat &matrix : parts)
    check_petsc(MatDestroy(&matrix));
}

void CoupledFactors::factorise(Mat K, Mat B, Mat C)
{
  clear();
  Mat blocks[4] = {K, nullptr, nullptr, nullptr}, nest = nullptr, matrix = nullptr;
  check_petsc(MatTranspose(B, MAT_INITIAL_MATRIX, &blocks[1]));
  check_petsc(MatScale(blocks[1], -unit_));
  check_petsc(MatDuplicate(B, MAT_COPY_VALUES, &blocks[2]));
  check_petsc(MatScale(blocks[2], unit_));
  check_petsc(MatDuplicate(C, MAT_COPY_VALUES, &blocks[3]));
  check_petsc(MatScale(blocks[3], unit_ * unit_));
  MPI_Comm communicator = PetscObjectComm(reinterpret_cast<PetscObject>(K));
  check_petsc(MatCreateNest(communicator, 2, nullptr, 2, nullptr, blocks, &nest));
  check_petsc(MatConvert(nest, MATAIJ, MAT_INITIAL_MATRIX, &matrix));
  check_petsc(MatCreateVecs(matrix, &solution_, &load_));
  check_petsc(PCCreate(communicator, &factors_));
  check_petsc(PCSetOperators(factors_, matrix, matrix));
  check_petsc(PCSetType(factors_, PCLU));
  check_petsc(PCFactorSetMatSolverType(factors_, MATSOLVERMUMPS));
  check_petsc(PCSetUp(factors_));
  check_petsc(MatDestroy(&matrix));
  check_petsc(MatDestroy(&nest));
  for (unsigned int k = 1; k < 4; ++k)
    check_petsc(MatDestroy(&blocks[k]));
}

void CoupledFactors::clear()
{
  PCDestroy(&factors_); // not checked: destructors call this
  VecDestroy(&solution_);
  VecDestroy(&load_);
}

void CoupledFactors::apply(Vector &first, Vector &second) const
{
  PetscScalar *entries = nullptr;
  check_petsc(VecGetArray(load_, &entries));
  for (const unsigned int i : first_)
    *entries++ = first.local_element(i);
  for (const unsigned int i : second_)
    *entries++ = unit_ * second.local_element(i);
  entries -= first_.size() + second_.size();
  check_petsc(VecRestoreArray(load_, &entries));
  check_petsc(PCApply(factors_, load_, solution_));
  const PetscScalar *result = nullptr;
  check_petsc(VecGetArrayRead(solution_, &result));
  first = 0.;
  second = 0.;
  for (unsigned int i = 0; i < first_.size(); ++i)
    first.local_element(first_[i]) = result[i];
  for (unsigned int i = 0; i < second_.size(); ++i)
    second.local_element(second_[i]) = unit_ * result[first_.size() + i];
  check_petsc(VecRestoreArrayRead(solution_, &result));
}
} // namespace lithoclase
