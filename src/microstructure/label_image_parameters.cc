#include "microstructure/label_image_parameters.h"

#include "core/failure.h"
#include "core/text.h"

#include <algorithm>
#include <cstdlib>

namespace lithoclase
{
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

void LabelImageParameters::declare(ParameterSection &section)
{
  section.file(
      "file", file,
      "Image with one whole number (label) per voxel, in 2-D per pixel: .vti, .vtk (structured points, "
      "rectilinear grid), .tif, .png, .mha, .mhd, .nrrd, .nhdr, .npy, .h5, .hdf5, .dream3d, .tesr (Neper); "
      "or "
      "table of points with columns x, y, z and the number of the grain, or phase and Euler angles: .csv, "
      ".txt, .ctf, .ang. A series of layers: layer_*.png. Empty: grains and pores are generated.",
      false);
  section.text(
      "dataset", dataset,
      "HDF5: path of the array, index order z, y, x (default: the feature ids of a DREAM.3D file, whose "
      "spacing, orientations and phases are read as well). VTK files with several arrays: its name.");
  section.quantities(
      "spacing", spacing, "um", Range::positive(),
      "Side of a voxel in the file, one for cubes or one per axis. Default: as the file says, in "
      "its unit.");
  section.optional_quantity("file unit", file_unit, "um", Range::positive(),
                            "Unit of length of the spacing in the file, e.g. 1 um.", "none");
  if (file_unit && !spacing.empty())
    throw InputError("Both " + section.where("spacing") + " and " + section.where("file unit") +
                     " are given; give one of them.");
  section.quantities("position", position, "um", Range::any(),
                     "Where the image's lower corner lies in the box. Default: the lower corner of the "
                     "electrolyte (above the mean thickness of the anode).");
  section.texts("crop", crop,
                "What part of the file is used: first:last voxel per axis, both included, counted from 0; a "
                "colon alone for all. For a layer of a volume in 2-D: `:, :, 50:50`.");
  section.texts("mirror", mirror,
                "Axes (x, y, z) along which the order of the voxels is reversed. A file whose coordinates "
                "fall along an axis (negative spacing) needs it there.");
  section.quantities(
      "resampled spacing", resampled_spacing, "um", Range::positive(),
      "Side of the voxels that the labels are put on, one for cubes or one per axis of the "
      "file, finer or coarser than there: each gets the label that fills most of its volume, "
      "of two that fill as much the one at its lower corner. The extent of the "
      "image stays: so many voxels as fit in, rounded, with sides that fill it exactly. "
      "Default: as in the file; of a grid of unequal voxels the smallest side along each axis.");
  section.integer("smallest part", smallest_part, Range::at_least(1.),
                  "Connected parts of a label with fewer voxels are specks and are filled from around.");
  section.number("smoothing", smoothing, Range::closed(1., 8.),
                 "Radius in voxels over which surfaces are fitted; structures finer than that are rounded.");
  section.texts("empty labels", empty_labels,
                "Labels that are void: numbers, ranges 7:9, or `phase 2` for all labels of a phase of a "
                "DREAM.3D file.");
  section.texts("liquid labels", liquid_labels, "Labels that are ionic liquid.");
  section.texts("lithium labels", lithium_labels, "Labels that are lithium at the start.");
  section.file(
      "orientation file", orientation_file,
      "Text file with a line `label phi1 Phi phi2` per grain (Bunge's Euler angles) below a first line "
      "`unit degree` or `unit rad`. # starts a comment. Grains that are not in it are oriented after "
      "Grains/orientation.");
}
} // namespace lithoclase
