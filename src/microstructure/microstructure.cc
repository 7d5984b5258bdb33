#include "microstructure/microstructure.h"

#include "core/failure.h"
#include "microstructure/diffuse_profile.h"
#include "microstructure/grain_orientations.h"
#include "microstructure/grain_seeds.h"
#include "microstructure/length_text.h"
#include "microstructure/rotation.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
namespace
{
template <int dim>
dealii::Point<dim> electrolyte_lower(const MicrostructureParameters &parameters, dealii::Point<dim> lower)
{
  lower[dim - 1] += parameters.anode.thickness;
  return lower;
}

template <int dim>
GrainSeeds<dim> seeds_in_electrolyte(const MicrostructureParameters &parameters,
                                     const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                     const std::array<bool, dim> &periodic)
{
  return grain_seeds<dim>(parameters.grains, lower, electrolyte_lower<dim>(parameters, lower), upper,
                          periodic);
}

template <int dim>
void check_band_width(const double band_width, const std::size_t n_grains, const CellStack<dim> &stack,
                      const GrainShape<dim> &shape)
{
  const double mean_volume = stack.electrolyte_volume() / n_grains;
  const double grain_size = shape.is_column() ? shape.diameter(mean_volume) : std::pow(mean_volume, 1. / dim);
  if (n_grains > 1 && 2. * band_width > grain_size)
    throw InputError("Microstructure/band width of " + in_um(band_width) +
                     " is more than half the mean grain size of " + in_um(grain_size) +
                     "; narrow the band, refine the mesh or enlarge the grains.");
}

/// Before boundaries between far too many grains are looked for.
template <int dim>
GrainSeeds<dim> wide_enough(GrainSeeds<dim> seeds, const double band_width, const CellStack<dim> &stack,
                            const GrainShape<dim> &shape)
{
  check_band_width(band_width, seeds.points.size(), stack, shape);
  return seeds;
}

template <int dim>
PackedPores<dim> packed_pores(const PoreParameters &parameters, const CellStack<dim> &stack,
                              const Voronoi<dim> &voronoi, const dealii::Point<dim> &lower,
                              const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic,
                              double finest_cell, const LabelImage<dim> *image)
{
  PackedPores<dim> packed =
      PorePacking<dim>(parameters, stack, voronoi, lower, upper, periodic, finest_cell).pack();
  const bool in_image = image && image->infiltration();
  if (in_image && !packed.pores.empty())
    throw InputError("Microstructure/Pores/Infiltration fills either the voids of a label image or generated "
                     "pores, but there are both; leave one of them out.");
  if (parameters.infiltration.active && !in_image)
    packed.infiltration =
        PoreInfiltration<dim>(parameters.infiltration, stack, lower, upper, periodic).fill(packed.pores);
  return packed;
}

double checked_band_width(const MicrostructureParameters &parameters, double finest_cell)
{
  const double width = parameters.band_width.value_or(4. * finest_cell);
  if (width < 3. * finest_cell * (1. - 1e-9))
    throw InputError("Microstructure/band width of " + in_um(width) +
                     " is less than 3 of the finest cells (" + in_um(finest_cell) +
                     " each); widen the band or refine the mesh.");
  return width;
}
} // namespace

template <int dim>
Microstructure<dim>::Microstructure(const MicrostructureParameters &parameters,
                                    const dealii::Point<dim> &box_lower, const dealii::Point<dim> &box_upper,
                                    double finest_cell, const std::array<bool, dim> &periodic,
                                    MPI_Comm communicator)
    : parameters_(parameters), lower_(box_lower), upper_(box_upper), periodic_(periodic),
      finest_cell_(finest_cell), band_width_(checked_band_width(parameters, finest_cell)),
      half_width_(parameters.half_width.value_or(1.5 * finest_cell)),
      stack_(parameters.anode, lower_, upper_, finest_cell, periodic),
      image_(parameters.label_image.file.empty()
                 ? nullptr
                 : std::make_unique<const LabelImage<dim>>(
                       parameters.label_image, electrolyte_lower<dim>(parameters, lower_), upper_, periodic,
                       finest_cell, band_width_, communicator, parameters.pores.infiltration)),
      grain_shape_(lithoclase::grain_shape<dim>(parameters.grains, electrolyte_lower<dim>(parameters, lower_),
                                                upper_)),
      voronoi_(wide_enough(seeds_in_electrolyte<dim>(parameters, lower_, upper_, periodic), band_width_,
                           stack_, grain_shape_),
               lower_, upper_, periodic, band_width_),
      packed_(packed_pores<dim>(parameters.pores, stack_, voronoi_, lower_, upper_, periodic, finest_cell,
                                image_.get())),
      pores_(packed_.pores, lower_, upper_, periodic),
      lithium_set_(parameters.phases.lithium, 0.01 * finest_cell, lower_.distance(upper_)),
      empty_set_(parameters.phases.empty, 0.01 * finest_cell, lower_.distance(upper_)),
      liquid_set_(parameters.phases.liquid, 0.01 * finest_cell, lower_.distance(upper_)),
      solid_set_(parameters.phases.solid, 0.01 * finest_cell, lower_.distance(upper_)),
      orientations_(grain_orientations(parameters.grains, n_grains()))
{
  for (unsigned int grain = 0; image_ && grain < n_grains(); ++grain)
    if (const auto euler = image_->orientation(grain))
      orientations_[grain] = rotation_from_euler((*euler)[0], (*euler)[1], (*euler)[2]);
  std::vector<std::pair<unsigned int, unsigned int>> pairs;
  for (unsigned int boundary = 0; boundary < n_boundaries(); ++boundary)
    pairs.push_back(grains_of_boundary(boundary));
  characters_ = boundary_characters(parameters.boundaries, pairs, orientations_);
  if (has_anode() && periodic[dim - 1])
    throw InputError("The stack axis is among 'Mesh/periodic axes', but there is an anode; give "
                     "Microstructure/Anode/thickness = 0 or leave that axis out.");
  check_band_width(band_width_, n_grains(), stack_, grain_shape_);
}

template <int dim>
dealii::Point<dim> Microstructure<dim>::clamp_to_electrolyte(const dealii::Point<dim> &point) const
{
  dealii::Point<dim> clamped = point;
  if (stack_.has_anode() && point[dim - 1] < stack_.highest())
    clamped[dim - 1] = std::max(point[dim - 1], stack_.interface_height(point));
  return clamped;
}

template <int dim>
typename Microstructure<dim>::PhaseDepths Microstructure<dim>::phase_depths(const dealii::Point<dim> &point,
                                                                            double reach) const
{
  const auto deeper = [](const Depth<dim> &a, const Depth<dim> &b) { return a.value >= b.value ? a : b; };
  PhaseDepths depths{deeper(pores_.depth(PoreFilling::empty, point, reach), empty_set_.depth(point)),
                     deeper(pores_.depth(PoreFilling::liquid, point, reach), liquid_set_.depth(point)),
                     solid_set_.depth(point)};
  if (image_) {
    depths.empty = deeper(image_->depth(VoxelCode::empty, point, -lower_.distance(upper_)), depths.empty);
    depths.liquid = deeper(image_->depth(VoxelCode::liquid, point, -lower_.distance(upper_)), depths.liquid);
  }
  return depths;
}

template <int dim>
double Microstructure<dim>::wall_distance(const PhaseDepths &depths)
{
  return -std::min(std::max(depths.empty.value, depths.liquid.value), -depths.solid.value);
}

template <int dim>
PointStructure<dim> Microstructure<dim>::evaluate(const dealii::Point<dim> &point) const
{
  const dealii::Point<dim> place = clamp_to_electrolyte(point);
  PointStructure<dim> structure;
  if (image_)
    image_->evaluate(place, structure);
  else
    voronoi_.evaluate(place, structure);

  // Later phases get what earlier ones leave, so that they sum to one also where their walls meet.
  const PhaseDepths depths = phase_depths(place, std::max(band_width_, half_width_));
  const double in_solid = diffuse_indicator(depths.solid.value, half_width_);
  const double in_liquid = diffuse_indicator(depths.liquid.value, half_width_);
  const double in_empty = diffuse_indicator(depths.empty.value, half_width_);
  structure.liquid = std::min(in_liquid, 1. - in_solid);
  structure.empty = std::min(in_empty, 1. - in_solid - structure.liquid);
  structure.solid = 1. - structure.liquid - structure.empty;

  double strongest = 0.;
  const auto take_normal = [&](double indicator, const dealii::Tensor<1, dim> &normal) {
    if (indicator * (1. - indicator) > strongest) {
      strongest = indicator * (1. - indicator);
      structure.phase_normal = normal;
    }
  };
  take_normal(in_liquid, -depths.liquid.gradient);
  take_normal(in_empty, -depths.empty.gradient);
  take_normal(in_solid, depths.solid.gradient);
  structure.wall = wall_band(wall_distance(depths), band_width_);
  if (structure.wall > 0.) {
    const Depth<dim> &pore = depths.empty.value >= depths.liquid.value ? depths.empty : depths.liquid;
    structure.wall_normal = pore.value <= -depths.solid.value ? -pore.gradient : depths.solid.gradient;
  }
  return structure;
}

template <int dim>
double Microstructure<dim>::distance_to_lithium(const dealii::Point<dim> &point) const
{
  const double depth = std::max(stack_.depth_in_anode(point), lithium_set_.depth(point).value);
  return image_ ? std::max(depth, image_->depth(VoxelCode::lithium, point, -lower_.distance(upper_)).value)
                : depth;
}

template <int dim>
double Microstructure<dim>::distance_to_wall(const dealii::Point<dim> &point) const
{
  return wall_distance(phase_depths(clamp_to_electrolyte(point), lower_.distance(upper_)));
}

template <int dim>
double Microstructure<dim>::distance_to_boundary(const dealii::Point<dim> &point) const
{
  const dealii::Point<dim> place = clamp_to_electrolyte(point);
  return image_ ? image_->distance_to_boundary(place).value_or(lower_.distance(upper_))
                : voronoi_.distance_to_boundary(place);
}

template <int dim>
bool Microstructure<dim>::has_phase(PoreFilling filling) const
{
  for (const Pore<dim> &pore : pores())
    if (pore.filling == filling)
      return true;
  return filling == PoreFilling::empty ? !empty_set_.empty() || image_has(VoxelCode::empty)
                                       : !liquid_set_.empty() || image_has(VoxelCode::liquid);
}

template class Microstructure<2>;
template class Microstructure<3>;
} // namespace lithoclase
