#include "microstructure/grain_orientations.h"

#include "core/failure.h"
#include "core/quantity.h"
#include "microstructure/rotation.h"

#include <deal.II/base/numbers.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

namespace lithoclase
{
using dealii::Tensor;

namespace
{
Tensor<1, 3> direction_in_crystal(CrystalDirection direction)
{
  Tensor<1, 3> d;
  for (int a = 0; a <= static_cast<int>(direction); ++a)
    d[a] = 1.;
  return d / d.norm();
}

/// Mean square of the angle to the axis of the Fisher distribution exp(kappa cos t) on the sphere.
double mean_square_angle(double kappa)
{
  // Midpoint rule; the exponent is taken relative to its largest value. Beyond 8/sqrt(kappa) nothing is left.
  constexpr unsigned int n = 2000;
  const double end = std::min(dealii::numbers::PI, 8. / std::sqrt(std::max(kappa, 1e-9)));
  double weight = 0., sum = 0.;
  for (unsigned int i = 0; i < n; ++i) {
    const double t = end * (i + 0.5) / n;
    const double density = std::exp(-2. * kappa * std::pow(std::sin(0.5 * t), 2)) * std::sin(t);
    weight += density;
    sum += density * t * t;
  }
  return sum / weight;
}

/// kappa of the Fisher distribution whose angles have this root mean square.
double concentration(double spread)
{
  double low = std::log(1e-6), high = std::log(1e12);
  for (unsigned int step = 0; step < 80; ++step) {
    const double middle = 0.5 * (low + high);
    (mean_square_angle(std::exp(middle)) > spread * spread ? low : high) = middle;
  }
  return std::exp(low);
}

/// A rotation that takes unit vector `from` to `to`.
Tensor<2, 3> rotation_between(const Tensor<1, 3> &from, const Tensor<1, 3> &to)
{
  // Two reflections (Householder): from -> middle -> to.
  const auto reflection = [](const Tensor<1, 3> &u, const Tensor<1, 3> &v) {
    Tensor<2, 3> result = dealii::unit_symmetric_tensor<3>();
    const Tensor<1, 3> difference = u - v;
    return result - 2. / difference.norm_square() * outer_product(difference, difference);
  };
  Tensor<1, 3> helper; // neither near `from` nor near `to`
  double smallest = 2.;
  for (unsigned int a = 0; a < 3; ++a) {
    const double closeness = std::max(std::abs(from[a]), std::abs(to[a]));
    if (closeness < smallest) {
      smallest = closeness;
      helper = 0.;
      helper[a] = 1.;
    }
  }
  return reflection(helper, to) * reflection(from, helper);
}

Tensor<2, 3> fibre_orientation(const FibreParameters &fibre, double kappa, Random &random)
{
  constexpr double two_pi = 2. * dealii::numbers::PI;
  // Inverse of the distribution function of 1 - cos t (Fisher, Lewis, Embleton 1987, section 3.6.2).
  const double u = random.uniform(), around = two_pi * random.uniform(), turn = two_pi * random.uniform();
  const double below_one = fibre.spread > 0. ? -std::log1p(u * std::expm1(-2. * kappa)) / kappa : 0.;
  const double cosine = 1. - below_one, sine = std::sqrt(std::max(0., below_one * (2. - below_one)));
  Tensor<1, 3> z, leaning;
  z[2] = 1.;
  leaning[fibre.axis] = cosine;
  leaning[(fibre.axis + 1) % 3] = sine * std::cos(around);
  leaning[(fibre.axis + 2) % 3] = sine * std::sin(around);
  return rotation_between(z, leaning) * rotation_about(2, turn) *
         rotation_between(direction_in_crystal(fibre.direction), z);
}

[[noreturn]] void refuse(const std::string &file, unsigned int line, const std::string &reason)
{
  throw InputError("Orientation file '" + file + "', line " + std::to_string(line) + ": " + reason);
}

double unit_of(const std::string &file, unsigned int line, const std::string &text)
{
  std::istringstream words(text);
  std::string word, name, reason;
  if (!(words >> word >> name) || word != "unit")
    refuse(file, line, "expected the unit of the angles, e.g. `unit degree`, found '" + text + "'.");
  const std::optional<double> unit = try_parse_quantity("1 " + name, "rad", reason);
  if (!unit)
    refuse(file, line, "no unit of an angle: " + reason + ".");
  return *unit;
}

std::vector<Tensor<2, 3>> orientations_from_file(const std::string &file, unsigned int n_grains)
{
  std::ifstream in(file);
  if (!in)
    throw InputError("Microstructure/Grains/orientation file '" + file + "' cannot be read.");
  std::vector<Tensor<2, 3>> orientations;
  std::optional<double> unit;
  std::string text;
  for (unsigned int line = 1; std::getline(in, text); ++line) {
    const std::string content = text.substr(0, text.find('#'));
    if (content.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    if (!unit) {
      unit = unit_of(file, line, content);
      continue;
    }
    std::istringstream words(content);
    std::array<double, 3> angles{};
    std::string more;
    if (!(words >> angles[0] >> angles[1] >> angles[2]) || words >> more)
      refuse(file, line, "expected three Euler angles, found '" + text + "'.");
    orientations.push_back(rotation_from_euler(angles[0] * *unit, angles[1] * *unit, angles[2] * *unit));
  }
  if (orientations.size() != n_grains)
    throw InputError("Orientation file '" + file + "' holds " + std::to_string(orientations.size()) +
                     " orientations, but there are " + std::to_string(n_grains) + " grains.");
  return orientations;
}
} // namespace

std::vector<Tensor<2, 3>> grain_orientations(const GrainParameters &parameters, unsigned int n_grains)
{
  if (parameters.orientation == OrientationRule::from_file)
    return orientations_from_file(parameters.orientation_file, n_grains);
  std::vector<Tensor<2, 3>> orientations(n_grains, rotation_about(2, 0.));
  const bool leans = parameters.orientation == OrientationRule::fibre && parameters.fibre.spread > 0.;
  const double kappa = leans ? concentration(parameters.fibre.spread) : 0.;
  for (unsigned int grain = 0; grain < n_grains; ++grain) {
    Random random(parameters.seed, RandomUse::orientations, grain);
    if (parameters.orientation == OrientationRule::random)
      orientations[grain] = random_rotation(random);
    else if (parameters.orientation == OrientationRule::in_plane)
      orientations[grain] = rotation_about(2, random.uniform(0., 2. * dealii::numbers::PI));
    else if (parameters.orientation == OrientationRule::fibre)
      orientations[grain] = fibre_orientation(parameters.fibre, kappa, random);
  }
  return orientations;
}

double cubic_misorientation(const Tensor<2, 3> &a, const Tensor<2, 3> &b)
{
  // The 24 rotations of the cube permute the axes and change signs, with an even number of exchanges and
  // minus signs together. The smallest angle belongs to the largest trace.
  const Tensor<2, 3> between = transpose(a) * b;
  std::array<unsigned int, 3> axes{{0, 1, 2}};
  double largest = -1.;
  do {
    bool odd = (axes[0] + 1) % 3 != axes[1];
    double trace = 0., smallest = 2.;
    for (unsigned int i = 0; i < 3; ++i) {
      const double entry = between[i][axes[i]];
      odd = odd != (entry < 0.);
      trace += std::abs(entry);
      smallest = std::min(smallest, std::abs(entry));
    }
    largest = std::max(largest, odd ? trace - 2. * smallest : trace);
  } while (std::next_permutation(axes.begin(), axes.end()));
  return std::acos(std::clamp(0.5 * (largest - 1.), -1., 1.));
}

double fibre_tilt(const FibreParameters &fibre, const Tensor<2, 3> &orientation)
{
  const Tensor<1, 3> leaning = orientation * direction_in_crystal(fibre.direction);
  const double along = leaning[fibre.axis];
  return std::atan2(std::sqrt(std::max(0., leaning.norm_square() - along * along)), along);
}
} // namespace lithoclase
