#include "core/failure.h"
#include "core/text.h"
#include "microstructure/grain_orientations.h"
#include "microstructure/label_reader.h"
#include "microstructure/mean_orientation.h"
#include "microstructure/rotation.h"

#include <deal.II/base/numbers.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>

/// Tables of the points of a rectangular grid, one point per line in any order: EBSD maps and what DREAM.3D
/// exports. The last line before the numbers names the columns (`#` before it may stand): x, y, perhaps z,
/// and
///     the number of the grain (FeatureId, GrainId, label), perhaps with Euler angles, of which a grain gets
///     the mean, and phase; or Euler angles, perhaps with phase: neighbours of one phase whose misorientation
///     is at most 5 degrees belong to one grain (cubic symmetry). Grains are numbered from 1; points of phase
///     0 (not indexed) get 0.
/// Euler angles are Bunge's; in degrees in .ctf files, if the names say so, or where one is above 2 pi.
namespace lithoclase
{
namespace
{
using dealii::numbers::PI;
constexpr double grain_angle = 5. * PI / 180.; ///< misorientation within a grain at most

std::vector<std::string> fields_of(const std::string &line)
{
  std::vector<std::string> fields;
  for (const char separator : {',', ';', '\t'})
    if (fields.empty() && line.find(separator) != std::string::npos)
      fields = split(line, separator);
  while (!fields.empty() && fields.back().empty())
    fields.pop_back(); // a separator at the end
  if (!fields.empty())
    return fields;
  std::istringstream stream(line);
  for (std::string field; stream >> field;)
    fields.push_back(field);
  return fields;
}

/// The numbers of a line, nothing if there is anything else.
std::vector<double> numbers_of(const std::string &line)
{
  std::vector<double> numbers;
  std::string rest;
  for (const std::string &field : fields_of(line)) {
    const std::optional<double> number = leading_number(field, rest);
    if (!number || !trim(rest).empty())
      return {};
    numbers.push_back(*number);
  }
  return numbers;
}

/// "Euler 1 (deg)" as "euler1".
std::string bare_name(const std::string &name)
{
  std::string bare;
  for (const char c : name.substr(0, name.find_first_of("([")))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      bare += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return bare;
}

/// The columns that are of use; those that are missing are empty.
struct PointTable
{
  std::array<std::vector<double>, 3> place, euler; ///< euler [rad]
  std::vector<double> grain, phase;
};

/// Where a column is in a line, or -1.
struct TableColumns
{
  std::array<int, 3> place{{-1, -1, -1}}, euler{{-1, -1, -1}};
  int grain = -1, phase = -1;
  std::size_t n = 0;
  bool degrees = false;
};

class TableReader
{
public:
  explicit TableReader(const std::string &file) : file_(file) {}

  PointTable read()
  {
    std::ifstream stream(file_);
    std::string line, header;
    std::vector<double> numbers;
    std::size_t number = 0;
    while (std::getline(stream, line)) {
      ++number;
      numbers = numbers_of(line);
      if (numbers.size() > 2)
        break;
      if (!trim(line).empty() && numbers.empty() && line.find_first_not_of("# \t\r") != std::string::npos)
        header = line;
    }
    columns_ = find_columns(header);
    for (; numbers.size() > 2 || !trim(line).empty(); numbers = numbers_of(line), ++number) {
      take(numbers, number);
      if (!std::getline(stream, line))
        break;
    }
    convert_angles();
    return std::move(table_);
  }

private:
  int column_of(const std::vector<std::string> &names, const std::vector<std::string> &allowed) const
  {
    for (const std::string &name : allowed) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found != names.end())
        return found - names.begin();
    }
    return -1;
  }

  TableColumns find_columns(std::string header) const
  {
    header = header.substr(std::min(header.size(), header.find_first_not_of("# \t")));
    if (header.compare(0, 15, "COLUMN_HEADERS:") == 0)
      header = header.substr(15);
    const std::vector<std::string> given = fields_of(header);
    std::vector<std::string> names;
    for (const std::string &name : given)
      names.push_back(bare_name(name));
    TableColumns columns;
    columns.n = names.size();
    for (unsigned int a = 0; a < 3; ++a) {
      const std::string axis(1, "xyz"[a]), n = std::to_string(a + 1);
      columns.place[a] = column_of(names, {axis, axis + "position", axis + "coordinate", axis + "um"});
      columns.euler[a] = column_of(names, {a == 1   ? "phi"
                                           : a == 0 ? "phi1"
                                                    : "phi2",
                                           "euler" + n, "eulerangle" + n, "eulerangles" + std::to_string(a)});
    }
    columns.grain =
        column_of(names, {"featureid", "featureids", "grainid", "grainids", "grain", "label", "id"});
    columns.phase = column_of(names, {"phase", "phaseid", "phases", "phaseindex"});
    for (const std::string &name : given)
      columns.degrees = columns.degrees || name.find("deg") != std::string::npos;
    columns.degrees = columns.degrees || extension_of(file_) == ".ctf";
    check(columns, given);
    return columns;
  }

  void check(const TableColumns &columns, const std::vector<std::string> &given) const
  {
    const bool angles = *std::min_element(columns.euler.begin(), columns.euler.end()) >= 0;
    std::string missing;
    if (columns.place[0] < 0 || columns.place[1] < 0)
      missing = columns.place[0] < 0 ? "x" : "y";
    else if (columns.grain < 0 && !angles)
      missing = "FeatureId (or phi1, Phi, phi2)";
    if (!missing.empty())
      throw InputError("The table '" + file_ + "' lacks the column " + missing + "; its columns are " +
                       (given.empty() ? "not named" : quoted_list(given, "and")) +
                       ", needed are x, y and FeatureId, or x, y and Euler angles.");
  }

  void take(const std::vector<double> &numbers, const std::size_t line)
  {
    if (numbers.size() < columns_.n)
      throw InputError("Line " + std::to_string(line) + " of the table '" + file_ + "' holds " +
                       std::to_string(numbers.size()) + " numbers for " + std::to_string(columns_.n) +
                       " columns; the file may be cut short.");
    const auto add = [&](const int column, std::vector<double> &values) {
      if (column >= 0)
        values.push_back(numbers[column]);
    };
    for (unsigned int a = 0; a < 3; ++a) {
      add(columns_.place[a], table_.place[a]);
      add(columns_.euler[a], table_.euler[a]);
    }
    add(columns_.grain, table_.grain);
    add(columns_.phase, table_.phase);
  }

  void convert_angles()
  {
    for (const std::vector<double> &angles : table_.euler)
      for (const double angle : angles)
        columns_.degrees = columns_.degrees || angle > 2. * PI + 1e-3;
    if (columns_.degrees)
      for (std::vector<double> &angles : table_.euler)
        for (double &angle : angles)
          angle *= PI / 180.;
    for (const std::vector<double> &angles : table_.euler)
      if (angles.size() < table_.place[0].size()) // not all three
        table_.euler[0].clear();
  }

  std::string file_;
  TableColumns columns_;
  PointTable table_;
};

/// Number of different coordinates along an axis and their distance.
std::pair<std::size_t, double> steps_of(std::vector<double> places)
{
  if (places.empty())
    return {1, 1.};
  std::sort(places.begin(), places.end());
  const double tolerance = 1e-6 * std::max(places.back() - places.front(), 1e-300);
  std::size_t n = 1;
  for (std::size_t i = 1; i < places.size(); ++i)
    n += places[i] - places[i - 1] > tolerance;
  return {n, n > 1 ? (places.back() - places.front()) / (n - 1) : 1.};
}

/// The voxel of each point.
std::vector<std::size_t> find_voxels(const PointTable &table, const std::string &file, LabelVoxels &voxels)
{
  const std::size_t n_points = table.place[0].size();
  std::array<double, 3> spacing{}, lower{};
  for (unsigned int a = 0; a < 3; ++a) {
    std::tie(voxels.n[a], spacing[a]) = steps_of(table.place[a]);
    if (!table.place[a].empty())
      lower[a] = *std::min_element(table.place[a].begin(), table.place[a].end());
  }
  const std::size_t n = voxels.n[0] * voxels.n[1] * voxels.n[2];
  const std::string grid =
      std::to_string(voxels.n[0]) + " x " + std::to_string(voxels.n[1]) + " x " + std::to_string(voxels.n[2]);
  std::vector<std::size_t> voxel_of(n_points);
  std::vector<bool> filled(n, false);
  bool regular = n_points == n;
  for (std::size_t i = 0; i < n_points && regular; ++i) {
    std::size_t voxel = 0;
    for (unsigned int a = 3; a-- > 0;) {
      const double place = table.place[a].empty() ? 0. : (table.place[a][i] - lower[a]) / spacing[a];
      regular = regular && std::abs(place - std::round(place)) < 0.05;
      voxel = voxel * voxels.n[a] + std::lround(place);
    }
    regular = regular && !filled[voxel];
    filled[voxel] = true;
    voxel_of[i] = voxel;
  }
  if (!regular)
    throw InputError(
        "The table '" + file + "' holds " + std::to_string(n_points) + " points with " + grid +
        " different coordinates; it must hold each point of a rectangular grid of equal steps once: "
        "it is cut short, or its grid is another one (hexagonal).");
  voxels.spacing = spacing;
  return voxel_of;
}

/// Grains of points whose orientations are alike, numbered in the order of the voxels.
std::vector<double> segmented(const std::array<std::size_t, 3> &n,
                              const std::vector<std::array<double, 3>> &euler,
                              const std::vector<double> &phase)
{
  const std::array<std::size_t, 3> stride{{1, n[0], n[0] * n[1]}};
  std::vector<std::size_t> parent(euler.size());
  std::iota(parent.begin(), parent.end(), std::size_t(0));
  const auto root = [&](std::size_t i) {
    while (parent[i] != i)
      i = parent[i] = parent[parent[i]];
    return i;
  };
  const auto rotation = [&](const std::size_t i) {
    return rotation_from_euler(euler[i][0], euler[i][1], euler[i][2]);
  };
  for (std::size_t i = 0; i < euler.size(); ++i)
    for (unsigned int a = 0; a < 3; ++a) {
      const std::size_t before = i - stride[a];
      if (i / stride[a] % n[a] > 0 && phase[i] == phase[before] &&
          cubic_misorientation(rotation(i), rotation(before)) <= grain_angle) {
        const std::size_t p = root(i), q = root(before);
        parent[std::max(p, q)] = std::min(p, q);
      }
    }
  std::vector<double> labels(euler.size(), 0.);
  double last = 0.;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (phase[i] != 0.)
      labels[i] = root(i) == i ? ++last : labels[root(i)];
  return labels;
}
} // namespace

LabelVoxels read_table_labels(const std::string &file)
{
  PointTable table = TableReader(file).read();
  LabelVoxels voxels;
  const std::vector<std::size_t> voxel_of = find_voxels(table, file, voxels);
  const std::size_t n = voxel_of.size();
  std::vector<double> labels(n), phase(n, 1.);
  std::vector<std::array<double, 3>> euler(table.euler[0].empty() ? 0 : n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t voxel = voxel_of[i];
    if (!table.grain.empty())
      labels[voxel] = table.grain[i];
    if (!table.phase.empty())
      phase[voxel] = table.phase[i];
    if (!euler.empty())
      euler[voxel] = {{table.euler[0][i], table.euler[1][i], table.euler[2][i]}};
  }
  if (table.grain.empty())
    labels = segmented(voxels.n, euler, phase);
  append_labels(labels.data(), n, file, voxels);

  std::map<std::int32_t, MeanOrientation> means;
  for (std::size_t i = 0; i < euler.size(); ++i)
    means[voxels.labels[i]].add(quaternion_from_euler(euler[i]));
  for (const auto &[label, mean] : means)
    voxels.orientations[label] = mean.euler();
  if (!table.phase.empty())
    for (std::size_t i = 0; i < n; ++i)
      voxels.phases.emplace(voxels.labels[i], static_cast<int>(phase[i]));
  return voxels;
}
} // namespace lithoclase
