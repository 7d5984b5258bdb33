#pragma once

#include "microstructure/candidate_tree.h"
#include "microstructure/ellipsoid.h"
#include "microstructure/microstructure_parameters.h"

#include <array>
#include <vector>

namespace lithoclase
{
template <int dim>
struct Pore
{
  Ellipsoid<dim> shape;
  PoreFilling filling = PoreFilling::empty;
  bool is_throat = false; ///< between two pores, or a pore and the anode side
};

/// Voids and pores filled with ionic liquid: how deep does a point lie inside the nearest one?
template <int dim>
class Inclusions
{
public:
  /// `lower`, `upper`: the box of all points that will be asked for. Across periodic axes the pores continue.
  Inclusions(const std::vector<Pore<dim>> &pores, const dealii::Point<dim> &lower,
             const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic);

  /// Signed distance to the nearest wall of pores with this filling, positive inside; minus the diagonal of
  /// the box if there is none within `reach` outside of it.
  Depth<dim> depth(PoreFilling filling, const dealii::Point<dim> &point, double reach) const;

  const std::vector<Pore<dim>> &pores() const { return pores_; }

private:
  struct Group
  {
    std::vector<Ellipsoid<dim>> shapes; ///< with periodic images
    CandidateTree<dim> tree;
  };

  double largest_;
  std::vector<Pore<dim>> pores_;
  std::array<Group, 2> groups_; ///< by filling
};
} // namespace lithoclase
