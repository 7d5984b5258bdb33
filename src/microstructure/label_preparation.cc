#include "microstructure/label_preparation.h"

#include "core/failure.h"
#include "core/quantity.h"
#include "core/text.h"
#include "microstructure/label_crop.h"
#include "microstructure/label_spacing.h"
#include "microstructure/label_specks.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace lithoclase
{
namespace
{
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
