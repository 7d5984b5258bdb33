#pragma once

#include "microstructure/periodic_shifts.h"
#include "microstructure/pore_packing.h"

#include <array>
#include <string>
#include <tuple>
#include <vector>

namespace lithoclase
{
/// Connects pores of a population by throats to the anode side, until a wanted part of their volume is open.
///
/// Throats are needles (slim ellipsoids) from the centre of one pore to that of the next, or to the anode
/// interface straight below. The network grows like Prim's minimal tree: the pore whose throat is shortest
/// comes next, if the throat keeps its distance to all pores outside of the network.
template <int dim>
class PoreNetwork
{
public:
  /// Pores from number `first` on are the population; throats are appended.
  PoreNetwork(std::vector<Pore<dim>> &pores, std::size_t first, const CellStack<dim> &stack,
              const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
              const std::array<bool, dim> &periodic, double gap);

  /// Fills what `result` says about throats. Throws InputError, with the fraction achieved.
  void connect(const std::string &name, const PorePopulationParameters &parameters, double finest_cell,
               PorePopulation &result);

private:
  struct Edge
  {
    double length; ///< of the throat between the walls [m]
    std::size_t from, to;
    dealii::Tensor<1, dim> way; ///< from the centre of `to` to that of `from`, or down to the anode side
    bool operator>(const Edge &other) const
    {
      return std::tie(length, to, from) > std::tie(other.length, other.to, other.from);
    }
  };

  Edge edge_between(std::size_t from, std::size_t to) const;
  Edge edge_to_anode(std::size_t to) const; ///< `from` is `to` itself
  Ellipsoid<dim> throat(const Edge &edge, double radius) const;
  bool is_clear(const Ellipsoid<dim> &throat, std::size_t to) const;
  double narrowest(const Edge &edge, double radius) const;

  std::vector<Pore<dim>> &pores_;
  const std::size_t first_, end_; ///< of the population
  const CellStack<dim> &stack_;
  const dealii::Point<dim> lower_, upper_;
  const std::array<bool, dim> periodic_;
  const std::vector<dealii::Tensor<1, dim>> shifts_; ///< to the images of a pore
  const double gap_;
  std::vector<bool> connected_; ///< by pore, throats of this network too
};
} // namespace lithoclase
