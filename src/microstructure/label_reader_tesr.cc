#include "core/failure.h"
#include "core/text.h"
#include "microstructure/label_values.h"
#include "microstructure/mean_orientation.h"

#include <deal.II/base/numbers.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

/// Raster tessellations of Neper (neper.info/doc/fileformat.html): sections begin with **, their parts with
/// *. The order of voxels is ours, x runs fastest; voxels of cell 0 are void.
namespace lithoclase
{
namespace
{
namespace fs = std::filesystem;

class TesrReader
{
public:
  explicit TesrReader(const std::string &file) : file_(file), stream_(file, std::ios::binary) {}

  LabelVoxels read()
  {
    std::string word;
    stream_ >> word;
    if (word != "***tesr")
      throw InputError("The label image '" + file_ +
                       "' is no raster tessellation: it does not begin with '***tesr'.");
    bool has_data = false;
    stream_ >> word;
    while (stream_ && word != "***end") {
      if (word == "**format")
        word = read_format();
      else if (word == "**general")
        word = read_general();
      else if (word == "*ori")
        word = read_orientations();
      else if (word == "*id")
        word = read_list(names_);
      else if (word == "**data") {
        word = read_data();
        has_data = true;
      } else if (word == "**cell")
        stream_ >> n_cells_ >> word;
      else
        word = skip();
      if (word == "**oridata" || word == "**oridef") // of voxels: the mean of a cell is in *ori
        break;
    }
    if (!has_data)
      throw InputError("The label image '" + file_ + "' is cut short: it has no section '**data'.");
    name_cells();
    return std::move(voxels_);
  }

private:
  /// The next word that begins with a star, or nothing at the end.
  std::string skip()
  {
    std::string word;
    while (stream_ >> word && word[0] != '*')
      ;
    return stream_ ? word : "";
  }

  std::string read_format()
  {
    std::string word;
    stream_ >> word >> word;
    if (word[0] == '*')
      return word;
    old_format_ = word; // version 2.0 has it here, for all data
    return skip();
  }

  std::string read_general()
  {
    unsigned int dim = 0;
    stream_ >> dim;
    if (dim != 2 && dim != 3)
      throw InputError("The raster tessellation '" + file_ + "' has the dimension " + std::to_string(dim) +
                       "; allowed are 2 and 3.");
    std::array<double, 3> spacing{{1., 1., 1.}};
    for (unsigned int a = 0; a < dim; ++a)
      stream_ >> voxels_.n[a];
    for (unsigned int a = 0; a < dim; ++a)
      stream_ >> spacing[a];
    if (!stream_ || *std::min_element(voxels_.n.begin(), voxels_.n.end()) == 0)
      throw InputError("The label image '" + file_ +
                       "' is cut short or holds no voxels: see its section '**general'.");
    voxels_.spacing = spacing;
    return skip();
  }

  template <typename Number>
  std::string read_list(std::vector<Number> &list)
  {
    for (std::string word; stream_ >> word;) {
      if (word[0] == '*')
        return word;
      std::string rest;
      const std::optional<double> number = leading_number(word, rest);
      if (!number || !rest.empty())
        throw InputError("The raster tessellation '" + file_ + "' holds '" + word +
                         "' where a number should be.");
      list.push_back(static_cast<Number>(*number));
    }
    return {};
  }

  std::string read_orientations()
  {
    std::string descriptor;
    stream_ >> descriptor;
    std::vector<double> numbers;
    const std::string next = read_list(numbers);
    const std::size_t colon = descriptor.find(':');
    const bool passive = colon != std::string::npos && descriptor.substr(colon + 1) == "passive";
    const std::string name = descriptor.substr(0, colon);
    const std::size_t size = name == "quaternion" || name == "axis-angle" ? 4 : 3;
    if (numbers.size() != size * n_cells_)
      throw InputError("The raster tessellation '" + file_ + "' has " + std::to_string(numbers.size()) +
                       " numbers of orientations for " + std::to_string(n_cells_) + " cells; '" + descriptor +
                       "' needs " + std::to_string(size) + " per cell.");
    for (std::size_t cell = 0; cell < n_cells_; ++cell) {
      Quaternion q = quaternion(name, &numbers[size * cell]);
      if (passive)
        q[0] = -q[0]; // the inverse
      MeanOrientation orientation;
      orientation.add(q);
      voxels_.orientations[cell + 1] = orientation.euler();
    }
    return next;
  }

  Quaternion quaternion(const std::string &descriptor, const double *p) const
  {
    constexpr double degree = dealii::numbers::PI / 180.;
    if (descriptor == "quaternion" || descriptor == "q")
      return {{p[0], p[1], p[2], p[3]}};
    if (descriptor == "euler-bunge" || descriptor == "e")
      return quaternion_from_euler({{degree * p[0], degree * p[1], degree * p[2]}});
    if (descriptor == "rodrigues" || descriptor == "R") { // axis times the tangent of half the angle
      const double w = 1. / std::sqrt(1. + p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
      return {{w, w * p[0], w * p[1], w * p[2]}};
    }
    if (descriptor == "axis-angle") {
      const double norm = std::sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
      const double s = norm > 0. ? std::sin(0.5 * degree * p[3]) / norm : 0.;
      return {{std::cos(0.5 * degree * p[3]), s * p[0], s * p[1], s * p[2]}};
    }
    throw InputError("The raster tessellation '" + file_ + "' gives orientations as '" + descriptor +
                     "'; allowed are rodrigues, euler-bunge, quaternion and axis-angle.");
  }

  std::string read_data()
  {
    std::string format = old_format_;
    if (format.empty())
      stream_ >> format;
    std::ifstream detached;
    std::istream *stream = &stream_;
    const std::streampos begin = stream_.tellg();
    std::string word;
    if (stream_ >> word && word == "*file") {
      stream_ >> word;
      word.erase(std::remove(word.begin(), word.end(), '"'), word.end());
      detached.open(fs::path(file_).parent_path() / word, std::ios::binary);
      if (!detached)
        throw InputError("The data file '" + word + "' of the label image '" + file_ + "' cannot be opened.");
      stream = &detached;
    } else {
      stream_.clear();
      stream_.seekg(begin);
      stream_.ignore(1 << 10, '\n');
    }
    read_voxels(*stream, format);
    return skip();
  }

  void read_voxels(std::istream &stream, const std::string &format)
  {
    const std::size_t n = voxels_.n[0] * voxels_.n[1] * voxels_.n[2];
    if (format == "ascii")
      return append_text_labels(stream, n, file_, voxels_);
    const bool big = format.size() > 4 && format.compare(format.size() - 4, 4, "_big") == 0;
    const std::string kind = big ? format.substr(0, format.size() - 4) : format;
    if (kind != "binary8" && kind != "binary16" && kind != "binary32")
      throw InputError("The raster tessellation '" + file_ + "' has data of the format '" + format +
                       "'; allowed are ascii, binary8, binary16 and binary32.");
    const NumberType type = kind == "binary8"    ? NumberType::uint8
                            : kind == "binary16" ? NumberType::int16
                                                 : NumberType::int32;
    std::vector<char> bytes(n * size_of(type));
    stream.read(bytes.data(), bytes.size());
    bytes.resize(stream.gcount());
    append_binary_labels(bytes, n, type, big, file_, voxels_);
  }

  /// The data number the cells from 1; a list of names says what they are called.
  void name_cells()
  {
    if (names_.empty())
      return;
    std::map<std::int32_t, std::array<double, 3>> orientations;
    for (const auto &[cell, angles] : voxels_.orientations)
      orientations[name_of(cell)] = angles;
    voxels_.orientations = std::move(orientations);
    for (std::int32_t &label : voxels_.labels)
      label = name_of(label);
  }

  std::int32_t name_of(const std::int32_t cell) const
  {
    if (cell == 0)
      return 0;
    if (cell < 0 || static_cast<std::size_t>(cell) > names_.size())
      throw InputError("The raster tessellation '" + file_ + "' holds a voxel of cell " +
                       std::to_string(cell) + ", but it lists " + std::to_string(names_.size()) + " cells.");
    return names_[cell - 1];
  }

  std::string file_;
  std::ifstream stream_;
  std::string old_format_;
  std::size_t n_cells_ = 0;
  std::vector<std::int32_t> names_;
  LabelVoxels voxels_;
};
} // namespace

LabelVoxels read_tesr_labels(const std::string &file)
{
  return TesrReader(file).read();
}
} // namespace lithoclase
