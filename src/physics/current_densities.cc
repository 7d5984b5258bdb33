#include "physics/current_densities.h"

#include "materials/conductivity.h"

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
  static constexpr unsigned int n_q = CellShapes<dim>::n_q;

  CellWork(const Space<dim> &space, const CrackFields<dim> &crack_fields, const SaltFields<dim> &salt_fields)
      : shapes(space), xi(n_q), gradient(n_q), density(n_q), cracks(crack_fields, n_q), salt(salt_fields, n_q)
  {
  }

  CellShapes<dim> shapes;
  std::vector<double> xi;
  std::vector<Tensor<1, dim>> gradient, density;
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
  w.shapes.reinit(cell);
  w.shapes.values(data_.lithium, w.xi);
  w.shapes.gradients(component.potential, w.gradient);
  w.cracks.reinit(w.shapes);
  w.salt.reinit(w.shapes);
  for (unsigned int q = 0; q < w.n_q; ++q) {
    const PointTransport<dim> &point = data_.points[w.shapes.first_point() + q];
    const auto sigma = component.electronic
                           ? electronic_conductivity(w.xi[q], point, data_.metal_conductivity, w.cracks, q)
                           : ionic_conductivity(w.xi[q], point, data_.liquid_conductivity, w.cracks, q);
    const Tensor<1, dim> diffusion =
        component.electronic ? Tensor<1, dim>() : w.salt.diffusion_field(point, q);
    w.density[q] = -(sigma * (w.gradient[q] - diffusion));
  }
}

template <int dim>
void CurrentDensities<dim>::evaluate_divergence(CellWork &w, const Component &component,
                                                std::vector<double> &divergence) const
{
  const unsigned int *points = data_.reaction.surface->space.cell_dofs(w.shapes.index());
  for (unsigned int q = 0; q < w.n_q; ++q) {
    double rate = data_.reaction.surface->values.local_element(points[q]) +
                  data_.reaction.nucleation->values.local_element(points[q]);
    if (data_.reaction.flank)
      rate += data_.reaction.flank->values.local_element(points[q]);
    divergence[q] = component.sign_of_reaction * rate +
                    (component.source ? component.source->value(w.shapes.point(q)) : 0.);
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
      evaluate_divergence(*work, component, divergence);
    };
    densities.push_back({component.name, "A/m^2", fill});
  }
}

template class CurrentDensities<2>;
template class CurrentDensities<3>;
} // namespace lithoclase
