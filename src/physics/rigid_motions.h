#pragma once

#include "core/field.h"

#include <string>
#include <utility>
#include <vector>

namespace lithoclase
{
/// Rigid-body motions as functions: translations along the axes [m], then rotations about the middle of the
/// box (2-D: one, 3-D: three), scaled to the size of the box.
template <int dim>
class RigidMotions
{
public:
  explicit RigidMotions(const Mesh<dim> &mesh);
  static constexpr unsigned int size = dim * (dim + 1) / 2;
  double value(unsigned int motion, const dealii::Point<dim> &point, unsigned int component) const;
  static std::string name(unsigned int motion); ///< "a translation along x"
  bool fits_periodicity(unsigned int motion) const;
  /// All of them as displacements, for multigrid.
  std::vector<Vector> displacements(const Space<dim> &vector_space) const;

private:
  /// The rotation turns axis first towards axis second.
  static std::pair<unsigned int, unsigned int> plane(unsigned int motion);

  const Mesh<dim> &mesh_;
  dealii::Point<dim> centre_;
  double length_;
};
} // namespace lithoclase
