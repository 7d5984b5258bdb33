#include "core/coupled_factors.h"

#include <numeric>

namespace lithoclase
{
namespace
{
std::vector<unsigned int> local_rows(const Mat matrix, const std::vector<PetscInt> &rows)
{
  PetscInt begin = 0;
  MatGetOwnershipRange(matrix, &begin, nullptr);
  std::vector<unsigned int> result;
  result.reserve(rows.size());
  for (const PetscInt row : rows)
    result.push_back(row - begin);
  return result;
}

std::vector<unsigned int> all_rows(const Mat matrix)
{
  PetscInt n = 0;
  MatGetLocalSize(matrix, &n, nullptr);
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
  ISCreateGeneral(communicator, part.first.size(), part.first.data(), PETSC_USE_POINTER, &first);
  ISCreateGeneral(communicator, part.second.size(), part.second.data(), PETSC_USE_POINTER, &second);
  Mat parts[3] = {nullptr, nullptr, nullptr};
  MatCreateSubMatrix(K, first, first, MAT_INITIAL_MATRIX, &parts[0]);
  MatCreateSubMatrix(B, second, first, MAT_INITIAL_MATRIX, &parts[1]);
  MatCreateSubMatrix(C, second, second, MAT_INITIAL_MATRIX, &parts[2]);
  ISDestroy(&first);
  ISDestroy(&second);
  factorise(parts[0], parts[1], parts[2]);
  for (Mat &matrix : parts)
    MatDestroy(&matrix);
}

void CoupledFactors::factorise(Mat K, Mat B, Mat C)
{
  clear();
  Mat blocks[4] = {K, nullptr, nullptr, nullptr}, nest = nullptr, matrix = nullptr;
  MatTranspose(B, MAT_INITIAL_MATRIX, &blocks[1]);
  MatScale(blocks[1], -unit_);
  MatDuplicate(B, MAT_COPY_VALUES, &blocks[2]);
  MatScale(blocks[2], unit_);
  MatDuplicate(C, MAT_COPY_VALUES, &blocks[3]);
  MatScale(blocks[3], unit_ * unit_);
  MPI_Comm communicator = PetscObjectComm(reinterpret_cast<PetscObject>(K));
  MatCreateNest(communicator, 2, nullptr, 2, nullptr, blocks, &nest);
  MatConvert(nest, MATAIJ, MAT_INITIAL_MATRIX, &matrix);
  MatCreateVecs(matrix, &solution_, &load_);
  PCCreate(communicator, &factors_);
  PCSetOperators(factors_, matrix, matrix);
  PCSetType(factors_, PCLU);
  PCFactorSetMatSolverType(factors_, MATSOLVERMUMPS);
  PCSetUp(factors_);
  MatDestroy(&matrix);
  MatDestroy(&nest);
  for (unsigned int k = 1; k < 4; ++k)
    MatDestroy(&blocks[k]);
}

void CoupledFactors::clear()
{
  PCDestroy(&factors_);
  VecDestroy(&solution_);
  VecDestroy(&load_);
}

void CoupledFactors::apply(Vector &first, Vector &second) const
{
  PetscScalar *entries = nullptr;
  VecGetArray(load_, &entries);
  for (const unsigned int i : first_)
    *entries++ = first.local_element(i);
  for (const unsigned int i : second_)
    *entries++ = unit_ * second.local_element(i);
  entries -= first_.size() + second_.size();
  VecRestoreArray(load_, &entries);
  PCApply(factors_, load_, solution_);
  const PetscScalar *result = nullptr;
  VecGetArrayRead(solution_, &result);
  first = 0.;
  second = 0.;
  for (unsigned int i = 0; i < first_.size(); ++i)
    first.local_element(first_[i]) = result[i];
  for (unsigned int i = 0; i < second_.size(); ++i)
    second.local_element(second_[i]) = unit_ * result[first_.size() + i];
  VecRestoreArrayRead(solution_, &result);
}
} // namespace lithoclase
