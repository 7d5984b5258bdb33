#include "physics/crack_pressure.h"

#include "core/collective.h"
#include "core/failure.h"

namespace lithoclase
{
using namespace dealii;

void CrackPressureParameters::declare(ParameterSection &s)
{
  s.expression("pressure", pressure, "Pa",
               "of what fills the cracks, a function of place and time; not negative");
}

template <int dim>
CrackPressure<dim>::CrackPressure(const CrackPressureParameters &parameters, Field<dim> &pressure)
    : function_(parameters.pressure.function<dim>()), origin_(parameters.pressure.origin), pressure_(pressure)
{
  pressure_.solved_for = false;
}

template <int dim>
void CrackPressure<dim>::fill(const double time)
{
  function_->set_time(time);
  const Space<dim> &space = pressure_.space;
  bool negative = false;
  pressure_.values.zero_out_ghost_values();
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices()) {
        const auto dof = cell->vertex_dof_index(v, 0);
        if (!space.owned.is_element(dof))
          continue;
        const double value = function_->value(cell->vertex(v));
        negative = negative || value < 0.;
        pressure_.values(dof) = value;
      }
  throw_on_all_ranks<InputError>(space.mesh().communicator(),
                                 negative ? origin_ + ": the pressure is negative at a point of the box at " +
                                                std::to_string(time) + " s, but must not be"
                                          : std::string());
  pressure_.update();
}

template <int dim>
void CrackPressure<dim>::add_observables(const Step &, ObservableRow &row)
{
  row.add("crack_pressure_max", "Pa", pressure_.values.linfty_norm());
}

template class CrackPressure<2>;
template class CrackPressure<3>;
} // namespace lithoclase
