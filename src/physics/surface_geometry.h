#pragma once

#include "core/cell_shapes.h"
#include "core/state.h"

#include <deal.II/base/tensor.h>

#include <array>
#include <vector>

namespace lithoclase
{
/// Normal and curvature of the metal surface from the order parameter xi = 1/2 [1 + tanh(psi/delta)].
///
/// psi = (delta/2) ln(xi/(1-xi)) is close to the signed distance (positive in the metal) and therefore much
/// smoother to differentiate than xi. xi is clipped for this purpose only. n = grad psi/|grad psi| points
/// into the metal and fades out where psi is flat; K = -div n, positive for a metal bump, from nodal averages
/// of n.
template <int dim>
class SurfaceGeometry
{
public:
  SurfaceGeometry(const Space<dim> &nodal_space, double front_width);

  /// From values with ghosts. `with_curvature`: also the nodal normals that curvature() needs.
  void update(const Vector &lithium, bool with_curvature);

  /// psi with ghosts [m].
  const Vector &distance() const { return distance_; }

  /// n from grad psi at a point.
  dealii::Tensor<1, dim> normal(const dealii::Tensor<1, dim> &gradient_of_distance) const;

  /// K [1/m] at the quadrature points of a cell.
  void curvature(const CellShapes<dim> &shapes, std::vector<double> &result) const;

  double front_width() const { return front_width_; }

private:
  void recover_normals();

  const Space<dim> &space_;
  double front_width_; ///< delta [m]
  Vector distance_;
  std::array<Vector, dim> normals_;
};
} // namespace lithoclase
