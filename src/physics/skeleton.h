#pragma once

#include "core/state.h"
#include "physics/physics_module.h"

/// A physics module to copy. It relaxes a field a towards one, so that it does something that can be tested.
///
/// Strong form:   da/dt = (1 - a)/tau
/// Weak form:     at each node a ordinary differential equation; a module with gradients states its weak form
/// here. Discretisation: implicit Euler, a_new = (a_old + q)/(1 + q), q = step size/tau.
///
/// symbol   name              unit
/// a        skeleton_field    1
/// tau      relaxation time   s
/// References: none; give the DOI of the equations here.
///
/// To add a module of your own:
///   1. copy skeleton.h and skeleton.cc, rename the class, state the equations above it;
///   2. give its parameter struct to Parameters (src/parameters.*) with a switch "active";
///   3. make it in Model::make_modules() where it is switched on, passing the fields it reads by const
///   reference;
///   4. write the test with a known answer first: a unit test, and a case in tests/verification.
namespace lithoclase
{
struct SkeletonParameters
{
  double relaxation_time = 1.; ///< tau [s]

  void declare(ParameterSection &section);
};

template <int dim>
class Skeleton : public PhysicsModule<dim>
{
public:
  Skeleton(const SkeletonParameters &parameters, State<dim> &state);

  std::string name() const override { return "skeleton"; }
  void reinit() override {}
  SolveReport solve(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;

private:
  const SkeletonParameters parameters_;
  Field<dim> &field_; ///< a
};
} // namespace lithoclase
