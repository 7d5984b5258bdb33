#include "microstructure/boundary_points.h"

#include <boost/serialization/utility.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lithoclase
{
namespace
{
/// Solves the symmetric positive definite system by Cholesky's decomposition; overwrites both.
template <std::size_t n>
void solve_in_place(std::array<std::array<double, n>, n> &matrix, std::array<double, n> &x)
{
  for (unsigned int j = 0; j < n; ++j) {
    for (unsigned int k = 0; k < j; ++k)
      matrix[j][j] -= matrix[j][k] * matrix[j][k];
    matrix[j][j] = std::sqrt(matrix[j][j]);
    for (unsigned int i = j + 1; i < n; ++i) {
      for (unsigned int k = 0; k < j; ++k)
        matrix[i][j] -= matrix[i][k] * matrix[j][k];
      matrix[i][j] /= matrix[j][j];
    }
  }
  for (unsigned int i = 0; i < n; ++i) {
    for (unsigned int k = 0; k < i; ++k)
      x[i] -= matrix[i][k] * x[k];
    x[i] /= matrix[i][i];
  }
  for (unsigned int i = n; i-- > 0;) {
    for (unsigned int k = i + 1; k < n; ++k)
      x[i] -= matrix[k][i] * x[k];
    x[i] /= matrix[i][i];
  }
}

/// Unit vectors normal to `normal` and to each other.
template <int dim>
std::array<dealii::Tensor<1, dim>, dim - 1> tangents(const dealii::Tensor<1, dim> &normal)
{
  if constexpr (dim == 2)
    return {{cross_product_2d(normal)}};
  else {
    dealii::Tensor<1, 3> helper;
    helper[std::abs(normal[0]) < 0.6 ? 0 : 1] = 1.;
    dealii::Tensor<1, 3> first = cross_product_3d(normal, helper);
    first /= first.norm();
    return {{first, cross_product_3d(normal, first)}};
  }
}
} // namespace

/// Heights above a plane, fitted by a paraboloid.
template <int dim>
class Paraboloid
{
public:
  static constexpr std::size_t n = dim == 2 ? 3 : 6;

  Paraboloid()
  {
    // What is known beforehand, as if measured with these errors, against the half voxel of a face (variance
    // 1/12): slopes of about 0.5, curvatures of about 0.15 per voxel. So a few faces give a plane.
    constexpr double face = 1. / 12., slope = 0.25, curvature = 0.005;
    for (unsigned int i = 0; i < n; ++i)
      matrix_[i][i] = i == 0 ? 1e-12 : face / (i < dim ? slope : curvature);
  }

  void add(const std::array<double, dim - 1> &t, double height, double weight)
  {
    std::array<double, n> basis{};
    basis[0] = 1.;
    for (unsigned int a = 0, k = dim; a < dim - 1; ++a) {
      basis[1 + a] = t[a];
      for (unsigned int b = a; b < dim - 1; ++b)
        basis[k++] = t[a] * t[b];
    }
    for (unsigned int i = 0; i < n; ++i) {
      for (unsigned int j = 0; j <= i; ++j)
        matrix_[i][j] += weight * basis[i] * basis[j];
      solution_[i] += weight * basis[i] * height;
    }
  }

  /// Height and slopes at t = 0.
  std::array<double, n> solve()
  {
    solve_in_place(matrix_, solution_);
    return solution_;
  }

private:
  std::array<std::array<double, n>, n> matrix_{};
  std::array<double, n> solution_{};
};

template <int dim>
BoundaryPoints<dim>::BoundaryPoints(const VoxelGrid<dim> &grid, const NodeRanks &node,
                                    const std::function<std::uint32_t(std::size_t)> &region, double smoothing)
    : grid_(grid)
{
  for (unsigned int a = 0; a < dim; ++a)
    n_bins_[a] = (grid.n[a] + bin_size - 1) / bin_size;
  find_faces(node, region);
  smooth(node, smoothing);
  find_nearest(node);
}

template <int dim>
template <typename Action>
void BoundaryPoints<dim>::for_each_face(std::size_t bin,
                                        const std::function<std::uint32_t(std::size_t)> &region,
                                        const Action &action) const
{
  std::array<int, dim> begin, end, index;
  for (unsigned int a = 0; a < dim; bin /= n_bins_[a], ++a) {
    begin[a] = bin % n_bins_[a] * bin_size;
    end[a] = std::min(grid_.n[a], begin[a] + bin_size);
  }
  index = begin;
  while (index[dim - 1] < end[dim - 1]) {
    const std::size_t voxel = grid_.number(index);
    const std::uint32_t here = region(voxel);
    for (unsigned int a = 0; a < dim; ++a) {
      std::array<int, dim> next = index;
      if (++next[a] == grid_.n[a]) {
        if (!grid_.periodic[a] || grid_.n[a] == 1)
          continue;
        next[a] = 0;
      }
      const std::uint32_t there = region(grid_.number(next));
      if (there != here)
        action(voxel, index, a, here, there);
    }
    ++index[0];
    for (unsigned int a = 0; a + 1 < dim && index[a] == end[a]; ++a) {
      index[a] = begin[a];
      ++index[a + 1];
    }
  }
}

template <int dim>
void BoundaryPoints<dim>::find_faces(const NodeRanks &node,
                                     const std::function<std::uint32_t(std::size_t)> &region)
{
  const std::size_t n_bins =
      std::accumulate(n_bins_.begin(), n_bins_.end(), std::size_t(1), std::multiplies<>());
  first_ = SharedArray<std::size_t>(node, n_bins + 1);
  std::vector<Pair> own_pairs;
  const auto sort_pairs = [&] {
    std::sort(own_pairs.begin(), own_pairs.end());
    own_pairs.erase(std::unique(own_pairs.begin(), own_pairs.end()), own_pairs.end());
  };
  Pair last{0, 0};
  std::size_t most = 1024;
  for (std::size_t bin = node.begin(n_bins); bin < node.end(n_bins); ++bin) {
    std::size_t count = 0;
    for_each_face(bin, region,
                  [&](std::size_t, const auto &, unsigned int, std::uint32_t here, std::uint32_t there) {
                    ++count;
                    const Pair pair = std::minmax(here, there);
                    if (pair != last)
                      own_pairs.push_back(last = pair);
                  });
    first_[bin + 1] = count;
    if (own_pairs.size() > most) {
      sort_pairs();
      most = 2 * own_pairs.size() + 1024;
    }
  }
  sort_pairs();
  collect_pairs(node, own_pairs);
  first_.synchronise();
  if (node.rank == 0) {
    first_[0] = 0;
    for (std::size_t bin = 0; bin < n_bins; ++bin)
      first_[bin + 1] += first_[bin];
  }
  first_.synchronise();

  points_ = SharedArray<BoundaryPoint>(node, first_[n_bins]);
  last = {0, 0};
  std::uint32_t number = 0; // of that pair
  for (std::size_t bin = node.begin(n_bins); bin < node.end(n_bins); ++bin) {
    std::size_t place = first_[bin];
    for_each_face(bin, region,
                  [&](std::size_t voxel, const std::array<int, dim> &index, unsigned int axis,
                      std::uint32_t here, std::uint32_t there) {
                    const Pair pair = std::minmax(here, there);
                    if (pair != last) {
                      last = pair;
                      number = std::lower_bound(pairs_.begin(), pairs_.end(), pair) - pairs_.begin();
                    }
                    BoundaryPoint point{};
                    for (unsigned int a = 0; a < dim; ++a)
                      point.position[a] = index[a] + (a == axis ? 1.f : 0.5f);
                    point.normal[axis] = here < there ? 1.f : -1.f;
                    point.pair = number;
                    point.voxel = voxel;
                    points_[place++] = point;
                  });
  }
  points_.synchronise();
}

template <int dim>
void BoundaryPoints<dim>::collect_pairs(const NodeRanks &node, std::vector<Pair> own)
{
  std::vector<std::vector<Pair>> all = dealii::Utilities::MPI::gather(node.on_node, own, 0);
  for (const std::vector<Pair> &list : all)
    pairs_.insert(pairs_.end(), list.begin(), list.end());
  std::sort(pairs_.begin(), pairs_.end());
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  pairs_ = dealii::Utilities::MPI::broadcast(node.on_node, pairs_, 0);
}

template <int dim>
template <typename Action>
void BoundaryPoints<dim>::for_each_near(const dealii::Point<dim> &place, const Vector &radius,
                                        const Action &action) const
{
  // Along each axis: the bins, and by how much their points are shifted (periodic images).
  constexpr unsigned int max_bins = 64;
  std::array<std::array<std::pair<int, double>, max_bins>, dim> bins;
  std::array<unsigned int, dim> count{};
  for (unsigned int a = 0; a < dim; ++a)
    for (int image = grid_.periodic[a] ? -1 : 0; image <= (grid_.periodic[a] ? 1 : 0); ++image) {
      const double shift = image * grid_.n[a];
      const double below = std::floor((place[a] - radius[a] - shift) / bin_size);
      const double above = std::floor((place[a] + radius[a] - shift) / bin_size);
      const int begin = std::max(below, 0.), end = std::min(above, n_bins_[a] - 1.);
      for (int bin = begin; bin <= end && count[a] < max_bins; ++bin)
        bins[a][count[a]++] = {bin, shift};
    }
  const unsigned int n_last = dim == 3 ? count[dim - 1] : 1;
  for (unsigned int k = 0; k < n_last; ++k)
    for (unsigned int j = 0; j < count[1]; ++j)
      for (unsigned int i = 0; i < count[0]; ++i) {
        std::size_t bin = bins[1][j].first * std::size_t(n_bins_[0]) + bins[0][i].first;
        if (dim == 3)
          bin += std::size_t(bins[dim - 1][k].first) * n_bins_[0] * n_bins_[1];
        for (std::size_t p = first_[bin]; p < first_[bin + 1]; ++p) {
          const BoundaryPoint &point = points_[p];
          Vector offset;
          offset[0] = point.position[0] + bins[0][i].second - place[0];
          offset[1] = point.position[1] + bins[1][j].second - place[1];
          if (dim == 3)
            offset[dim - 1] = point.position[dim - 1] + bins[dim - 1][k].second - place[dim - 1];
          action(point, offset);
        }
      }
}

template <int dim>
typename BoundaryPoints<dim>::Vector BoundaryPoints<dim>::average_direction(const BoundaryPoint &face) const
{
  dealii::Point<dim> place;
  Vector radius, direction;
  for (unsigned int a = 0; a < dim; ++a) {
    place[a] = face.position[a];
    radius[a] = 2.5;
  }
  for_each_near(place, radius, [&](const BoundaryPoint &other, const Vector &offset) {
    if (other.pair != face.pair || offset.norm_square() > 2.5 * 2.5)
      return;
    const double weight = std::exp(-0.5 * offset.norm_square());
    for (unsigned int a = 0; a < dim; ++a)
      direction[a] += weight * other.normal[a];
  });
  if (direction.norm() < 1e-3) // the two sides of a single voxel
    for (unsigned int a = 0; a < dim; ++a)
      direction[a] = face.normal[a];
  return direction / direction.norm();
}

template <int dim>
typename BoundaryPoints<dim>::BoundaryPoint BoundaryPoints<dim>::fitted(const BoundaryPoint &face,
                                                                        double smoothing) const
{
  const Vector normal = average_direction(face);
  const std::array<Vector, dim - 1> along = tangents<dim>(normal);
  const double reach = 2.4 * smoothing;
  dealii::Point<dim> place;
  Vector radius;
  for (unsigned int a = 0; a < dim; ++a) {
    place[a] = face.position[a];
    radius[a] = reach;
  }
  Paraboloid<dim> fit;
  for_each_near(place, radius, [&](const BoundaryPoint &other, const Vector &offset) {
    if (other.pair != face.pair)
      return;
    double same_direction = 0.;
    for (unsigned int a = 0; a < dim; ++a)
      same_direction += other.normal[a] * normal[a];
    const double height = offset * normal;
    const double aside = std::sqrt(std::max(0., offset.norm_square() - height * height));
    // Not the other side of a thin region.
    if (same_direction < -0.3 || aside > reach || std::abs(height) > 1.2 + 0.5 * aside)
      return;
    std::array<double, dim - 1> t;
    for (unsigned int a = 0; a < dim - 1; ++a)
      t[a] = offset * along[a];
    fit.add(t, height, std::exp(-0.5 * aside * aside / (smoothing * smoothing)));
  });
  const auto solution = fit.solve();
  const double height = std::min(1., std::max(-1., solution[0]));
  BoundaryPoint point = face;
  Vector fitted_normal = normal;
  for (unsigned int a = 0; a < dim - 1; ++a)
    fitted_normal -= solution[1 + a] * along[a];
  for (unsigned int a = 0; a < dim; ++a) {
    point.position[a] += height * normal[a];
    fitted_normal[a] /= grid_.spacing[a];
  }
  fitted_normal /= fitted_normal.norm();
  for (unsigned int a = 0; a < dim; ++a)
    point.normal[a] = fitted_normal[a];
  return point;
}

template <int dim>
void BoundaryPoints<dim>::smooth(const NodeRanks &node, double smoothing)
{
  SharedArray<BoundaryPoint> smoothed(node, points_.size());
  for (std::size_t i = node.begin(points_.size()); i < node.end(points_.size()); ++i)
    smoothed[i] = fitted(points_[i], smoothing);
  smoothed.synchronise();
  points_ = std::move(smoothed);
}

template <int dim>
void BoundaryPoints<dim>::find_nearest(const NodeRanks &node)
{
  const std::size_t n = grid_.n_voxels();
  nearest_ = SharedArray<std::uint32_t>(node, n);
  std::fill(nearest_.data() + node.begin(n), nearest_.data() + node.end(n), no_seed);
  nearest_.synchronise();
  if (points_.size() == 0)
    return;
  const std::size_t n_bins = first_.size() - 1;
  for (std::size_t i = first_[node.begin(n_bins)]; i < first_[node.end(n_bins)]; ++i)
    nearest_[points_[i].voxel] = i;
  spread_nearest_seed(grid_, node, nearest_, [this](std::uint32_t point) { return points_[point].voxel; });
}

template <int dim>
typename BoundaryPoints<dim>::Sheet BoundaryPoints<dim>::nearest(const dealii::Point<dim> &point) const
{
  const dealii::Point<dim> place = grid_.to_voxels(point);
  const BoundaryPoint &found = points_[nearest_[grid_.number(grid_.voxel_at(place))]];
  Sheet sheet;
  sheet.pair = found.pair;
  double square = 0.;
  for (unsigned int a = 0; a < dim; ++a) {
    double offset = found.position[a] - place[a];
    if (grid_.periodic[a])
      offset -= grid_.n[a] * std::round(offset / grid_.n[a]);
    sheet.offset[a] = offset * grid_.spacing[a];
    sheet.normal[a] = found.normal[a];
    square += offset * offset;
  }
  sheet.away = std::sqrt(square);
  return sheet;
}

template <int dim>
template <typename Action>
void BoundaryPoints<dim>::collect(const dealii::Point<dim> &place, const Vector &radius, Sheets &sheets,
                                  const Action &add) const
{
  sheets.n = 0;
  for_each_near(place, radius, [&](const BoundaryPoint &point, const Vector &offset) {
    double square = 0.;
    for (unsigned int a = 0; a < dim; ++a)
      square += offset[a] * offset[a] / (radius[a] * radius[a]);
    if (square >= 1.)
      return;
    Vector normal;
    for (unsigned int a = 0; a < dim; ++a)
      normal[a] = point.normal[a];
    unsigned int k = 0;
    while (k < sheets.n && (sheets.list[k].pair != point.pair || sheets.list[k].normal * normal <= 0.))
      ++k;
    if (k == max_sheets)
      return;
    if (k == sheets.n) {
      sheets.list[k] = Sheet();
      sheets.list[k].pair = point.pair;
      sheets.list[k].away = std::numeric_limits<double>::infinity();
      ++sheets.n;
    }
    add(sheets.list[k], normal, offset, 1. - square);
  });
}

template <int dim>
void BoundaryPoints<dim>::within(const dealii::Point<dim> &point, double reach, Sheets &sheets) const
{
  Vector radius;
  for (unsigned int a = 0; a < dim; ++a)
    radius[a] = reach / grid_.spacing[a];
  collect(grid_.to_voxels(point), radius, sheets,
          [&](Sheet &sheet, const Vector &normal, const Vector &offset, double closeness) {
            if (closeness <= sheet.weight)
              return;
            sheet.weight = closeness;
            sheet.normal = normal;
            sheet.away = offset.norm();
            for (unsigned int a = 0; a < dim; ++a)
              sheet.offset[a] = offset[a] * grid_.spacing[a];
          });
  for (unsigned int k = 0; k < sheets.n; ++k)
    sheets.list[k].weight = 0.;
}

template <int dim>
void BoundaryPoints<dim>::blended(const dealii::Point<dim> &point, Sheets &sheets) const
{
  Vector radius;
  for (unsigned int a = 0; a < dim; ++a)
    radius[a] = blending_radius;
  collect(grid_.to_voxels(point), radius, sheets,
          [&](Sheet &sheet, const Vector &normal, const Vector &offset, double closeness) {
            const double weight = closeness * closeness;
            sheet.weight += weight;
            sheet.normal += weight * normal;
            sheet.away = std::min(sheet.away, offset.norm());
            for (unsigned int a = 0; a < dim; ++a)
              sheet.offset[a] += weight * offset[a] * grid_.spacing[a];
          });
  for (unsigned int k = 0; k < sheets.n; ++k) {
    Sheet &sheet = sheets.list[k];
    sheet.offset /= sheet.weight;
    sheet.normal /= sheet.normal.norm();
  }
}

template class BoundaryPoints<2>;
template class BoundaryPoints<3>;
} // namespace lithoclase
