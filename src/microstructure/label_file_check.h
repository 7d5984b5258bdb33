#pragma once

#include <string>

class vtkDataArray;

/// What VTK's readers do not see. Of a file that is cut short they read what is there and leave the rest of
/// the labels as it was, or end the program; of axes that are turned they say nothing. Each throws
/// InputError.
namespace lithoclase
{
/// Each part with its length and checksum, up to the one that ends the picture.
void check_png(const std::string &file);

/// The description of each layer and the bytes of its pixels, which must lie in the file.
void check_tiff(const std::string &file);

/// The mark at the end, which follows all data.
void check_vtk_xml(const std::string &file);

/// After the name of the `array`, which was read from the file, as many values as it has.
void check_legacy_vtk(const std::string &file, vtkDataArray &array);

/// Axes along x, y and z, with positive spacing.
void check_meta_image(const std::string &file);

[[noreturn]] void throw_turned_axes(const std::string &file, const std::string &reason);
} // namespace lithoclase
