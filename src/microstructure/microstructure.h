#pragma once

#include "microstructure/boundary_variation.h"
#include "microstructure/cell_stack.h"
#include "microstructure/grain_shape.h"
#include "microstructure/inclusions.h"
#include "microstructure/infiltration.h"
#include "microstructure/label_image.h"
#include "microstructure/level_set.h"
#include "microstructure/microstructure_parameters.h"
#include "microstructure/point_structure.h"
#include "microstructure/pore_packing.h"
#include "microstructure/voronoi.h"

#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <array>
#include <utility>
#include <vector>

namespace lithoclase
{
/// Static geometry: point -> phases, grain, grain-boundary bands. Pure geometry, the same on all ranks, no
/// finite elements. Points inside the initial anode see the structure of the electrolyte straight ahead of
/// them (the last coordinate is clamped to the anode interface), so that the grain structure continues into
/// the metal. All const functions may be called from several threads.
template <int dim>
class Microstructure
{
public:
  /// `finest_cell`: side of the finest mesh cells [m], the default unit of numerical widths. `periodic`: the
  /// lateral axes across which the mesh is periodic; the structure then continues there too. With a label
  /// image collective over `communicator`, whose nodes then hold one copy of it each. Throws InputError.
  Microstructure(const MicrostructureParameters &parameters, const dealii::Point<dim> &box_lower,
                 const dealii::Point<dim> &box_upper, double finest_cell,
                 const std::array<bool, dim> &periodic = {}, MPI_Comm communicator = MPI_COMM_SELF);

  PointStructure<dim> evaluate(const dealii::Point<dim> &point) const;

  /// Signed distance to the initial metal surface, positive inside the metal [m] (anode with its waviness,
  /// notches, lithium by expression); minus the diagonal of the box where there is no metal.
  double distance_to_lithium(const dealii::Point<dim> &point) const;

  /// Signed distance to the nearest pore or void wall, positive in the solid [m]; the diagonal of the box
  /// where there is none.
  double distance_to_wall(const dealii::Point<dim> &point) const;

  /// Distance to the nearest grain boundary facet [m]; the diagonal of the box where there is none.
  double distance_to_boundary(const dealii::Point<dim> &point) const;

  /// Last coordinate of the anode interface above the lateral position of `point`; the box's bottom where
  /// there is no anode.
  double anode_interface(const dealii::Point<dim> &point) const { return stack_.interface_height(point); }

  double band_width() const { return band_width_; }   ///< w_s [m]
  double half_width() const { return half_width_; }   ///< of diffuse pore walls [m]
  double finest_cell() const { return finest_cell_; } ///< [m]
  const dealii::Point<dim> &lower() const { return lower_; }
  const dealii::Point<dim> &upper() const { return upper_; }
  const std::array<bool, dim> &periodic() const { return periodic_; }
  /// Between anode and top [m^3], in 2-D [m^2].
  double electrolyte_volume() const { return stack_.electrolyte_volume(); }
  bool has_anode() const { return stack_.has_anode(); }

  unsigned int n_grains() const { return image_ ? image_->n_grains() : voronoi_.n_grains(); }
  unsigned int n_boundaries() const ///< boundary numbers are below this
  {
    return image_ ? image_->boundaries().size() : voronoi_.n_boundaries();
  }
  /// The two grains of a boundary.
  std::pair<unsigned int, unsigned int> grains_of_boundary(unsigned int boundary) const
  {
    return image_ ? image_->boundaries()[boundary] : voronoi_.grains_of_boundary(boundary);
  }
  const BoundaryCharacter &character(unsigned int boundary) const { return characters_[boundary]; }
  const GrainShape<dim> &grain_shape() const { return grain_shape_; }
  const MicrostructureParameters &parameters() const { return parameters_; }
  /// Orientation of a grain as a rotation matrix crystal -> sample.
  const dealii::Tensor<2, 3> &orientation(unsigned int grain) const { return orientations_[grain]; }
  const std::vector<Pore<dim>> &pores() const { return pores_.pores(); }
  const std::vector<PorePopulation> &pore_populations() const { return packed_.populations; }
  /// Nothing unless asked for.
  const std::optional<InfiltrationResult> &infiltration() const
  {
    return image_ && image_->infiltration() ? image_->infiltration() : packed_.infiltration;
  }
  /// Pores that are not among pores(): by expression or in a label image.
  bool pores_of_any_shape() const
  {
    return !empty_set_.empty() || !liquid_set_.empty() || !solid_set_.empty() ||
           image_has(VoxelCode::empty) || image_has(VoxelCode::liquid);
  }
  bool has_lithium() const { return has_anode() || !lithium_set_.empty() || image_has(VoxelCode::lithium); }
  const LabelImage<dim> *label_image() const { return image_.get(); } ///< null if grains are generated
  bool has_phase(PoreFilling filling) const; ///< a pore with this filling, or such a phase by expression

private:
  struct PhaseDepths
  {
    Depth<dim> empty, liquid, solid;
  };

  bool image_has(VoxelCode::Phase phase) const { return image_ && image_->has_phase(phase); }
  static double wall_distance(const PhaseDepths &depths);
  /// Exact up to `reach` outside of pores.
  PhaseDepths phase_depths(const dealii::Point<dim> &point, double reach) const;
  dealii::Point<dim> clamp_to_electrolyte(const dealii::Point<dim> &point) const;

  const MicrostructureParameters parameters_;
  dealii::Point<dim> lower_, upper_;
  std::array<bool, dim> periodic_;
  double finest_cell_, band_width_, half_width_;
  CellStack<dim> stack_;
  std::unique_ptr<const LabelImage<dim>> image_; ///< instead of voronoi_, and beside pores_
  GrainShape<dim> grain_shape_;
  Voronoi<dim> voronoi_;
  PackedPores<dim> packed_;
  Inclusions<dim> pores_;
  LevelSet<dim> lithium_set_, empty_set_, liquid_set_, solid_set_;
  std::vector<dealii::Tensor<2, 3>> orientations_;
  std::vector<BoundaryCharacter> characters_;
};
} // namespace lithoclase
