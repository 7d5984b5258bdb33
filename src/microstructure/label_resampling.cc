#include "microstructure/label_resampling.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>

namespace lithoclase
{
namespace
{
constexpr double rounding = 1e-9; ///< of a voxel; what differs by less is alike

/// Which voxels reach into a new one along an axis, and what part of its side each of them takes.
struct Overlap
{
  std::size_t first = 0;
  std::vector<double> shares;
};

std::vector<Overlap> overlaps(const std::vector<double> &sides, const double extent, const std::size_t n)
{
  if (sides.size() == 1)
    return {{0, {1.}}};
  std::vector<Overlap> list(n);
  std::size_t i = 0;
  double begin = 0., end = sides[0]; // of voxel i
  for (std::size_t j = 0; j < n; ++j) {
    const double from = extent * static_cast<double>(j) / static_cast<double>(n);
    const double to = extent * static_cast<double>(j + 1) / static_cast<double>(n);
    for (;; begin = end, end += sides[++i]) {
      const double share = (std::min(end, to) - std::max(begin, from)) / (to - from);
      if (share > rounding) {
        if (list[j].shares.empty())
          list[j].first = i;
        list[j].shares.push_back(share);
      }
      if (end >= to || i + 1 == sides.size())
        break;
    }
  }
  return list;
}

/// Finds the label of the largest volume in a new voxel.
class LabelVote
{
public:
  void add(const std::int32_t label, const double volume)
  {
    if (!parts_.empty() && parts_.back().label == label)
      parts_.back().volume += volume;
    else
      parts_.push_back({label, parts_.size(), volume});
  }
  /// Of labels of the same volume the one that was added first; begins anew.
  std::int32_t finish()
  {
    if (parts_.size() > 1)
      std::sort(parts_.begin(), parts_.end(), [](const Part &a, const Part &b) {
        return std::tie(a.label, a.order) < std::tie(b.label, b.order);
      });
    Part best = parts_[0];
    best.volume = 0.;
    for (auto item = parts_.begin(); item != parts_.end();) {
      Part sum = *item;
      while (++item != parts_.end() && item->label == sum.label)
        sum.volume += item->volume;
      if (sum.volume > best.volume + rounding ||
          (sum.volume > best.volume - rounding && sum.order < best.order))
        best = sum;
    }
    parts_.clear();
    return best.label;
  }

private:
  struct Part
  {
    std::int32_t label;
    std::size_t order;
    double volume; ///< share of the new voxel
  };
  std::vector<Part> parts_;
};
} // namespace

LabelResampling::LabelResampling(std::array<std::vector<double>, 3> sides,
                                 const std::array<double, 3> &wanted)
    : sides_(std::move(sides))
{
  for (unsigned int a = 0; a < 3; ++a) {
    extent_[a] = std::accumulate(sides_[a].begin(), sides_[a].end(), 0.);
    n_[a] = sides_[a].size() == 1 ? 1. : std::max(1., std::round(extent_[a] / wanted[a]));
  }
}

std::array<double, 3> LabelResampling::spacing() const
{
  return {{extent_[0] / n_[0], extent_[1] / n_[1], extent_[2] / n_[2]}};
}

std::pair<double, double> LabelResampling::old_sides(const unsigned int axis) const
{
  const auto [smallest, largest] = std::minmax_element(sides_[axis].begin(), sides_[axis].end());
  return {*smallest, *largest};
}

bool LabelResampling::changes() const
{
  for (unsigned int a = 0; a < 3; ++a)
    if (n_[a] != static_cast<double>(sides_[a].size()) ||
        std::adjacent_find(sides_[a].begin(), sides_[a].end(), std::not_equal_to<>()) != sides_[a].end())
      return true;
  return false;
}

void LabelResampling::apply(LabelVoxels &voxels) const
{
  std::array<std::size_t, 3> n{};
  std::array<std::vector<Overlap>, 3> along;
  for (unsigned int a = 0; a < 3; ++a) {
    n[a] = static_cast<std::size_t>(n_[a]);
    along[a] = overlaps(sides_[a], extent_[a], n[a]);
  }
  std::vector<std::int32_t> labels;
  labels.reserve(n[0] * n[1] * n[2]);
  LabelVote vote;
  for (const Overlap &z : along[2])
    for (const Overlap &y : along[1])
      for (const Overlap &x : along[0]) {
        for (std::size_t k = 0; k < z.shares.size(); ++k)
          for (std::size_t j = 0; j < y.shares.size(); ++j) {
            const double area = z.shares[k] * y.shares[j];
            const std::size_t row = ((z.first + k) * voxels.n[1] + y.first + j) * voxels.n[0] + x.first;
            for (std::size_t i = 0; i < x.shares.size(); ++i)
              vote.add(voxels.labels[row + i], area * x.shares[i]);
          }
        labels.push_back(vote.finish());
      }
  voxels.labels = std::move(labels);
  voxels.n = n;
}
} // namespace lithoclase
