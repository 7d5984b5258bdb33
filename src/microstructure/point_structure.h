#pragma once

#include <deal.II/base/tensor.h>

#include <array>

namespace lithoclase
{
/// One grain-boundary band that holds a point: b_k of model equation (E3), INT b_k dn = w_s across the
/// boundary.
template <int dim>
struct BandAt
{
  double indicator = 0.;         ///< b_k in [0,1]
  dealii::Tensor<1, dim> normal; ///< m_k, unit
  unsigned int boundary = 0;     ///< number of the boundary (pair of grains), for per-boundary properties
};

/// What the microstructure says about one point. Phases: solid + empty + liquid = 1.
template <int dim>
struct PointStructure
{
  static constexpr unsigned int max_bands = 8;

  double solid = 1.;                   ///< chi_SE
  double empty = 0.;                   ///< chi_void
  double liquid = 0.;                  ///< chi_IL
  dealii::Tensor<1, dim> phase_normal; ///< unit normal of the diffuse non-reacting interface that holds the
                                       ///< point, into the solid; else zero
  double wall = 0.; ///< band indicator of pore and void walls, INT dn = w_s on the solid side, for nucleation
  dealii::Tensor<1, dim> wall_normal; ///< of that wall, into the solid; zero outside its band
  unsigned int grain = 0;
  unsigned int n_bands = 0;
  std::array<BandAt<dim>, max_bands>
      bands; ///< of the grain structure alone: they run on through pores, where solid = 0

  /// More than max_bands only where bands are wider than grains: the strongest stay.
  void add_band(const BandAt<dim> &band)
  {
    if (n_bands < max_bands) {
      bands[n_bands++] = band;
      return;
    }
    unsigned int weakest = 0;
    for (unsigned int k = 1; k < max_bands; ++k)
      if (bands[k].indicator < bands[weakest].indicator)
        weakest = k;
    if (bands[weakest].indicator < band.indicator)
      bands[weakest] = band;
  }

  double band_sum() const ///< SUM_k b_k
  {
    double sum = 0.;
    for (unsigned int k = 0; k < n_bands; ++k)
      sum += bands[k].indicator;
    return sum;
  }
};
} // namespace lithoclase
