#include "output/diagnostics_parameters.h"

#include "core/failure.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace lithoclase
{
void ObservedParameters::declare(ParameterSection &s, const std::string &help)
{
  s.text("field", field, help);
  s.text("component", component, "x, y, z or magnitude of a vector; empty: magnitude");
  field_origin = s.where("field");
  component_origin = s.where("component");
}

void ProbeParameters::declare(ParameterSection &s)
{
  observed.declare(s, "name of a field or flux density");
  s.quantities("point", point, "um", Range::any(), "where it is read, one coordinate per axis");
  point_origin = s.where("point");
}

void LineParameters::declare(ParameterSection &s)
{
  s.texts("fields", fields, "names of fields or flux densities, all components are written");
  s.quantities("from", from, "um", Range::any(), "first point, one coordinate per axis");
  s.quantities("to", to, "um", Range::any(), "last point");
  s.integer("points", points, Range::closed(2, 1000000), "number of points, at equal distances");
  fields_origin = s.where("fields");
  from_origin = s.where("from");
  to_origin = s.where("to");
}

void ProfileParameters::declare(ParameterSection &s)
{
  observed.declare(
      s, "name of a field or flux density, best without changes of sign: the centroid is weighted with it");
  s.text("axis", axis, "x, y or z (3-D): the slices are normal to it");
  s.optional_quantity("from", from, "um", Range::any(), "where the slices begin on the axis",
                      "lower end of the box");
  s.optional_quantity("to", to, "um", Range::any(), "where they end, above 'from'", "upper end of the box");
  s.integer("slices", slices, Range::closed(1, 1000000),
            "number of slices, equally long; they may be finer than the cells");
  s.expression("where", where, "1", "only where this is positive");
  axis_origin = s.where("axis");
  from_origin = s.where("from");
  to_origin = s.where("to");
}

void ErrorParameters::declare(ParameterSection &s)
{
  observed.declare(s, "name of a field with values at the vertices");
  s.expression("exact", exact, "1", "exact solution, in the SI unit of the field");
  s.quantity("start time", start_time, "s", Range::non_negative(),
             "the columns hold nan before it, since the norms can cost more than a step");
}

void IntegralParameters::declare(ParameterSection &s)
{
  s.choice(
      "operation", operation,
      {{"integral", Operation::integral},
       {"mean", Operation::mean},
       {"minimum", Operation::minimum},
       {"maximum", Operation::maximum}},
      "of expression * field; integrals are divided by the cross-section of the box, so that two and three "
      "dimensions read alike");
  observed.declare(s, "name of a field or flux density; empty: the expression alone");
  s.expression("expression", expression, "1", "factor of the field");
  s.text("weight", weight,
         "name of a scalar field that weighs the volume in integrals and means, e.g. lithium; empty: 1");
  s.text("boundary", boundary,
         "left, right, front, back (3-D), bottom or top: over this boundary; empty: over the volume");
  s.expression("where", where, "1", "only where this is positive");
  weight_origin = s.where("weight");
  boundary_origin = s.where("boundary");
}

void FluxParameters::declare(ParameterSection &s)
{
  s.text("quantity", quantity, "name of a flux density: ionic_current_density or electronic_current_density");
  s.text("boundary", boundary, "left, right, front, back (3-D), bottom or top");
  s.expression("where", where, "1",
               "only through the part where this is positive; best with edges where nothing flows. Fluxes "
               "count positive "
               "into the box and are divided by its cross-section");
  quantity_origin = s.where("quantity");
  boundary_origin = s.where("boundary");
}

void InterfaceParameters::declare(ParameterSection &s)
{
  s.text("field", field,
         "name of a field with values at the vertices, large below the interface, small above");
  s.number("level", level, Range::any(), "value of the field at the interface");
  s.quantity("wavelength", wavelength, "um", Range::non_negative(),
             "of the Fourier amplitude; the box must hold a whole number of half waves; 0: no amplitude");
  s.text("axis", axis, "direction of the wave: x, or y in 3-D");
  field_origin = s.where("field");
  wavelength_origin = s.where("wavelength");
  axis_origin = s.where("axis");
}

namespace
{
/// Instance names become columns and file names: each must be unique and free of what CSV uses.
template <typename Parameters>
void check_names(const std::vector<std::pair<std::string, Parameters>> &list, const std::string &path,
                 std::set<std::string> &used)
{
  for (const auto &[name, parameters] : list) {
    const bool good = std::all_of(name.begin(), name.end(), [](const unsigned char c) {
      return std::isalnum(c) || c == '_' || c == '-';
    });
    if (!good)
      throw InputError("the name of subsection '" + path + "/" + name +
                       "' becomes a column or file and must have letters, digits, '_' and '-' only.");
    if (!used.insert(name).second)
      throw InputError("subsection '" + path + "/" + name + "': another diagnostic is called '" + name +
                       "' already; each needs a name of its own.");
  }
}
} // namespace

void DiagnosticsParameters::declare(ParameterSection &s)
{
  s.instances("Probes", probes, "values of fields at points, a column '<name>' each");
  s.instances("Lines", lines,
              "values of fields along straight lines, a file lines/<name>_<step>.csv per output");
  s.instances("Profiles", profiles,
              "integrals of a field over slices normal to an axis, per length of the axis, and their "
              "centroids, a file "
              "profiles/<name>_<step>.csv per output; e.g. the opening or the path of a crack");
  s.instances(
      "Errors", errors,
      "difference of a field from a formula, columns '<name>_l2' and '<name>_h1' (roots of the integrals of "
      "the squared difference and of its squared gradient), '<name>_max' and '<name>_l2_vertices' (the first "
      "from the values at the vertices alone, as benchmarks of finite differences define it)");
  s.instances("Integrals", integrals,
              "integrals, means and extrema over volume or boundary, a column '<name>' each");
  s.instances("Fluxes", fluxes, "flux through a boundary or a part of it, a column '<name>' each");
  s.instances(
      "Interfaces", interfaces,
      "position of a level along the stack axis, columns '<name>_mean' (field integral per cross-section), "
      "'<name>_max', '<name>_min' (highest and lowest point) and '<name>_amplitude' (of a Fourier wave)");

  std::set<std::string> used, used_lines, used_profiles;
  check_names(probes, s.path("Probes"), used);
  check_names(errors, s.path("Errors"), used);
  check_names(integrals, s.path("Integrals"), used);
  check_names(fluxes, s.path("Fluxes"), used);
  check_names(interfaces, s.path("Interfaces"), used);
  check_names(lines, s.path("Lines"), used_lines);
  check_names(profiles, s.path("Profiles"), used_profiles);
}
} // namespace lithoclase
