#include "physics/skeleton.h"

#include <gtest/gtest.h>

using namespace lithoclase;

/// Ten steps of implicit Euler have a closed form: 1 - (1 + q)^-10; rounding only.
TEST(Skeleton, RelaxesAsImplicitEulerDoes)
{
  MeshParameters mesh_parameters;
  mesh_parameters.minimum_level = mesh_parameters.maximum_level = 2;
  Mesh<2> mesh(MPI_COMM_WORLD, mesh_parameters);
  State<2> state(mesh);
  SkeletonParameters parameters;
  parameters.relaxation_time = 2.;
  Skeleton<2> skeleton(parameters, state);
  state.reinit();
  skeleton.reinit();
  Step step;
  step.size = 0.5;
  for (unsigned int i = 0; i < 10; ++i) {
    skeleton.prepare_step(step);
    skeleton.solve(step);
    skeleton.accept_step(step);
    state.store();
  }
  ObservableRow row;
  skeleton.add_observables(step, row);
  EXPECT_NEAR(row.entries().front().value, 1. - std::pow(1.25, -10), 1e-14);
}
