#pragma once

namespace lithoclase
{
/// The ramp of non-reacting interfaces, 1/2 [1 + t + sin(pi t)/pi] with t = depth/half_width: 1 where depth
/// >= half_width, 0 where depth <= -half_width. `depth` is the signed distance to the interface, positive
/// inside the phase [m]. Compact, because the tail of an insulator with a tanh profile blocks far outside it.
double diffuse_indicator(double depth, double half_width);

/// Band indicator of a grain boundary, 1/2 (1 + cos(pi s/width)) for |s| < width: its integral over s is
/// `width`, its maximum 1. `s` is the distance to the plane of the boundary [m].
double boundary_band(double s, double width);

/// Band indicator of a pore or void wall, 1 - cos(2 pi s/width) for 0 < s < width: its integral over s is
/// `width`, all of it on the solid side, where s > 0; its maximum 2.
double wall_band(double s, double width);
} // namespace lithoclase
