#pragma once

#include "microstructure/ellipsoid.h"

#include <optional>

namespace lithoclase
{
/// A point that two ellipsoids share, equally deep in both (by the quadratic forms that are 1 on their
/// surfaces); nothing where they do not overlap. Perram and Wertheim, J. Comput. Phys. 58 (1985) 409,
/// doi:10.1016/0021-9991(85)90171-8.
template <int dim>
std::optional<dealii::Point<dim>> common_point(const Ellipsoid<dim> &a, const Ellipsoid<dim> &b);

/// Radius of the narrowest place on the way from the centre of one ellipsoid over a common point to that of
/// the other; zero where they do not overlap. For two balls that of the circle in which they meet, or of the
/// smaller ball [m].
template <int dim>
double passage_radius(const Ellipsoid<dim> &a, const Ellipsoid<dim> &b);

/// Radius (smallest, from its centre) of the section of an ellipsoid at `height` along a coordinate axis;
/// zero if it does not reach there [m].
template <int dim>
double section_radius(const Ellipsoid<dim> &shape, unsigned int axis, double height);
} // namespace lithoclase
