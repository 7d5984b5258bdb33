#include "physics/current_densities.h"

#include "materials/conductivity.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_handler.h>

#include <string>

namespace lithoclase
{
using namespace dealii;

template <int dim>
struct CurrentDensities<dim>::Component
{
  std::string name;
  const Field<dim> &potential;
  const Function<dim> *source;
  double sign_of_reaction; ///< of the reaction rate in the divergence
  bool electronic;
};

template <int dim>
struct CurrentDensities<dim>::CellWork
{
  CellWork(const Space<dim> &space, const CrackFields<dim> &crack_fields, const SaltFields<dim> &salt_fields)
      : fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                  update_values | update_gradients | update_quadrature_points),
        n_q(fe_values.n_quadrature_points), xi(n_q), gradient(n_q), density(n_q), reaction_dofs(n_q),
        cracks(crack_fields, n_q), salt(salt_fields, n_q)
  {
  }

  FEValues<dim> fe_values;
  unsigned int n_q;
  std::vector<double> xi;
  std::vector<Tensor<1, dim>> gradient, density;
  std::vector<types::global_dof_index> reaction_dofs;
  CrackPoints<dim> cracks;
  SaltPoints<dim> salt;
};

template <int dim>
SymmetricTensor<2, dim>
CurrentDensities<dim>::ionic_conductivity(const double lithium, const PointTransport<dim> &point,
                                          const double liquid_conductivity, const CrackPoints<dim> &cracks,
                                          const unsigned int q)
{
  if (!cracks.any())
    return lithoclase::ionic_conductivity<dim>(lithium, point.ionic).value;
  return lithoclase::ionic_conductivity<dim>(
             lithium, cracked_ionic_conductivity(point.ionic, cracks.at(q), liquid_conductivity))
      .value;
}

template <int dim>
SymmetricTensor<2, dim>
CurrentDensities<dim>::electronic_conductivity(const double lithium, const PointTransport<dim> &point,
                                               const double metal_conductivity,
                                               const CrackPoints<dim> &cracks, const unsigned int q)
{
  if (!cracks.filled())
    return lithoclase::electronic_conductivity<dim>(lithium, point.electronic, metal_conductivity).value;
  return lithoclase::electronic_conductivity<dim>(
             lithium, cracked_electronic_conductivity(point.electronic, cracks.at(q), metal_conductivity),
             metal_conductivity)
      .value;
}

template <int dim>
typename CurrentDensities<dim>::Component CurrentDensities<dim>::ionic() const
{
  return {"ionic_current_density", data_.ionic_potential, data_.ionic_source, -1., false};
}

template <int dim>
typename CurrentDensities<dim>::Component CurrentDensities<dim>::electronic() const
{
  return {"electronic_current_density", data_.electronic_potential, data_.electronic_source, 1., true};
}

template <int dim>
void CurrentDensities<dim>::evaluate(CellWork &w, const Component &component, const Cell &cell) const
{
  w.fe_values.reinit(typename DoFHandler<dim>::active_cell_iterator(
      &cell->get_triangulation(), cell->level(), cell->index(), &component.potential.space.dof_handler));
  w.fe_values.get_function_values(data_.lithium.values, w.xi);
  w.fe_values.get_function_gradients(component.potential.values, w.gradient);
  w.cracks.reinit(w.fe_values);
  w.salt.reinit(w.fe_values);
  for (unsigned int q = 0; q < w.n_q; ++q) {
    const PointTransport<dim> &point = data_.points[cell->active_cell_index() * w.n_q + q];
    const auto sigma = component.electronic
                           ? electronic_conductivity(w.xi[q], point, data_.metal_conductivity, w.cracks, q)
                           : ionic_conductivity(w.xi[q], point, data_.liquid_conductivity, w.cracks, q);
    const Tensor<1, dim> diffusion =
        component.electronic ? Tensor<1, dim>() : w.salt.diffusion_field(point, q);
    w.density[q] = -(sigma * (w.gradient[q] - diffusion));
  }
}

template <int dim>
void CurrentDensities<dim>::evaluate_divergence(CellWork &w, const Component &component, const Cell &cell,
                                                std::vector<double> &divergence) const
{
  typename DoFHandler<dim>::active_cell_iterator(&cell->get_triangulation(), cell->level(), cell->index(),
                                                 &data_.reaction.surface->space.dof_handler)
      ->get_dof_indices(w.reaction_dofs);
  for (unsigned int q = 0; q < w.n_q; ++q) {
    double rate = data_.reaction.surface->values(w.reaction_dofs[q]) +
                  data_.reaction.nucleation->values(w.reaction_dofs[q]);
    if (data_.reaction.flank)
      rate += data_.reaction.flank->values(w.reaction_dofs[q]);
    divergence[q] = component.sign_of_reaction * rate +
                    (component.source ? component.source->value(w.fe_values.quadrature_point(q)) : 0.);
  }
}

template <int dim>
CellArray CurrentDensities<dim>::cell_means(const Component &component) const
{
  CellArray array{component.name, "A/m^2", 3, {}};
  CellWork w(component.potential.space, data_.cracks, data_.salt);
  for (const auto &cell : component.potential.space.mesh().triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      evaluate(w, component, cell);
      Tensor<1, dim> mean;
      for (const Tensor<1, dim> &density : w.density)
        mean += density / w.n_q;
      for (unsigned int d = 0; d < 3; ++d)
        array.values.push_back(d < dim ? mean[d] : 0.);
    }
  return array;
}

template <int dim>
void CurrentDensities<dim>::add_output(OutputFields<dim> &output) const
{
  output.add(cell_means(ionic()));
  output.add(cell_means(electronic()));
}

template <int dim>
void CurrentDensities<dim>::add_flux_densities(std::vector<FluxDensity<dim>> &densities) const
{
  for (const Component &component : {ionic(), electronic()}) {
    const auto work = std::make_shared<CellWork>(component.potential.space, data_.cracks, data_.salt);
    const auto fill = [this, component, work](const Cell &cell, std::vector<Tensor<1, dim>> &density,
                                              std::vector<double> &divergence) {
      evaluate(*work, component, cell);
      density = work->density;
      evaluate_divergence(*work, component, cell, divergence);
    };
    densities.push_back({component.name, "A/m^2", fill});
  }
}

template class CurrentDensities<2>;
template class CurrentDensities<3>;
} // namespace lithoclase
