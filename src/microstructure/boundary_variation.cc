#include "microstructure/boundary_variation.h"

#include "microstructure/grain_orientations.h"
#include "microstructure/random.h"

#include <cmath>
#include <cstdint>

namespace lithoclase
{
namespace
{
/// A log-normal factor of mean 1.
double drawn_factor(double deviation, std::uint64_t seed, RandomUse use, std::uint64_t pair)
{
  if (deviation == 0.)
    return 1.;
  const double variance = std::log1p(deviation * deviation); // of the logarithm
  return std::exp(std::sqrt(variance) * Random(seed, use, pair).normal() - 0.5 * variance);
}
} // namespace

double low_angle_share(double misorientation, double limit)
{
  const double ratio = misorientation / limit;
  if (ratio >= 1.)
    return 1.;
  return ratio > 0. ? ratio * (1. - std::log(ratio)) : 0.;
}

std::vector<BoundaryCharacter>
boundary_characters(const BoundaryVariationParameters &parameters,
                    const std::vector<std::pair<unsigned int, unsigned int>> &boundaries,
                    const std::vector<dealii::Tensor<2, 3>> &orientations)
{
  std::vector<BoundaryCharacter> characters;
  for (const auto &[a, b] : boundaries) {
    BoundaryCharacter character;
    character.misorientation = cubic_misorientation(orientations[a], orientations[b]);
    const double share = low_angle_share(character.misorientation, parameters.low_angle_limit);
    const std::uint64_t pair = (static_cast<std::uint64_t>(a) << 32) + b;
    character.conduction = drawn_factor(parameters.conductivity_deviation, parameters.seed,
                                        RandomUse::boundary_conduction, pair);
    character.electronic_conduction = parameters.electronic_deviation
                                          ? drawn_factor(*parameters.electronic_deviation, parameters.seed,
                                                         RandomUse::boundary_electronic_conduction, pair)
                                          : character.conduction;
    if (parameters.low_angle_conductivity) {
      character.conduction *= share;
      character.electronic_conduction *= share;
    }
    character.toughness_share = parameters.low_angle_toughness ? share : 1.;
    character.toughness_factor =
        drawn_factor(parameters.toughness_deviation, parameters.seed, RandomUse::boundary_toughness, pair);
    characters.push_back(character);
  }
  return characters;
}
} // namespace lithoclase
