#include "physics/crack_census.h"

#include "physics/crack_fields.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace lithoclase
{
using namespace dealii;

template <int dim>
FirstCrack<dim>::FirstCrack(State<dim> &state) : place_(state.add_scalar("first_crack_place", "1", -1.))
{
  for (unsigned int d = 0; d < dim; ++d)
    point_[d] = &state.add_scalar(std::string("first_crack_") + "xyz"[d], "m");
}

template <int dim>
Point<dim> FirstCrack<dim>::point() const
{
  Point<dim> result;
  for (unsigned int d = 0; d < dim; ++d)
    result[d] = point_[d]->value;
  return result;
}

template <int dim>
void FirstCrack<dim>::set(const Point<dim> &point, const Place place)
{
  place_.value = static_cast<double>(place);
  for (unsigned int d = 0; d < dim; ++d)
    point_[d]->value = point[d];
}

template <int dim>
CrackCensus<dim>::CrackCensus(const Microstructure<dim> &microstructure, const Field<dim> &damage,
                              const Field<dim> &crack_density, const InitialCracks<dim> &initial_cracks,
                              const double crack_width, FirstCrack<dim> &first_crack)
    : microstructure_(microstructure), damage_(damage), crack_density_(crack_density),
      initial_cracks_(initial_cracks), crack_width_(crack_width), first_crack_(first_crack)
{
}

template <int dim>
void CrackCensus<dim>::update()
{
  const Space<dim> &space = damage_.space;
  const unsigned int n_nodes = space.fe().n_dofs_per_cell(), n_q = 1 << dim;
  std::array<double, n_counts> weights{};
  start_damage_ = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      const unsigned int *nodes = space.cell_dofs(cell->active_cell_index());
      bool broken = false;
      for (unsigned int i = 0; i < n_nodes; ++i)
        broken = broken || damage_.values.local_element(nodes[i]) > broken_damage;
      if (!broken)
        continue;
      const bool grown = initial_cracks_.empty() || initial_cracks_.distance(cell) > crack_width_;
      const Place place = place_of(microstructure_, cell->center());
      const unsigned int *points = crack_density_.space.cell_dofs(cell->active_cell_index());
      for (unsigned int q = 0; q < n_q; ++q)
        weights[grown ? static_cast<unsigned int>(place) : initial] +=
            crack_density_.values.local_element(points[q]) * cell->measure() / n_q;
      if (grown && place != Place::empty_void && !first_crack_.known())
        look_for_start(cell, place);
    }
  for (unsigned int k = 0; k < n_counts; ++k)
    weights_[k] = Utilities::MPI::sum(weights[k], space.mesh().communicator());
  if (!first_crack_.known())
    agree_on_start();
}

/// The vertex of grown cells with the largest damage; of equal ones the first along the axes, on any number
/// of ranks.
template <int dim>
void CrackCensus<dim>::look_for_start(const Cell &cell, const Place place)
{
  constexpr double rounding = 1e-9;
  const unsigned int *nodes = damage_.space.cell_dofs(cell->active_cell_index());
  for (unsigned int i = 0; i < cell->n_vertices(); ++i) {
    const double damage = damage_.values.local_element(nodes[i]);
    if (damage < start_damage_ - rounding)
      continue;
    const Point<dim> &point = cell->vertex(i);
    const auto before = [&] {
      unsigned int d = 0;
      while (d < dim && point[d] == start_point_[d])
        ++d;
      return d < dim && point[d] < start_point_[d];
    };
    if (damage > start_damage_ + rounding || before()) {
      start_damage_ = damage;
      start_point_ = point;
      start_place_ = place;
    } else if (point == start_point_) // between cells of two places: the same one on any number of ranks
      start_place_ = std::min(start_place_, place);
  }
}

template <int dim>
void CrackCensus<dim>::agree_on_start()
{
  MPI_Comm communicator = damage_.space.mesh().communicator();
  const double largest = Utilities::MPI::max(start_damage_, communicator);
  if (largest <= broken_damage)
    return;
  constexpr double rounding = 1e-9, far = std::numeric_limits<double>::max();
  bool candidate = start_damage_ > broken_damage && start_damage_ >= largest - rounding;
  Point<dim> point;
  for (unsigned int d = 0; d < dim; ++d) {
    point[d] = Utilities::MPI::min(candidate ? start_point_[d] : far, communicator);
    candidate = candidate && start_point_[d] == point[d];
  }
  const unsigned int place =
      Utilities::MPI::min(candidate ? static_cast<unsigned int>(start_place_) : n_places, communicator);
  first_crack_.set(point, static_cast<Place>(place));
}

template <int dim>
double CrackCensus<dim>::intergranular_fraction() const
{
  const double boundary = weights_[static_cast<unsigned int>(Place::grain_boundary)];
  const double both = boundary + weights_[static_cast<unsigned int>(Place::grain)];
  return both > 0. ? boundary / both : 0.;
}

template <int dim>
void CrackCensus<dim>::add_observables(ObservableRow &row, const double length) const
{
  const std::string name = dim == 2 ? "crack_length_" : "crack_area_", unit = dim == 2 ? "m" : "m^2";
  double all = 0.;
  for (const double weight : weights_)
    all += weight;
  for (unsigned int k = 0; k < n_counts; ++k)
    row.add(name + (k == initial ? "initial" : place_names[k]), unit,
            all > 0. ? length * weights_[k] / all : 0.);
  row.add("intergranular_fraction", "1", intergranular_fraction());
}

template class FirstCrack<2>;
template class FirstCrack<3>;
template class CrackCensus<2>;
template class CrackCensus<3>;
} // namespace lithoclase
