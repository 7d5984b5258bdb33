#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lithoclase
{
/// Gives voxels of connected parts (by faces) of fewer than `smallest_part` voxels the label that prevails
/// around them, layer by layer; returns how many parts there were.
unsigned long long remove_specks(const std::array<std::size_t, 3> &n, std::vector<std::int32_t> &labels,
                                 std::size_t smallest_part);
} // namespace lithoclase
