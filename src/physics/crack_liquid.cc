#include "physics/crack_liquid.h"

#include "physics/crack_fields.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

namespace lithoclase
{
using namespace dealii;

template <int dim>
CrackLiquid<dim>::CrackLiquid(const CrackBands &bands, const Microstructure<dim> &microstructure,
                              State<dim> &state, const Field<dim> &lithium, const Field<dim> &damage,
                              const FilledCracks<dim> *with_lithium)
    : microstructure_(microstructure), state_(state), lithium_(lithium), with_lithium_(with_lithium),
      cracks_("crack_liquid", bands, microstructure, state, lithium, damage)
{
}

template <int dim>
void CrackLiquid<dim>::reinit()
{
  cracks_.reinit();
  const Mesh<dim> &mesh = state_.mesh();
  FEValues<dim> fe_values(mesh.mapping, lithium_.space.fe(), QGauss<dim>(2), update_quadrature_points);
  pore_.assign(mesh.triangulation.n_active_cells(), false);
  for (const auto &cell : mesh.triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      double liquid = 0.;
      for (const Point<dim> &point : fe_values.get_quadrature_points())
        liquid += microstructure_.evaluate(point).liquid / fe_values.n_quadrature_points;
      // Half of a cell at the wall may be solid: then it is not broken, but must not part crack and pore.
      pore_[cell->active_cell_index()] = liquid > 0.5 * (1. - 1e-6);
    }
}

template <int dim>
SolveReport CrackLiquid<dim>::solve(const Step &)
{
  Vector change = filling().values;
  update();
  change -= filling().values;
  SolveReport report;
  report.increment = change.linfty_norm();
  return report;
}

template <int dim>
void CrackLiquid<dim>::update()
{
  const std::vector<bool> metal = cells_above(lithium_, metal_content);
  std::vector<bool> open(pore_.size(), false), sources = open;
  for (const auto &cell : state_.mesh().triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      const unsigned int index = cell->active_cell_index();
      if (metal[index] || (with_lithium_ != nullptr && with_lithium_->filled(cell)))
        continue;
      sources[index] = pore_[index];
      open[index] = pore_[index] || cracks_.broken(cell);
    }
  cracks_.fill(open, sources);
  if (with_lithium_ != nullptr) {
    Field<dim> &liquid = cracks_.filling();
    liquid.values.zero_out_ghost_values();
    for (unsigned int i = 0; i < liquid.values.locally_owned_size(); ++i)
      liquid.values.local_element(i) *= 1. - with_lithium_->filling().values.local_element(i);
    liquid.update();
  }
  length_ = cracks_.length();
}

template <int dim>
void CrackLiquid<dim>::add_observables(const Step &, ObservableRow &row)
{
  row.add(dim == 2 ? "liquid_crack_length" : "liquid_crack_area", dim == 2 ? "m" : "m^2", length_, true);
}

template class CrackLiquid<2>;
template class CrackLiquid<3>;
} // namespace lithoclase
