#pragma once

#include "core/state.h"
#include "materials/reaction_kinetics.h"
#include "physics/physics_module.h"
#include "physics/reaction_fields.h"

#include <deal.II/base/function_parser.h>

#include <memory>

/// Reaction on the flanks of filled cracks that a given potential difference drives, without charge
/// transport:
///     R = A_flank j(eta),   eta = phi_e - phi_i + (V_Li/F) p                                   (E1), (E2)
/// Plating stalls at p = F |phi_e - phi_i|/V_Li.
///
/// symbol          name                          unit
/// phi_e - phi_i   potential difference          V       given; negative plates
/// A_flank         flank_area                    1/m     frozen here, see crack_filling.h
/// p               lithium_pressure              Pa      frozen here; the slope dR/dp goes along
/// References: Newman, Thomas-Alyea, Electrochemical Systems (2004).
namespace lithoclase
{
struct FlankReactionParameters
{
  Expression potential_difference{"0"}; ///< [V], function of place and time

  void declare(ParameterSection &section);
};

template <int dim>
class FlankReaction : public PhysicsModule<dim>
{
public:
  FlankReaction(const FlankReactionParameters &parameters, double exchange_current_density,
                const ButlerVolmer &kinetics, const Field<dim> &flank_area, const Field<dim> &pressure,
                const ReactionFields<dim> &reaction);

  std::string name() const override { return "flank reaction"; }
  void reinit() override {}
  SolveReport solve(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override { output.add(*reaction_.flank); }

private:
  std::unique_ptr<dealii::FunctionParser<dim>> potential_difference_;
  const double exchange_current_density_;
  const ButlerVolmer kinetics_;
  const Field<dim> &flank_area_, &pressure_;
  const ReactionFields<dim> reaction_;
  double current_ = 0.; ///< INT R [A], in 2-D [A/m]
};
} // namespace lithoclase
