#include "microstructure/inclusions.h"

#include "microstructure/periodic_shifts.h"

#include <algorithm>

namespace lithoclase
{
template <int dim>
Inclusions<dim>::Inclusions(const std::vector<Pore<dim>> &pores, const dealii::Point<dim> &lower,
                            const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic)
    : largest_(lower.distance(upper)), pores_(pores)
{
  for (const dealii::Tensor<1, dim> &shift : periodic_shifts<dim>(lower, upper, periodic))
    for (const Pore<dim> &pore : pores) {
      Ellipsoid<dim> image = pore.shape;
      image.centre += shift;
      groups_[static_cast<int>(pore.filling)].shapes.push_back(image);
    }

  for (Group &group : groups_) {
    std::vector<typename CandidateTree<dim>::Item> items;
    for (const Ellipsoid<dim> &shape : group.shapes)
      items.push_back({shape.centre, shape.inner_radius(), shape.outer_radius()});
    group.tree = CandidateTree<dim>(items, lower, upper, 0.);
  }
}

template <int dim>
Depth<dim> Inclusions<dim>::depth(PoreFilling filling, const dealii::Point<dim> &point, double reach) const
{
  const Group &group = groups_[static_cast<int>(filling)];
  Depth<dim> deepest{-largest_, {}};
  for (const unsigned int i : group.tree.candidates(point)) {
    const Ellipsoid<dim> &shape = group.shapes[i];
    // The exact distance to an ellipsoid takes an iteration: only where the ball around it says that it may
    // matter.
    if (shape.outer_radius() - point.distance(shape.centre) <= std::max(deepest.value, -reach))
      continue;
    const Depth<dim> depth = shape.depth(point);
    if (depth.value > deepest.value)
      deepest = depth;
  }
  return deepest;
}

template class Inclusions<2>;
template class Inclusions<3>;
} // namespace lithoclase
