#include "onsets.h"

#include "output/files.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
const char *const event_names[] = {"cracking", "penetration", "short circuit"};
const char *const event_values[] = {"time", "current_density", "cell_voltage", "charge"};
const char *const event_units[] = {"s", "A/m^2", "V", "C/m^2"};

double look_up(const ObservableRow &row, const std::string &name)
{
  for (const Observable &observable : row.entries())
    if (observable.name == name)
      return observable.value;
  return 0.;
}

double filled_length(const ObservableRow &row)
{
  return look_up(row, "filled_crack_length") + look_up(row, "filled_crack_area"); // the row has one of them
}
} // namespace

template <int dim>
Onsets<dim>::Onsets(State<dim> &state, const FirstCrack<dim> *first_crack, const double crack_width)
    : first_crack_(first_crack), crack_width_(crack_width),
      filled_at_start_(state.add_scalar("filled_crack_at_start", dim == 2 ? "m" : "m^2", -1.))
{
  for (unsigned int event = 0; event < n_events; ++event)
    for (unsigned int k = 0; k < n_values; ++k)
      values_[event][k] = &state.add_scalar(std::string(event_names[event]) + " " + event_values[k],
                                            event_units[k], k == 0 ? -1. : 0.);
}

template <int dim>
bool Onsets<dim>::seen(const Event event, const ObservableRow &row) const
{
  switch (event) {
  case cracking:
    return first_crack_ != nullptr && first_crack_->known();
  case penetration:
    // An initial crack thickens under load, and its length with it: that alone is no penetration.
    return seen(cracking, row) &&
           filled_length(row) > filled_at_start_.value + std::pow(crack_width_, dim - 1);
  default:
    return look_up(row, "short_circuit") > 0. || look_up(row, "crack_short_circuit") > 0.;
  }
}

template <int dim>
bool Onsets<dim>::happened(const EndEvent event) const
{
  switch (event) {
  case EndEvent::cracking:
    return values_[cracking][0]->value >= 0.;
  case EndEvent::penetration:
    return values_[penetration][0]->value >= 0.;
  case EndEvent::short_circuit:
    return values_[short_circuit][0]->value >= 0.;
  default:
    return false;
  }
}

template <int dim>
std::string Onsets<dim>::place_of_cracking() const
{
  std::string place = place_names[static_cast<unsigned int>(first_crack_->place())];
  std::replace(place.begin(), place.end(), '_', ' ');
  return place;
}

template <int dim>
std::string Onsets<dim>::table() const
{
  std::ostringstream text;
  text.precision(12);
  text << "event";
  for (unsigned int k = 0; k < n_values; ++k)
    text << ',' << event_values[k] << " [" << event_units[k] << ']';
  for (unsigned int d = 0; d < dim; ++d)
    text << ',' << "xyz"[d] << " [m]";
  text << ",place\n";
  for (unsigned int event = 0; event < n_events; ++event) {
    if (values_[event][0]->value < 0.)
      continue;
    text << event_names[event];
    for (const Scalar *value : values_[event])
      text << ',' << value->value;
    for (unsigned int d = 0; d < dim; ++d) {
      text << ',';
      if (event == cracking)
        text << first_crack_->point()[d];
    }
    text << ',' << (event == cracking ? place_of_cracking() : "") << '\n';
  }
  return text.str();
}

template <int dim>
void Onsets<dim>::write(Log &log, MPI_Comm communicator, const std::string &path) const
{
  if (Utilities::MPI::this_mpi_process(communicator) != 0)
    return;
  const std::string message = write_file_atomically(path, table());
  if (!message.empty())
    log.warning(message);
}

template <int dim>
void Onsets<dim>::update(const ObservableRow &row, Log &log, MPI_Comm communicator, const std::string &path)
{
  if (filled_at_start_.value < 0.)
    filled_at_start_.value = filled_length(row);
  bool news = false;
  for (unsigned int event = 0; event < n_events; ++event) {
    if (values_[event][0]->value >= 0. || !seen(static_cast<Event>(event), row))
      continue;
    news = true;
    std::ostringstream text;
    text << "  " << event_names[event] << " at";
    for (unsigned int k = 0; k < n_values; ++k) {
      values_[event][k]->value = look_up(row, event_values[k]);
      text << (k > 0 ? ", " : " ") << friendly(values_[event][k]->value, event_units[k]);
    }
    if (event == cracking) {
      text << "; began in " << place_of_cracking() << " at (";
      for (unsigned int d = 0; d < dim; ++d)
        text << (d > 0 ? ", " : "") << friendly(first_crack_->point()[d], "m");
      text << ')';
    }
    log.line(text.str());
  }
  if (news)
    write(log, communicator, path);
}

template class Onsets<2>;
template class Onsets<3>;
} // namespace lithoclase
