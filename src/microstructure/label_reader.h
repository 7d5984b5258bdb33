#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
/// The content of an image whose voxels (2-D: pixels) carry whole numbers, as it stands in the file.
struct LabelVoxels
{
  std::array<std::size_t, 3> n{{1, 1, 1}};
  std::vector<std::int32_t> labels;             ///< the first axis runs fastest
  std::optional<std::array<double, 3>> spacing; ///< sides of a voxel in the file's own unit of length
  std::array<std::vector<double>, 3> sides;     ///< in this unit, of the voxels along an axis if they differ
  std::map<std::int32_t, std::array<double, 3>> orientations; ///< Euler angles by label (Bunge) [rad]
  std::map<std::int32_t, int> phases;                         ///< number of the phase by label
};

/// Reads an image; the format follows from the name:
///   .vti; .vtk (structured points, rectilinear grid); .mha, .mhd: `dataset` is the name of the array, needed
///     where there are several;
///   .nrrd, .nhdr: encoding raw, ascii or gzip;
///   .png, .tif, .tiff: one layer, a stack in one file (TIFF), or a series of layers along z, `layer_*.png`
///     (label_series.h); the lowest row of a layer is y = 0;
///   .npy: index order [z, y, x] or [y, x];
///   .h5, .hdf5, .dream3d: `dataset` is the path of an array [z, y, x], [y, x] or [z, y, x, 1]; without it
///   the
///     feature ids of a DREAM.3D file (version 6), whose spacing, Euler angles (of features, else the mean of
///     those of their voxels) and phases are read as well;
///   .tesr: raster tessellation of Neper (versions 2.0 to 2.2), with spacing and orientations;
///   .csv, .txt, .ctf, .ang: table of the points of a grid, see label_reader_table.cc.
/// One rank alone calls this; it holds 4 bytes per voxel, and beside them what the file stores per voxel
/// (HDF5 and .npy: one layer of it). Throws InputError.
LabelVoxels read_labels(const std::string &file, const std::string &dataset);

// The parts of it by kind of file.
LabelVoxels read_vtk_labels(const std::string &file, const std::string &dataset);
LabelVoxels read_layers(const std::vector<std::string> &files);
LabelVoxels read_nrrd_labels(const std::string &file);
LabelVoxels read_tesr_labels(const std::string &file);
LabelVoxels read_table_labels(const std::string &file);
LabelVoxels read_npy_labels(const std::string &file);
LabelVoxels read_hdf5_labels(const std::string &file, const std::string &dataset);

/// The extension in lower case, with the dot.
std::string extension_of(const std::string &file);

/// Appends values that must be whole numbers of 32 bits. Throws InputError.
template <typename Number>
void append_labels(const Number *values, std::size_t n, const std::string &file, LabelVoxels &voxels);
} // namespace lithoclase
