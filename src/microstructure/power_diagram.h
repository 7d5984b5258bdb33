#pragma once

#include "microstructure/candidate_tree.h"

#include <deal.II/base/point.h>

#include <array>
#include <vector>

namespace lithoclase
{
/// Seeds of grains. A point x belongs to the seed with the least power
///     SUM_a g_a^2 (x_a - p_a)^2 - w,                                                                   (1)
/// so without weights, and with g = 1, to the nearest one (Voronoi); with weights the grains are those of a
/// Laguerre tessellation. See GrainShape for g.
template <int dim>
struct GrainSeeds
{
  GrainSeeds(std::vector<dealii::Point<dim>> points = {}) : points(std::move(points))
  {
    for (unsigned int a = 0; a < dim; ++a)
      metric[a] = 1.;
  }

  std::vector<dealii::Point<dim>> points; ///< p
  std::vector<double> weights;            ///< w [m^2]; none: all zero
  dealii::Tensor<1, dim> metric;          ///< g, at most 1
};

/// Geometry of the tessellation (1) in a box, continued across periodic axes.
///
/// Only differences of weights count. Seeds are lifted out of space by the height h, h^2 = max w - w, and
/// the power is the square of a distance, |x - p|^2 + h^2: all that holds for distances (that from x to a
/// seed changes by at most the way that x moves) holds for its root.
template <int dim>
class PowerDiagram
{
public:
  struct Seed
  {
    dealii::Point<dim> point;
    unsigned int grain;
    double lift; ///< h^2 [m^2]
  };
  /// Where two seeds are equally powerful; the normal is that from the first to the second.
  struct Bisector
  {
    dealii::Tensor<1, dim> normal;
    double length; ///< |g^2 (p_b - p_a)|, of the vector along the normal [m]; 0: they never are
    double offset; ///< normal * x on the plane [m]
  };

  /// Lists of candidates hold all seeds that are the strongest ones within `reach` of a point.
  PowerDiagram(const GrainSeeds<dim> &seeds, const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
               const std::array<bool, dim> &periodic, double reach);

  const std::vector<Seed> &seeds() const { return seeds_; } ///< with periodic images
  const dealii::Point<dim> &lower() const { return lower_; }
  const dealii::Point<dim> &upper() const { return upper_; }
  dealii::ArrayView<const unsigned int> candidates(const dealii::Point<dim> &point) const
  {
    return tree_.candidates(point);
  }

  double power(unsigned int seed, const dealii::Point<dim> &point) const
  {
    return distance_square(seeds_[seed].point, point) + seeds_[seed].lift;
  }
  Bisector bisector(unsigned int a, unsigned int b) const;

  /// For each seed the others that may bound its cell, the nearest first.
  std::vector<std::vector<unsigned int>> possible_neighbours() const;
  /// The facet between the cells of a and b in the box, cut off by `others`: a line (2-D: 2 vertices) or a
  /// convex polygon (3-D); may be empty.
  std::vector<dealii::Point<dim>> facet(unsigned int a, unsigned int b,
                                        const std::vector<unsigned int> &others) const;
  /// The part of a side of the box (2 axis, 2 axis + 1 for the upper one) in the cell of a.
  std::vector<dealii::Point<dim>> side_facet(unsigned int a, unsigned int side,
                                             const std::vector<unsigned int> &others) const;

private:
  double distance_square(const dealii::Point<dim> &a, const dealii::Point<dim> &b) const
  {
    double sum = 0.;
    for (unsigned int i = 0; i < dim; ++i)
      sum += metric_square_[i] * (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
  }
  /// A seed without a cell is not among the candidates of most points, nor are those that would cut off what
  /// seems to be its facet: whether the seed is the strongest one at the centre of it.
  bool is_facet_of(unsigned int a, const std::vector<dealii::Point<dim>> &vertices) const;
  void cut_by_box(std::vector<dealii::Point<dim>> &vertices) const;
  void cut_by_others(std::vector<dealii::Point<dim>> &vertices, unsigned int a, unsigned int b,
                     const std::vector<unsigned int> &others) const;

  dealii::Point<dim> lower_, upper_;
  dealii::Tensor<1, dim> metric_square_; ///< g^2
  std::vector<Seed> seeds_;
  CandidateTree<dim> tree_;
};

/// Area (2-D: length) and centre of a facet.
template <int dim>
double facet_area(const std::vector<dealii::Point<dim>> &vertices);
template <int dim>
dealii::Point<dim> facet_centre(const std::vector<dealii::Point<dim>> &vertices);
} // namespace lithoclase
