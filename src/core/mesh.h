#pragma once

#include "core/parameter_section.h"

#include <deal.II/base/bounding_box.h>
#include <deal.II/base/mpi.h>
#include <deal.II/base/point.h>
#include <deal.II/distributed/tria.h>
#include <deal.II/fe/mapping_cartesian.h>

#include <array>
#include <string>
#include <vector>

namespace lithoclase
{
struct MeshParameters
{
  std::vector<double> size{20e-6, 20e-6};       ///< box edge lengths [m]
  std::vector<double> lower_corner;             ///< [m], empty: the origin
  std::string coarse_cells = "1, 1";            ///< cells per axis on level 0
  unsigned int minimum_level = 6;               ///< every cell is refined at least so often
  unsigned int maximum_level = 6;               ///< no cell is refined more often
  unsigned long long maximum_cells = 100000000; ///< refinement stops there
  std::vector<std::string> periodic_axes;       ///< ("x", "y", "z")
  unsigned int refinement_interval = 5;         ///< accepted steps between two adaptations
  bool refine_grain_boundaries = true;          ///< to the maximum level
  bool refine_walls = true;                     ///< of pores and voids, likewise

  void declare(ParameterSection &section);
};

/// How a mesh begins: refined to the minimum level, or left as coarse cells, into which a checkpoint is
/// loaded.
enum class MeshStart
{
  refined,
  coarse
};

/// The box and its p4est mesh, refined between two levels on request.
///
/// Cells ask for a level (request()), adapt() then flags, limits and executes. All cells are axis-parallel
/// boxes.
template <int dim>
class Mesh
{
public:
  Mesh(MPI_Comm communicator, const MeshParameters &parameters, MeshStart start = MeshStart::refined);

  dealii::parallel::distributed::Triangulation<dim> triangulation;
  dealii::MappingCartesian<dim> mapping;

  MPI_Comm communicator() const { return triangulation.get_communicator(); }
  const dealii::Point<dim> &lower() const { return lower_; }
  const dealii::Point<dim> &upper() const { return upper_; }
  double cross_section() const; ///< area normal to the stack axis [m^2], in 2-D the width [m]
  double volume() const;        ///< [m^3], in 2-D [m^2]
  double finest_cell() const;   ///< side of a cell of the maximum level, largest over the axes [m]
  unsigned int maximum_level() const { return parameters_.maximum_level; }
  const MeshParameters &parameters() const { return parameters_; }
  bool adaptive() const { return parameters_.maximum_level > parameters_.minimum_level; }
  bool periodic(unsigned int axis) const;
  std::array<bool, dim> periodic_axes() const;

  /// Boundary id of "left", "right", "front", "back", "bottom", "top"; InputError with the allowed names
  /// otherwise.
  static dealii::types::boundary_id boundary_id(const std::string &name);
  static const std::vector<std::string> &boundary_names();
  static dealii::types::boundary_id top();
  static dealii::types::boundary_id bottom();

  /// Levels wanted per active cell (index: active_cell_index), start from the minimum level.
  std::vector<unsigned char> no_request() const;
  /// Sets refine and coarsen flags so that each owned cell gets its level by one step at a time; true if any
  /// cell changes on any rank. Does not execute.
  bool flag(const std::vector<unsigned char> &wanted_level);
  /// Every owned cell gets the highest level wanted by the cells that share a vertex with it: one layer.
  /// Collective.
  void widen(std::vector<unsigned char> &wanted_level) const;
  bool cell_limit_reached() const { return cell_limit_reached_; }

private:
  MeshParameters parameters_;
  std::vector<unsigned int> coarse_cells_;
  dealii::Point<dim> lower_, upper_;
  bool cell_limit_reached_ = false;
};
} // namespace lithoclase
