#pragma once

#include "materials/fracture_energy.h"

/// Toughness of grain-boundary bands.
///
/// A boundary of fracture energy G_gb between grains of fracture energy G is a numerical band of width w_s,
/// in which
///
///     G(x) = G + (G_band - G) b(x),      INT b dn = w_s (1)
///
/// The profile of a crack of width l reaches into the grains. What it costs along the middle of the band,
///
///     cost = min over d of INT (G(x)/c_w)[ w(d)/l + l d'^2 ] dx,      d(0) = 1, d(+-inf) = 0, d >= 0 (2)
///
/// is therefore not G_band. Here G_band is chosen such that the cost is G_gb, so that it depends neither on
/// w_s nor on l (compare Hansen-Doerr et al., Comput. Methods Appl. Mech. Eng. 346 (2019) 25,
/// doi:10.1016/j.cma.2018.11.020). Toughnesses are given in units of G, lengths in units of l.
///
/// A weak band is weaker than its boundary in one more way: damage begins at a stress that goes with the root
/// of the local toughness, in the band at sqrt(G_band/G_gb) times that of the boundary. A band much narrower
/// than l is thus refused, although without the mesh (cell_size = 0) any cost can be reached, since it goes
/// to zero with G_band. On a mesh it does not, because the crack is as wide as a cell.
namespace lithoclase
{
struct CrackBand
{
  double width; ///< w_s/l
  /// b at the distance `s` from the middle: symmetric, zero for |s| > width, smooth but for jumps at width/2.
  double (*indicator)(double s, double width);
  /// h/l: on a mesh d is 1 not in a plane but across a cell, which costs 1 + h/(c_w l) times as much where G
  /// is uniform (see toughness_correction) and less in a weak band. Zero for a crack that is resolved.
  double cell_size = 0.;
};

/// Cost (2) for G_band/G = `band_ratio` > 0, in units of what the crack costs in a grain: G, times
/// 1 + h/(c_w l) on a mesh. Relative error below 1e-4 for widths up to the order of l and above.
double crack_cost_in_band(CrackModel model, double band_ratio, const CrackBand &band);

/// The G_band/G at which the cost is `boundary_ratio` = G_gb/G > 0. InputError, naming the least width that
/// would do, if it is below `least_share` times `boundary_ratio` (of a tough boundary: above
/// `boundary_ratio`/`least_share`).
double band_toughness(CrackModel model, double boundary_ratio, const CrackBand &band,
                      double least_share = 0.1);
} // namespace lithoclase
