#include "microstructure/grain_shape.h"

#include "microstructure/ellipsoid.h"

#include <algorithm>
#include <cmath>

namespace lithoclase
{
template <int dim>
dealii::Tensor<1, dim> GrainShape<dim>::metric() const
{
  dealii::Tensor<1, dim> g;
  for (unsigned int a = 0; a < dim; ++a)
    g[a] = a == axis ? std::min(1., 1. / aspect_ratio) : std::min(1., aspect_ratio);
  return g;
}

template <int dim>
double GrainShape<dim>::unit_volume() const
{
  if (!runs_through())
    return unit_ball_volume<dim>() * (is_column() ? aspect_ratio : 1.);
  return length * (dim == 2 ? 2. : unit_ball_volume<2>());
}

template <int dim>
double GrainShape<dim>::volume(double diameter) const
{
  return unit_volume() * std::pow(0.5 * diameter, size_dimension());
}

template <int dim>
double GrainShape<dim>::diameter(double volume) const
{
  return 2. * std::pow(volume / unit_volume(), 1. / size_dimension());
}

template struct GrainShape<2>;
template struct GrainShape<3>;
} // namespace lithoclase
