#pragma once

#include "core/connected_components.h"
#include "core/state.h"
#include "materials/fracture_energy.h"
#include "microstructure/microstructure.h"
#include "physics/initial_cracks.h"

#include <string>
#include <vector>

/// Cracks that are filled from a source: what lithium and liquid in cracks have in common.
///
/// Cells that are open to the filling and joined over their faces to a source of it are filled. The band of a
/// crack reaches beyond its broken cells: S = 1 at all vertices within 2 l (AT1) or 4 l (AT2) of a filled
/// cell, else most of the band (85 % of gamma lies where d < 0.9) would be lost. Which cells are open, and
/// what is a source, is the matter of crack_filling.h (lithium) and crack_liquid.h (ionic liquid).
namespace lithoclase
{
/// The cracks as the module of fracture knows them.
struct CrackBands
{
  CrackModel model = CrackModel::at1;
  double width = 1e-6; ///< l [m]
  InitialCrackList initial_cracks;
};

template <int dim>
class FilledCracks
{
public:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// Adds the field S to the state by this name.
  FilledCracks(const std::string &name, const CrackBands &bands, const Microstructure<dim> &microstructure,
               State<dim> &state, const Field<dim> &lithium, const Field<dim> &damage);

  void reinit(); ///< for a new mesh

  /// Whether the cell has a vertex with d > 0.9 and is mostly solid: damaged pores are no cracks.
  bool broken(const Cell &cell) const;

  /// Finds S from the cells that are open to the filling and those of them that are sources (index:
  /// active_cell_index(), only locally owned ones are read). Collective.
  void fill(const std::vector<bool> &open, const std::vector<bool> &sources);

  const Field<dim> &filling() const { return filling_; } ///< S, 0 or 1 at vertices
  Field<dim> &filling() { return filling_; }
  bool filled(const Cell &cell) const { return regions_.marked(cell); } ///< since fill(), with its source
  bool bridge(dealii::types::boundary_id first, dealii::types::boundary_id second) const; ///< collective

  /// INT gamma S (1-xi), with gamma of crack_length [m], in 3-D [m^2]. Collective.
  double length() const;

  /// chi_s at a quadrature point.
  double solid(const unsigned int active_cell_index, const unsigned int q) const
  {
    return solid_[active_cell_index * n_points + q];
  }

private:
  static constexpr unsigned int n_points = 1 << dim;
  void spread();

  const CrackBands bands_;
  const double reach_; ///< of the band beside broken cells [m]
  const Microstructure<dim> &microstructure_;
  const Mesh<dim> &mesh_;
  const Field<dim> &lithium_, &damage_;
  Field<dim> &filling_;
  ConnectedRegions<dim> regions_;
  std::vector<double> solid_; ///< chi_s per active cell and quadrature point
};
} // namespace lithoclase
