#include "microstructure/grain_seeds.h"

#include "core/failure.h"
#include "core/quantity.h"
#include "microstructure/laguerre_fit.h"
#include "microstructure/length_text.h"
#include "microstructure/random.h"
#include "microstructure/size_distribution.h"

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

/// Square of the distance to the nearest of the seeds, across periodic sides too.
template <int dim>
double nearest_distance_square(const dealii::Point<dim> &point, const GrainSeeds<dim> &seeds,
                               const dealii::Tensor<1, dim> &size, const std::array<bool, dim> &periodic)
{
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto &other : seeds.points) {
    double sum = 0.;
    for (unsigned int a = 0; a < dim; ++a) {
      double offset = std::abs(point[a] - other[a]);
      if (periodic[a])
        offset = std::min(offset, size[a] - offset);
      sum += std::pow(seeds.metric[a] * offset, 2);
    }
    nearest = std::min(nearest, sum);
  }
  return nearest;
}

/// Distance of that many seeds of a cubic arrangement, measured with the metric.
template <int dim>
double mean_distance(const GrainShape<dim> &shape, double volume, double number)
{
  double measured = volume / number / (shape.runs_through() ? shape.length : 1.);
  const dealii::Tensor<1, dim> metric = shape.metric();
  for (unsigned int a = 0; a < dim; ++a)
    measured *= metric[a] > 0. ? metric[a] : 1.;
  return std::pow(measured, 1. / shape.size_dimension());
}

template <int dim>
GrainSeeds<dim> random_seeds(const GrainParameters &parameters, const GrainShape<dim> &shape,
                             unsigned long long number, const dealii::Point<dim> &lower,
                             const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic)
{
  const double spacing = mean_distance<dim>(shape, box_volume(lower, upper), number);
  const double minimum = parameters.minimum_seed_distance.value_or(number == 1 ? 0. : 0.6 * spacing);

  Random random(parameters.seed, RandomUse::grain_seeds);
  GrainSeeds<dim> seeds;
  seeds.metric = shape.metric();
  const dealii::Tensor<1, dim> size = upper - lower;
  while (seeds.points.size() < number) {
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
                       std::to_string(seeds.points.size()) + " of " + std::to_string(number) +
                       " seed points could keep it; at most about " + in_um(0.7 * spacing) +
                       " is possible for so many.");
    seeds.points.push_back(best);
  }
  return seeds;
}

unsigned long long checked_number(unsigned long long number)
{
  if (number > 1000000)
    throw InputError("Microstructure/Grains asks for " + std::to_string(number) +
                     " grains; at most 1000000 are possible. Enlarge the grain size.");
  return number;
}

template <int dim>
GrainSeeds<dim> voronoi_seeds(const GrainParameters &parameters, const GrainShape<dim> &shape,
                              const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                              const std::array<bool, dim> &periodic)
{
  const double volume = box_volume(lower, upper);
  unsigned long long number = parameters.number;
  if (parameters.size)
    number = std::max(1LL, std::llround(volume / shape.volume(*parameters.size)));
  return random_seeds<dim>(parameters, shape, checked_number(number), lower, upper, periodic);
}

/// Log-normal volumes in random order that fill the box.
template <int dim>
std::vector<double> drawn_volumes(const GrainParameters &parameters, const GrainShape<dim> &shape,
                                  double box_volume)
{
  const auto volumes_of = [&](unsigned int number) {
    std::vector<double> volumes = log_normal_values(number, *parameters.size, *parameters.size_deviation);
    for (double &volume : volumes)
      volume = shape.volume(volume);
    return volumes;
  };
  const auto sum_of = [](const std::vector<double> &values) {
    double sum = 0.;
    for (const double value : values)
      sum += value;
    return sum;
  };
  // The mean volume depends a little on how many quantiles there are.
  unsigned long long number = 1000;
  for (unsigned int step = 0; step < 3; ++step)
    number = checked_number(std::max(1LL, std::llround(number * box_volume / sum_of(volumes_of(number)))));
  constexpr unsigned int least = 5;
  if (number < least)
    throw InputError("Microstructure/Grains/grain size of " + in_um(*parameters.size) + " leaves room for " +
                     std::to_string(number) + " grains, but a distribution of sizes needs at least " +
                     std::to_string(least) + "; enlarge the box or leave out the grain size deviation.");
  std::vector<double> volumes = volumes_of(number);
  const double scale = box_volume / sum_of(volumes);
  for (double &volume : volumes)
    volume *= scale;
  Random random(parameters.seed, RandomUse::grain_sizes);
  for (std::size_t i = 0; i + 1 < volumes.size(); ++i)
    std::swap(volumes[i], volumes[i + random.next() % (volumes.size() - i)]);
  return volumes;
}

template <int dim>
GrainSeeds<dim> laguerre_seeds(const GrainParameters &parameters, const GrainShape<dim> &shape,
                               const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                               const std::array<bool, dim> &periodic)
{
  const std::vector<double> volumes = drawn_volumes<dim>(parameters, shape, box_volume(lower, upper));
  GrainSeeds<dim> seeds = random_seeds<dim>(parameters, shape, volumes.size(), lower, upper, periodic);
  const double error = fit_volumes<dim>(seeds, volumes, lower, upper, periodic);
  if (error > 0.01)
    throw InputError("Microstructure/Grains: no Laguerre structure with a grain size of " +
                     in_um(*parameters.size) + " and a deviation of " + in_um(*parameters.size_deviation) +
                     " was found; the volume of a grain is off by " +
                     std::to_string(std::lround(100. * error)) +
                     " %. Narrow the deviation or change the seed.");
  return seeds;
}

template <int dim>
GrainSeeds<dim> regular_seeds(const GrainParameters &parameters, const dealii::Point<dim> &lower,
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
  GrainSeeds<dim> seeds;
  for (int k = 0; k < (dim == 3 ? n[dim - 1] : 1); ++k)
    for (int j = 0; j < n[1]; ++j)
      for (int i = 0; i < n[0]; ++i) {
        const std::array<int, 3> index{{i, j, k}};
        seeds.points.push_back(first);
        for (unsigned int a = 0; a < dim; ++a)
          seeds.points.back()[a] += index[a] * size;
      }
  return seeds;
}

[[noreturn]] void refuse_line(const std::string &file, unsigned int line, const std::string &reason)
{
  throw InputError("Seed file '" + file + "', line " + std::to_string(line) + ": " + reason);
}

/// The numbers of a seed: coordinates, and where the file has one more column the radius.
template <int dim>
std::vector<double> numbers_of_seed(const std::string &file, unsigned int line, const std::string &text,
                                    std::istringstream &words, std::size_t n_before)
{
  std::vector<double> numbers;
  std::string word;
  while (words >> word) {
    std::istringstream number(word);
    double value = 0.;
    if (!(number >> value) || number.peek() != std::char_traits<char>::eof())
      refuse_line(file, line, "expected " + std::to_string(dim) + " numbers, found '" + text + "'.");
    numbers.push_back(value);
  }
  if (numbers.size() < dim)
    refuse_line(file, line, "expected " + std::to_string(dim) + " numbers, found '" + text + "'.");
  if (numbers.size() > dim + 1)
    refuse_line(file, line,
                "more than " + std::to_string(dim) + " coordinates and a radius: '" + text + "'.");
  if (n_before > 0 && numbers.size() != n_before)
    refuse_line(file, line,
                "found " + std::to_string(numbers.size()) + " numbers, but " + std::to_string(n_before) +
                    " on the lines before; give a radius for all seeds or for none.");
  if (numbers.size() == dim + 1 && !(numbers[dim] >= 0.))
    refuse_line(file, line, "the radius of a seed must not be negative: '" + text + "'.");
  return numbers;
}

template <int dim>
GrainSeeds<dim> seeds_from_file(const std::string &file, const GrainShape<dim> &shape,
                                const dealii::Point<dim> &lower, const dealii::Point<dim> &upper)
{
  if (file.empty())
    throw InputError("Microstructure/Grains/seed file is missing: the arrangement `from file` needs one.");
  std::ifstream in(file);
  if (!in)
    throw InputError("Microstructure/Grains/seed file '" + file + "' cannot be read.");

  GrainSeeds<dim> seeds;
  seeds.metric = shape.metric();
  std::size_t n_numbers = 0;
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
    const std::vector<double> numbers = numbers_of_seed<dim>(file, line, text, words, n_numbers);
    n_numbers = numbers.size();
    dealii::Point<dim> point;
    for (unsigned int a = 0; a < dim; ++a)
      point[a] = numbers[a] * unit;
    for (unsigned int a = 0; a < dim; ++a)
      if (point[a] < lower[a] || point[a] > upper[a])
        refuse_line(file, line,
                    "the seed point lies outside the box: coordinate " + std::to_string(a + 1) + " is " +
                        in_um(point[a]) + ", the box reaches from " + in_um(lower[a]) + " to " +
                        in_um(upper[a]) + ".");
    if (nearest_distance_square<dim>(point, seeds, {}, {}) == 0.)
      refuse_line(file, line, "the same seed point appears twice.");
    seeds.points.push_back(point);
    if (n_numbers > dim)
      seeds.weights.push_back(std::pow(numbers[dim] * unit, 2));
  }
  if (seeds.points.empty())
    throw InputError("Seed file '" + file + "' holds no point.");
  return seeds;
}
} // namespace

template <int dim>
GrainShape<dim> grain_shape(const GrainParameters &parameters, const dealii::Point<dim> &lower,
                            const dealii::Point<dim> &upper)
{
  GrainShape<dim> shape;
  if (parameters.column_axis == ColumnAxis::none)
    return shape;
  shape.axis = static_cast<unsigned int>(parameters.column_axis) - static_cast<unsigned int>(ColumnAxis::x);
  if (!shape.is_column())
    throw InputError(
        "Microstructure/Grains/column axis is z, but in 2-D only x and y are possible; grains seen "
        "along their columns are those without a column axis.");
  shape.length = upper[shape.axis] - lower[shape.axis];
  shape.aspect_ratio = parameters.column_aspect_ratio.value_or(std::numeric_limits<double>::infinity());
  return shape;
}

template <int dim>
GrainSeeds<dim> grain_seeds(const GrainParameters &parameters, const dealii::Point<dim> &box_lower,
                            const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                            const std::array<bool, dim> &periodic)
{
  const GrainShape<dim> shape = grain_shape<dim>(parameters, lower, upper);
  switch (parameters.arrangement) {
  case GrainArrangement::random:
    return parameters.size_deviation ? laguerre_seeds<dim>(parameters, shape, lower, upper, periodic)
                                     : voronoi_seeds<dim>(parameters, shape, lower, upper, periodic);
  case GrainArrangement::regular:
    return regular_seeds<dim>(parameters, lower, upper, periodic);
  default:
    return seeds_from_file<dim>(parameters.seed_file, shape, box_lower, upper);
  }
}

template GrainShape<2> grain_shape<2>(const GrainParameters &, const dealii::Point<2> &,
                                      const dealii::Point<2> &);
template GrainShape<3> grain_shape<3>(const GrainParameters &, const dealii::Point<3> &,
                                      const dealii::Point<3> &);
template GrainSeeds<2> grain_seeds<2>(const GrainParameters &, const dealii::Point<2> &,
                                      const dealii::Point<2> &, const dealii::Point<2> &,
                                      const std::array<bool, 2> &);
template GrainSeeds<3> grain_seeds<3>(const GrainParameters &, const dealii::Point<3> &,
                                      const dealii::Point<3> &, const dealii::Point<3> &,
                                      const std::array<bool, 3> &);
} // namespace lithoclase
