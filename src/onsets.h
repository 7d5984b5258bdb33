#pragma once

#include "core/log.h"
#include "core/observables.h"
#include "core/state.h"
#include "physics/crack_census.h"
#include "time_stepping.h"

#include <array>
#include <string>

namespace lithoclase
{
/// The events of a run that experiments report: when they first happened and what the cell then showed.
///
///   cracking       a crack grows (first_crack is known), where it began beside it
///   penetration    lithium has followed a crack that grew by one crack width
///   short circuit  metal or a filled crack joins anode and counter electrode
///
/// In a ramp of current the current density of an event is the critical current of it. The time is the end of
/// the step in which the event was seen: late by less than one step. Written to events.csv; kept in the
/// state, so that a restart knows them.
template <int dim>
class Onsets
{
public:
  /// `first_crack` may be null (no fracture); `crack_width` [m].
  Onsets(State<dim> &state, const FirstCrack<dim> *first_crack, double crack_width);

  /// Writes the events known so far, so that none of an earlier run or of steps beyond a checkpoint is left.
  /// Only rank 0 does something; a file that cannot be written is a warning.
  void write(Log &log, MPI_Comm communicator, const std::string &path) const;

  /// Looks at the row of an accepted step, says in the log what is new and writes the file anew.
  void update(const ObservableRow &row, Log &log, MPI_Comm communicator, const std::string &path);

  /// The event has been seen, in this run or in one that it continues.
  bool happened(EndEvent event) const;

private:
  enum Event
  {
    cracking,
    penetration,
    short_circuit,
    n_events
  };
  static constexpr unsigned int n_values = 4; ///< time, current density, cell voltage, charge

  bool seen(Event event, const ObservableRow &row) const;
  std::string place_of_cracking() const;
  std::string table() const;

  const FirstCrack<dim> *first_crack_;
  const double crack_width_;
  Scalar &filled_at_start_; ///< length of filled cracks in the first row [m], -1: not yet known
  std::array<std::array<Scalar *, n_values>, n_events> values_; ///< time -1: has not happened
};
} // namespace lithoclase
