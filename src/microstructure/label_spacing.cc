#include "microstructure/label_spacing.h"

#include "core/failure.h"
#include "core/text.h"
#include "microstructure/length_text.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace lithoclase
{
namespace
{
/// The value for an axis of one for all or one per axis; 0 if there is none.
double value_along(const std::vector<double> &values, const unsigned int axis)
{
  return values.size() == 1 ? values[0] : axis < values.size() ? values[axis] : 0.;
}

bool has_unequal_sides(const LabelVoxels &voxels)
{
  return std::any_of(voxels.sides.begin(), voxels.sides.end(),
                     [](const std::vector<double> &sides) { return !sides.empty(); });
}

/// That the spacing in the file rises along all axes of more than one voxel.
void check_direction(const LabelVoxels &voxels, const std::string &image)
{
  std::string axes;
  double spacing = 0.;
  for (unsigned int a = 0; a < 3; ++a)
    if (voxels.spacing && voxels.n[a] > 1 && (*voxels.spacing)[a] < 0.) {
      spacing = axes.empty() ? (*voxels.spacing)[a] : spacing;
      axes += (axes.empty() ? "" : ", ") + std::string(image_axes[a]);
    }
  if (!axes.empty())
    throw InputError(image + " has the spacing " + format_number(spacing) + ": its coordinates fall along " +
                     axes + "; to turn it round set " + label_image_section + "mirror' = " + axes + ".");
}

/// That the user's `values` of one option fit the axes of the image.
void check_values(const std::vector<double> &values, const std::string &option, const LabelVoxels &voxels)
{
  const std::string what =
      label_image_section + option + "' has " + std::to_string(values.size()) + " values";
  if (values.size() > 3)
    throw InputError(what + "; allowed are one (cubes) or one per axis.");
  for (unsigned int a = 0; a < 3 && !values.empty(); ++a)
    if (voxels.n[a] > 1 && !(value_along(values, a) > 0.))
      throw InputError(what + ", but the image extends along " + image_axes[a] + ", too.");
}

/// That the user's `spacing` can be that of the image.
void check_spacing(const std::vector<double> &given, const LabelVoxels &voxels, const std::string &image)
{
  check_values(given, "spacing", voxels);
  if (has_unequal_sides(voxels))
    throw InputError(image + " is a grid of unequal voxels, but " + label_image_section +
                     "spacing' gives all the same sides; give 'file unit', e.g. 1 um, instead.");
  double smallest = std::numeric_limits<double>::infinity(), largest = 0.;
  for (unsigned int a = 0; a < 3; ++a)
    if (voxels.spacing && voxels.n[a] > 1) {
      smallest = std::min(smallest, (*voxels.spacing)[a]);
      largest = std::max(largest, (*voxels.spacing)[a]);
    }
  if (given.size() == 1 && voxels.spacing && largest > 1.001 * smallest)
    throw InputError(image + " has voxels with sides in the ratio " + format_number((*voxels.spacing)[0]) +
                     " : " + format_number((*voxels.spacing)[1]) + " : " +
                     format_number((*voxels.spacing)[2]) + ", but " + label_image_section +
                     "spacing' has one value; give one per axis.");
}

/// Sides of the voxels along each axis [m], `spacing` being the smallest.
std::array<std::vector<double>, 3> all_sides(const LabelVoxels &voxels, const std::array<double, 3> &spacing)
{
  std::array<std::vector<double>, 3> sides;
  for (unsigned int a = 0; a < 3; ++a) {
    sides[a].assign(voxels.n[a], spacing[a]);
    for (std::size_t i = 0; i < voxels.sides[a].size(); ++i)
      sides[a][i] = voxels.sides[a][i] * spacing[a] / (*voxels.spacing)[a];
  }
  return sides;
}

/// That there are at least two voxels along each axis of several, and not too many in all.
void check_size(const LabelResampling &resampling, const LabelVoxels &voxels, const std::string &file)
{
  const std::array<double, 3> &n = resampling.n();
  for (unsigned int a = 0; a < 3; ++a)
    if (voxels.n[a] > 1 && n[a] < 2.)
      throw InputError("The label image '" + file + "' is " + in_um(resampling.spacing()[a]) +
                       " long along " + image_axes[a] + ", and at a " + label_image_section +
                       "resampled spacing' as large as that one voxel is left of it; make it smaller.");
  if (n[0] * n[1] * n[2] >= std::numeric_limits<std::uint32_t>::max())
    throw InputError("The label image '" + file + "' would have " + format_number(n[0] * n[1] * n[2]) +
                     " voxels; at most 4294967294 are possible: crop it, or give a larger " +
                     label_image_section + "resampled spacing'.");
}
} // namespace

std::array<double, 3> spacing_in_metres(const LabelImageParameters &parameters, const LabelVoxels &voxels)
{
  std::array<double, 3> spacing{};
  const std::string image = "The label image '" + parameters.file + "'";
  const std::vector<double> &given = parameters.spacing;
  if (given.empty() && !voxels.spacing)
    throw InputError(image + " says nothing about the size of its voxels; give " + label_image_section +
                     "spacing', e.g. 0.25 um.");
  if (given.empty() && !parameters.file_unit)
    throw InputError(image + " gives the size of its voxels as " + format_number((*voxels.spacing)[0]) +
                     ", " + format_number((*voxels.spacing)[1]) + ", " + format_number((*voxels.spacing)[2]) +
                     " without a unit; give " + label_image_section + "file unit', e.g. 1 um, or 'spacing'.");
  check_direction(voxels, image);
  if (!given.empty())
    check_spacing(given, voxels, image);
  for (unsigned int a = 0; a < 3; ++a) {
    spacing[a] = given.empty() ? (*voxels.spacing)[a] * *parameters.file_unit : value_along(given, a);
    if (voxels.n[a] > 1 && !(spacing[a] > 0.))
      throw InputError(image + " has the spacing " + format_number((*voxels.spacing)[a]) + " along " +
                       image_axes[a] + ", but it must be positive; give " + label_image_section +
                       "spacing'.");
  }
  return spacing;
}

LabelResampling resampling_to(const LabelImageParameters &parameters, const LabelVoxels &voxels,
                              const std::array<double, 3> &spacing)
{
  check_values(parameters.resampled_spacing, "resampled spacing", voxels);
  std::array<double, 3> wanted = spacing;
  for (unsigned int a = 0; a < 3 && !parameters.resampled_spacing.empty(); ++a)
    if (voxels.n[a] > 1)
      wanted[a] = value_along(parameters.resampled_spacing, a);
  const LabelResampling resampling(all_sides(voxels, spacing), wanted);
  check_size(resampling, voxels, parameters.file);
  return resampling;
}
} // namespace lithoclase
