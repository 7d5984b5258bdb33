#include "core/space.h"

#include "core/failure.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_dgq.h>
#include <deal.II/fe/fe_q.h>
#include <deal.II/fe/fe_system.h>
#include <deal.II/grid/grid_tools.h>

#include <petscsys.h>

#include <limits>
#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
template <int dim>
std::unique_ptr<FiniteElement<dim>> make_element(const SpaceKind kind)
{
  switch (kind) {
  case SpaceKind::nodal:
    return std::make_unique<FE_Q<dim>>(1);
  case SpaceKind::vector:
    return std::make_unique<FESystem<dim>>(FE_Q<dim>(1), dim);
  case SpaceKind::quadrature:
    return std::make_unique<FE_DGQArbitraryNodes<dim>>(QGauss<1>(2));
  case SpaceKind::cell:
    return std::make_unique<FE_DGQ<dim>>(0);
  }
  Assert(false, ExcInternalError());
  return nullptr;
}

/// Of a field before its unknowns are numbered: those inside the mesh, which are nearly all.
template <int dim>
void check_mesh(const double n_cells, const FiniteElement<dim> &element, const SpaceKind kind)
{
  if (kind == SpaceKind::nodal || kind == SpaceKind::vector)
    check_countable(n_cells * element.n_components(), std::numeric_limits<PetscInt>::max());
  else
    check_countable(n_cells * element.n_dofs_per_cell(), std::numeric_limits<types::global_dof_index>::max());
}
} // namespace

void check_countable(const double unknowns, const double most)
{
  if (unknowns < most)
    return;
  std::ostringstream text;
  text << "the mesh has about " << unknowns << " unknowns in one field, but this build can number " << most
       << "; build deal.II and PETSc with 64-bit indices (DEAL_II_WITH_64BIT_INDICES=ON, "
          "--with-64-bit-indices) or take a coarser mesh";
  throw InputError(text.str());
}

template <int dim>
Space<dim>::Space(const Mesh<dim> &mesh, const SpaceKind kind)
    : dof_handler(mesh.triangulation), mesh_(mesh), kind_(kind), fe_(make_element<dim>(kind))
{
}

template <int dim>
void Space<dim>::reinit()
{
  check_mesh<dim>(mesh_.triangulation.n_global_active_cells(), *fe_, kind_);
  dof_handler.distribute_dofs(*fe_);
  owned = dof_handler.locally_owned_dofs();
  relevant = DoFTools::extract_locally_relevant_dofs(dof_handler);
  partitioner = std::make_shared<Utilities::MPI::Partitioner>(owned, relevant, mesh_.communicator());

  constraints.clear();
  constraints.reinit(relevant);
  if (kind_ == SpaceKind::nodal || kind_ == SpaceKind::vector) {
    DoFTools::make_hanging_node_constraints(dof_handler, constraints);
    std::vector<GridTools::PeriodicFacePair<typename DoFHandler<dim>::cell_iterator>> pairs;
    for (unsigned int axis = 0; axis < dim; ++axis)
      if (mesh_.periodic(axis))
        GridTools::collect_periodic_faces(dof_handler, 2 * axis, 2 * axis + 1, axis, pairs);
    DoFTools::make_periodicity_constraints<dim, dim>(pairs, constraints);
  }
  constraints.close();

  const unsigned int n = fe_->n_dofs_per_cell();
  std::vector<types::global_dof_index> dofs(n);
  cell_dofs_.assign(static_cast<std::size_t>(mesh_.triangulation.n_active_cells()) * n, 0);
  for (const auto &cell : dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      for (unsigned int i = 0; i < n; ++i)
        cell_dofs_[static_cast<std::size_t>(cell->active_cell_index()) * n + i] =
            partitioner->global_to_local(dofs[i]);
    }
}

template <int dim>
types::global_dof_index Space<dim>::first_free_dof() const
{
  types::global_dof_index first = dof_handler.n_dofs();
  for (const auto dof : owned)
    if (!constraints.is_constrained(dof)) {
      first = dof;
      break;
    }
  return Utilities::MPI::min(first, mesh_.communicator());
}

template class Space<2>;
template class Space<3>;
} // namespace lithoclase
