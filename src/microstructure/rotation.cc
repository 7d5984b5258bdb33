#include "microstructure/rotation.h"

#include "microstructure/mean_orientation.h"

#include <deal.II/base/numbers.h>

#include <cmath>

namespace lithoclase
{
dealii::Tensor<2, 3> random_rotation(Random &random)
{
  // A unit quaternion uniform on the 3-sphere: Shoemake (1992), Uniform random rotations, Graphics Gems III.
  constexpr double two_pi = 2. * dealii::numbers::PI;
  const double share = random.uniform(), a = two_pi * random.uniform(), b = two_pi * random.uniform();
  const double x = std::sqrt(1. - share) * std::sin(a), y = std::sqrt(1. - share) * std::cos(a);
  const double z = std::sqrt(share) * std::sin(b), w = std::sqrt(share) * std::cos(b);

  return rotation_from_quaternion({{w, x, y, z}});
}

dealii::Tensor<2, 3> rotation_about(unsigned int axis, double angle)
{
  const unsigned int i = (axis + 1) % 3, j = (axis + 2) % 3;
  dealii::Tensor<2, 3> rotation;
  rotation[axis][axis] = 1.;
  rotation[i][i] = rotation[j][j] = std::cos(angle);
  rotation[j][i] = std::sin(angle);
  rotation[i][j] = -std::sin(angle);
  return rotation;
}

dealii::Tensor<2, 3> rotation_from_euler(double phi_1, double capital_phi, double phi_2)
{
  // Bunge's matrix g turns sample coordinates into those of the crystal; this is its transpose.
  return rotation_about(2, phi_1) * rotation_about(0, capital_phi) * rotation_about(2, phi_2);
}

std::array<double, 3> euler_angles(const dealii::Tensor<2, 3> &r)
{
  const double sine = std::hypot(r[0][2], r[1][2]), capital_phi = std::atan2(sine, r[2][2]);
  if (sine < 1e-8) // both turns about z: one angle says it
    return {{std::atan2(r[1][0], r[0][0]), capital_phi, 0.}};
  return {{std::atan2(r[0][2], -r[1][2]), capital_phi, std::atan2(r[2][0], r[2][1])}};
}
} // namespace lithoclase
