#include "parameters.h"

#include "core/failure.h"
#include "core/text.h"

#include <algorithm>

namespace lithoclase
{
namespace
{
/// A module's parameters with its switch.
template <typename ModuleParameters>
struct Switched
{
  bool &active;
  ModuleParameters &parameters;

  void declare(ParameterSection &s)
  {
    s.boolean("active", active, "switches the module on");
    parameters.declare(s);
  }
};
} // namespace

/// A misspelt field would be a condition that nobody asks for.
void Parameters::check_fields_of_conditions() const
{
  std::vector<std::string> fields;
  if (mode == Mode::simulation && charge_transport_active)
    fields = {"ionic_potential", "electronic_potential"};
  if (mode == Mode::simulation && electrodeposition_active)
    fields.push_back("lithium");
  for (const auto &[name, condition] : boundary_conditions)
    if (std::find(fields.begin(), fields.end(), condition.field) == fields.end())
      throw InputError(
          "the boundary condition '" + name + "' is for the field '" + condition.field + "', but " +
          (fields.empty() ? "no field of this case takes one"
                          : "must be for " + quoted_list(fields) + suggestion(condition.field, fields)));
}

void Parameters::declare(ParameterSection s)
{
  s.integer("dimension", dimension, Range::closed(2, 3), "2 or 3");
  s.choice("mode", mode,
           {{"simulation", Mode::simulation},
            {"effective conductivity", Mode::effective_conductivity},
            {"effective stiffness", Mode::effective_stiffness},
            {"effective properties", Mode::effective_properties}},
           "simulation: in time; effective conductivity: of the box, without reaction; effective stiffness: "
           "of the box, without lithium, by the numbers of Mechanics/Elasticity; effective properties: both");
  s.text("PETSc options", petsc_options,
         "passed to PETSc, e.g. -charge_ksp_monitor; prefixes: charge, electrodeposition, allen_cahn, "
         "salt, "
         "conduction, mechanics, fracture, lithium_pressure, aperture");
  s.subsection("Mesh", mesh, "box and cells");
  s.subsection("Microstructure", microstructure, "anode, grains, pores");
  s.subsection("Materials", materials, "material files");
  s.subsection("Electrolyte", transport, "materials and their interfaces");
  s.subsection("Protocol", protocol, "what is applied to the cell");
  s.subsection("Counter electrode", counter_electrode, "the top boundary");
  Switched<ChargeTransportParameters> charge{charge_transport_active, charge_transport};
  s.subsection("Charge transport", charge, "ionic and electronic potential");
  Switched<ElectrodepositionParameters> growth{electrodeposition_active, electrodeposition};
  s.subsection("Electrodeposition", growth, "growth of the metal");
  Switched<SaltTransportParameters> salt{salt_transport_active, salt_transport};
  s.subsection("Salt transport", salt,
               "concentration of lithium salt in the ionic liquid; needs charge transport");
  if (salt_transport_active && !charge_transport_active)
    throw InputError("'Salt transport/active' is true, but 'Charge transport/active' is false: there is no "
                     "current to carry salt");
  Switched<MechanicsParameters> elasticity{mechanics_active, mechanics};
  s.subsection("Mechanics", elasticity, "displacement and stress");
  Switched<FractureParameters> cracks{fracture_active, fracture};
  s.subsection("Fracture", cracks, "damage; needs mechanics");
  s.subsection("Alternate minimisation", alternate_minimization, "of displacement and damage");
  if (fracture_active && fracture.embrittlement.active && !charge_transport_active)
    throw InputError("'Fracture/Embrittlement/active' is true, but 'Charge transport/active' is false: there "
                     "is no current");
  Switched<CrackPressureParameters> filling{crack_pressure_active, crack_pressure};
  s.subsection("Crack pressure", filling, "a given pressure in all cracks; needs fracture");
  if (fracture_active && !mechanics_active)
    throw InputError(
        "'Fracture/active' is true, but 'Mechanics/active' is false: nothing would drive cracks");
  if (crack_pressure_active && !fracture_active)
    throw InputError(
        "'Crack pressure/active' is true, but 'Fracture/active' is false: there are no cracks to act in");
  Switched<LithiumPressureParameters> pressure{lithium_pressure_active, lithium_pressure};
  s.subsection("Lithium pressure", pressure, "of lithium in cracks and metal; needs fracture");
  Switched<FlankReactionParameters> flanks{flank_reaction_active, flank_reaction};
  s.subsection("Flank reaction", flanks,
               "of filled cracks at a given potential difference, in place of charge transport");
  if (lithium_pressure_active && !fracture_active)
    throw InputError(
        "'Lithium pressure/active' is true, but 'Fracture/active' is false: there are no cracks to fill");
  if (lithium_pressure_active && crack_pressure_active)
    throw InputError("'Lithium pressure/active' and 'Crack pressure/active' are both true: the pressure in "
                     "cracks is either an unknown or given");
  if (flank_reaction_active && !lithium_pressure_active)
    throw InputError("'Flank reaction/active' is true, but 'Lithium pressure/active' is false: there is no "
                     "lithium in cracks");
  if (flank_reaction_active && charge_transport_active)
    throw InputError("'Flank reaction/active' and 'Charge transport/active' are both true: the potentials "
                     "are either given or unknowns");
  s.instances("Boundary conditions", boundary_conditions,
              "beside those that protocol, collector and counter electrode bring");
  check_fields_of_conditions();
  s.subsection("Time stepping", time_stepping, "steps and end of the run");
  if (!fracture_active &&
      (time_stepping.end_event == EndEvent::cracking || time_stepping.end_event == EndEvent::penetration))
    throw InputError("'Time stepping/end at event' waits for a crack, but 'Fracture/active' is false: there "
                     "are no cracks");
  s.subsection("Coupling", coupling, "sweeps through the modules");
  if (salt_transport_active && coupling.maximum_sweeps == 1)
    throw InputError("'Salt transport/active' is true, but 'Coupling/maximum sweeps' is 1: salt and current "
                     "change each other within a step; give at least 2, e.g. 30");
  s.subsection("Output", output, "what is written where and when");
  s.subsection("Diagnostics", diagnostics, "further observables");
}
} // namespace lithoclase
