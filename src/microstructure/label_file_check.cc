#include "microstructure/label_file_check.h"

#include "core/failure.h"
#include "core/text.h"

#include <vtkDataArray.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include <zlib.h>

namespace lithoclase
{
namespace
{
[[noreturn]] void throw_cut_short(const std::string &file, const std::string &reason)
{
  throw InputError("The label image '" + file + "' is cut short or damaged: " + reason + ".");
}

std::string content_of(const std::string &file)
{
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}
} // namespace

void throw_turned_axes(const std::string &file, const std::string &reason)
{
  throw InputError("The axes of the label image '" + file + "' are turned or mirrored (" + reason +
                   "); write it anew along the axes.");
}

void check_png(const std::string &file)
{
  const std::string content = content_of(file);
  const auto number_at = [&](const std::size_t place) {
    std::uint32_t number = 0;
    for (std::size_t i = place; i < place + 4; ++i)
      number = 256 * number + static_cast<unsigned char>(content[i]);
    return number;
  };
  constexpr std::size_t signature = 8, frame = 12; // bytes; length, type and checksum of a part
  for (std::size_t place = signature; place + frame <= content.size();) {
    const std::size_t length = number_at(place);
    if (length > content.size() - place - frame)
      break;
    const auto *begin = reinterpret_cast<const Bytef *>(content.data()) + place + 4; // its type counts, too
    if (crc32(crc32(0, nullptr, 0), begin, length + 4) != number_at(place + 8 + length))
      throw_cut_short(file, "a checksum of it does not fit");
    if (content.compare(place + 4, 4, "IEND") == 0)
      return;
    place += frame + length;
  }
  throw_cut_short(file, "it does not come to the end of a PNG picture");
}

void check_vtk_xml(const std::string &file)
{
  constexpr std::streamoff tail = 256; // bytes, with white space after the mark
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  stream.seekg(std::max<std::streamoff>(0, static_cast<std::streamoff>(stream.tellg()) - tail));
  const std::string end{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (end.find("</VTKFile>") == std::string::npos)
    throw_cut_short(file, "`</VTKFile>` is not at its end");
}

void check_legacy_vtk(const std::string &file, vtkDataArray &array)
{
  const std::string content = content_of(file), name = array.GetName() ? array.GetName() : "";
  std::size_t place = content.find("SCALARS " + name + " ");
  if (place != std::string::npos)
    place = content.find('\n', content.find("LOOKUP_TABLE", place));
  else if ((place = content.find("\n" + name + " 1 " + std::to_string(array.GetNumberOfTuples()) + " ")) !=
           std::string::npos)
    place = content.find('\n', place + 1);
  if (place == std::string::npos)
    return; // an array of a kind that holds no labels, or a name that is spelt another way in the file
  const std::size_t wanted = array.GetNumberOfTuples();
  std::size_t found = 0;
  std::istringstream head(content.substr(0, 1024));
  std::string line;
  for (unsigned int i = 0; i < 3; ++i)
    std::getline(head, line);
  if (trim(line) == "BINARY")
    found = (content.size() - place - 1) / (array.GetDataType() == VTK_ID_TYPE ? 4 : array.GetDataTypeSize());
  else
    for (bool in_word = false; place < content.size() && found <= wanted; ++place) {
      const bool space = std::isspace(static_cast<unsigned char>(content[place])) != 0;
      found += !space && !in_word;
      in_word = !space;
    }
  if (found < wanted)
    throw_cut_short(file, "it holds " + std::to_string(found) + " of " + std::to_string(wanted) + " values");
}

void check_meta_image(const std::string &file)
{
  std::ifstream stream(file, std::ios::binary);
  for (std::string line; std::getline(stream, line) && line.find("ElementDataFile") == std::string::npos;) {
    const std::size_t equals = line.find('=');
    const std::string key = trim(line.substr(0, equals));
    if (equals == std::string::npos)
      continue;
    std::istringstream text(line.substr(equals + 1));
    const std::vector<double> numbers{std::istream_iterator<double>(text), std::istream_iterator<double>()};
    if (key == "ElementSpacing" || key == "ElementSize") {
      if (std::any_of(numbers.begin(), numbers.end(), [](const double spacing) { return spacing <= 0.; }))
        throw_turned_axes(file, key + " has a number that is not positive");
    } else if (key == "TransformMatrix" || key == "Orientation" || key == "Rotation") {
      const auto n = static_cast<std::size_t>(std::lround(std::sqrt(numbers.size())));
      for (std::size_t i = 0; i < n * n && i < numbers.size(); ++i)
        if (std::abs(numbers[i] - (i % (n + 1) == 0 ? 1. : 0.)) > 1e-6)
          throw_turned_axes(file, "its " + key + " is not the unit matrix");
    }
  }
}
} // namespace lithoclase
