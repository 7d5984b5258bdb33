#include "physics/rigid_motions.h"

namespace lithoclase
{
using namespace dealii;

template <int dim>
RigidMotions<dim>::RigidMotions(const Mesh<dim> &mesh)
    : mesh_(mesh), centre_(0.5 * (mesh.lower() + Tensor<1, dim>(mesh.upper()))),
      length_(0.5 * mesh.lower().distance(mesh.upper()))
{
}

template <int dim>
std::pair<unsigned int, unsigned int> RigidMotions<dim>::plane(const unsigned int motion)
{
  const unsigned int axis = dim == 2 ? 2 : motion - dim;
  return {(axis + 1) % 3, (axis + 2) % 3};
}

template <int dim>
double RigidMotions<dim>::value(const unsigned int motion, const Point<dim> &point,
                                const unsigned int component) const
{
  if (motion < dim)
    return motion == component ? 1. : 0.;
  const auto [first, second] = plane(motion);
  if (component == second)
    return (point[first] - centre_[first]) / length_;
  if (component == first)
    return -(point[second] - centre_[second]) / length_;
  return 0.;
}

template <int dim>
std::string RigidMotions<dim>::name(const unsigned int motion)
{
  if (motion < dim)
    return std::string("a translation along ") + "xyz"[motion];
  return std::string("a rotation about ") + "xyz"[dim == 2 ? 2 : motion - dim];
}

template <int dim>
bool RigidMotions<dim>::fits_periodicity(const unsigned int motion) const
{
  if (motion < dim)
    return true;
  const auto [first, second] = plane(motion);
  return !mesh_.periodic(first) && !mesh_.periodic(second);
}

template <int dim>
std::vector<Vector> RigidMotions<dim>::displacements(const Space<dim> &space) const
{
  std::vector<Vector> motions(size);
  for (Vector &motion : motions)
    motion.reinit(space.owned, space.mesh().communicator());
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        for (unsigned int c = 0; c < dim; ++c)
          if (const auto dof = cell->vertex_dof_index(v, c); space.owned.is_element(dof))
            for (unsigned int m = 0; m < size; ++m)
              motions[m](dof) = value(m, cell->vertex(v), c);
  return motions;
}

template class RigidMotions<2>;
template class RigidMotions<3>;
} // namespace lithoclase
