#pragma once

#include "core/parameter_section.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace lithoclase
{
/// How messages name the options below, "'Microstructure/Label image/" + name + "'", and the axes.
inline const std::string label_image_section = "'Microstructure/Label image/";
constexpr std::array<const char *, 3> image_axes{{"x", "y", "z"}};

/// "3" or "7:9"; false if it is anything else.
bool parse_range(const std::string &text, long long &first, long long &last);

/// A microstructure from an image of labels, whole numbers per voxel. Labels that are not named are grains.
struct LabelImageParameters
{
  std::string file; ///< empty: none
  std::string dataset;
  std::vector<double> spacing;           ///< per axis or one [m]; empty: as in the file
  std::optional<double> file_unit;       ///< unit of length of the file's spacing [m]
  std::vector<double> resampled_spacing; ///< per axis or one [m]; empty: not resampled
  std::vector<double> position;          ///< of the image's lower corner [m]; empty: that of the electrolyte
  std::vector<std::string> crop;         ///< "first:last" or ":" per axis of the file
  std::vector<std::string> mirror;       ///< axes of the file
  unsigned int smallest_part = 1;        ///< [voxels]
  double smoothing = 3.;                 ///< [voxels]
  std::vector<std::string> empty_labels, liquid_labels, lithium_labels; ///< "3", "7:9", "phase 2"
  std::string orientation_file;

  void declare(ParameterSection &section);
};
} // namespace lithoclase
