#include "microstructure/candidate_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lithoclase
{
template <int dim>
dealii::Tensor<1, dim> CandidateTree<dim>::unit_metric()
{
  dealii::Tensor<1, dim> metric;
  for (unsigned int a = 0; a < dim; ++a)
    metric[a] = 1.;
  return metric;
}

template <int dim>
double CandidateTree<dim>::distance(const Item &item, const dealii::Point<dim> &point) const
{
  double sum = item.lift;
  for (unsigned int a = 0; a < dim; ++a)
    sum += metric_square_[a] * (point[a] - item.centre[a]) * (point[a] - item.centre[a]);
  return std::sqrt(sum);
}

template <int dim>
CandidateTree<dim>::CandidateTree(const std::vector<Item> &items, const dealii::Point<dim> &lower,
                                  const dealii::Point<dim> &upper, double reach,
                                  const dealii::Tensor<1, dim> &metric_square)
    : reach_(reach), metric_square_(metric_square)
{
  double volume = 1.;
  unsigned int n_axes = 0;
  for (unsigned int a = 0; a < dim; ++a)
    if (metric_square[a] > 0.) {
      volume *= std::sqrt(metric_square[a]) * (upper[a] - lower[a]);
      ++n_axes;
    }
  // Below the reach, or far below the distance of the items, lists get no shorter.
  const double spacing = std::pow(volume / std::max<std::size_t>(items.size(), 1), 1. / n_axes);
  smallest_radius_ = std::max(reach, 0.3 * spacing);

  std::vector<unsigned int> all(items.size());
  for (unsigned int i = 0; i < all.size(); ++i)
    all[i] = i;
  build(items, lower, upper, all);
}

template <int dim>
std::size_t CandidateTree<dim>::build(const std::vector<Item> &items, const dealii::Point<dim> &lower,
                                      const dealii::Point<dim> &upper,
                                      const std::vector<unsigned int> &parent_list)
{
  constexpr unsigned int short_list = 6;
  const dealii::Point<dim> centre = lower + 0.5 * (upper - lower);
  double diagonal_square = 0.;
  int axis = 0;
  const auto length_square = [&](int a) {
    return metric_square_[a] * (upper[a] - lower[a]) * (upper[a] - lower[a]);
  };
  for (int a = 0; a < dim; ++a) {
    diagonal_square += length_square(a);
    if (length_square(a) > length_square(axis))
      axis = a;
  }
  const double radius = 0.5 * std::sqrt(diagonal_square);

  double nearest = std::numeric_limits<double>::infinity();
  for (const unsigned int i : parent_list)
    nearest = std::min(nearest, distance(items[i], centre) - items[i].inner);
  std::vector<unsigned int> list;
  for (const unsigned int i : parent_list)
    if (distance(items[i], centre) - items[i].outer <= nearest + 2. * (radius + reach_))
      list.push_back(i);

  const std::size_t number = nodes_.size();
  nodes_.emplace_back();
  if (list.size() <= short_list || radius <= smallest_radius_) {
    nodes_[number].first = numbers_.size();
    numbers_.insert(numbers_.end(), list.begin(), list.end());
    nodes_[number].last = numbers_.size();
    return number;
  }

  dealii::Point<dim> middle_upper = upper, middle_lower = lower;
  middle_upper[axis] = middle_lower[axis] = centre[axis];
  const std::size_t left = build(items, lower, middle_upper, list);
  const std::size_t right = build(items, middle_lower, upper, list);
  nodes_[number] = {axis, centre[axis], left, right};
  return number;
}

template <int dim>
dealii::ArrayView<const unsigned int> CandidateTree<dim>::list(const Node &leaf) const
{
  return {numbers_.data() + leaf.first, leaf.last - leaf.first};
}

template <int dim>
dealii::ArrayView<const unsigned int> CandidateTree<dim>::candidates(const dealii::Point<dim> &point) const
{
  const Node *node = &nodes_[0];
  while (node->axis >= 0)
    node = &nodes_[point[node->axis] < node->split ? node->first : node->last];
  return list(*node);
}

template <int dim>
std::vector<dealii::ArrayView<const unsigned int>> CandidateTree<dim>::leaves() const
{
  std::vector<dealii::ArrayView<const unsigned int>> result;
  for (const Node &node : nodes_)
    if (node.axis < 0)
      result.push_back(list(node));
  return result;
}

template class CandidateTree<2>;
template class CandidateTree<3>;
} // namespace lithoclase
