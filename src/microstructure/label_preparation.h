#pragma once

#include "microstructure/label_image_parameters.h"
#include "microstructure/label_reader.h"

#include <array>
#include <cstdint>
#include <vector>

namespace lithoclase
{
/// What a voxel is: a grain (numbered from 0, in the order of the labels) and a phase.
struct VoxelCode
{
  enum Phase : std::uint32_t
  {
    solid,
    empty,
    liquid,
    lithium
  };
  static constexpr std::uint32_t no_grain = (1u << 30) - 1;

  static std::uint32_t join(std::uint32_t grain, std::uint32_t phase) { return phase << 30 | grain; }
  static std::uint32_t grain(std::uint32_t code) { return code & no_grain; }
  static Phase phase(std::uint32_t code) { return static_cast<Phase>(code >> 30); }
};

/// The voxels of an image before it was resampled.
struct OriginalVoxels
{
  std::array<unsigned long long, 3> n{{1, 1, 1}};
  std::array<double, 3> smallest{}, largest{}; ///< sides [m]
  unsigned long long lost_labels = 0;          ///< that fill most of no new voxel
};

/// An image ready for use, without its voxels. The axis of an image of one layer comes last.
struct LabelTable
{
  std::array<unsigned long long, 3> n{{1, 1, 1}};
  std::array<double, 3> spacing{};        ///< [m]
  std::vector<std::int32_t> grains;       ///< label of each grain
  std::vector<double> orientations;       ///< Euler angles, 3 per grain; NaN: not given [rad]
  std::array<bool, 4> has_phase{};        ///< by VoxelCode::Phase
  std::optional<OriginalVoxels> original; ///< nothing if the voxels are those of the file
  unsigned long long removed_specks = 0;  ///< filled parts
};

/// Reads the image, crops, mirrors, resamples and cleans it; `codes` are VoxelCode by voxel, the grain of
/// other phases being `no_grain`. For one rank alone; throws InputError.
LabelTable prepare_labels(const LabelImageParameters &parameters, std::vector<std::uint32_t> &codes);
} // namespace lithoclase
