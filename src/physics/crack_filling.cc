#include "physics/crack_filling.h"

#include "physics/crack_fields.h"

#include "core/quantity.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

#include <algorithm>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double filling_content = 1e-4; // nucleated lithium of a broken cell that fills its crack

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
    : bands_(bands), state_(state), lithium_(lithium), damage_(damage), nucleated_(nucleated),
      sources_(those_with_lithium(bands.initial_cracks), state.mesh()),
      cracks_("crack_filling", bands, microstructure, state, lithium, damage),
      flank_area_(state.add_field("flank_area", "1/m", SpaceKind::quadrature, Transfer::recompute))
{
  flank_area_.solved_for = false;
}

template <int dim>
SolveReport CrackFilling<dim>::solve(const Step &)
{
  Vector change = filling().values;
  update();
  change -= filling().values;
  SolveReport report;
  report.increment = change.linfty_norm();
  return report;
}

template <int dim>
void CrackFilling<dim>::update()
{
  fill();
  compute_flank_area();
  filled_length_ = cracks_.length();
}

template <int dim>
void CrackFilling<dim>::fill()
{
  std::vector<bool> open = cells_above(lithium_, metal_content), sources = open;
  for (const auto &cell : state_.mesh().triangulation.active_cell_iterators())
    if (cell->is_locally_owned() && cracks_.broken(cell)) {
      const unsigned int index = cell->active_cell_index();
      open[index] = true;
      sources[index] = sources[index] || sources_.holds(cell) || nucleated_in(cell);
    }
  cracks_.fill(open, sources);
}

template <int dim>
bool CrackFilling<dim>::nucleated_in(const typename Triangulation<dim>::active_cell_iterator &cell) const
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

template <int dim>
void CrackFilling<dim>::compute_flank_area()
{
  const Space<dim> &space = damage_.space;
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                          update_values | update_gradients | update_JxW_values);
  const unsigned int n_q = fe_values.n_quadrature_points;
  std::vector<double> xi(n_q), S(n_q);
  std::vector<Tensor<1, dim>> gradient(n_q);
  std::vector<types::global_dof_index> points(n_q);
  const DoFHandler<dim> &handler = flank_area_.space.dof_handler;
  const double c_w = crack_normalisation(bands_.model), l = bands_.width;
  double flanks = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values.get_function_gradients(damage_.values, gradient);
      fe_values.get_function_values(lithium_.values, xi);
      fe_values.get_function_values(filling().values, S);
      Cell(&handler.get_triangulation(), cell->level(), cell->index(), &handler)->get_dof_indices(points);
      for (unsigned int q = 0; q < n_q; ++q) {
        const double density = 2. * l / c_w * gradient[q].norm_square();
        const double filled =
            cracks_.solid(cell->active_cell_index(), q) * S[q] * std::clamp(1. - xi[q], 0., 1.);
        flank_area_.values(points[q]) = 2. * density * filled;
        flanks += flank_area_.values(points[q]) * fe_values.JxW(q);
      }
    }
  total_flank_area_ = Utilities::MPI::sum(flanks, state_.mesh().communicator());
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
  return cracks_.bridge(Mesh<dim>::bottom(), Mesh<dim>::top());
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
