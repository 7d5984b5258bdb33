#include "microstructure/label_file_check.h"

#include "core/failure.h"
#include "core/text.h"

#include <vtkDataArray.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
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

/// The layers of a TIFF file (version 6.0, or BigTIFF with places of 8 bytes), each of which has a directory
/// of entries: tag, type, number of values, and the values or the place where they stand.
class TiffLayers
{
public:
  explicit TiffLayers(const std::string &file) : file_(file), stream_(file, std::ios::binary | std::ios::ate)
  {
    size_ = stream_.tellg();
    if (size_ < 8)
      throw_cut_short(file_, "it ends within the first 8 bytes");
    big_endian_ = number(0, 1) == 'M';
    const std::uint64_t version = number(2, 2);
    if (number(0, 1) != number(1, 1) || (version != 42 && version != 43))
      throw_cut_short(file_, "it does not begin like a TIFF file");
    big_ = version == 43;
  }

  void check()
  {
    const std::uint64_t entry = big_ ? 20 : 12; // bytes
    std::set<std::uint64_t> places;
    for (std::uint64_t place = big_ ? number(8, 8) : number(4, 4); place != 0; ++layer_) {
      if (!places.insert(place).second)
        throw_cut_short(file_, "after layer " + std::to_string(layer_ - 1) + " it begins anew");
      const std::uint64_t n = number(place, big_ ? 8 : 2), first = place + (big_ ? 8 : 2);
      check_reach(first, n); // at least a byte each
      std::vector<std::uint64_t> begin, length;
      for (std::uint64_t i = 0; i < n; ++i) {
        const std::uint64_t tag = number(first + i * entry, 2);
        if (tag == strip_offsets || tag == tile_offsets)
          begin = values(first + i * entry);
        else if (tag == strip_lengths || tag == tile_lengths)
          length = values(first + i * entry);
      }
      for (std::size_t i = 0; i < begin.size(); ++i)
        check_reach(begin[i], i < length.size() ? length[i] : 1);
      place = number(first + n * entry, big_ ? 8 : 4);
    }
  }

private:
  static constexpr std::uint64_t strip_offsets = 273, strip_lengths = 279, tile_offsets = 324,
                                 tile_lengths = 325;

  void check_reach(const std::uint64_t place, const std::uint64_t length) const
  {
    if (place > size_ || length > size_ - place)
      throw_cut_short(file_, "layer " + std::to_string(layer_) + " reaches to byte " +
                                 std::to_string(place + length) + ", but the file ends at byte " +
                                 std::to_string(size_));
  }

  std::vector<char> bytes_at(const std::uint64_t place, const std::uint64_t n)
  {
    check_reach(place, n);
    std::vector<char> bytes(n);
    stream_.seekg(static_cast<std::streamoff>(place));
    stream_.read(bytes.data(), static_cast<std::streamsize>(n));
    return bytes;
  }

  std::uint64_t decoded(const char *bytes, const unsigned int n_bytes) const
  {
    std::uint64_t number = 0;
    for (unsigned int i = 0; i < n_bytes; ++i)
      number = number << 8 | static_cast<unsigned char>(bytes[big_endian_ ? i : n_bytes - 1 - i]);
    return number;
  }
  std::uint64_t number(const std::uint64_t place, const unsigned int n_bytes)
  {
    return decoded(bytes_at(place, n_bytes).data(), n_bytes);
  }

  std::vector<std::uint64_t> values(const std::uint64_t entry)
  {
    const std::uint64_t type = number(entry + 2, 2), n = number(entry + 4, big_ ? 8 : 4);
    const unsigned int size = type == 3 ? 2 : type == 4 ? 4 : 8, in_entry = big_ ? 8 : 4; // bytes
    const std::uint64_t field = entry + 4 + in_entry;
    const std::uint64_t place = n <= in_entry / size ? field : number(field, in_entry);
    check_reach(place, n); // at least a byte each
    const std::vector<char> bytes = bytes_at(place, n * size);
    std::vector<std::uint64_t> values;
    for (std::uint64_t i = 0; i < n; ++i)
      values.push_back(decoded(bytes.data() + i * size, size));
    return values;
  }

  std::string file_;
  std::ifstream stream_;
  std::uint64_t size_ = 0, layer_ = 1;
  bool big_endian_ = false, big_ = false;
};
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

void check_tiff(const std::string &file)
{
  TiffLayers(file).check();
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
