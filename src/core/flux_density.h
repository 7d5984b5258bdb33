#pragma once

#include <deal.II/base/tensor.h>
#include <deal.II/grid/tria.h>

#include <functional>
#include <string>
#include <vector>

namespace lithoclase
{
/// A flux density of a module (e.g. the ionic current density) as the module integrates it: at the points of
/// QGauss(2) of a cell, with its divergence. Both together give the flux through the boundary exactly as the
/// weak form knows it.
template <int dim>
struct FluxDensity
{
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  std::string name; ///< e.g. "ionic_current_density"
  std::string unit; ///< of the density, e.g. "A/m^2"
  /// Fills density and divergence, both of size 2^dim, for a locally owned cell.
  std::function<void(const Cell &cell, std::vector<dealii::Tensor<1, dim>> &density,
                     std::vector<double> &divergence)>
      evaluate;
};
} // namespace lithoclase
