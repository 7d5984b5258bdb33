#pragma once

#include "core/parameter_section.h"
#include "microstructure/microstructure_parameters.h"

#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <array>
#include <memory>

namespace lithoclase
{
/// One grain-boundary band that holds a point: b_k of model equation (E3), INT b_k dn = w_s across the boundary.
template <int dim>
struct BandAt
{
  double indicator = 0.;             ///< b_k in [0,1]
  dealii::Tensor<1, dim> normal;     ///< m_k, unit
  unsigned int boundary = 0;         ///< number of the boundary (pair of grains), for per-boundary properties
};

/// What the microstructure says about one point. Phases: solid + empty + liquid = 1.
template <int dim>
struct PointStructure
{
  static constexpr unsigned int max_bands = 8;

  double solid = 1.;                       ///< chi_SE
  double empty = 0.;                       ///< chi_void
  double liquid = 0.;                      ///< chi_IL
  dealii::Tensor<1, dim> phase_normal;     ///< unit normal of the diffuse non-reacting interface that holds the point, else zero
  double wall = 0.;                        ///< band indicator of pore and void walls, INT dn = w_s, for nucleation
  unsigned int grain = 0;
  unsigned int n_bands = 0;
  std::array<BandAt<dim>, max_bands> bands;

  double band_sum() const; ///< SUM_k b_k
};

/// Static geometry: point -> phases, grain, grain-boundary bands. Pure geometry, the same on all ranks, no finite elements.
/// Points inside the initial anode see the structure of the electrolyte straight ahead of them (the last coordinate is
/// clamped to the anode interface), so that the grain structure continues into the metal.
template <int dim>
class Microstructure
{
public:
  /// `finest_cell`: side of the finest mesh cells [m], the default unit of numerical widths.
  Microstructure(const MicrostructureParameters &parameters, double finest_cell);
  ~Microstructure();

  PointStructure<dim> evaluate(const dealii::Point<dim> &point) const;

  /// Signed distance to the initial metal surface, positive inside the metal [m] (anode with its waviness, notches, lithium by expression).
  double distance_to_lithium(const dealii::Point<dim> &point) const;

  /// Signed distance to the nearest pore or void wall, positive in the solid [m]; large where there is none.
  double distance_to_wall(const dealii::Point<dim> &point) const;

  /// Distance to the nearest grain boundary facet [m].
  double distance_to_boundary(const dealii::Point<dim> &point) const;

  double band_width() const;              ///< w_s [m]
  double finest_cell() const;             ///< [m]
  unsigned int n_grains() const;
  unsigned int n_boundaries() const;      ///< upper bound on PointStructure boundary numbers + 1
  /// Orientation of a grain as a rotation matrix crystal -> sample.
  dealii::Tensor<2, 3> orientation(unsigned int grain) const;
  /// The two grains of a boundary.
  std::pair<unsigned int, unsigned int> grains_of_boundary(unsigned int boundary) const;

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};
} // namespace lithoclase
