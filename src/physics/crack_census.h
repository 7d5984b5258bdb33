#pragma once

#include "core/observables.h"
#include "core/state.h"
#include "microstructure/place.h"
#include "physics/initial_cracks.h"

#include <array>

namespace lithoclase
{
/// Where a crack first grew, kept in the state so that a restart knows it.
template <int dim>
class FirstCrack
{
public:
  explicit FirstCrack(State<dim> &state);

  bool known() const { return place_.value >= 0.; }
  Place place() const { return static_cast<Place>(static_cast<unsigned int>(place_.value)); }
  dealii::Point<dim> point() const; ///< [m]
  void set(const dealii::Point<dim> &point, Place place);

private:
  Scalar &place_; ///< number of the Place, -1: no crack has grown yet
  std::array<Scalar *, dim> point_;
};

/// Where the cracks are: the length of crack in grains, along grain boundaries and elsewhere.
///
/// A cell is broken where d > 0.9 at a vertex. As far as one crack width from an initial crack it counts with
/// that crack (which thickens under load), beyond it as grown. The crack length INT gamma of the whole box is
/// divided among the places as INT gamma over the broken cells is (85 % of gamma lies beside them, in bands
/// wider than a grain boundary). A broken cell belongs to the place of its centre. Damage that has spread
/// over a void is counted there: it is no crack in matter.
template <int dim>
class CrackCensus
{
public:
  CrackCensus(const Microstructure<dim> &microstructure, const Field<dim> &damage,
              const Field<dim> &crack_density, const InitialCracks<dim> &initial_cracks, double crack_width,
              FirstCrack<dim> &first_crack);

  /// Counts the cracks of the present damage; remembers where a crack first grew. Collective.
  void update();

  /// `length`: INT gamma [m], in 3-D the area [m^2].
  void add_observables(ObservableRow &row, double length) const;

  /// Share of grown crack in grains and boundaries that follows boundaries; 0 without grown crack.
  double intergranular_fraction() const;

private:
  static constexpr unsigned int initial = n_places, n_counts = n_places + 1;
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  void look_for_start(const Cell &cell, Place place);
  void agree_on_start();

  const Microstructure<dim> &microstructure_;
  const Field<dim> &damage_, &crack_density_;
  const InitialCracks<dim> &initial_cracks_;
  const double crack_width_; ///< l [m]
  FirstCrack<dim> &first_crack_;
  std::array<double, n_counts> weights_{}; ///< INT gamma over broken cells, by Place, and of initial cracks
  double start_damage_ = 0.;               ///< the largest damage of grown cells on this rank; where:
  dealii::Point<dim> start_point_;
  Place start_place_ = Place::grain;
};
} // namespace lithoclase
