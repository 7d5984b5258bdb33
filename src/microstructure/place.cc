#include "microstructure/place.h"

namespace lithoclase
{
using namespace dealii;

template <int dim>
Place place_of(const Microstructure<dim> &microstructure, const Point<dim> &point)
{
  if (microstructure.distance_to_lithium(point) > 0.)
    return Place::anode;
  const PointStructure<dim> structure = microstructure.evaluate(point);
  if (structure.liquid > 0.5)
    return Place::pore;
  if (structure.empty > 0.5)
    return Place::empty_void;
  for (unsigned int k = 0; k < structure.n_bands; ++k)
    if (structure.bands[k].indicator > 0.5)
      return Place::grain_boundary;
  return Place::grain;
}

template Place place_of(const Microstructure<2> &, const Point<2> &);
template Place place_of(const Microstructure<3> &, const Point<3> &);
} // namespace lithoclase
