#pragma once

#include "alternate_minimization.h"
#include "core/boundary_conditions.h"
#include "core/mesh.h"
#include "core/parameter_section.h"
#include "coupling.h"
#include "materials/material_database.h"
#include "microstructure/microstructure_parameters.h"
#include "output/diagnostics_parameters.h"
#include "output/output_parameters.h"
#include "physics/charge_transport.h"
#include "physics/counter_electrode.h"
#include "physics/crack_pressure.h"
#include "physics/effective_conductivity.h"
#include "physics/effective_stiffness.h"
#include "physics/electrodeposition.h"
#include "physics/flank_reaction.h"
#include "physics/lithium_pressure.h"
#include "physics/mechanics.h"
#include "physics/protocol.h"
#include "physics/salt_transport.h"
#include "physics/transport_properties.h"
#include "time_stepping.h"

#include <string>

namespace lithoclase
{
/// What the executable is asked to do with a case.
enum class Mode
{
  simulation,
  effective_conductivity,
  effective_stiffness,
  effective_properties ///< both
};

/// The parameters of a case: those of the modules put together.
struct Parameters
{
  int dimension = 2;
  Mode mode = Mode::simulation;
  MeshParameters mesh;
  MicrostructureParameters microstructure;
  MaterialParameters materials;
  TransportParameters transport;
  ProtocolParameters protocol;
  CounterElectrodeParameters counter_electrode;
  bool charge_transport_active = true;
  ChargeTransportParameters charge_transport;
  bool electrodeposition_active = true;
  ElectrodepositionParameters electrodeposition;
  bool salt_transport_active = false;
  SaltTransportParameters salt_transport;
  bool mechanics_active = false;
  MechanicsParameters mechanics;
  bool fracture_active = false;
  FractureParameters fracture;
  AlternateMinimizationParameters alternate_minimization;
  bool crack_pressure_active = false;
  CrackPressureParameters crack_pressure;
  bool lithium_pressure_active = false;
  LithiumPressureParameters lithium_pressure;
  bool flank_reaction_active = false;
  FlankReactionParameters flank_reaction;
  BoundaryConditionList boundary_conditions;
  TimeSteppingParameters time_stepping;
  CouplingParameters coupling;
  OutputParameters output;
  DiagnosticsParameters diagnostics;
  std::string petsc_options;

  void declare(ParameterSection section);
  bool wants_conductivity() const
  {
    return mode == Mode::effective_conductivity || mode == Mode::effective_properties;
  }
  bool wants_stiffness() const
  {
    return mode == Mode::effective_stiffness || mode == Mode::effective_properties;
  }

private:
  void check_fields_of_conditions() const;
};
} // namespace lithoclase
