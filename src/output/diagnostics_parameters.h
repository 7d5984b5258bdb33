#pragma once

#include "core/parameter_section.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lithoclase
{
/// A field or flux density chosen by name, with one of its components.
struct ObservedParameters
{
  std::string field;
  std::string component;                      ///< x, y, z, magnitude; empty: the magnitude of a vector
  std::string field_origin, component_origin; ///< the parameters, for messages of later checks

  void declare(ParameterSection &section, const std::string &help);
};

struct ProbeParameters
{
  ObservedParameters observed;
  std::vector<double> point; ///< [m]
  std::string point_origin;

  void declare(ParameterSection &section);
};

struct LineParameters
{
  std::vector<std::string> fields;
  std::vector<double> from, to; ///< [m]
  unsigned int points = 101;
  std::string fields_origin, from_origin, to_origin;

  void declare(ParameterSection &section);
};

/// Of a field over slices normal to an axis, where `where` is positive.
struct ProfileParameters
{
  ObservedParameters observed;
  std::string axis = "x";
  std::optional<double> from, to; ///< on the axis [m]; empty: the ends of the box
  unsigned int slices = 100;
  Expression where{"1"};
  std::string axis_origin, from_origin, to_origin;

  void declare(ParameterSection &section);
};

struct ErrorParameters
{
  ObservedParameters observed;
  Expression exact{"0"};
  double start_time = 0.; ///< [s]

  void declare(ParameterSection &section);
};

/// Of expression * field over the domain or a boundary, where `where` is positive; `weight` multiplies the
/// volume.
struct IntegralParameters
{
  enum class Operation
  {
    integral, ///< per cross-section of the box
    mean,
    minimum,
    maximum
  };

  Operation operation = Operation::integral;
  ObservedParameters observed; ///< empty: 1
  Expression expression{"1"};
  std::string weight;   ///< scalar field, empty: 1
  std::string boundary; ///< empty: the whole domain
  Expression where{"1"};
  std::string weight_origin, boundary_origin;

  void declare(ParameterSection &section);
};

/// Inward flux through a part of a boundary per cross-section of the box.
struct FluxParameters
{
  std::string quantity = "ionic_current_density";
  std::string boundary = "top";
  Expression where{"1"};
  std::string quantity_origin, boundary_origin;

  void declare(ParameterSection &section);
};

/// Position along the stack axis of the surface where a nodal field, large below and small above, has the
/// value `level`.
struct InterfaceParameters
{
  std::string field = "lithium";
  double level = 0.5;
  double wavelength = 0.; ///< of the Fourier amplitude [m], 0: none
  std::string axis = "x"; ///< of the wave
  std::string field_origin, wavelength_origin, axis_origin;

  void declare(ParameterSection &section);
};

struct DiagnosticsParameters
{
  template <typename Parameters>
  using List = std::vector<std::pair<std::string, Parameters>>; ///< with the names that the user gives

  List<ProbeParameters> probes;
  List<LineParameters> lines;
  List<ProfileParameters> profiles;
  List<ErrorParameters> errors;
  List<IntegralParameters> integrals;
  List<FluxParameters> fluxes;
  List<InterfaceParameters> interfaces;

  void declare(ParameterSection &section);
};
} // namespace lithoclase
