#include "physics/surface_geometry.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double clip = 1e-12;      // of xi and 1-xi: psi is bounded by 14 delta
constexpr double flat_slope = 1e-6; // |grad psi| below which there is no surface
} // namespace

template <int dim>
SurfaceGeometry<dim>::SurfaceGeometry(const Space<dim> &nodal_space, const double front_width)
    : space_(nodal_space), front_width_(front_width)
{
}

template <int dim>
void SurfaceGeometry<dim>::update(const Vector &lithium, const bool with_curvature)
{
  distance_.reinit(space_.partitioner);
  for (unsigned int i = 0; i < distance_.locally_owned_size(); ++i) {
    const double xi = std::clamp(lithium.local_element(i), clip, 1. - clip);
    distance_.local_element(i) = 0.5 * front_width_ * std::log(xi / (1. - xi));
  }
  space_.constraints.distribute(distance_);
  distance_.update_ghost_values();
  if (with_curvature)
    recover_normals();
}

template <int dim>
Tensor<1, dim> SurfaceGeometry<dim>::normal(const Tensor<1, dim> &gradient) const
{
  // In the front the slope is one. Below `flat_slope` the direction is rounding noise.
  return gradient / std::sqrt(gradient.norm_square() + flat_slope * flat_slope);
}

template <int dim>
void SurfaceGeometry<dim>::recover_normals()
{
  CellShapes<dim> shapes(space_);
  Vector weights(space_.partitioner);
  for (Vector &component : normals_)
    component.reinit(space_.partitioner);
  std::vector<Tensor<1, dim>> gradients(shapes.n_q);
  for (const auto &cell : space_.mesh().triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      shapes.reinit(cell);
      shapes.gradients(space_, distance_, gradients);
      const unsigned int *nodes = space_.cell_dofs(shapes.index());
      for (unsigned int i = 0; i < shapes.n_nodes; ++i)
        for (unsigned int q = 0; q < shapes.n_q; ++q) {
          const double weight = shapes.value(q, i) * shapes.JxW();
          weights.local_element(nodes[i]) += weight;
          for (unsigned int d = 0; d < dim; ++d)
            normals_[d].local_element(nodes[i]) += weight * gradients[q][d];
        }
    }
  weights.compress(VectorOperation::add);
  for (Vector &component : normals_)
    component.compress(VectorOperation::add);
  for (unsigned int i = 0; i < weights.locally_owned_size(); ++i) {
    Tensor<1, dim> gradient;
    for (unsigned int d = 0; d < dim; ++d)
      gradient[d] = normals_[d].local_element(i) / weights.local_element(i);
    gradient = normal(gradient);
    for (unsigned int d = 0; d < dim; ++d)
      normals_[d].local_element(i) = gradient[d];
  }
  for (Vector &component : normals_) {
    space_.constraints.distribute(component);
    component.update_ghost_values();
  }
}

template <int dim>
void SurfaceGeometry<dim>::curvature(const CellShapes<dim> &shapes, std::vector<double> &result) const
{
  std::fill(result.begin(), result.end(), 0.);
  const unsigned int *nodes = space_.cell_dofs(shapes.index());
  for (unsigned int d = 0; d < dim; ++d)
    for (unsigned int i = 0; i < shapes.n_nodes; ++i) {
      const double normal = normals_[d].local_element(nodes[i]);
      for (unsigned int q = 0; q < shapes.n_q; ++q)
        result[q] -= normal * shapes.gradient(q, i)[d];
    }
}

template class SurfaceGeometry<2>;
template class SurfaceGeometry<3>;
} // namespace lithoclase
