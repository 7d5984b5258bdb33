#include "microstructure/label_reader.h"

#include "core/failure.h"
#include "core/text.h"
#include "microstructure/label_series.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

namespace lithoclase
{
namespace
{
namespace fs = std::filesystem;

/// The value of a key in the header of a .npy file, a dictionary in Python's notation.
std::string npy_entry(const std::string &header, const std::string &key)
{
  const std::size_t place = header.find("'" + key + "'");
  const std::size_t colon = place == std::string::npos ? place : header.find(':', place);
  if (colon == std::string::npos)
    return {};
  const std::string rest = trim(header.substr(colon + 1));
  const std::size_t end = rest[0] == '(' ? rest.find(')') : rest.find(',');
  return trim(rest.substr(rest[0] == '(' ? 1 : 0, end - (rest[0] == '(' ? 1 : 0)));
}

template <typename Number>
void read_npy_values(std::ifstream &stream, const std::string &file, LabelVoxels &voxels)
{
  std::vector<Number> layer(voxels.n[0] * voxels.n[1]);
  for (std::size_t k = 0; k < voxels.n[2]; ++k) {
    stream.read(reinterpret_cast<char *>(layer.data()), layer.size() * sizeof(Number));
    if (!stream)
      throw InputError("The label image '" + file + "' is cut short: it ends in layer " +
                       std::to_string(k + 1) + " of " + std::to_string(voxels.n[2]) + ".");
    append_labels(layer.data(), layer.size(), file, voxels);
  }
}
} // namespace

std::string extension_of(const std::string &file)
{
  std::string extension = fs::path(file).extension().string();
  for (char &c : extension)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

template <typename Number>
void append_labels(const Number *values, std::size_t n, const std::string &file, LabelVoxels &voxels)
{
  constexpr double smallest = std::numeric_limits<std::int32_t>::min();
  constexpr double largest = std::numeric_limits<std::int32_t>::max();
  voxels.labels.reserve(voxels.n[0] * voxels.n[1] * voxels.n[2]);
  for (std::size_t i = 0; i < n; ++i) {
    const double value = static_cast<double>(values[i]);
    if (!(value >= smallest && value <= largest && value == std::floor(value))) {
      const std::size_t place = voxels.labels.size();
      throw InputError("The label image '" + file + "' holds " + format_number(value) + " at voxel (" +
                       std::to_string(place % voxels.n[0]) + ", " +
                       std::to_string(place / voxels.n[0] % voxels.n[1]) + ", " +
                       std::to_string(place / voxels.n[0] / voxels.n[1]) +
                       "); labels must be whole numbers of at most 32 bits.");
    }
    voxels.labels.push_back(static_cast<std::int32_t>(value));
  }
}

LabelVoxels read_npy_labels(const std::string &file)
{
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 8> magic{};
  stream.read(magic.data(), magic.size());
  if (!stream || std::memcmp(magic.data(), "\x93NUMPY", 6) != 0)
    throw InputError("The label image '" + file + "' is no .npy file: it does not begin like one.");
  std::uint32_t size = 0;
  stream.read(reinterpret_cast<char *>(&size), magic[6] == 1 ? 2 : 4);
  std::string header(std::min<std::uint32_t>(size, 1 << 20), ' ');
  stream.read(header.data(), header.size());
  const std::string type = npy_entry(header, "descr");
  const std::vector<std::string> shape = split(npy_entry(header, "shape"), ',');

  LabelVoxels voxels;
  std::vector<std::size_t> lengths;
  for (const std::string &length : shape)
    if (!length.empty())
      lengths.push_back(std::strtoull(length.c_str(), nullptr, 10));
  if (!stream || lengths.size() < 2 || lengths.size() > 3 ||
      std::find(lengths.begin(), lengths.end(), 0u) != lengths.end())
    throw InputError("The label image '" + file + "' has the shape (" + npy_entry(header, "shape") +
                     "); it must have two or three indices, [y, x] or [z, y, x].");
  if (npy_entry(header, "fortran_order") != "False")
    throw InputError("The label image '" + file +
                     "' is in Fortran order; save numpy.ascontiguousarray(labels) instead.");
  std::copy(lengths.rbegin(), lengths.rend(), voxels.n.begin());

  if (type == "'|u1'" || type == "'|b1'")
    read_npy_values<std::uint8_t>(stream, file, voxels);
  else if (type == "'|i1'")
    read_npy_values<std::int8_t>(stream, file, voxels);
  else if (type == "'<u2'")
    read_npy_values<std::uint16_t>(stream, file, voxels);
  else if (type == "'<i2'")
    read_npy_values<std::int16_t>(stream, file, voxels);
  else if (type == "'<u4'")
    read_npy_values<std::uint32_t>(stream, file, voxels);
  else if (type == "'<i4'")
    read_npy_values<std::int32_t>(stream, file, voxels);
  else if (type == "'<u8'")
    read_npy_values<std::uint64_t>(stream, file, voxels);
  else if (type == "'<i8'")
    read_npy_values<std::int64_t>(stream, file, voxels);
  else if (type == "'<f4'")
    read_npy_values<float>(stream, file, voxels);
  else if (type == "'<f8'")
    read_npy_values<double>(stream, file, voxels);
  else
    throw InputError("The label image '" + file + "' holds numbers of type " + type +
                     "; allowed are little-endian integers of 8 to 64 bits.");
  return voxels;
}

LabelVoxels read_labels(const std::string &file, const std::string &dataset)
{
  const std::string extension = extension_of(file);
  const bool layers = extension == ".png" || extension == ".tif" || extension == ".tiff";
  const bool series = fs::path(file).filename().string().find('*') != std::string::npos;
  if (series && !layers)
    throw InputError("The label image '" + file + "' is a series, but only .png, .tif and .tiff may be one.");
  if (!series && !fs::is_regular_file(file))
    throw InputError("The label image '" + file + "' of 'Microstructure/Label image/file' does not exist.");
  const bool hdf5 = extension == ".h5" || extension == ".hdf5" || extension == ".dream3d";
  using Reader = LabelVoxels (*)(const std::string &);
  const std::map<std::string, Reader> readers{{".npy", read_npy_labels},   {".nrrd", read_nrrd_labels},
                                              {".nhdr", read_nrrd_labels}, {".tesr", read_tesr_labels},
                                              {".csv", read_table_labels}, {".txt", read_table_labels},
                                              {".ctf", read_table_labels}, {".ang", read_table_labels}};
  const auto reader = readers.find(extension);
  if (!dataset.empty() && (layers || reader != readers.end()))
    throw InputError("'Microstructure/Label image/dataset' is '" + dataset + "', but a " + extension +
                     " file has no named arrays; leave it out.");
  if (layers)
    return read_layers(series ? files_of_series(file) : std::vector<std::string>{file});
  if (reader != readers.end())
    return reader->second(file);
  if (hdf5)
    return read_hdf5_labels(file, dataset);
  const std::vector<std::string> vtk{".vti", ".vtk", ".mha", ".mhd"};
  if (std::find(vtk.begin(), vtk.end(), extension) != vtk.end())
    return read_vtk_labels(file, dataset);
  throw InputError(
      "The label image '" + file + "' has the unknown ending '" + extension +
      "'; allowed are .vti, .vtk, .tif, .tiff, .png, .mha, .mhd, .nrrd, .nhdr, .npy, .h5, .hdf5, "
      ".dream3d, .tesr, .csv, .txt, .ctf and .ang.");
}

template void append_labels(const std::int8_t *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const std::uint8_t *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const std::int16_t *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const std::uint16_t *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const std::int32_t *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const std::uint32_t *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const std::int64_t *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const std::uint64_t *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const long long *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const unsigned long long *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const char *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const float *, std::size_t, const std::string &, LabelVoxels &);
template void append_labels(const double *, std::size_t, const std::string &, LabelVoxels &);
} // namespace lithoclase
