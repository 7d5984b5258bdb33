#pragma once

#include <cmath>
#include <cstdint>

namespace lithoclase
{
/// What the random numbers of one seed are used for; keeps the sequences apart.
enum class RandomUse : std::uint64_t
{
  grain_seeds = 1,
  orientations = 2,
  roughness = 3,
  noise = 4, ///< of the exchange current density
  grain_sizes = 5,
  boundary_conduction = 6,
  boundary_toughness = 7,
  boundary_electronic_conduction = 8,
  pores = 1000 ///< plus the number of the pore population
};

/// Random numbers that are the same with every compiler and on every rank (the distributions of the standard
/// library are not): SplitMix64, Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195.
class Random
{
public:
  Random(std::uint64_t seed, RandomUse use, std::uint64_t index = 0)
      : state(mix(mix(mix(seed) ^ (static_cast<std::uint64_t>(use) * increment)) ^ (index * increment)))
  {
  }

  std::uint64_t next()
  {
    state += increment;
    return mix(state);
  }

  double uniform() { return (next() >> 11) * 0x1p-53; } ///< in [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  double normal() ///< mean 0, variance 1
  {
    const double radius = std::sqrt(-2. * std::log(1. - uniform()));
    return radius * std::cos(2. * 3.14159265358979323846 * uniform());
  }

private:
  static constexpr std::uint64_t increment = 0x9e3779b97f4a7c15ULL;

  static std::uint64_t mix(std::uint64_t z)
  {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state;
};
} // namespace lithoclase
