#include "materials/band_toughness.h"

#include "core/failure.h"

#include <deal.II/base/exceptions.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace lithoclase
{
namespace
{
/// One half of the 1-D problem (2), from the edge of the core, where d = 1, to where d is zero, with
/// linear elements. Lengths in units of l.
struct HalfProfile
{
  std::vector<double> size;      ///< of each element
  std::vector<double> toughness; ///< G/G_grain in the middle of each element
  unsigned int n_nodes() const { return size.size() + 1; }
};

/// The part of the profile beyond this distance holds less than 1e-8 of the energy (AT2: exp(-2x/l); that of
/// AT1 ends at 2l).
constexpr double profile_reach = 10.;

/// Adds elements from the present end to `end`, at the beginning of the piece much smaller than at its end.
void add_piece(std::vector<double> &nodes, const double end)
{
  constexpr unsigned int n = 200;
  const double begin = nodes.back();
  if (end <= begin)
    return;
  for (unsigned int i = 1; i <= n; ++i)
    nodes.push_back(begin + (end - begin) * i * i / (n * n));
}

HalfProfile half_profile(const double band_ratio, const CrackBand &band)
{
  const double half_core = 0.5 * band.cell_size;
  // Element ends where the indicator may jump or end; small elements where the profile is steep: at the core,
  // where a weak band is weakest, and where the crack leaves it.
  std::vector<double> nodes(1, half_core);
  for (const double edge : {0.5 * band.width, band.width})
    add_piece(nodes, std::min(edge, half_core + profile_reach));
  add_piece(nodes, std::min(band.width, profile_reach) + half_core + profile_reach);
  HalfProfile profile;
  for (unsigned int i = 0; i + 1 < nodes.size(); ++i) {
    const double middle = 0.5 * (nodes[i] + nodes[i + 1]);
    profile.size.push_back(nodes[i + 1] - nodes[i]);
    profile.toughness.push_back(1. + (band_ratio - 1.) * band.indicator(middle, band.width));
  }
  return profile;
}

/// A symmetric tridiagonal system K d = f, and the nodes where d = 0 is prescribed instead.
struct TridiagonalSystem
{
  std::vector<double> diagonal, next, right_side; ///< next[i] couples i and i+1
  std::vector<bool> zero;

  explicit TridiagonalSystem(const unsigned int n) : diagonal(n), next(n), right_side(n), zero(n) {}
  std::vector<double> solve() const;
  double residual(const std::vector<double> &d, unsigned int i) const; ///< (K d - f)_i
};

std::vector<double> TridiagonalSystem::solve() const
{
  const unsigned int n = diagonal.size();
  std::vector<double> pivot(n, 1.), d(n, 0.);
  for (unsigned int i = 0; i < n; ++i) {
    if (zero[i])
      continue;
    pivot[i] = diagonal[i];
    d[i] = right_side[i];
    if (i > 0 && !zero[i - 1]) {
      pivot[i] -= next[i - 1] * next[i - 1] / pivot[i - 1];
      d[i] -= next[i - 1] / pivot[i - 1] * d[i - 1];
    }
  }
  for (unsigned int i = n; i-- > 0;)
    if (!zero[i])
      d[i] = (d[i] - (i + 1 < n ? next[i] * d[i + 1] : 0.)) / pivot[i];
  return d;
}

double TridiagonalSystem::residual(const std::vector<double> &d, const unsigned int i) const
{
  return diagonal[i] * d[i] + (i > 0 ? next[i - 1] * d[i - 1] : 0.) +
         (i + 1 < d.size() ? next[i] * d[i + 1] : 0.) - right_side[i];
}

/// Half the derivative of c_w times the energy with respect to the inner nodes; the first node has d = 1, the
/// last d = 0.
TridiagonalSystem assemble(const CrackModel model, const HalfProfile &profile)
{
  TridiagonalSystem system(profile.n_nodes() - 2);
  for (unsigned int e = 0; e < profile.size.size(); ++e) {
    const double h = profile.size[e], stiffness = profile.toughness[e] / h;
    const double mass = model == CrackModel::at2 ? profile.toughness[e] * h / 6. : 0.;
    const double load = model == CrackModel::at1 ? -0.25 * profile.toughness[e] * h : 0.;
    for (const unsigned int node : {e, e + 1})
      if (node > 0 && node + 1 < profile.n_nodes()) {
        system.diagonal[node - 1] += stiffness + 2. * mass;
        system.right_side[node - 1] += load;
      }
    if (e == 0)
      system.right_side[0] -= mass - stiffness;
    else if (e + 1 < profile.size.size())
      system.next[e - 1] = mass - stiffness;
  }
  return system;
}

/// d at all nodes. With the bound d >= 0 this is min(K d - f, d) = 0 at each node, which a semismooth Newton
/// method solves in some ten steps from the profile without bound.
std::vector<double> solve(const CrackModel model, const HalfProfile &profile)
{
  TridiagonalSystem system = assemble(model, profile);
  const unsigned int n = system.diagonal.size();
  std::vector<double> d;
  for (unsigned int step = 0; step < n; ++step) {
    d = system.solve();
    std::vector<bool> zero(n);
    for (unsigned int i = 0; i < n; ++i) {
      const double residual = system.zero[i] ? system.residual(d, i) : 0.;
      zero[i] = d[i] < residual;
    }
    if (zero == system.zero)
      break;
    system.zero = zero;
  }
  d.insert(d.begin(), 1.);
  d.push_back(0.);
  return d;
}

/// The energy of one half of the core, where d = 1, times c_w.
double core_energy(const double band_ratio, const CrackBand &band)
{
  constexpr unsigned int n = 50;
  double sum = 0.;
  for (unsigned int i = 0; i < n; ++i) // midpoints: the indicator may jump
    sum += 1. + (band_ratio - 1.) * band.indicator(0.5 * band.cell_size * (i + 0.5) / n, band.width);
  return 0.5 * band.cell_size * sum / n;
}
} // namespace

double crack_cost_in_band(const CrackModel model, const double band_ratio, const CrackBand &band)
{
  Assert(band_ratio > 0. && band.width > 0. && band.cell_size >= 0., dealii::ExcInternalError());
  const HalfProfile profile = half_profile(band_ratio, band);
  const std::vector<double> d = solve(model, profile);
  double energy = core_energy(band_ratio, band);
  for (unsigned int e = 0; e < profile.size.size(); ++e) {
    const double a = d[e], b = d[e + 1], h = profile.size[e];
    const double local = model == CrackModel::at1 ? 0.5 * (a + b) : (a * a + a * b + b * b) / 3.;
    energy += profile.toughness[e] * (h * local + (b - a) * (b - a) / h);
  }
  const double normalisation = crack_normalisation(model);
  return 2. * energy / normalisation / (1. + band.cell_size / normalisation);
}

namespace
{
std::string rounded(const double value)
{
  std::ostringstream text;
  text.precision(4);
  text << value;
  return text.str();
}

/// The x in [low, high], on a logarithmic scale, where the increasing function is zero.
template <typename Increasing>
double bisect(const Increasing &function, double low, double high)
{
  while (high > low * (1. + 1e-7)) {
    const double middle = std::sqrt(low * high);
    (function(middle) < 0. ? low : high) = middle;
  }
  return std::sqrt(low * high);
}

/// `limit_ratio`: the smallest G_band/G that is allowed for a weak boundary, the largest for a tough one.
[[noreturn]] void refuse_band(const CrackModel model, const double boundary_ratio, const CrackBand &band,
                              const double limit_ratio)
{
  const double sign = boundary_ratio <= 1. ? 1. : -1.;
  const auto enough = [&](const double width) {
    const CrackBand wider = {width, band.indicator, band.cell_size};
    return sign * (boundary_ratio - crack_cost_in_band(model, limit_ratio, wider));
  };
  double high = band.width;
  while (enough(high) < 0.)
    high *= 2.;
  const double least_width = bisect(enough, band.width, high);
  throw InputError("The grain-boundary band is too narrow for a boundary with " + rounded(boundary_ratio) +
                   " times the toughness of the grains: its width is " + rounded(band.width) +
                   " times the crack width, but must be at least " +
                   rounded(std::ceil(1000. * least_width) / 1000.) + " times.");
}
} // namespace

double band_toughness(const CrackModel model, const double boundary_ratio, const CrackBand &band,
                      const double least_share)
{
  Assert(boundary_ratio > 0. && least_share > 0. && least_share < 1., dealii::ExcInternalError());
  const auto excess = [&](const double ratio) {
    return crack_cost_in_band(model, ratio, band) - boundary_ratio;
  };
  // A weak band must be weaker than its boundary, since the crack costs more outside it; a tough one tougher.
  const bool weak = boundary_ratio <= 1.;
  const double limit = weak ? least_share * boundary_ratio : boundary_ratio / least_share;
  if (weak == (excess(limit) > 0.))
    refuse_band(model, boundary_ratio, band, limit);
  return bisect(excess, std::min(limit, boundary_ratio), std::max(limit, boundary_ratio));
}
} // namespace lithoclase
