#include "microstructure/label_specks.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace lithoclase
{
namespace
{
using Stride = std::array<std::size_t, 3>;

/// For each voxel the lowest one of its connected part, the voxels that are joined by faces and have its
/// label.
std::vector<std::uint32_t> parts_of(const std::array<std::size_t, 3> &n, const Stride &stride,
                                    const std::vector<std::int32_t> &labels)
{
  std::vector<std::uint32_t> parent(labels.size());
  std::iota(parent.begin(), parent.end(), 0u);
  const auto root = [&](std::uint32_t i) {
    while (parent[i] != i)
      i = parent[i] = parent[parent[i]];
    return i;
  };
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (unsigned int a = 0; a < 3; ++a)
      if (i / stride[a] % n[a] > 0 && labels[i] == labels[i - stride[a]]) {
        const std::uint32_t p = root(i), q = root(i - stride[a]);
        parent[std::max(p, q)] = std::min(p, q);
      }
  for (std::size_t i = 0; i < labels.size(); ++i)
    parent[i] = parent[parent[i]]; // a parent is never above its child, so that it is done already
  return parent;
}

/// The label that most of the neighbours that are not `open` have, the lowest of several; false if there is
/// none.
bool prevailing_label(const std::array<std::size_t, 3> &n, const Stride &stride, const std::size_t voxel,
                      const std::vector<std::int32_t> &labels, const std::vector<bool> &open,
                      std::int32_t &label)
{
  std::array<std::int32_t, 6> around{};
  auto end = around.begin();
  for (unsigned int a = 0; a < 3; ++a) {
    const std::size_t place = voxel / stride[a] % n[a];
    if (place > 0 && !open[voxel - stride[a]])
      *end++ = labels[voxel - stride[a]];
    if (place + 1 < n[a] && !open[voxel + stride[a]])
      *end++ = labels[voxel + stride[a]];
  }
  std::ptrdiff_t most = 0;
  for (auto item = around.begin(); item != end; ++item) {
    const std::ptrdiff_t n_alike = std::count(around.begin(), end, *item);
    if (n_alike > most || (n_alike == most && *item < label)) {
      most = n_alike;
      label = *item;
    }
  }
  return most > 0;
}
} // namespace

unsigned long long remove_specks(const std::array<std::size_t, 3> &n, std::vector<std::int32_t> &labels,
                                 const std::size_t smallest_part)
{
  const Stride stride{{1, n[0], n[0] * n[1]}};
  const std::vector<std::uint32_t> part = parts_of(n, stride, labels);
  std::vector<std::uint32_t> size(labels.size(), 0), specks;
  for (const std::uint32_t lowest : part)
    ++size[lowest];
  unsigned long long n_specks = 0;
  std::vector<bool> open(labels.size(), false);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (size[part[i]] < smallest_part) {
      n_specks += part[i] == i;
      open[i] = true;
      specks.push_back(i);
    }
  if (specks.size() == labels.size())
    return n_specks;

  while (!specks.empty()) {
    std::vector<std::pair<std::uint32_t, std::int32_t>> filled;
    std::vector<std::uint32_t> left;
    for (const std::uint32_t i : specks) {
      std::int32_t label = 0;
      if (prevailing_label(n, stride, i, labels, open, label))
        filled.emplace_back(i, label);
      else
        left.push_back(i);
    }
    for (const auto &[i, label] : filled) {
      labels[i] = label;
      open[i] = false;
    }
    specks = std::move(left);
  }
  return n_specks;
}
} // namespace lithoclase
