#include "physics/lithium_census.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
using namespace dealii;

template <int dim>
LithiumCensus<dim>::LithiumCensus(const Mesh<dim> &mesh, const Microstructure<dim> &microstructure,
                                  const Field<dim> &lithium)
    : mesh_(mesh), microstructure_(microstructure), lithium_(lithium), regions_(mesh)
{
}

template <int dim>
void LithiumCensus<dim>::reinit()
{
  FEValues<dim> fe_values(mesh_.mapping, lithium_.space.fe(), QGauss<dim>(2), update_quadrature_points);
  const unsigned int n_q = fe_values.n_quadrature_points;
  places_.assign(mesh_.triangulation.n_active_cells() * n_q, Place::anode);
  for (const auto &cell : lithium_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      for (unsigned int q = 0; q < n_q; ++q)
        places_[cell->active_cell_index() * n_q + q] =
            place_of(microstructure_, fe_values.quadrature_point(q));
    }
}

template <int dim>
void LithiumCensus<dim>::update()
{
  regions_.update(cells_above(lithium_, 0.5));
  short_circuit_ = regions_.bridges(Mesh<dim>::bottom(), Mesh<dim>::top());
  count_volumes();
  find_front();
}

template <int dim>
void LithiumCensus<dim>::count_volumes()
{
  FEValues<dim> fe_values(mesh_.mapping, lithium_.space.fe(), QGauss<dim>(2),
                          update_values | update_JxW_values);
  const unsigned int n_q = fe_values.n_quadrature_points;
  std::vector<double> xi(n_q);
  std::array<double, n_places> volumes{};
  for (const auto &cell : lithium_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values.get_function_values(lithium_.values, xi);
      const bool alone = regions_.inside(cell) && !regions_.touches(cell, Mesh<dim>::bottom());
      for (unsigned int q = 0; q < n_q; ++q)
        volumes[alone ? isolated : static_cast<unsigned int>(places_[cell->active_cell_index() * n_q + q])] +=
            xi[q] * fe_values.JxW(q);
    }
  for (unsigned int place = 0; place < n_places; ++place)
    volumes_[place] = Utilities::MPI::sum(volumes[place], mesh_.communicator()) / mesh_.cross_section();
}

template <int dim>
void LithiumCensus<dim>::find_front()
{
  const Space<dim> &space = lithium_.space;
  const unsigned int n_nodes = space.fe().n_dofs_per_cell();
  std::vector<types::global_dof_index> nodes(n_nodes);
  std::vector<bool> alone(space.partitioner->locally_owned_size() + space.partitioner->n_ghost_indices(),
                          false);
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (!cell->is_artificial() && regions_.inside(cell) && !regions_.touches(cell, Mesh<dim>::bottom())) {
      cell->get_dof_indices(nodes);
      for (const auto node : nodes)
        alone[space.partitioner->global_to_local(node)] = true;
    }
  double highest = mesh_.lower()[dim - 1];
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(nodes);
      const double bottom = cell->vertex(0)[dim - 1], height = cell->extent_in_direction(dim - 1);
      for (unsigned int i = 0; i < n_nodes / 2;
           ++i) // edges along the stack axis join vertex i with vertex i + n/2
      {
        const auto low = nodes[i], high = nodes[i + n_nodes / 2];
        if (lithium_.values(low) < 0.5 || alone[space.partitioner->global_to_local(low)])
          continue;
        const auto psi = [&](const types::global_dof_index node) {
          const double xi = std::clamp(lithium_.values(node), 1e-12, 1. - 1e-12);
          return std::log(xi / (1. - xi)); // nearly linear across the front
        };
        const double below = psi(low), above = psi(high);
        highest = std::max(highest, bottom + height * (above >= 0. ? 1. : below / (below - above)));
      }
    }
  highest_front_ = Utilities::MPI::max(highest, mesh_.communicator());
  mean_front_ = mesh_.lower()[dim - 1];
  for (unsigned int place = 0; place < n_places; ++place)
    if (place != isolated)
      mean_front_ += volumes_[place];
}

template <int dim>
void LithiumCensus<dim>::add_observables(ObservableRow &row) const
{
  for (unsigned int place = 0; place < n_places; ++place)
    row.add(std::string("lithium_volume_") + (place == isolated ? "isolated" : place_names[place]), "m",
            volumes_[place]);
  row.add("front_position_mean", "m", mean_front_);
  row.add("front_position_max", "m", highest_front_, true);
  row.add("short_circuit", "1", short_circuit_ ? 1. : 0.);
}

template class LithiumCensus<2>;
template class LithiumCensus<3>;
} // namespace lithoclase
