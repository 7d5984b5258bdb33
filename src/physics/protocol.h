#pragma once

#include "core/parameter_section.h"

#include <string>
#include <vector>

namespace lithoclase
{
/// What is applied to the cell as a function of time: a current density (galvanostatic) or a voltage
/// (potentiostatic).
struct ProtocolParameters
{
  enum class Control
  {
    galvanostatic,
    potentiostatic,
    none ///< boundary conditions alone drive the cell
  };
  enum class Shape
  {
    constant,
    ramp,
    pulse,
    cycle,
    table
  };

  Control control = Control::galvanostatic;
  Shape shape = Shape::constant;
  double current_density = 100.;        ///< [A/m^2], positive plates lithium on the anode
  double voltage = 0.1;                 ///< [V]
  double ramp_time = 3600.;             ///< from zero to the full value [s]
  double on_time = 60., off_time = 60.; ///< of pulses [s]
  double plating_time = 3600., rest_time = 600., stripping_time = 0.; ///< of cycles [s]
  std::string table_file;

  void declare(ParameterSection &section);
};

/// Value and breakpoints of a protocol.
class Protocol
{
public:
  explicit Protocol(const ProtocolParameters &parameters);

  ProtocolParameters::Control control() const { return parameters_.control; }

  /// Applied value during the step that ends at `time`: current density [A/m^2] or voltage [V]. At a jump the
  /// value before it counts.
  double value(double time) const;

  /// The first time after `time` at which the value jumps or its slope does; infinity if there is none.
  double next_breakpoint(double time) const;

private:
  double full_value() const;
  double cycle_phase(double time) const; ///< time within the period, in (0, period]

  ProtocolParameters parameters_;
  std::vector<double> times_, values_; ///< of the table
  std::vector<double> phase_ends_;     ///< within one period of a pulse or cycle
  std::vector<double> phase_values_;
};
} // namespace lithoclase
