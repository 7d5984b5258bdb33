#include "physics/stress_fields.h"

#include <limits>

namespace lithoclase
{
using namespace dealii;

namespace
{
struct Component
{
  std::string name;
  unsigned int i, k;
};

/// Those that can differ from zero.
template <int dim>
std::vector<Component> stress_components()
{
  if (dim == 2)
    return {{"xx", 0, 0}, {"yy", 1, 1}, {"zz", 2, 2}, {"xy", 0, 1}};
  return {{"xx", 0, 0}, {"yy", 1, 1}, {"zz", 2, 2}, {"xy", 0, 1}, {"xz", 0, 2}, {"yz", 1, 2}};
}
} // namespace

template <int dim>
StressFields<dim>::StressFields(State<dim> &state)
    : pressure_(state.add_field("hydrostatic_pressure", "Pa", SpaceKind::quadrature, Transfer::recompute)),
      principal_(state.add_field("first_principal_stress", "Pa", SpaceKind::quadrature, Transfer::recompute)),
      energy_(state.add_field("strain_energy_density", "J/m^3", SpaceKind::quadrature, Transfer::recompute))
{
  for (const Component &component : stress_components<dim>())
    components_.push_back(
        &state.add_field("stress_" + component.name, "Pa", SpaceKind::quadrature, Transfer::recompute));
}

template <int dim>
void StressFields<dim>::set(const types::global_dof_index dof, const SymmetricTensor<2, 3> &stress,
                            const double energy)
{
  static const std::vector<Component> names = stress_components<dim>();
  for (unsigned int c = 0; c < names.size(); ++c)
    components_[c]->values(dof) = stress[names[c].i][names[c].k];
  pressure_.values(dof) = -trace(stress) / 3.;
  principal_.values(dof) = eigenvalues(stress)[0];
  energy_.values(dof) = energy;
}

template <int dim>
SymmetricTensor<2, 3> StressFields<dim>::stress_at(const types::global_dof_index dof) const
{
  static const std::vector<Component> names = stress_components<dim>();
  SymmetricTensor<2, 3> stress;
  for (unsigned int c = 0; c < names.size(); ++c)
    stress[names[c].i][names[c].k] = components_[c]->values(dof);
  return stress;
}

template <int dim>
void StressFields<dim>::add_observables(ObservableRow &row) const
{
  const Mesh<dim> &mesh = space().mesh();
  std::vector<double> sums(components_.size(), 0.);
  double largest = -std::numeric_limits<double>::infinity();
  std::vector<types::global_dof_index> dofs(space().fe().n_dofs_per_cell());
  for (const auto &cell : space().dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      const double weight = cell->measure() / dofs.size(); // all cells are boxes
      for (const auto dof : dofs) {
        for (unsigned int c = 0; c < components_.size(); ++c)
          sums[c] += weight * components_[c]->values(dof);
        largest = std::max(largest, principal_.values(dof));
      }
    }
  Utilities::MPI::sum(sums, mesh.communicator(), sums);
  const std::vector<Component> names = stress_components<dim>();
  for (unsigned int c = 0; c < components_.size(); ++c)
    row.add("mean_stress_" + names[c].name, "Pa", sums[c] / mesh.volume());
  row.add("first_principal_stress_max", "Pa", Utilities::MPI::max(largest, mesh.communicator()), true);
}

template <int dim>
void StressFields<dim>::add_output(OutputFields<dim> &output) const
{
  CellArray tensors{"stress", "Pa", 9, {}}, principals{"principal_stresses", "Pa", 3, {}};
  std::vector<types::global_dof_index> dofs(space().fe().n_dofs_per_cell());
  for (const auto &cell : space().dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      SymmetricTensor<2, 3> mean;
      for (const auto dof : dofs)
        mean += stress_at(dof) / dofs.size();
      for (unsigned int i = 0; i < 3; ++i)
        for (unsigned int k = 0; k < 3; ++k)
          tensors.values.push_back(static_cast<float>(mean[i][k]));
      for (const double value : eigenvalues(mean))
        principals.values.push_back(static_cast<float>(value));
    }
  output.add(std::move(tensors));
  output.add(std::move(principals));
  output.add(pressure_);
  output.add(energy_);
}

template class StressFields<2>;
template class StressFields<3>;
} // namespace lithoclase
