#include "microstructure/pore_network.h"

#include "core/failure.h"
#include "microstructure/length_text.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>

namespace lithoclase
{
template <int dim>
PoreNetwork<dim>::PoreNetwork(std::vector<Pore<dim>> &pores, std::size_t first, const CellStack<dim> &stack,
                              const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                              const std::array<bool, dim> &periodic, double gap)
    : pores_(pores), first_(first), end_(pores.size()), stack_(stack), lower_(lower), upper_(upper),
      periodic_(periodic), shifts_(periodic_shifts<dim>(lower, upper, periodic)), gap_(gap),
      connected_(pores.size(), false)
{
}

template <int dim>
typename PoreNetwork<dim>::Edge PoreNetwork<dim>::edge_between(std::size_t from, std::size_t to) const
{
  Edge edge{0., from, to, pores_[from].shape.centre - pores_[to].shape.centre};
  for (unsigned int a = 0; a < dim; ++a)
    if (periodic_[a]) {
      const double length = upper_[a] - lower_[a];
      edge.way[a] -= length * std::round(edge.way[a] / length);
    }
  edge.length = edge.way.norm() - pores_[from].shape.inner_radius() - pores_[to].shape.inner_radius();
  return edge;
}

template <int dim>
typename PoreNetwork<dim>::Edge PoreNetwork<dim>::edge_to_anode(std::size_t to) const
{
  const Ellipsoid<dim> &shape = pores_[to].shape;
  Edge edge{0., to, to, {}};
  edge.way[dim - 1] = stack_.interface_height(shape.centre) - shape.centre[dim - 1];
  edge.length = edge.way.norm() - shape.inner_radius();
  return edge;
}

template <int dim>
Ellipsoid<dim> PoreNetwork<dim>::throat(const Edge &edge, double radius) const
{
  const bool at_anode =
      edge.from == edge.to; // then the needle's middle lies in the interface, to be open there
  const double length = edge.way.norm();
  Ellipsoid<dim> needle;
  needle.centre = pores_[edge.to].shape.centre + (at_anode ? 1. : 0.5) * edge.way;
  for (unsigned int a = 0; a < dim; ++a)
    needle.semi_axes[a] = radius;
  needle.semi_axes[0] = std::max(radius, (at_anode ? 1. : 0.5) * length);

  std::array<dealii::Tensor<1, dim>, dim> axes;
  axes[0] = edge.way / length;
  if constexpr (dim == 2)
    axes[1] = cross_product_2d(axes[0]);
  else {
    dealii::Tensor<1, dim> helper;
    helper[std::abs(axes[0][0]) < 0.6 ? 0 : 1] = 1.;
    axes[1] = cross_product_3d(axes[0], helper);
    axes[1] /= axes[1].norm();
    axes[2] = cross_product_3d(axes[0], axes[1]);
  }
  for (unsigned int i = 0; i < dim; ++i)
    for (unsigned int a = 0; a < dim; ++a)
      needle.axes[a][i] = axes[i][a];
  return needle;
}

template <int dim>
bool PoreNetwork<dim>::is_clear(const Ellipsoid<dim> &throat, std::size_t to) const
{
  for (std::size_t other = 0; other < pores_.size(); ++other) {
    if (other == to || connected_[other])
      continue;
    for (const dealii::Tensor<1, dim> &shift : shifts_) {
      Ellipsoid<dim> image = pores_[other].shape;
      image.centre += shift;
      if (image.centre.distance(throat.centre) < image.outer_radius() + throat.outer_radius() + gap_ &&
          distance(throat, image) < gap_)
        return false;
    }
  }
  return true;
}

template <int dim>
double PoreNetwork<dim>::narrowest(const Edge &edge, double radius) const
{
  // Where the needle leaves the smaller of the two pores.
  const double half = edge.from == edge.to ? edge.way.norm() : 0.5 * edge.way.norm();
  const double pore = std::min(pores_[edge.from].shape.inner_radius(), pores_[edge.to].shape.inner_radius());
  const double place = std::max(0., half - pore) / half;
  return radius * std::sqrt(1. - place * place);
}

template <int dim>
void PoreNetwork<dim>::connect(const std::string &name, const PorePopulationParameters &parameters,
                               double finest_cell, PorePopulation &result)
{
  constexpr std::size_t most = 5000; // each pair is looked at
  if (parameters.place == PorePlace::anode_interface)
    throw InputError(name +
                     "/open fraction is for pores away from the anode, but the place is `anode interface`.");
  if (end_ - first_ > most)
    throw InputError(name + "/open fraction can be given for at most " + std::to_string(most) +
                     " pores, but there are " + std::to_string(end_ - first_) + "; enlarge the pores.");
  if (parameters.throat_radius < 4. * finest_cell * (1. - 1e-9))
    throw InputError(name + "/throat radius of " + in_um(parameters.throat_radius) +
                     " is less than 4 of the finest cells (" + in_um(finest_cell) +
                     " each); widen the throats or make the mesh finer.");

  std::priority_queue<Edge, std::vector<Edge>, std::greater<>> edges;
  double whole = 0., open = 0., largest = 0.;
  for (std::size_t i = first_; i < end_; ++i) {
    edges.push(edge_to_anode(i));
    whole += pores_[i].shape.volume();
    largest = std::max(largest, pores_[i].shape.volume());
  }
  const double target = parameters.open_fraction * whole;
  result.wanted_open_fraction = parameters.open_fraction;
  result.throat_radius = result.narrowest_throat = parameters.throat_radius;
  while (!edges.empty()) {
    const Edge edge = edges.top();
    edges.pop();
    const double volume = pores_[edge.to].shape.volume();
    if (connected_[edge.to] || open + 0.5 * volume > target * (1. + 1e-9))
      continue;
    const Ellipsoid<dim> needle = throat(edge, parameters.throat_radius);
    if (!is_clear(needle, edge.to))
      continue;
    connected_[edge.to] = true;
    connected_.push_back(true);
    const bool liquid =
        pores_[edge.to].filling == PoreFilling::liquid && pores_[edge.from].filling == PoreFilling::liquid;
    pores_.push_back({needle, liquid ? PoreFilling::liquid : PoreFilling::empty, true});
    open += volume;
    ++result.throats;
    result.narrowest_throat = std::min(result.narrowest_throat, narrowest(edge, parameters.throat_radius));
    for (std::size_t i = first_; i < end_; ++i)
      if (!connected_[i])
        edges.push(edge_between(edge.to, i));
  }
  result.open_fraction = open / whole;
  if (target - open > 0.5 * largest * (1. + 1e-9))
    throw InputError(
        name + "/open fraction of " + std::to_string(parameters.open_fraction) + ": only " +
        std::to_string(result.open_fraction) +
        " could be connected, the other throats would touch closed pores; lower the throat radius, "
        "the gap or the porosity.");
}

template class PoreNetwork<2>;
template class PoreNetwork<3>;
} // namespace lithoclase
