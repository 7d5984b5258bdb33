#pragma once

#include <deal.II/base/array_view.h>
#include <deal.II/base/point.h>

#include <vector>

namespace lithoclase
{
/// Search for the nearest of many items: a binary tree of boxes whose leaves list all items that can be
/// nearest to a point of the leaf. An item is known by the ball that it lies in and the ball that it contains
/// (for a point both are the point), so its signed distance to x lies between |x - centre| - outer and |x -
/// centre| - inner. Distances may be measured with another metric, and from a place beside space (see
/// PowerDiagram).
template <int dim>
class CandidateTree
{
public:
  struct Item
  {
    dealii::Point<dim> centre;
    double inner = 0., outer = 0.;
    double lift = 0.; ///< square of its height above space
  };

  CandidateTree() = default;
  /// For points in the box `lower`, `upper`. The lists hold every item that is nearest to any point within
  /// `reach` of the leaf. `metric_square`: weights of the squares of coordinates in distances, at most 1.
  CandidateTree(const std::vector<Item> &items, const dealii::Point<dim> &lower,
                const dealii::Point<dim> &upper, double reach,
                const dealii::Tensor<1, dim> &metric_square = unit_metric());

  /// Numbers of the items that may be nearest to any point within `reach` of `point`, in increasing order.
  dealii::ArrayView<const unsigned int> candidates(const dealii::Point<dim> &point) const;

  /// The lists of all leaves.
  std::vector<dealii::ArrayView<const unsigned int>> leaves() const;

private:
  struct Node
  {
    int axis = -1; ///< -1: leaf
    double split = 0.;
    std::size_t first = 0, last = 0; ///< leaf: range of numbers; else the two children
  };

  static dealii::Tensor<1, dim> unit_metric();
  double distance(const Item &item, const dealii::Point<dim> &point) const;
  std::size_t build(const std::vector<Item> &items, const dealii::Point<dim> &lower,
                    const dealii::Point<dim> &upper, const std::vector<unsigned int> &parent_list);
  dealii::ArrayView<const unsigned int> list(const Node &leaf) const;

  double reach_ = 0., smallest_radius_ = 0.;
  dealii::Tensor<1, dim> metric_square_;
  std::vector<Node> nodes_;
  std::vector<unsigned int> numbers_;
};
} // namespace lithoclase
