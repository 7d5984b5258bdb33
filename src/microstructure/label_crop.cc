#include "microstructure/label_crop.h"

#include "core/failure.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace lithoclase
{
namespace
{
/// The voxels of the file that are used along an axis.
struct UsedRange
{
  std::size_t first = 0, last = 0;
  bool reversed = false;

  std::size_t size() const { return last - first + 1; }
  std::size_t source(const std::size_t i) const { return reversed ? last - i : first + i; }
};

std::array<UsedRange, 3> used_ranges(const LabelImageParameters &parameters, const LabelVoxels &voxels)
{
  std::array<UsedRange, 3> ranges;
  if (parameters.crop.size() > 3)
    throw InputError(label_image_section + "crop' has " + std::to_string(parameters.crop.size()) +
                     " ranges; at most three are allowed, one per axis.");
  for (unsigned int a = 0; a < 3; ++a) {
    UsedRange &range = ranges[a];
    range.last = voxels.n[a] - 1;
    if (a < parameters.crop.size() && parameters.crop[a] != ":") {
      long long begin = 0, end = 0;
      if (!parse_range(parameters.crop[a], begin, end) || begin < 0 ||
          end > static_cast<long long>(range.last))
        throw InputError(label_image_section + "crop' asks for '" + parameters.crop[a] + "' along " +
                         image_axes[a] + "; allowed is first:last within 0:" + std::to_string(range.last) +
                         ".");
      range.first = begin;
      range.last = end;
    }
  }
  for (const std::string &axis : parameters.mirror) {
    const auto *found = std::find(image_axes.begin(), image_axes.end(), axis);
    if (found == image_axes.end())
      throw InputError(label_image_section + "mirror' names the axis '" + axis +
                       "'; allowed are x, y and z.");
    ranges[found - image_axes.begin()].reversed = true;
  }
  return ranges;
}

/// Sides along an axis of the voxels that are used. Where the coordinates of the file fall, those of a
/// reversed axis rise.
void crop_sides(const UsedRange &range, std::vector<double> &sides, double &spacing)
{
  if (!sides.empty()) {
    std::vector<double> used;
    for (std::size_t i = 0; i < range.size(); ++i)
      used.push_back(range.reversed ? std::abs(sides[range.source(i)]) : sides[range.source(i)]);
    sides = std::move(used);
    spacing = *std::min_element(sides.begin(), sides.end(),
                                [](double p, double q) { return std::abs(p) < std::abs(q); });
  } else if (range.reversed)
    spacing = std::abs(spacing);
}
} // namespace

void crop_and_mirror(const LabelImageParameters &parameters, LabelVoxels &voxels)
{
  const std::array<UsedRange, 3> ranges = used_ranges(parameters, voxels);
  if (parameters.crop.empty() && parameters.mirror.empty())
    return;
  const auto &[x, y, z] = ranges;
  std::vector<std::int32_t> labels;
  labels.reserve(x.size() * y.size() * z.size());
  for (std::size_t k = 0; k < z.size(); ++k)
    for (std::size_t j = 0; j < y.size(); ++j)
      for (std::size_t i = 0; i < x.size(); ++i)
        labels.push_back(
            voxels.labels[(z.source(k) * voxels.n[1] + y.source(j)) * voxels.n[0] + x.source(i)]);
  voxels.labels = std::move(labels);
  for (unsigned int a = 0; a < 3; ++a) {
    voxels.n[a] = ranges[a].size();
    if (voxels.spacing)
      crop_sides(ranges[a], voxels.sides[a], (*voxels.spacing)[a]);
  }
}
} // namespace lithoclase
