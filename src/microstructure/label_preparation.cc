#include "microstructure/label_preparation.h"

#include "core/failure.h"
#include "core/quantity.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>
#include <unordered_map>

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

/// Copies the voxels [first, last] along each axis, in reversed order where asked.
void crop_and_mirror(const LabelImageParameters &parameters, LabelVoxels &voxels)
{
  std::array<std::size_t, 3> first{{0, 0, 0}}, last, n;
  std::array<bool, 3> reversed{};
  if (parameters.crop.size() > 3)
    throw InputError(label_image_section + "crop' has " + std::to_string(parameters.crop.size()) +
                     " ranges; at most three are allowed, one per axis.");
  for (unsigned int a = 0; a < 3; ++a) {
    last[a] = voxels.n[a] - 1;
    if (a < parameters.crop.size() && parameters.crop[a] != ":") {
      long long begin = 0, end = 0;
      if (!parse_range(parameters.crop[a], begin, end) || begin < 0 || end > static_cast<long long>(last[a]))
        throw InputError(label_image_section + "crop' asks for '" + parameters.crop[a] + "' along " +
                         axis_names[a] + "; allowed is first:last within 0:" + std::to_string(last[a]) + ".");
      first[a] = begin;
      last[a] = end;
    }
    n[a] = last[a] - first[a] + 1;
  }
  for (const std::string &axis : parameters.mirror) {
    const auto *found = std::find(std::begin(axis_names), std::end(axis_names), axis);
    if (found == std::end(axis_names))
      throw InputError(label_image_section + "mirror' names the axis '" + axis +
                       "'; allowed are x, y and z.");
    reversed[found - axis_names] = true;
  }
  if (parameters.crop.empty() && parameters.mirror.empty())
    return;

  std::vector<std::int32_t> labels(n[0] * n[1] * n[2]);
  std::size_t place = 0;
  const auto source = [&](unsigned int a, std::size_t i) { return reversed[a] ? last[a] - i : first[a] + i; };
  for (std::size_t k = 0; k < n[2]; ++k)
    for (std::size_t j = 0; j < n[1]; ++j)
      for (std::size_t i = 0; i < n[0]; ++i)
        labels[place++] =
            voxels.labels[(source(2, k) * voxels.n[1] + source(1, j)) * voxels.n[0] + source(0, i)];
  voxels.labels = std::move(labels);
  voxels.n = n;
}

/// Blocks of `factor` voxels along each axis (but not along that of a single layer) become one.
void coarsen(unsigned int factor, LabelVoxels &voxels)
{
  std::array<std::size_t, 3> n, block;
  for (unsigned int a = 0; a < 3; ++a) {
    block[a] = voxels.n[a] > 1 ? factor : 1;
    n[a] = voxels.n[a] / block[a];
    if (n[a] * block[a] != voxels.n[a])
      throw InputError(label_image_section + "coarsening' is " + std::to_string(factor) +
                       ", but the image has " + std::to_string(voxels.n[a]) + " voxels along " +
                       axis_names[a] + ", no multiple of it; crop it to " + std::to_string(n[a] * block[a]) +
                       ".");
  }
  std::vector<std::int32_t> labels, in_block;
  for (std::size_t k = 0; k < n[2]; ++k)
    for (std::size_t j = 0; j < n[1]; ++j)
      for (std::size_t i = 0; i < n[0]; ++i) {
        in_block.clear();
        for (std::size_t w = 0; w < block[2]; ++w)
          for (std::size_t v = 0; v < block[1]; ++v)
            for (std::size_t u = 0; u < block[0]; ++u)
              in_block.push_back(
                  voxels.labels[((k * block[2] + w) * voxels.n[1] + j * block[1] + v) * voxels.n[0] +
                                i * block[0] + u]);
        std::sort(in_block.begin(), in_block.end());
        std::int32_t best = in_block[0];
        long best_count = 0;
        for (auto label = in_block.begin(); label != in_block.end();) {
          const auto next = std::upper_bound(label, in_block.end(), *label);
          if (next - label > best_count) {
            best_count = next - label;
            best = *label;
          }
          label = next;
        }
        labels.push_back(best);
      }
  voxels.labels = std::move(labels);
  voxels.n = n;
  if (voxels.spacing)
    for (unsigned int a = 0; a < 3; ++a)
      (*voxels.spacing)[a] *= block[a];
}

/// Sides of the voxels in metres.
std::array<double, 3> spacing_in_metres(const LabelImageParameters &parameters, const LabelVoxels &voxels)
{
  std::array<double, 3> spacing{};
  const std::string file = "The label image '" + parameters.file + "'";
  const std::vector<double> &given = parameters.spacing;
  if (given.empty() && !voxels.spacing)
    throw InputError(file + " says nothing about the size of its voxels; give " + label_image_section +
                     "spacing', e.g. 0.25 um.");
  if (given.empty() && !parameters.file_unit)
    throw InputError(file + " gives the size of its voxels as " + format_number((*voxels.spacing)[0]) + ", " +
                     format_number((*voxels.spacing)[1]) + ", " + format_number((*voxels.spacing)[2]) +
                     " without a unit; give " + label_image_section + "file unit', e.g. 1 um, or 'spacing'.");
  if (given.size() > 3)
    throw InputError(label_image_section + "spacing' has " + std::to_string(given.size()) +
                     " values; allowed are one (cubes) or one per axis.");
  // The axes that matter: those with more than one voxel.
  double smallest = std::numeric_limits<double>::infinity(), largest = 0.;
  for (unsigned int a = 0; a < 3; ++a) {
    if (voxels.spacing && voxels.n[a] > 1) {
      smallest = std::min(smallest, (*voxels.spacing)[a]);
      largest = std::max(largest, (*voxels.spacing)[a]);
    }
    const double last = given.empty() ? 0. : given.size() == 1 ? given[0] : a < given.size() ? given[a] : 0.;
    spacing[a] = given.empty() ? (*voxels.spacing)[a] * *parameters.file_unit
                 : last > 0.   ? last * (voxels.n[a] > 1 ? parameters.coarsening : 1)
                               : 0.;
    if (voxels.n[a] > 1 && !(spacing[a] > 0.))
      throw InputError(given.empty() ? file + " has the spacing " + format_number((*voxels.spacing)[a]) +
                                           " along " + axis_names[a] +
                                           ", but it must be positive; set 'mirror' for a reversed axis."
                                     : label_image_section + "spacing' has " + std::to_string(given.size()) +
                                           " values, but the image extends along three axes.");
  }
  if (given.size() == 1 && voxels.spacing && largest > 1.001 * smallest)
    throw InputError(file + " has voxels with sides in the ratio " + format_number((*voxels.spacing)[0]) +
                     " : " + format_number((*voxels.spacing)[1]) + " : " +
                     format_number((*voxels.spacing)[2]) + ", but " + label_image_section +
                     "spacing' has one value; give one per axis.");
  return spacing;
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
      const auto known = phases.find(label); // all labels of the image, as solid at first
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

/// From labels to grains and phases.
void encode(const LabelImageParameters &parameters, LabelVoxels &voxels, LabelTable &table,
            std::vector<std::uint32_t> &codes)
{
  std::unordered_map<std::int32_t, std::uint32_t> code_of;
  std::map<std::int32_t, VoxelCode::Phase> phases;
  std::int32_t last = voxels.labels[0] + 1;
  for (const std::int32_t label : voxels.labels)
    if (label != last && code_of.emplace(last = label, 0).second) {
      phases[label] = VoxelCode::solid;
      if (16 * code_of.size() > voxels.labels.size() + 1024)
        throw InputError("The label image '" + parameters.file + "' holds more than " +
                         std::to_string(code_of.size() - 1) + " labels in " +
                         std::to_string(voxels.labels.size()) +
                         " voxels, as grey values do; segment it into labels first.");
    }
  if (phases.size() == 1)
    throw InputError("The label image '" + parameters.file + "' holds one label only, " +
                     std::to_string(voxels.labels[0]) +
                     "; leave it out for a single crystal, or look at 'crop' and the data.");
  read_label_list(parameters.empty_labels, "empty labels", VoxelCode::empty, voxels, phases);
  read_label_list(parameters.liquid_labels, "liquid labels", VoxelCode::liquid, voxels, phases);
  read_label_list(parameters.lithium_labels, "lithium labels", VoxelCode::lithium, voxels, phases);
  if (!parameters.orientation_file.empty())
    read_orientation_file(parameters.orientation_file, voxels.orientations, phases);

  for (const auto &[label, phase] : phases) {
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
  crop_and_mirror(parameters, voxels);
  if (parameters.coarsening > 1)
    coarsen(parameters.coarsening, voxels);
  if (voxels.labels.size() >= std::numeric_limits<std::uint32_t>::max())
    throw InputError("The label image '" + parameters.file + "' has " + std::to_string(voxels.labels.size()) +
                     " voxels; at most 4294967294 are possible: crop or coarsen it.");
  LabelTable table;
  table.spacing = spacing_in_metres(parameters, voxels);
  if (parameters.smallest_part > 1) {
    table.removed_specks = remove_specks(voxels.n, voxels.labels, parameters.smallest_part);
  }
  encode(parameters, voxels, table, codes);
  std::copy(voxels.n.begin(), voxels.n.end(), table.n.begin());
  // The axis of a single layer comes last; the order of the voxels stays.
  for (unsigned int a = 0; a < 2; ++a)
    if (table.n[a] == 1 && table.n[2] > 1)
      for (unsigned int b = a; b < 2; ++b) {
        std::swap(table.n[b], table.n[b + 1]);
        std::swap(table.spacing[b], table.spacing[b + 1]);
      }
  return table;
}
} // namespace lithoclase
