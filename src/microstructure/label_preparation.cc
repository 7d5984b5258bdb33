#include "microstructure/label_preparation.h"

#include "core/failure.h"
#include "core/quantity.h"
#include "core/text.h"
#include "microstructure/label_spacing.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace lithoclase
{
namespace
{
const std::string label_image_section = "'Microstructure/Label image/";
constexpr const char *axis_names[3] = {"x", "y", "z"};

/// "3" or "7:9"; nothing else.
bool parse_range(const std::string &text, long long &first, long long &last)
{
  const std::vector<std::string> ends = split(text, ':');
  if (ends.empty() || ends.size() > 2)
    return false;
  std::array<long long, 2> values{};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string &end = ends[std::min(i, ends.size() - 1)];
    char *rest = nullptr;
    values[i] = std::strtoll(end.c_str(), &rest, 10);
    if (end.empty() || *rest != 0)
      return false;
  }
  first = values[0];
  last = values[1];
  return first <= last;
}

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
                         axis_names[a] + "; allowed is first:last within 0:" + std::to_string(range.last) +
                         ".");
      range.first = begin;
      range.last = end;
    }
  }
  for (const std::string &axis : parameters.mirror) {
    const auto *found = std::find(std::begin(axis_names), std::end(axis_names), axis);
    if (found == std::end(axis_names))
      throw InputError(label_image_section + "mirror' names the axis '" + axis +
                       "'; allowed are x, y and z.");
    ranges[found - axis_names].reversed = true;
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

/// Takes the voxels that are used, in reversed order where asked.
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

/// The labels in the image; no more are sought once there are more than `most`.
std::unordered_set<std::int32_t> labels_in(const LabelVoxels &voxels,
                                           const std::size_t most = std::numeric_limits<std::size_t>::max())
{
  std::unordered_set<std::int32_t> labels;
  for (std::size_t i = 0; i < voxels.labels.size() && labels.size() <= most; ++i)
    if (i == 0 || voxels.labels[i] != voxels.labels[i - 1])
      labels.insert(voxels.labels[i]);
  return labels;
}

/// The labels in the file, which are fewer than its grey values would be.
std::unordered_set<std::int32_t> labels_of_file(const LabelVoxels &voxels, const std::string &file)
{
  const std::size_t most = (voxels.labels.size() + 1024) / 16;
  std::unordered_set<std::int32_t> labels = labels_in(voxels, most);
  if (labels.size() > most)
    throw InputError("The label image '" + file + "' holds more than " + std::to_string(most) +
                     " labels in " + std::to_string(voxels.labels.size()) +
                     " voxels, as grey values do; segment it into labels first.");
  return labels;
}

/// Puts the image onto the voxels that are asked for, or equal ones; `table` gets their sides.
void resample(const LabelImageParameters &parameters, LabelVoxels &voxels, LabelTable &table)
{
  table.spacing = spacing_in_metres(parameters, voxels);
  const LabelResampling resampling = resampling_to(parameters, voxels, table.spacing);
  if (!resampling.changes())
    return;
  OriginalVoxels &original = table.original.emplace();
  std::copy(voxels.n.begin(), voxels.n.end(), original.n.begin());
  for (unsigned int a = 0; a < 3; ++a)
    std::tie(original.smallest[a], original.largest[a]) = resampling.old_sides(a);
  original.lost_labels = labels_in(voxels).size();
  resampling.apply(voxels);
  original.lost_labels -= labels_in(voxels).size();
  table.spacing = resampling.spacing();
}

/// Phase by label, for the labels in a list of the user.
void read_label_list(const std::vector<std::string> &list, const std::string &name, VoxelCode::Phase phase,
                     const LabelVoxels &voxels, std::map<std::int32_t, VoxelCode::Phase> &phases)
{
  for (const std::string &item : list) {
    const std::string what = label_image_section + name + "' names '" + item + "', ";
    long long first = 0, last = 0;
    bool found = false;
    const auto take = [&](std::int32_t label) {
      const auto known = phases.find(label); // all labels of the file, as solid at first
      if (known == phases.end())
        return;
      if (known->second != VoxelCode::solid && known->second != phase)
        throw InputError(what + "but label " + std::to_string(label) + " is in another list already.");
      known->second = phase;
      found = true;
    };
    if (item.compare(0, 6, "phase ") == 0 && parse_range(item.substr(6), first, last)) {
      for (const auto &[label, label_phase] : voxels.phases)
        if (label_phase >= first && label_phase <= last)
          take(label);
    } else if (parse_range(item, first, last)) {
      for (auto label =
               phases.lower_bound(std::max<long long>(first, std::numeric_limits<std::int32_t>::min()));
           label != phases.end() && label->first <= last; ++label)
        take(label->first);
    } else
      throw InputError(what +
                       "but allowed are labels as 3, ranges as 7:9 and, for DREAM.3D files, 'phase 2'.");
    if (!found)
      throw InputError(what + "but the image holds no such label; its labels are " +
                       std::to_string(phases.begin()->first) + " to " +
                       std::to_string(phases.rbegin()->first) + ".");
  }
}

/// Euler angles by label from the user's file, into those of the image.
void read_orientation_file(const std::string &file_name,
                           std::map<std::int32_t, std::array<double, 3>> &angles,
                           const std::map<std::int32_t, VoxelCode::Phase> &labels)
{
  std::ifstream file(file_name);
  std::string line;
  double unit = 0.;
  for (unsigned int number = 1; std::getline(file, line); ++number) {
    line = trim(line.substr(0, line.find('#')));
    if (line.empty())
      continue;
    const std::string where = "Line " + std::to_string(number) + " of '" + file_name + "' ";
    if (unit == 0.) {
      std::string reason;
      const std::optional<double> value = line.compare(0, 5, "unit ") == 0
                                              ? try_parse_quantity("1 " + trim(line.substr(5)), "rad", reason)
                                              : std::nullopt;
      if (!value)
        throw InputError(where + "is '" + line +
                         "'; it must state the unit of the angles, 'unit degree' or 'unit rad'.");
      unit = *value;
      continue;
    }
    std::istringstream numbers(line);
    std::int32_t label = 0;
    std::array<double, 3> euler{};
    std::string rest;
    if (!(numbers >> label >> euler[0] >> euler[1] >> euler[2]) || numbers >> rest)
      throw InputError(where + "is '" + line + "'; it must hold a label and three Euler angles.");
    if (labels.count(label) == 0)
      throw InputError(where + "gives an orientation for label " + std::to_string(label) +
                       ", which the image does not hold; its labels are " +
                       std::to_string(labels.begin()->first) + " to " +
                       std::to_string(labels.rbegin()->first) + ".");
    for (double &angle : euler)
      angle *= unit;
    angles[label] = euler;
  }
}

/// From labels to grains and phases. `known`: the labels of the file, of which the user may speak although
/// the image has lost some of them.
void encode(const LabelImageParameters &parameters, const std::unordered_set<std::int32_t> &known,
            LabelVoxels &voxels, LabelTable &table, std::vector<std::uint32_t> &codes)
{
  const std::unordered_set<std::int32_t> present = labels_in(voxels);
  if (present.size() == 1)
    throw InputError("The label image '" + parameters.file + "' holds one label only, " +
                     std::to_string(voxels.labels[0]) +
                     "; leave it out for a single crystal, or look at 'crop' and the data.");
  std::map<std::int32_t, VoxelCode::Phase> phases;
  for (const std::int32_t label : known)
    phases[label] = VoxelCode::solid;
  read_label_list(parameters.empty_labels, "empty labels", VoxelCode::empty, voxels, phases);
  read_label_list(parameters.liquid_labels, "liquid labels", VoxelCode::liquid, voxels, phases);
  read_label_list(parameters.lithium_labels, "lithium labels", VoxelCode::lithium, voxels, phases);
  if (!parameters.orientation_file.empty())
    read_orientation_file(parameters.orientation_file, voxels.orientations, phases);

  std::unordered_map<std::int32_t, std::uint32_t> code_of;
  for (const auto &[label, phase] : phases) {
    if (present.count(label) == 0)
      continue;
    table.has_phase[phase] = true;
    code_of[label] =
        VoxelCode::join(phase == VoxelCode::solid ? table.grains.size() : VoxelCode::no_grain, phase);
    if (phase != VoxelCode::solid)
      continue;
    table.grains.push_back(label);
    const auto euler = voxels.orientations.find(label);
    for (unsigned int i = 0; i < 3; ++i)
      table.orientations.push_back(
          euler == voxels.orientations.end() ? std::numeric_limits<double>::quiet_NaN() : euler->second[i]);
  }
  if (table.grains.empty())
    throw InputError("All labels of the image '" + parameters.file +
                     "' are void, liquid or lithium; at least one must be a grain.");
  codes.resize(voxels.labels.size());
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (i == 0 || voxels.labels[i] != voxels.labels[i - 1])
      code = code_of[voxels.labels[i]];
    codes[i] = code;
  }
}
/// The axis of a single layer comes last; the order of the voxels stays.
void move_single_layer_last(LabelTable &table)
{
  if (table.n[2] == 1 || (table.n[0] > 1 && table.n[1] > 1))
    return;
  const unsigned int layer = table.n[0] == 1 ? 0 : 1;
  const auto move = [&](auto &values) {
    std::rotate(values.begin() + layer, values.begin() + layer + 1, values.end());
  };
  move(table.n);
  move(table.spacing);
  if (table.original) {
    move(table.original->n);
    move(table.original->smallest);
    move(table.original->largest);
  }
}
} // namespace

unsigned long long remove_specks(const std::array<std::size_t, 3> &n, std::vector<std::int32_t> &labels,
                                 std::size_t smallest_part)
{
  const std::array<std::size_t, 3> stride{{1, n[0], n[0] * n[1]}};
  std::vector<std::uint32_t> parent(labels.size());
  std::iota(parent.begin(), parent.end(), 0u);
  const auto part = [&](std::uint32_t i) {
    while (parent[i] != i)
      i = parent[i] = parent[parent[i]];
    return i;
  };
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (unsigned int a = 0; a < 3; ++a)
      if (i / stride[a] % n[a] > 0 && labels[i] == labels[i - stride[a]]) {
        const std::uint32_t p = part(i), q = part(i - stride[a]);
        parent[std::max(p, q)] = std::min(p, q);
      }
  std::vector<std::uint32_t> size(labels.size(), 0), specks;
  for (std::size_t i = 0; i < labels.size(); ++i)
    ++size[part(i)];
  unsigned long long n_specks = 0;
  std::vector<bool> open(labels.size(), false);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (size[part(i)] < smallest_part) {
      n_specks += part(i) == i;
      open[i] = true;
      specks.push_back(i);
    }
  if (specks.size() == labels.size())
    return n_specks;

  while (!specks.empty()) {
    std::vector<std::pair<std::uint32_t, std::int32_t>> filled;
    std::vector<std::uint32_t> left;
    for (const std::uint32_t i : specks) {
      std::vector<std::int32_t> around;
      for (unsigned int a = 0; a < 3; ++a) {
        const std::size_t place = i / stride[a] % n[a];
        if (place > 0 && !open[i - stride[a]])
          around.push_back(labels[i - stride[a]]);
        if (place + 1 < n[a] && !open[i + stride[a]])
          around.push_back(labels[i + stride[a]]);
      }
      if (around.empty())
        left.push_back(i);
      else {
        std::sort(around.begin(), around.end());
        filled.emplace_back(i, *std::max_element(around.begin(), around.end(), [&](auto p, auto q) {
                              return std::count(around.begin(), around.end(), p) <
                                     std::count(around.begin(), around.end(), q);
                            }));
      }
    }
    for (const auto &[i, label] : filled) {
      labels[i] = label;
      open[i] = false;
    }
    specks = std::move(left);
  }
  return n_specks;
}

LabelTable prepare_labels(const LabelImageParameters &parameters, std::vector<std::uint32_t> &codes)
{
  LabelVoxels voxels = read_labels(parameters.file, parameters.dataset);
  const std::unordered_set<std::int32_t> known = labels_of_file(voxels, parameters.file);
  crop_and_mirror(parameters, voxels);
  LabelTable table;
  resample(parameters, voxels, table);
  if (parameters.smallest_part > 1)
    table.removed_specks = remove_specks(voxels.n, voxels.labels, parameters.smallest_part);
  encode(parameters, known, voxels, table, codes);
  std::copy(voxels.n.begin(), voxels.n.end(), table.n.begin());
  move_single_layer_last(table);
  return table;
}
} // namespace lithoclase
