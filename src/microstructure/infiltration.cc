#include "microstructure/infiltration.h"

#include "core/failure.h"
#include "microstructure/length_text.h"
#include "microstructure/pore_passage.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <sstream>

namespace lithoclase
{
namespace
{
const std::string section = "Microstructure/Pores/Infiltration/";
}

std::string name_of(BoxSide side)
{
  constexpr const char *names[] = {"left", "right", "front", "back", "bottom", "top"};
  return names[static_cast<int>(side)];
}

template <int dim>
std::pair<unsigned int, bool> wetted_side(const InfiltrationParameters &parameters,
                                          const std::array<bool, dim> &periodic)
{
  const unsigned int number = static_cast<unsigned int>(parameters.face);
  const bool is_stack_side = number >= 4;
  const unsigned int axis = is_stack_side ? dim - 1 : number / 2;
  const std::string what = section + "wetted face is `" + name_of(parameters.face) + "`, but ";
  if (!is_stack_side && axis + 1 >= dim)
    throw InputError(what + "in 2-D the sides are left, right, bottom and top.");
  if (periodic[axis])
    throw InputError(what + "the mesh is periodic there; choose a side that ends the box, or leave that axis "
                            "out of Mesh/periodic axes.");
  return {axis, number % 2 == 1};
}

void check_infiltration(const InfiltrationResult &result, double widest)
{
  const InfiltrationParameters &asked = result.asked;
  if (result.n_pores() == 0)
    throw InputError(section + "active is true, but there are no pores to fill: give Pores/Populations, "
                               "Pores/Single pores, or empty labels of a label image.");
  if (result.liquid.pores > 0)
    return;
  const std::string face = section + "wetted face: ";
  if (result.closed.pores == result.n_pores())
    throw InputError(face + "none of the " + std::to_string(result.n_pores()) +
                     " pores is open to the side `" + name_of(asked.face) +
                     "`, so that no liquid gets in; open some (`open fraction`) or choose another side.");
  if (widest < asked.smallest_throat_radius * (1. - 1e-9))
    throw InputError(section + "smallest throat radius of " + in_um(asked.smallest_throat_radius) +
                     " lets no liquid in: the widest opening at the side `" + name_of(asked.face) +
                     "` has a radius of " + in_um(widest) + ".");
  std::ostringstream message;
  message << section << "liquid volume fraction of " << asked.volume_fraction.value_or(1.)
          << " is less than half of the first pore in turn; raise it.";
  throw InputError(message.str());
}

template <int dim>
PoreInfiltration<dim>::PoreInfiltration(const InfiltrationParameters &parameters, const CellStack<dim> &stack,
                                        const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                                        const std::array<bool, dim> &periodic)
    : parameters_(parameters), stack_(stack), lower_(lower), upper_(upper), periodic_(periodic),
      shifts_(periodic_shifts<dim>(lower, upper, periodic))
{
}

template <int dim>
double PoreInfiltration<dim>::entrance(const Ellipsoid<dim> &shape) const
{
  const auto [axis, is_upper] = wetted_side<dim>(parameters_, periodic_);
  const double face = is_upper          ? upper_[axis]
                      : axis + 1 == dim ? stack_.interface_height(shape.centre)
                                        : lower_[axis];
  // A pore whose centre lies beyond the face is open with all its width.
  const double centre = shape.centre[axis];
  return section_radius(shape, axis, is_upper ? std::max(face, centre) : std::min(face, centre));
}

template <int dim>
double PoreInfiltration<dim>::passage(const Ellipsoid<dim> &a, const Ellipsoid<dim> &b) const
{
  const double reach = a.outer_radius() + b.outer_radius();
  double widest = 0.;
  for (const dealii::Tensor<1, dim> &shift : shifts_) {
    if ((b.centre + shift).distance_square(a.centre) >= reach * reach)
      continue;
    Ellipsoid<dim> image = b;
    image.centre += shift;
    widest = std::max(widest, passage_radius(a, image));
  }
  return widest;
}

template <int dim>
typename PoreInfiltration<dim>::Network
PoreInfiltration<dim>::network(const std::vector<Pore<dim>> &pores) const
{
  Network network;
  network.passages.resize(pores.size());
  for (std::size_t i = 0; i < pores.size(); ++i) {
    network.entrances.push_back(entrance(pores[i].shape));
    for (std::size_t j = 0; j < i; ++j)
      if (const double radius = passage(pores[i].shape, pores[j].shape); radius > 0.) {
        network.passages[i].push_back({radius, j});
        network.passages[j].push_back({radius, i});
      }
  }
  return network;
}

template <int dim>
std::vector<bool> PoreInfiltration<dim>::invade(const std::vector<Pore<dim>> &pores, const Network &network,
                                                double least, double volume) const
{
  std::vector<bool> full(pores.size(), false);
  std::priority_queue<std::pair<double, std::size_t>> front; // the more urgent first
  const auto meet = [&](std::size_t pore, double throat) {
    if (throat > 0. && throat >= least * (1. - 1e-9) && !full[pore])
      front.emplace(parameters_.liquid == Wetting::wetting ? -pores[pore].shape.inner_radius() : throat,
                    pore);
  };
  for (std::size_t i = 0; i < pores.size(); ++i)
    meet(i, network.entrances[i]);

  double filled = 0.;
  while (!front.empty()) {
    const std::size_t next = front.top().second;
    front.pop();
    if (full[next])
      continue;
    const double more = pores[next].is_throat ? 0. : pores[next].shape.volume();
    if (filled + 0.5 * more > volume * (1. + 1e-9))
      break; // less than half of it would fill
    full[next] = true;
    filled += more;
    for (const Passage &passage : network.passages[next])
      meet(passage.to, passage.radius);
  }
  return full;
}

template <int dim>
InfiltrationResult PoreInfiltration<dim>::fill(std::vector<Pore<dim>> &pores) const
{
  double whole = 0.;
  for (const Pore<dim> &pore : pores)
    whole += pore.is_throat ? 0. : pore.shape.volume();
  constexpr double all = std::numeric_limits<double>::infinity();
  const double volume = parameters_.volume_fraction ? *parameters_.volume_fraction * whole : all;

  const Network network = this->network(pores);
  const std::vector<bool> open = invade(pores, network, 0., all),
                          in_reach = invade(pores, network, parameters_.smallest_throat_radius, all),
                          full = invade(pores, network, parameters_.smallest_throat_radius, volume);
  InfiltrationResult result;
  result.asked = parameters_;
  for (std::size_t i = 0; i < pores.size(); ++i) {
    if (full[i])
      pores[i].filling = PoreFilling::liquid;
    if (pores[i].is_throat)
      continue;
    InfiltrationResult::Share &share = full[i]       ? result.liquid
                                       : in_reach[i] ? result.short_of_liquid
                                       : open[i]     ? result.narrow
                                                     : result.closed;
    ++share.pores;
    share.volume += pores[i].shape.volume() / whole;
  }
  check_infiltration(result, network.entrances.empty()
                                 ? 0.
                                 : *std::max_element(network.entrances.begin(), network.entrances.end()));
  return result;
}

template std::pair<unsigned int, bool> wetted_side<2>(const InfiltrationParameters &,
                                                      const std::array<bool, 2> &);
template std::pair<unsigned int, bool> wetted_side<3>(const InfiltrationParameters &,
                                                      const std::array<bool, 3> &);
template class PoreInfiltration<2>;
template class PoreInfiltration<3>;
} // namespace lithoclase
