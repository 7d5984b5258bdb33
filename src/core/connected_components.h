#pragma once

#include "core/field.h"
#include "core/mesh.h"

#include <vector>

namespace lithoclase
{
/// Connected regions of cells across ranks: which metal hangs together, which metal reaches the collector,
/// which is isolated.
///
/// Cells are neighbours over faces, refined neighbours and periodic sides included. Each rank joins its own
/// cells and then exchanges what its regions know over the ghost cells until nothing changes anywhere: as
/// many exchanges as the longest region crosses borders between ranks, each with work and memory of the size
/// of the local mesh.
template <int dim>
class ConnectedRegions
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  explicit ConnectedRegions(const Mesh<dim> &mesh) : mesh_(mesh) {}

  /// Finds the regions of the cells marked in `inside` (index: active_cell_index(); only locally owned cells
  /// are read). `marked`, if not empty, likewise tells cells whose regions are then known as marked (e.g.
  /// sources of lithium). Collective; to be repeated when the mesh has changed.
  void update(const std::vector<bool> &inside, const std::vector<bool> &marked = {});

  /// The functions below hold for locally owned and ghost cells. Outside of all regions nothing is connected.
  bool inside(const Cell &cell) const { return region(cell) != nullptr; }

  /// The same number for all cells of a region on all ranks, -1 outside. Numbers depend on the partition of
  /// the mesh.
  long long label(const Cell &cell) const;

  /// Whether the region of the cell has a face on the boundary.
  bool touches(const Cell &cell, dealii::types::boundary_id boundary) const;

  /// Whether the region of the cell holds a marked cell.
  bool marked(const Cell &cell) const;

  /// Whether one region reaches from one boundary to the other (for metal: a short circuit). Collective.
  bool bridges(dealii::types::boundary_id first, dealii::types::boundary_id second) const;

private:
  struct Region
  {
    long long label;
    unsigned int flags; ///< bit b: touches boundary b; bit 2 dim: marked
  };

  const Region *region(const Cell &cell) const;
  std::vector<bool> share_inside(const std::vector<bool> &inside) const;
  void join_local_cells(const std::vector<bool> &inside, const std::vector<bool> &marked);
  void exchange();

  const Mesh<dim> &mesh_;
  std::vector<int> region_of_cell_; ///< index into regions_ per active cell, -1 outside
  std::vector<Region>
      regions_; ///< what this rank knows; a region in several local pieces stands here several times
};

/// Marks the locally owned cells on which the mean of a nodal field exceeds `threshold`, for
/// ConnectedRegions.
template <int dim>
std::vector<bool> cells_above(const Field<dim> &nodal_field, double threshold);
} // namespace lithoclase
