#include "output/bounds_table.h"

#include "core/log.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace lithoclase
{
std::string bounds_table(const std::vector<BoundedProperty> &properties, const unsigned int dim)
{
  std::ostringstream text;
  text << "\nIsotropic part of the effective properties between bounds by volume fractions\n"
       << std::left << std::setw(26) << "" << std::right;
  for (const char *const head : {"Reuss", "HS lower", "computed", "HS upper", "Voigt"})
    text << std::setw(16) << head;
  for (const BoundedProperty &property : properties) {
    text << '\n' << std::left << std::setw(26) << property.name << std::right;
    const Bounds &b = property.bounds;
    for (const double value : {b.reuss, b.lower, property.computed, b.upper, b.voigt})
      text << std::setw(16) << (value == 0. ? "0" : friendly(value, property.unit));
  }
  text << "\nReuss and Voigt hold for every structure, those of Hashin and Shtrikman (HS) for one that looks "
          "the same in all directions"
       << (dim == 2 ? " of the plane" : "") << ".";
  return text.str();
}

void add_bounds(const std::vector<BoundedProperty> &properties, ObservableRow &row)
{
  for (const BoundedProperty &property : properties) {
    std::string name = property.name;
    std::replace(name.begin(), name.end(), ' ', '_');
    row.add("mean_" + name, property.unit, property.computed);
    row.add(name + "_reuss", property.unit, property.bounds.reuss);
    row.add(name + "_hashin_shtrikman_lower", property.unit, property.bounds.lower);
    row.add(name + "_hashin_shtrikman_upper", property.unit, property.bounds.upper);
    row.add(name + "_voigt", property.unit, property.bounds.voigt);
  }
}
} // namespace lithoclase
