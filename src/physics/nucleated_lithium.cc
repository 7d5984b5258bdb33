#include "physics/nucleated_lithium.h"

#include "materials/constants.h"
#include "materials/fracture_energy.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double largest_unseen = 0.1; // growth ahead of its pressure per step, in RT/F
constexpr double overpotential_scale = constants::thermal_voltage(constants::reference_temperature);
} // namespace

template <int dim>
struct NucleatedLithium<dim>::CellWork
{
  CellWork(const Field<dim> &lithium, const Space<dim> &points)
      : fe_values(lithium.space.mesh().mapping, lithium.space.fe(), QGauss<dim>(2),
                  update_values | update_JxW_values | update_quadrature_points),
        handler(lithium.space.dof_handler), n_q(fe_values.n_quadrature_points),
        dofs(points.fe().n_dofs_per_cell()), xi(n_q), damage(n_q), filling(n_q), shares(n_q, 0.)
  {
  }

  /// To a cell of the space of quadrature points.
  void reinit(const typename DoFHandler<dim>::active_cell_iterator &cell)
  {
    cell->get_dof_indices(dofs);
    first_point = cell->active_cell_index() * n_q;
    fe_values.reinit(typename DoFHandler<dim>::active_cell_iterator(&handler.get_triangulation(),
                                                                    cell->level(), cell->index(), &handler));
  }

  FEValues<dim> fe_values;
  const DoFHandler<dim> &handler;
  unsigned int n_q, first_point = 0;
  std::vector<types::global_dof_index> dofs;
  std::vector<double> xi, damage, filling, shares;
};

template <int dim>
NucleatedLithium<dim>::NucleatedLithium(const Microstructure<dim> &microstructure, State<dim> &state,
                                        const Field<dim> &lithium, const Effect effect)
    : microstructure_(microstructure), lithium_(lithium),
      content_(state.add_field("nucleated_lithium", "1", SpaceKind::quadrature))
{
  const auto add = [&](const std::string &name, const std::string &unit, const Transfer transfer) {
    Field<dim> &field = state.add_field(name, unit, SpaceKind::quadrature, transfer);
    field.solved_for = false;
    return &field;
  };
  if (effect == Effect::none)
    return;
  pressure_ = add("nucleation_pressure", "Pa", Transfer::recompute);
  stiffness_ = add("nucleation_stiffness", "Pa", Transfer::recompute);
  if (effect == Effect::joins)
    joined_ = add("joined_lithium", "1", Transfer::interpolate);
}

template <int dim>
void NucleatedLithium<dim>::reinit(const std::vector<double> &accessibility)
{
  confined_.resize(accessibility.size());
  for (unsigned int i = 0; i < accessibility.size(); ++i)
    confined_[i] = 1. - accessibility[i];
  if (!presses())
    return;
  predicted_.assign(accessibility.size(), 0.);
  unseen_.assign(accessibility.size(), 0.);
  breakable_.assign(accessibility.size(), 1.);
  directions_.assign(accessibility.size(), SymmetricTensor<2, dim>());
  CellWork w(lithium_, space());
  for (const auto &cell : space().dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const PointStructure<dim> structure = microstructure_.evaluate(w.fe_values.quadrature_point(q));
        if (structure.liquid > 0.)
          breakable_[w.first_point + q] = structure.solid / (structure.solid + structure.liquid);
        const double area = structure.solid * structure.band_sum() + structure.wall;
        if (area <= 0.)
          continue;
        SymmetricTensor<2, dim> &direction = directions_[w.first_point + q];
        direction =
            structure.wall / area * symmetrize(outer_product(structure.wall_normal, structure.wall_normal));
        for (unsigned int k = 0; k < structure.n_bands; ++k)
          direction += structure.solid * structure.bands[k].indicator / area *
                       symmetrize(outer_product(structure.bands[k].normal, structure.bands[k].normal));
      }
    }
}

/// alpha at the points of the cell, with the damage at the beginning of the step.
template <int dim>
void NucleatedLithium<dim>::crack_shares(CellWork &w) const
{
  w.fe_values.get_function_values(lithium_.values, w.xi);
  w.fe_values.get_function_values(cracks_.damage->old_values, w.damage);
  w.fe_values.get_function_values(cracks_.filling->values, w.filling);
  for (unsigned int q = 0; q < w.n_q; ++q) {
    const double xi = std::clamp(w.xi[q], 0., 1.);
    w.shares[q] = std::clamp(xi + (1. - xi) * breakable_[w.first_point + q] * w.filling[q] *
                                      pressure_coefficient(w.damage[q]).value,
                             0., 1.);
  }
}

template <int dim>
double NucleatedLithium<dim>::grow(const Step &step, const Field<dim> &rate)
{
  CellWork w(lithium_, space());
  double largest = 0.;
  for (const auto &cell : space().dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      if (joined_)
        crack_shares(w);
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const auto dof = w.dofs[q];
        const double growth = step.size * constants::overpotential_per_pressure *
                              confined_[w.first_point + q] * rate.values(dof);
        if (presses())
          largest = std::max(largest, growth_unseen(w.first_point + q, dof, growth));
        double content = content_.old_values(dof) + growth;
        if (joined_) {
          const double before = joined_->old_values(dof), all = content + before;
          const double joined = std::max(before, w.shares[q] * all);
          joined_->values(dof) = joined;
          content = all - joined;
        }
        content_.values(dof) = content;
      }
    }
  return Utilities::MPI::max(largest, space().mesh().communicator());
}

/// Notes the pressure that the rate of this growth was made with.
template <int dim>
double NucleatedLithium<dim>::growth_unseen(const unsigned int index, const types::global_dof_index dof,
                                            const double growth)
{
  const double old_total = content_.old_values(dof) + (joined_ ? joined_->old_values(dof) : 0.);
  unseen_[index] = stiffness_->values(dof) * (growth - (total(dof) - old_total));
  predicted_[index] = pressure_->values(dof) + unseen_[index];
  return std::abs(unseen_[index]) * constants::overpotential_per_pressure / overpotential_scale;
}

template <int dim>
NucleationStall NucleatedLithium<dim>::stall(const unsigned int index, const unsigned int local,
                                             const double surface_pressure, const double step_size) const
{
  const double share = constants::overpotential_per_pressure * confined_[index];
  if (!presses() || share == 0.)
    return {};
  const double stiffness = stiffness_->values.local_element(local);
  double growth = content_.values.local_element(local) - content_.old_values.local_element(local);
  if (joined_)
    growth += joined_->values.local_element(local) - joined_->old_values.local_element(local);
  return {share * (pressure_->values.local_element(local) - stiffness * growth - surface_pressure),
          share * stiffness * share * step_size, confined_[index]};
}

template <int dim>
bool NucleatedLithium<dim>::strains() const
{
  return content_.values.linfty_norm() > 0.;
}

template <int dim>
SymmetricTensor<2, 3> NucleatedLithium<dim>::direction(const unsigned int index) const
{
  SymmetricTensor<2, 3> result;
  for (unsigned int i = 0; i < dim; ++i)
    for (unsigned int k = i; k < dim; ++k)
      result[i][k] = directions_[index][i][k];
  return result;
}

template <int dim>
bool NucleatedLithium<dim>::possible_in(const unsigned int first_point, const unsigned int n_points) const
{
  const auto begin = directions_.begin() + first_point;
  return std::any_of(begin, begin + n_points, [](const auto &direction) { return trace(direction) > 0.; });
}

template <int dim>
SymmetricTensor<2, 3>
NucleatedLithium<dim>::cell_strain(const unsigned int first_point,
                                   const std::vector<types::global_dof_index> &dofs) const
{
  SymmetricTensor<2, 3> sum;
  for (unsigned int q = 0; q < dofs.size(); ++q)
    if (const double content = content_.values(dofs[q]); content != 0.)
      sum += content / dofs.size() * direction(first_point + q); // all cells are boxes
  return sum;
}

template <int dim>
void NucleatedLithium<dim>::set_pressure(const types::global_dof_index dof, const double pressure,
                                         const double stiffness)
{
  pressure_->values(dof) = pressure;
  stiffness_->values(dof) = stiffness;
}

/// Only growth itself limits the step: what breaks nearby changes the pressure in any step, however short.
template <int dim>
double NucleatedLithium<dim>::max_next_time_step(const Step &step) const
{
  if (!presses())
    return std::numeric_limits<double>::infinity();
  double largest = 0.;
  std::vector<types::global_dof_index> dofs(space().fe().n_dofs_per_cell());
  for (const auto &cell : space().dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      for (unsigned int q = 0; q < dofs.size(); ++q) {
        const unsigned int index = cell->active_cell_index() * dofs.size() + q;
        const double error = std::abs(predicted_[index] - pressure_->values(dofs[q]));
        largest = std::max(largest, std::min(error, std::abs(unseen_[index])));
      }
    }
  largest = Utilities::MPI::max(largest, space().mesh().communicator()) *
            constants::overpotential_per_pressure / overpotential_scale;
  return largest > 0. ? step.size * largest_unseen / largest : std::numeric_limits<double>::infinity();
}

template <int dim>
double NucleatedLithium<dim>::volume(const Field<dim> &field) const
{
  CellWork w(lithium_, space());
  double volume = 0.;
  for (const auto &cell : space().dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      for (unsigned int q = 0; q < w.n_q; ++q)
        volume += field.values(w.dofs[q]) * w.fe_values.JxW(q);
    }
  const Mesh<dim> &mesh = space().mesh();
  return Utilities::MPI::sum(volume, mesh.communicator()) / mesh.cross_section();
}

template <int dim>
void NucleatedLithium<dim>::add_observables(ObservableRow &row) const
{
  row.add("lithium_volume_nucleated", "m", volume());
  if (joined_)
    row.add("lithium_volume_joined", "m", volume(*joined_));
  if (!presses())
    return;
  double largest = 0.;
  for (unsigned int i = 0; i < content_.values.locally_owned_size(); ++i)
    if (content_.values.local_element(i) > 0.)
      largest = std::max(largest, pressure_->values.local_element(i));
  row.add("nucleation_pressure_max", "Pa", Utilities::MPI::max(largest, space().mesh().communicator()), true);
}

template <int dim>
void NucleatedLithium<dim>::add_output(OutputFields<dim> &output) const
{
  output.add(content_);
  if (joined_)
    output.add(*joined_);
  if (presses())
    output.add(*pressure_);
}

template class NucleatedLithium<2>;
template class NucleatedLithium<3>;
} // namespace lithoclase
