#include "microstructure/grain_seeds.h"

#include "core/failure.h"
#include "core/quantity.h"
#include "microstructure/ellipsoid.h"
#include "microstructure/length_text.h"
#include "microstructure/random.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

namespace lithoclase
{
namespace
{
template <int dim>
double box_volume(const dealii::Point<dim> &lower, const dealii::Point<dim> &upper)
{
  double volume = 1.;
  for (unsigned int a = 0; a < dim; ++a)
    volume *= upper[a] - lower[a];
  return volume;
}

/// Square of the distance to the nearest of `points`, across periodic sides too.
template <int dim>
double nearest_distance_square(const dealii::Point<dim> &point, const std::vector<dealii::Point<dim>> &points,
                               const dealii::Tensor<1, dim> &size, const std::array<bool, dim> &periodic)
{
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto &other : points) {
    double sum = 0.;
    for (unsigned int a = 0; a < dim; ++a) {
      double offset = std::abs(point[a] - other[a]);
      if (periodic[a])
        offset = std::min(offset, size[a] - offset);
      sum += offset * offset;
    }
    nearest = std::min(nearest, sum);
  }
  return nearest;
}

template <int dim>
std::vector<dealii::Point<dim>> random_seeds(const GrainParameters &parameters,
                                             const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                             const std::array<bool, dim> &periodic)
{
  const double volume = box_volume(lower, upper);
  unsigned long long number = parameters.number;
  if (parameters.size) {
    const double grain_volume = unit_ball_volume<dim>() * std::pow(0.5 * *parameters.size, dim);
    number = std::max(1LL, std::llround(volume / grain_volume));
  }
  if (number > 1000000)
    throw InputError("Microstructure/Grains asks for " + std::to_string(number) +
                     " grains; at most 1000000 are possible. Enlarge the grain size.");
  const double spacing = std::pow(volume / number, 1. / dim);
  const double minimum = parameters.minimum_seed_distance.value_or(number == 1 ? 0. : 0.6 * spacing);

  Random random(parameters.seed, RandomUse::grain_seeds);
  std::vector<dealii::Point<dim>> seeds;
  const dealii::Tensor<1, dim> size = upper - lower;
  while (seeds.size() < number) {
    // Throw darts; where none of many keeps the distance, the best of them is taken.
    constexpr unsigned int max_darts = 2000;
    dealii::Point<dim> best;
    double best_distance = -1.;
    for (unsigned int dart = 0; dart < max_darts && best_distance < minimum; ++dart) {
      dealii::Point<dim> point;
      for (unsigned int a = 0; a < dim; ++a)
        point[a] = random.uniform(lower[a], upper[a]);
      const double distance = std::sqrt(nearest_distance_square<dim>(point, seeds, size, periodic));
      if (distance > best_distance) {
        best_distance = distance;
        best = point;
      }
    }
    if (best_distance < minimum && parameters.minimum_seed_distance)
      throw InputError("Microstructure/Grains/minimum seed distance is " + in_um(minimum) + ", but only " +
                       std::to_string(seeds.size()) + " of " + std::to_string(number) +
                       " seed points could keep it; at most about " + in_um(0.7 * spacing) +
                       " is possible for so many.");
    seeds.push_back(best);
  }
  return seeds;
}

template <int dim>
std::vector<dealii::Point<dim>>
regular_seeds(const GrainParameters &parameters, const dealii::Point<dim> &lower,
              const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic)
{
  if (!parameters.size)
    throw InputError("Microstructure/Grains/grain size is missing: a regular arrangement needs the edge "
                     "length of its grains.");
  const double size = *parameters.size;
  if (!parameters.offset.empty() && parameters.offset.size() != dim)
    throw InputError("Microstructure/Grains/offset has " + std::to_string(parameters.offset.size()) +
                     " values, but needs " + std::to_string(dim) + " in " + std::to_string(dim) + "-D.");
  if (box_volume(lower, upper) / std::pow(size, dim) > 1e6)
    throw InputError("Microstructure/Grains/grain size of " + in_um(size) +
                     " gives more than 1000000 grains; enlarge it.");

  std::array<int, dim> n;
  dealii::Point<dim> first;
  for (unsigned int a = 0; a < dim; ++a) {
    const double length = upper[a] - lower[a];
    double offset = std::fmod(parameters.offset.empty() ? 0. : parameters.offset[a], size);
    if (offset > 1e-9 * size)
      offset -= size;
    if (offset < (-1. + 1e-9) * size)
      offset += size;
    first[a] = lower[a] + offset + 0.5 * size;
    n[a] = std::max(1, static_cast<int>(std::ceil((length - offset) / size - 1e-6)));
    if (periodic[a]) {
      n[a] = std::max(1, static_cast<int>(std::round(length / size)));
      if (std::abs(n[a] * size - length) > 1e-6 * length)
        throw InputError("Microstructure/Grains/grain size of " + in_um(size) +
                         " does not divide the periodic box of " + in_um(length) + ".");
    }
  }
  std::vector<dealii::Point<dim>> seeds;
  for (int k = 0; k < (dim == 3 ? n[dim - 1] : 1); ++k)
    for (int j = 0; j < n[1]; ++j)
      for (int i = 0; i < n[0]; ++i) {
        const std::array<int, 3> index{{i, j, k}};
        seeds.push_back(first);
        for (unsigned int a = 0; a < dim; ++a)
          seeds.back()[a] += index[a] * size;
      }
  return seeds;
}

[[noreturn]] void refuse_line(const std::string &file, unsigned int line, const std::string &reason)
{
  throw InputError("Seed file '" + file + "', line " + std::to_string(line) + ": " + reason);
}

template <int dim>
std::vector<dealii::Point<dim>> seeds_from_file(const std::string &file, const dealii::Point<dim> &lower,
                                                const dealii::Point<dim> &upper)
{
  if (file.empty())
    throw InputError("Microstructure/Grains/seed file is missing: the arrangement `from file` needs one.");
  std::ifstream in(file);
  if (!in)
    throw InputError("Microstructure/Grains/seed file '" + file + "' cannot be read.");

  std::vector<dealii::Point<dim>> seeds;
  double unit = 0.;
  std::string text;
  for (unsigned int line = 1; std::getline(in, text); ++line) {
    std::istringstream words(text.substr(0, text.find('#')));
    std::string word;
    if (!(words >> word))
      continue;
    if (unit == 0.) {
      std::string name;
      if (word != "unit" || !(words >> name))
        refuse_line(file, line,
                    "expected the unit of the coordinates, e.g. `unit um`, found '" + text + "'.");
      std::string reason;
      const std::optional<double> metres = try_parse_quantity("1 " + name, "m", reason);
      if (!metres)
        refuse_line(file, line, "no unit of length: " + reason + ".");
      unit = *metres;
      continue;
    }
    words.clear();
    words.seekg(0);
    dealii::Point<dim> point;
    for (unsigned int a = 0; a < dim; ++a)
      if (!(words >> point[a]))
        refuse_line(file, line, "expected " + std::to_string(dim) + " numbers, found '" + text + "'.");
    if (words >> word)
      refuse_line(file, line, "more than " + std::to_string(dim) + " numbers: '" + text + "'.");
    point *= unit;
    for (unsigned int a = 0; a < dim; ++a)
      if (point[a] < lower[a] || point[a] > upper[a])
        refuse_line(file, line,
                    "the seed point lies outside the box: coordinate " + std::to_string(a + 1) + " is " +
                        in_um(point[a]) + ", the box reaches from " + in_um(lower[a]) + " to " +
                        in_um(upper[a]) + ".");
    if (std::find(seeds.begin(), seeds.end(), point) != seeds.end())
      refuse_line(file, line, "the same seed point appears twice.");
    seeds.push_back(point);
  }
  if (seeds.empty())
    throw InputError("Seed file '" + file + "' holds no point.");
  return seeds;
}
} // namespace

template <int dim>
std::vector<dealii::Point<dim>> grain_seeds(const GrainParameters &parameters,
                                            const dealii::Point<dim> &box_lower,
                                            const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                            const std::array<bool, dim> &periodic)
{
  switch (parameters.arrangement) {
  case GrainArrangement::random:
    return random_seeds<dim>(parameters, lower, upper, periodic);
  case GrainArrangement::regular:
    return regular_seeds<dim>(parameters, lower, upper, periodic);
  default:
    return seeds_from_file(parameters.seed_file, box_lower, upper);
  }
}

template std::vector<dealii::Point<2>> grain_seeds<2>(const GrainParameters &, const dealii::Point<2> &,
                                                      const dealii::Point<2> &, const dealii::Point<2> &,
                                                      const std::array<bool, 2> &);
template std::vector<dealii::Point<3>> grain_seeds<3>(const GrainParameters &, const dealii::Point<3> &,
                                                      const dealii::Point<3> &, const dealii::Point<3> &,
                                                      const std::array<bool, 3> &);
} // namespace lithoclase
