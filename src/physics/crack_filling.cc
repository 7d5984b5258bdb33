#include "physics/crack_filling.h"

#include "physics/crack_fields.h"

#include "core/quantity.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double metal_content = 0.5;
constexpr double filling_content = 1e-4; // nucleated lithium of a broken cell that fills its crack
constexpr double rounding = 1e-9;        // of lengths

InitialCrackList those_with_lithium(const InitialCrackList &cracks)
{
  InitialCrackList result;
  for (const auto &crack : cracks)
    if (crack.second.holds_lithium)
      result.push_back(crack);
  return result;
}
} // namespace

template <int dim>
CrackFilling<dim>::CrackFilling(const CrackBands &bands, const Microstructure<dim> &microstructure,
                                State<dim> &state, const Field<dim> &lithium, const Field<dim> &damage,
                                const NucleatedLithium<dim> *nucleated)
    : bands_(bands), reach_((bands.model == CrackModel::at1 ? 2. : 4.) * bands.width * (1. + rounding)),
      microstructure_(microstructure), state_(state), lithium_(lithium), damage_(damage),
      nucleated_(nucleated), sources_(those_with_lithium(bands.initial_cracks), state.mesh()),
      filling_(state.add_field("crack_filling", "1", SpaceKind::nodal)),
      flank_area_(state.add_field("flank_area", "1/m", SpaceKind::quadrature, Transfer::recompute)),
      regions_(state.mesh())
{
  filling_.solved_for = flank_area_.solved_for = false;
}

template <int dim>
void CrackFilling<dim>::cache_solid()
{
  FEValues<dim> fe_values(state_.mesh().mapping, damage_.space.fe(), QGauss<dim>(2),
                          update_quadrature_points);
  const unsigned int n_q = fe_values.n_quadrature_points;
  solid_.assign(state_.mesh().triangulation.n_active_cells() * n_q, 1.);
  for (const auto &cell : damage_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      for (unsigned int q = 0; q < n_q; ++q)
        solid_[cell->active_cell_index() * n_q + q] =
            microstructure_.evaluate(fe_values.quadrature_point(q)).solid;
    }
}

template <int dim>
SolveReport CrackFilling<dim>::solve(const Step &)
{
  Vector change = filling_.values;
  update();
  change -= filling_.values;
  SolveReport report;
  report.increment = change.linfty_norm();
  return report;
}

template <int dim>
void CrackFilling<dim>::update()
{
  find_regions();
  spread();
  compute_flank_area();
}

template <int dim>
void CrackFilling<dim>::find_regions()
{
  std::vector<bool> open = cells_above(lithium_, metal_content), sources = open;
  const unsigned int n_q = 1 << dim;
  dealii::Vector<double> damage(damage_.space.fe().n_dofs_per_cell());
  for (const auto &cell : damage_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      const unsigned int index = cell->active_cell_index();
      cell->get_dof_values(damage_.values, damage);
      const double *solid = &solid_[index * n_q];
      const bool matter = std::accumulate(solid, solid + n_q, 0.) > 0.5 * n_q;
      if (matter && *std::max_element(damage.begin(), damage.end()) > broken_damage) {
        open[index] = true;
        sources[index] = sources[index] || sources_.holds(cell) || nucleated_in(cell);
      }
    }
  regions_.update(open, sources);
}

template <int dim>
bool CrackFilling<dim>::nucleated_in(const Cell &cell) const
{
  if (nucleated_ == nullptr)
    return false;
  const DoFHandler<dim> &handler = nucleated_->space().dof_handler;
  std::vector<types::global_dof_index> points(handler.get_fe().n_dofs_per_cell());
  Cell(&handler.get_triangulation(), cell->level(), cell->index(), &handler)->get_dof_indices(points);
  double sum = 0.;
  for (const auto point : points)
    sum += nucleated_->total(point);
  return sum > filling_content * points.size();
}

/// Carries to each vertex the nearest vertex of a filled cell, from neighbour to neighbour, until no vertex
/// within reach finds a nearer one.
template <int dim>
void CrackFilling<dim>::spread()
{
  const Space<dim> &space = filling_.space;
  const auto &partitioner = *space.partitioner;
  const unsigned int n_nodes = space.fe().n_dofs_per_cell();
  std::vector<types::global_dof_index> nodes(n_nodes);
  Vector distance(space.partitioner);
  std::array<Vector, dim> nearest;
  nearest.fill(distance);
  const double far = 10. * (state_.mesh().upper() - state_.mesh().lower()).norm();
  for (unsigned int i = 0; i < partitioner.locally_owned_size() + partitioner.n_ghost_indices(); ++i)
    distance.local_element(i) = far;
  bool changed = true;
  const auto offer = [&](const unsigned int node, const Point<dim> &position, const Point<dim> &source) {
    const double from_source = position.distance(source), known = distance.local_element(node);
    if (known == 0. || from_source > reach_ || from_source > known * (1. + rounding))
      return;
    if (from_source >
        known * (1. - rounding)) { // of two as near the first along the axes, on any number of ranks
      unsigned int d = 0;
      while (d < dim && std::abs(source[d] - nearest[d].local_element(node)) < rounding * reach_)
        ++d;
      if (d == dim || source[d] > nearest[d].local_element(node))
        return;
    }
    distance.local_element(node) = from_source;
    for (unsigned int d = 0; d < dim; ++d)
      nearest[d].local_element(node) = source[d];
    changed = true;
  };
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (!cell->is_artificial() && regions_.marked(cell)) {
      cell->get_dof_indices(nodes);
      for (unsigned int v = 0; v < n_nodes; ++v)
        offer(partitioner.global_to_local(nodes[v]), cell->vertex(v), cell->vertex(v));
    }
  while (Utilities::MPI::max(static_cast<unsigned int>(changed), state_.mesh().communicator()) > 0) {
    distance.update_ghost_values();
    for (Vector &component : nearest)
      component.update_ghost_values();
    changed = false;
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (!cell->is_artificial()) {
        cell->get_dof_indices(nodes);
        for (unsigned int from = 0; from < n_nodes; ++from) {
          const unsigned int source = partitioner.global_to_local(nodes[from]);
          if (distance.local_element(source) > reach_)
            continue;
          Point<dim> point;
          for (unsigned int d = 0; d < dim; ++d)
            point[d] = nearest[d].local_element(source);
          for (unsigned int to = 0; to < n_nodes; ++to)
            offer(partitioner.global_to_local(nodes[to]), cell->vertex(to), point);
        }
      }
    distance.zero_out_ghost_values();
    for (Vector &component : nearest)
      component.zero_out_ghost_values();
  }
  for (unsigned int i = 0; i < partitioner.locally_owned_size(); ++i)
    filling_.values.local_element(i) = distance.local_element(i) <= reach_ ? 1. : 0.;
  filling_.update();
}

template <int dim>
void CrackFilling<dim>::compute_flank_area()
{
  const Space<dim> &space = damage_.space;
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                          update_values | update_gradients | update_JxW_values);
  const unsigned int n_q = fe_values.n_quadrature_points;
  std::vector<double> xi(n_q), S(n_q), d(n_q);
  std::vector<Tensor<1, dim>> gradient(n_q);
  std::vector<types::global_dof_index> points(n_q);
  const DoFHandler<dim> &handler = flank_area_.space.dof_handler;
  const double c_w = crack_normalisation(bands_.model), l = bands_.width;
  double length = 0., flanks = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values.get_function_gradients(damage_.values, gradient);
      fe_values.get_function_values(damage_.values, d);
      fe_values.get_function_values(lithium_.values, xi);
      fe_values.get_function_values(filling_.values, S);
      Cell(&handler.get_triangulation(), cell->level(), cell->index(), &handler)->get_dof_indices(points);
      double cell_size = 0.;
      for (unsigned int axis = 0; axis < dim; ++axis)
        cell_size = std::max(cell_size, cell->extent_in_direction(axis));
      const double correction = toughness_correction(bands_.model, cell_size, l);
      for (unsigned int q = 0; q < n_q; ++q) {
        const double density = 2. * l / c_w * gradient[q].norm_square();
        const double filled =
            solid_[cell->active_cell_index() * n_q + q] * S[q] * std::clamp(1. - xi[q], 0., 1.);
        flank_area_.values(points[q]) = 2. * density * filled;
        flanks += flank_area_.values(points[q]) * fe_values.JxW(q);
        length += correction / c_w *
                  (local_crack_energy(bands_.model, d[q]).value / l + l * gradient[q].norm_square()) *
                  filled * fe_values.JxW(q);
      }
    }
  total_flank_area_ = Utilities::MPI::sum(flanks, state_.mesh().communicator());
  filled_length_ = Utilities::MPI::sum(length, state_.mesh().communicator());
}

template <int dim>
void CrackFilling<dim>::add_observables(const Step &, ObservableRow &row)
{
  row.add(dim == 2 ? "filled_crack_length" : "filled_crack_area", dim == 2 ? "m" : "m^2", filled_length_,
          true);
  row.add("flank_area", dim == 2 ? "m" : "m^2", total_flank_area_);
  row.add("crack_short_circuit", "1", short_circuit() ? 1. : 0.);
}

template <int dim>
bool CrackFilling<dim>::short_circuit() const
{
  return regions_.bridges(Mesh<dim>::bottom(), Mesh<dim>::top());
}

template <int dim>
std::string CrackFilling<dim>::end_reason(const Step &step)
{
  if (short_circuit())
    return "short circuit through a filled crack at " + format_quantity(step.time(), "s", "s");
  return {};
}

template class CrackFilling<2>;
template class CrackFilling<3>;
} // namespace lithoclase
