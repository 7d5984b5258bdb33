#include "physics/flank_reaction.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>

namespace lithoclase
{
using namespace dealii;

void FlankReactionParameters::declare(ParameterSection &s)
{
  s.expression("potential difference", potential_difference, "V",
               "phi_e - phi_i at the flanks, a function of place and time; negative plates");
}

template <int dim>
FlankReaction<dim>::FlankReaction(const FlankReactionParameters &parameters,
                                  const double exchange_current_density, const ButlerVolmer &kinetics,
                                  const Field<dim> &flank_area, const Field<dim> &pressure,
                                  const ReactionFields<dim> &reaction)
    : potential_difference_(parameters.potential_difference.template function<dim>()),
      exchange_current_density_(exchange_current_density), kinetics_(kinetics), flank_area_(flank_area),
      pressure_(pressure), reaction_(reaction)
{
}

template <int dim>
SolveReport FlankReaction<dim>::solve(const Step &step)
{
  potential_difference_->set_time(step.time());
  const Space<dim> &space = pressure_.space;
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                          update_values | update_JxW_values | update_quadrature_points);
  std::vector<double> pressure(fe_values.n_quadrature_points);
  std::vector<types::global_dof_index> points(pressure.size());
  const DoFHandler<dim> &handler = flank_area_.space.dof_handler;
  double current = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      fe_values.get_function_values(pressure_.values, pressure);
      typename DoFHandler<dim>::active_cell_iterator(&handler.get_triangulation(), cell->level(),
                                                     cell->index(), &handler)
          ->get_dof_indices(points);
      for (unsigned int q = 0; q < pressure.size(); ++q) {
        const double area = flank_area_.values(points[q]);
        ValueAndDerivative rate;
        if (area > 0.)
          rate =
              area * kinetics_.current_density(exchange_current_density_,
                                               potential_difference_->value(fe_values.quadrature_point(q)) +
                                                   constants::overpotential_per_pressure * pressure[q]);
        reaction_.flank->values(points[q]) = rate.value;
        reaction_.flank_slope->values(points[q]) = constants::overpotential_per_pressure * rate.derivative;
        current += rate.value * fe_values.JxW(q);
      }
    }
  current_ = Utilities::MPI::sum(current, space.mesh().communicator());
  return {};
}

template <int dim>
void FlankReaction<dim>::add_observables(const Step &, ObservableRow &row)
{
  row.add("flank_plating_current", dim == 2 ? "A/m" : "A", current_);
}

template class FlankReaction<2>;
template class FlankReaction<3>;
} // namespace lithoclase
