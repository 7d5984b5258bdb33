#pragma once

#include <petscmat.h>

namespace lithoclase
{
/// A copy of an AIJ matrix without the entries that are nothing (1e-14) beside the diagonal of their row; the
/// diagonal always stays. The caller destroys it. Collective.
///
/// For making a preconditioner: a sparsity pattern couples all components at all nodes, but a reaction
/// couples two potentials only at the surface of the metal, and an entry that is zero costs the smoother of
/// multigrid as much as any other.
Mat matrix_without_zeros(Mat matrix, PetscInt block_size);
} // namespace lithoclase
