#include "microstructure/label_values.h"

#include "core/failure.h"

#include <algorithm>

namespace lithoclase
{
namespace
{
template <typename Number>
void append(const std::vector<char> &bytes, const std::size_t n, const std::string &file, LabelVoxels &voxels)
{
  append_labels(reinterpret_cast<const Number *>(bytes.data()), n, file, voxels);
}
} // namespace

std::size_t size_of(const NumberType type)
{
  switch (type) {
  case NumberType::int8:
  case NumberType::uint8:
    return 1;
  case NumberType::int16:
  case NumberType::uint16:
    return 2;
  case NumberType::int32:
  case NumberType::uint32:
  case NumberType::float32:
    return 4;
  default:
    return 8;
  }
}

void append_binary_labels(std::vector<char> &bytes, const std::size_t n, const NumberType type,
                          const bool big_endian, const std::string &file, LabelVoxels &voxels)
{
  const std::size_t size = size_of(type);
  if (bytes.size() < n * size)
    cut_short(file, bytes.size() / size, voxels);
  if (big_endian && size > 1)
    for (std::size_t i = 0; i < n; ++i)
      std::reverse(bytes.begin() + i * size, bytes.begin() + (i + 1) * size);
  switch (type) {
  case NumberType::int8:
    return append<std::int8_t>(bytes, n, file, voxels);
  case NumberType::uint8:
    return append<std::uint8_t>(bytes, n, file, voxels);
  case NumberType::int16:
    return append<std::int16_t>(bytes, n, file, voxels);
  case NumberType::uint16:
    return append<std::uint16_t>(bytes, n, file, voxels);
  case NumberType::int32:
    return append<std::int32_t>(bytes, n, file, voxels);
  case NumberType::uint32:
    return append<std::uint32_t>(bytes, n, file, voxels);
  case NumberType::int64:
    return append<std::int64_t>(bytes, n, file, voxels);
  case NumberType::uint64:
    return append<std::uint64_t>(bytes, n, file, voxels);
  case NumberType::float32:
    return append<float>(bytes, n, file, voxels);
  case NumberType::float64:
    return append<double>(bytes, n, file, voxels);
  }
}

void append_text_labels(std::istream &text, const std::size_t n, const std::string &file, LabelVoxels &voxels)
{
  double value = 0.;
  for (std::size_t i = 0; i < n; ++i) {
    if (!(text >> value))
      cut_short(file, i, voxels);
    append_labels(&value, 1, file, voxels);
  }
}

void cut_short(const std::string &file, const std::size_t n_values, const LabelVoxels &voxels)
{
  throw InputError("The label image '" + file + "' is cut short: it holds " + std::to_string(n_values) +
                   " values for " + std::to_string(voxels.n[0]) + " x " + std::to_string(voxels.n[1]) +
                   " x " + std::to_string(voxels.n[2]) + " voxels.");
}
} // namespace lithoclase
