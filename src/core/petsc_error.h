#pragma once

#include <deal.II/base/exceptions.h>

#include <petscsys.h>

#include <string>

namespace lithoclase
{
/// Throws if a call to PETSc failed.
inline void check_petsc(const PetscErrorCode code)
{
  AssertThrow(code == 0, dealii::ExcMessage("PETSc error " + std::to_string(code)));
}
} // namespace lithoclase
