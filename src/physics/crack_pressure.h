#pragma once

#include "core/state.h"
#include "physics/physics_module.h"

#include <deal.II/base/function_parser.h>

#include <memory>

/// A pressure p(x, t) that is given and acts in all cracks, as that of a liquid that fills them.
///
/// It enters the balance of forces as -alpha p 1 with alpha = 1 - (1-d)^2 (mechanics.h) and the driving
/// energy of damage. A negative pressure would close the cracks that it acts in and is refused.
///
/// symbol  name              unit
/// p       crack_pressure    Pa
/// References: Bourdin, Chukwudozie, Yoshioka, SPE 159154 (2012), doi:10.2118/159154-MS.
namespace lithoclase
{
struct CrackPressureParameters
{
  Expression pressure{"0"};

  void declare(ParameterSection &section);
};

template <int dim>
class CrackPressure : public PhysicsModule<dim>
{
public:
  CrackPressure(const CrackPressureParameters &parameters, Field<dim> &pressure);

  std::string name() const override { return "crack pressure"; }
  void reinit() override {}
  void prepare_step(const Step &step) override { fill(step.time()); }
  SolveReport solve(const Step &) override { return {}; }
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override { output.add(pressure_); }

private:
  void fill(double time);

  std::unique_ptr<dealii::FunctionParser<dim>> function_;
  const std::string origin_;
  Field<dim> &pressure_; ///< nodal
};
} // namespace lithoclase
