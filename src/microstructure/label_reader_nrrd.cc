#include "core/failure.h"
#include "core/text.h"
#include "microstructure/label_values.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace lithoclase
{
namespace
{
namespace fs = std::filesystem;

/// The header of a NRRD file; see teem.sourceforge.net/nrrd/format.html.
struct NrrdHeader
{
  std::string type, encoding = "raw", data_file;
  bool big_endian = false;
  std::vector<double> sizes, spacing;
  std::size_t line_skip = 0, byte_skip = 0;
};

/// All numbers in a text, whatever stands between them.
std::vector<double> numbers_in(std::string text)
{
  for (char &c : text)
    if (c == '(' || c == ')' || c == ',')
      c = ' ';
  std::istringstream stream(text);
  std::vector<double> numbers;
  for (double number = 0.; stream >> number;)
    numbers.push_back(number);
  return numbers;
}

std::vector<double> diagonal_of(const std::vector<double> &directions, const std::string &file)
{
  std::vector<double> spacing;
  const std::size_t n = std::lround(std::sqrt(double(directions.size())));
  for (std::size_t i = 0; i < n * n && n * n == directions.size(); ++i)
    if (i % (n + 1) == 0)
      spacing.push_back(directions[i]);
    else if (directions[i] != 0.)
      throw InputError("The axes of the label image '" + file +
                       "' are turned (its space directions); resample it along the axes.");
  return spacing;
}

/// Reads up to the empty line that ends the header.
NrrdHeader read_header(std::istream &stream, const std::string &file)
{
  std::string line;
  std::getline(stream, line);
  if (line.compare(0, 4, "NRRD") != 0)
    throw InputError("The label image '" + file + "' is no NRRD file: it does not begin with 'NRRD'.");
  NrrdHeader header;
  while (std::getline(stream, line) && !trim(line).empty()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line[0] == '#')
      continue;
    const std::string key = trim(line.substr(0, colon)), value = trim(line.substr(colon + 1));
    if (key == "type")
      header.type = value;
    else if (key == "encoding")
      header.encoding = value;
    else if (key == "endian")
      header.big_endian = value == "big";
    else if (key == "data file" || key == "datafile")
      header.data_file = value;
    else if (key == "sizes")
      header.sizes = numbers_in(value);
    else if (key == "spacings")
      header.spacing = numbers_in(value);
    else if (key == "space directions")
      header.spacing = diagonal_of(numbers_in(value), file);
    else if ((key == "line skip" || key == "lineskip" || key == "byte skip" || key == "byteskip") &&
             value.find('-') == std::string::npos)
      (key[0] == 'l' ? header.line_skip : header.byte_skip) = std::strtoull(value.c_str(), nullptr, 10);
    else if (key.find("skip") != std::string::npos)
      throw InputError("The label image '" + file + "' has the " + key + " " + value +
                       "; it must not be negative.");
  }
  return header;
}

NumberType number_type(const std::string &name, const std::string &file)
{
  const std::vector<std::pair<NumberType, std::vector<std::string>>> names{
      {NumberType::int8, {"signed char", "int8", "int8_t"}},
      {NumberType::uint8, {"uchar", "unsigned char", "uint8", "uint8_t"}},
      {NumberType::int16, {"short", "short int", "signed short", "signed short int", "int16", "int16_t"}},
      {NumberType::uint16, {"ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"}},
      {NumberType::int32, {"int", "signed int", "int32", "int32_t"}},
      {NumberType::uint32, {"uint", "unsigned int", "uint32", "uint32_t"}},
      {NumberType::int64, {"longlong", "long long", "long long int", "signed long long", "int64", "int64_t"}},
      {NumberType::uint64,
       {"ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"}},
      {NumberType::float32, {"float"}},
      {NumberType::float64, {"double"}}};
  for (const auto &[type, list] : names)
    if (std::find(list.begin(), list.end(), name) != list.end())
      return type;
  throw InputError("The label image '" + file + "' holds numbers of type '" + name +
                   "'; labels must be whole numbers.");
}

/// At most `size` bytes of what was compressed by gzip.
std::vector<char> unpacked(const std::vector<char> &packed, const std::size_t size)
{
  std::vector<char> bytes(size);
  z_stream stream{};
  inflateInit2(&stream, MAX_WBITS + 32); // with the header of gzip or of zlib
  constexpr std::size_t at_once = 1u << 30;
  std::size_t read = 0, written = 0;
  int state = Z_OK;
  while (state == Z_OK && written < size) {
    if (stream.avail_in == 0) {
      stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data() + read));
      stream.avail_in = std::min(at_once, packed.size() - read);
      read += stream.avail_in;
    }
    const std::size_t room = std::min(at_once, size - written);
    stream.next_out = reinterpret_cast<Bytef *>(bytes.data() + written);
    stream.avail_out = room;
    state = inflate(&stream, Z_NO_FLUSH);
    written += room - stream.avail_out;
  }
  inflateEnd(&stream);
  bytes.resize(written); // less where the data are cut short or damaged
  return bytes;
}

void read_values(std::istream &stream, const NrrdHeader &header, const std::string &file, LabelVoxels &voxels)
{
  std::string line;
  for (std::size_t i = 0; i < header.line_skip; ++i)
    std::getline(stream, line);
  const std::string &encoding = header.encoding;
  const std::size_t n = voxels.n[0] * voxels.n[1] * voxels.n[2];
  if (encoding == "ascii" || encoding == "text" || encoding == "txt") {
    stream.ignore(header.byte_skip);
    return append_text_labels(stream, n, file, voxels);
  }
  const NumberType type = number_type(header.type, file);
  std::vector<char> bytes;
  if (encoding == "gzip" || encoding == "gz") { // what is skipped in bytes is compressed, too
    const std::vector<char> packed{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    bytes = unpacked(packed, header.byte_skip + n * size_of(type));
    bytes.erase(bytes.begin(), bytes.begin() + std::min(bytes.size(), header.byte_skip));
  } else if (encoding == "raw") {
    stream.ignore(header.byte_skip);
    bytes.resize(n * size_of(type));
    stream.read(bytes.data(), bytes.size());
    bytes.resize(stream.gcount());
  } else
    throw InputError("The label image '" + file + "' has the encoding '" + encoding +
                     "'; of NRRD files 'raw', 'ascii' and 'gzip' can be read.");
  append_binary_labels(bytes, n, type, header.big_endian, file, voxels);
}
} // namespace

LabelVoxels read_nrrd_labels(const std::string &file)
{
  std::ifstream stream(file, std::ios::binary);
  const NrrdHeader header = read_header(stream, file);
  const std::vector<double> &sizes = header.sizes;
  if (sizes.size() < 2 || sizes.size() > 3 || *std::min_element(sizes.begin(), sizes.end()) < 1.)
    throw InputError("The label image '" + file + "' has " + std::to_string(sizes.size()) +
                     " axes; it must have two or three, none of them empty.");
  LabelVoxels voxels;
  for (std::size_t a = 0; a < sizes.size(); ++a)
    voxels.n[a] = static_cast<std::size_t>(sizes[a]);
  if (header.spacing.size() == sizes.size()) {
    voxels.spacing = std::array<double, 3>{{1., 1., 1.}};
    std::copy(header.spacing.begin(), header.spacing.end(), voxels.spacing->begin());
  }
  if (header.data_file.empty()) {
    read_values(stream, header, file, voxels);
    return voxels;
  }
  const std::string data = (fs::path(file).parent_path() / header.data_file).string();
  std::ifstream detached(data, std::ios::binary);
  if (!detached || header.data_file.compare(0, 4, "LIST") == 0 ||
      header.data_file.find('%') != std::string::npos)
    throw InputError("The data file '" + header.data_file + "' of the label image '" + file +
                     "' cannot be opened; it must be one file beside it.");
  read_values(detached, header, file, voxels);
  return voxels;
}
} // namespace lithoclase
