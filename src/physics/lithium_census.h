#pragma once

#include "core/connected_components.h"
#include "core/field.h"
#include "core/observables.h"
#include "microstructure/place.h"

#include <array>
#include <vector>

namespace lithoclase
{
/// Where the lithium is: volumes by place, isolated metal, height of the front, connection to the counter
/// electrode.
///
/// A cell is metal where the mean of xi exceeds 1/2. Metal that hangs together with the bottom of the box
/// over faces of cells is connected, other metal is isolated.
template <int dim>
class LithiumCensus
{
public:
  LithiumCensus(const Mesh<dim> &mesh, const Microstructure<dim> &microstructure, const Field<dim> &lithium);

  /// The mesh is new: finds out anew which place each quadrature point belongs to.
  void reinit();

  /// Counts the lithium of the field's present values. Collective.
  void update();

  bool short_circuit() const { return short_circuit_; }
  double highest_front() const { return highest_front_; } ///< of connected metal, last coordinate [m]

  /// Volumes are per cross-section of the electrode [m].
  void add_observables(ObservableRow &row) const;

private:
  /// Metal that is not connected counts here, wherever it is.
  static constexpr unsigned int isolated = lithoclase::n_places, n_places = isolated + 1;

  void count_volumes();
  void find_front();

  const Mesh<dim> &mesh_;
  const Microstructure<dim> &microstructure_;
  const Field<dim> &lithium_;
  ConnectedRegions<dim> regions_;
  std::vector<Place> places_; ///< per active cell and quadrature point
  std::array<double, n_places> volumes_{};
  double mean_front_ = 0.;
  double highest_front_ = 0.;
  bool short_circuit_ = false;
};
} // namespace lithoclase
