#include "microstructure/mean_orientation.h"

#include "microstructure/rotation.h"

#include <cmath>

namespace lithoclase
{
namespace
{
Quaternion product(const Quaternion &a, const Quaternion &b)
{
  return {{a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
           a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
           a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
           a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0]}};
}

double dot(const Quaternion &a, const Quaternion &b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

/// The rotations of a cube: about no axis or by 180 degrees about one, by 90 degrees about one, by 180
/// degrees about the diagonal of a face, by 120 degrees about one of the cube.
std::array<Quaternion, 24> rotations_of_the_cube()
{
  std::array<Quaternion, 24> list{};
  const double half_root = std::sqrt(0.5);
  unsigned int n = 0;
  for (unsigned int i = 0; i < 4; ++i)
    list[n++][i] = 1.;
  for (unsigned int i = 0; i < 4; ++i)
    for (unsigned int k = i + 1; k < 4; ++k)
      for (const double sign : {1., -1.}) {
        list[n][i] = half_root;
        list[n++][k] = sign * half_root;
      }
  for (unsigned int signs = 0; signs < 8; ++signs)
    list[n++] = {
        {0.5, (signs & 1) != 0 ? -0.5 : 0.5, (signs & 2) != 0 ? -0.5 : 0.5, (signs & 4) != 0 ? -0.5 : 0.5}};
  return list;
}
} // namespace

Quaternion quaternion_from_euler(const std::array<double, 3> &angles)
{
  const double c = std::cos(0.5 * angles[1]), s = std::sin(0.5 * angles[1]),
               sum = 0.5 * (angles[0] + angles[2]), difference = 0.5 * (angles[0] - angles[2]);
  return {{c * std::cos(sum), s * std::cos(difference), s * std::sin(difference), c * std::sin(sum)}};
}

dealii::Tensor<2, 3> rotation_from_quaternion(const Quaternion &q)
{
  const double w = q[0], x = q[1], y = q[2], z = q[3];
  const double rows[3][3] = {{1. - 2. * (y * y + z * z), 2. * (x * y - z * w), 2. * (x * z + y * w)},
                             {2. * (x * y + z * w), 1. - 2. * (x * x + z * z), 2. * (y * z - x * w)},
                             {2. * (x * z - y * w), 2. * (y * z + x * w), 1. - 2. * (x * x + y * y)}};
  return dealii::Tensor<2, 3>(rows);
}

void MeanOrientation::add(const Quaternion &quaternion)
{
  static const std::array<Quaternion, 24> cube = rotations_of_the_cube();
  Quaternion nearest = quaternion;
  if (dot(sum_, sum_) > 0.) {
    double largest = 0.;
    for (const Quaternion &turn : cube) {
      const Quaternion same = product(quaternion, turn);
      const double cosine = dot(same, sum_);
      if (std::abs(cosine) > std::abs(largest)) {
        largest = cosine;
        nearest = same;
      }
    }
    if (largest < 0.)
      for (double &component : nearest)
        component = -component;
  }
  for (unsigned int i = 0; i < 4; ++i)
    sum_[i] += nearest[i];
}

std::array<double, 3> MeanOrientation::euler() const
{
  Quaternion mean = sum_;
  const double norm = std::sqrt(dot(sum_, sum_));
  for (double &component : mean)
    component /= norm;
  return euler_angles(rotation_from_quaternion(mean));
}
} // namespace lithoclase
