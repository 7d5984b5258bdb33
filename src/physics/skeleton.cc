#include "physics/skeleton.h"

namespace lithoclase
{
void SkeletonParameters::declare(ParameterSection &s)
{
  s.quantity("relaxation time", relaxation_time, "s", Range::positive(),
             "time in which the field approaches one");
}

template <int dim>
Skeleton<dim>::Skeleton(const SkeletonParameters &parameters, State<dim> &state)
    : parameters_(parameters), field_(state.add_field("skeleton_field", "1", SpaceKind::nodal))
{
}

template <int dim>
SolveReport Skeleton<dim>::solve(const Step &step)
{
  const double q = step.size / parameters_.relaxation_time;
  SolveReport report;
  for (unsigned int i = 0; i < field_.values.locally_owned_size(); ++i) {
    const double before = field_.values.local_element(i);
    field_.values.local_element(i) = (field_.old_values.local_element(i) + q) / (1. + q);
    report.increment = std::max(report.increment, std::abs(field_.values.local_element(i) - before));
  }
  field_.update();
  report.increment = dealii::Utilities::MPI::max(report.increment, field_.space.mesh().communicator());
  return report;
}

template <int dim>
void Skeleton<dim>::add_observables(const Step &, ObservableRow &row)
{
  row.add("skeleton_field_mean", "1", field_.values.mean_value());
}

template <int dim>
void Skeleton<dim>::add_output(OutputFields<dim> &output)
{
  output.add(field_);
}

template class Skeleton<2>;
template class Skeleton<3>;
} // namespace lithoclase
