#pragma once

#include "microstructure/candidate_tree.h"
#include "microstructure/point_structure.h"

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

/// Voronoi grains: each point belongs to the nearest seed.
///
/// Grain-boundary bands: the boundary k between two grains lies on the bisector plane of their seeds. A point
/// is in band k if its distance s to the plane is below w_s and its projection onto the plane lies in the
/// facet, that is, no third seed is nearer there. So each band ends where its facet ends, and along every
/// normal of the facet INT b_k ds = w_s.
template <int dim>
class Voronoi
{
public:
  /// One grain per seed. `lower`, `upper`: the box of all points that will be asked for. Across periodic axes
  /// the grains continue.
  Voronoi(const std::vector<dealii::Point<dim>> &seeds, const dealii::Point<dim> &lower,
          const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic, double band_width);

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
  const dealii::Point<dim> &facets_lower() const { return lower_; }
  const dealii::Point<dim> &facets_upper() const { return upper_; }

private:
  struct Seed
  {
    dealii::Point<dim> point;
    unsigned int grain;
  };
  struct Neighbour
  {
    unsigned int seed, boundary;
  };
  struct NearSeed
  {
    unsigned int seed;
    double distance_square;
  };

  void add_seeds(const std::vector<dealii::Point<dim>> &seeds, const std::array<bool, dim> &periodic);
  void find_facets();
  std::vector<dealii::Point<dim>> cut_facet(unsigned int a, unsigned int b,
                                            const std::vector<unsigned int> &others) const;
  NearSeed nearest(const dealii::Point<dim> &point) const;
  const Neighbour *find_neighbour(unsigned int a, unsigned int b) const; ///< nullptr: no common facet
  void add_band(const dealii::Point<dim> &point, const NearSeed &a, const NearSeed &b,
                dealii::ArrayView<const NearSeed> near, PointStructure<dim> &structure) const;

  dealii::Point<dim> lower_, upper_; ///< box enlarged by the band width
  double band_width_;
  unsigned int n_grains_;
  std::vector<Seed> seeds_; ///< with periodic images
  CandidateTree<dim> tree_;
  std::vector<std::pair<unsigned int, unsigned int>> pairs_; ///< grains per boundary, sorted
  std::vector<std::vector<Neighbour>> neighbours_;           ///< by seed: those with a facet to another grain
  std::vector<Facet<dim>> facets_;
};
} // namespace lithoclase
