#include "conservation.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace lithoclase
{
namespace
{
constexpr double warning_level = 0.01; // of the volume that the reaction has turned over
} // namespace

void Conservation::update(const ObservableRow &row)
{
  for (const Observable &observable : row.entries())
    if (observable.name == "charge_volume_error")
      largest_ = std::max(largest_.value_or(0.), std::abs(observable.value));
}

void Conservation::report(Log &log) const
{
  if (!largest_)
    return;
  std::ostringstream text;
  text.precision(2);
  if (*largest_ <= warning_level) {
    text << "Charge and lithium volume agree to " << *largest_ << " in all steps.";
    log.line(text.str());
    return;
  }
  text << "charge and lithium volume differ by up to " << 100. * *largest_
       << " %: more sweeps (Coupling/maximum sweeps) or smaller steps bring the modules closer together; the "
          "formulation allen-cahn does not conserve lithium";
  log.warning(text.str());
}
} // namespace lithoclase
