#pragma once

#include "microstructure/point_structure.h"
#include "microstructure/power_diagram.h"

#include <deal.II/base/point.h>

#include <array>
#include <utility>
#include <vector>

namespace lithoclase
{
/// A plane piece of grain boundary between two grains: a line (2-D: 2 vertices) or a convex polygon (3-D).
template <int dim>
struct Facet
{
  unsigned int boundary;
  std::vector<dealii::Point<dim>> vertices;
  double area; ///< in 2-D the length
};

/// Voronoi and Laguerre grains: each point belongs to the seed with the least power (see GrainSeeds), of
/// Voronoi grains the nearest one.
///
/// Grain-boundary bands: the boundary k between two grains lies on the bisector plane of their seeds. A point
/// is in band k if its distance s to the plane is below w_s and its projection onto the plane lies in the
/// facet, that is, no third seed is stronger there. So each band ends where its facet ends, and along every
/// normal of the facet INT b_k ds = w_s.
template <int dim>
class Voronoi
{
public:
  /// One grain per seed. `lower`, `upper`: the box of all points that will be asked for. Across periodic axes
  /// the grains continue.
  Voronoi(const GrainSeeds<dim> &seeds, const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
          const std::array<bool, dim> &periodic, double band_width);

  /// Sets grain and bands of `structure`.
  void evaluate(const dealii::Point<dim> &point, PointStructure<dim> &structure) const;

  /// Distance to the nearest facet; the diagonal of the box if there is none.
  double distance_to_boundary(const dealii::Point<dim> &point) const;

  unsigned int n_grains() const { return n_grains_; }
  unsigned int n_boundaries() const { return pairs_.size(); }
  std::pair<unsigned int, unsigned int> grains_of_boundary(unsigned int boundary) const
  {
    return pairs_[boundary];
  }

  /// All facets between different grains in the box, enlarged by the band width.
  const std::vector<Facet<dim>> &facets() const { return facets_; }
  /// The enlarged box, at which facets are cut off.
  const dealii::Point<dim> &facets_lower() const { return diagram_.lower(); }
  const dealii::Point<dim> &facets_upper() const { return diagram_.upper(); }

private:
  struct Neighbour
  {
    unsigned int seed, boundary;
  };
  struct NearSeed
  {
    unsigned int seed;
    double power;
  };

  void find_facets();
  NearSeed nearest(const dealii::Point<dim> &point) const;
  const Neighbour *find_neighbour(unsigned int a, unsigned int b) const; ///< nullptr: no common facet
  void add_band(const dealii::Point<dim> &point, const NearSeed &a, const NearSeed &b,
                dealii::ArrayView<const NearSeed> near, PointStructure<dim> &structure) const;

  double band_width_;
  unsigned int n_grains_;
  PowerDiagram<dim> diagram_;                                ///< in the box enlarged by the band width
  std::vector<std::pair<unsigned int, unsigned int>> pairs_; ///< grains per boundary, sorted
  std::vector<std::vector<Neighbour>> neighbours_;           ///< by seed: those with a facet to another grain
  std::vector<Facet<dim>> facets_;
};
} // namespace lithoclase
