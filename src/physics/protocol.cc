#include "physics/protocol.h"

#include "core/failure.h"
#include "core/quantity.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

namespace lithoclase
{
void ProtocolParameters::declare(ParameterSection &s)
{
  s.choice("control", control,
           {{"galvanostatic", Control::galvanostatic},
            {"potentiostatic", Control::potentiostatic},
            {"none", Control::none}},
           "what is prescribed: the current density, the voltage, or nothing but the boundary conditions");
  s.choice("shape", shape,
           {{"constant", Shape::constant},
            {"ramp", Shape::ramp},
            {"pulse", Shape::pulse},
            {"cycle", Shape::cycle},
            {"table", Shape::table}},
           "course over time of the current density or voltage");
  s.quantity("current density", current_density, "mA/cm^2", Range::any(),
             "galvanostatic value; positive plates lithium on the anode");
  s.quantity("voltage", voltage, "mV", Range::any(), "potentiostatic value");
  s.quantity("ramp time", ramp_time, "s", Range::positive(),
             "ramp: time from zero to the full value, going on at the same rate after it");
  s.quantity("on time", on_time, "s", Range::positive(), "pulse: duration of the full value");
  s.quantity("off time", off_time, "s", Range::positive(), "pulse: duration of zero current or voltage");
  s.quantity("plating time", plating_time, "s", Range::positive(), "cycle: duration of the full value");
  s.quantity("rest time", rest_time, "s", Range::non_negative(),
             "cycle: rest after plating and after stripping");
  s.quantity("stripping time", stripping_time, "s", Range::non_negative(),
             "cycle: duration of the negative value");
  s.file("table", table_file,
         "table: text file with a line 'time UNIT value UNIT' and rows of two numbers; linear in between, "
         "equal times make a jump; before the first row and after the last its value holds");
  if (shape == Shape::table && table_file.empty())
    throw InputError(s.where("table") + " is empty, but the shape 'table' needs a file");
}

namespace
{
/// Reads the header "time s value mA/cm^2" and the rows.
void read_table(const std::string &file_name, const std::string &unit, std::vector<double> &times,
                std::vector<double> &values)
{
  std::ifstream file(file_name);
  std::string line;
  std::string word_time, time_unit, word_value, value_unit;
  std::getline(file, line);
  std::string rest_of_line;
  std::istringstream header(line);
  if (!(header >> word_time >> time_unit >> word_value >> value_unit) || (header >> rest_of_line) ||
      word_time != "time" || word_value != "value")
    throw InputError("protocol table '" + file_name + "' starts with '" + line +
                     "', but must start with 'time UNIT value UNIT', for example 'time s value mA/cm^2'");
  const auto factor = [&](const std::string &from, const std::string &to) {
    std::string reason;
    const std::optional<double> one = try_parse_quantity("1 " + from, to, reason);
    if (!one)
      throw InputError("protocol table '" + file_name + "' starts with '" + line + "', but the unit '" +
                       from + "' must be one of " + to + ", written without blanks: " + reason);
    return *one;
  };
  const double time_factor = factor(time_unit, "s"), value_factor = factor(value_unit, unit);
  for (unsigned int row = 2; std::getline(file, line); ++row) {
    if (line.find_first_not_of(" \t\r") == std::string::npos || line[0] == '#')
      continue;
    double time = 0., value = 0.;
    std::string rest;
    std::istringstream stream(line);
    if (!(stream >> time >> value) || (stream >> rest))
      throw InputError("protocol table '" + file_name + "', line " + std::to_string(row) + " is '" + line +
                       "', but must be two numbers");
    if (!times.empty() && time * time_factor < times.back())
      throw InputError("protocol table '" + file_name + "', line " + std::to_string(row) +
                       ": the time goes back");
    times.push_back(time * time_factor);
    values.push_back(value * value_factor);
  }
  if (times.empty())
    throw InputError("protocol table '" + file_name + "' has no rows");
}
} // namespace

Protocol::Protocol(const ProtocolParameters &parameters) : parameters_(parameters)
{
  using Shape = ProtocolParameters::Shape;
  if (parameters.shape == Shape::table)
    read_table(parameters.table_file,
               control() == ProtocolParameters::Control::potentiostatic ? "V" : "A/m^2", times_, values_);
  std::vector<std::pair<double, double>> phases; // duration, value relative to the full one
  if (parameters.shape == Shape::pulse)
    phases = {{parameters.on_time, 1.}, {parameters.off_time, 0.}};
  if (parameters.shape == Shape::cycle)
    phases = {{parameters.plating_time, 1.}, {parameters.rest_time, 0.}, {parameters.stripping_time, -1.}};
  if (parameters.shape == Shape::cycle && parameters.stripping_time > 0.)
    phases.emplace_back(parameters.rest_time, 0.);
  double end = 0.;
  for (const auto &[duration, value] : phases)
    if (duration > 0.) {
      phase_ends_.push_back(end += duration);
      phase_values_.push_back(value);
    }
}

double Protocol::full_value() const
{
  return control() == ProtocolParameters::Control::potentiostatic ? parameters_.voltage
                                                                  : parameters_.current_density;
}

double Protocol::cycle_phase(const double time) const
{
  const double period = phase_ends_.back();
  double phase = time - period * std::floor(time / period);
  // A time that is a breakpoint but for rounding belongs to the phase before it.
  if (phase < 1e-9 * period)
    phase = period;
  for (const double end : phase_ends_)
    if (std::abs(phase - end) < 1e-9 * period)
      phase = end;
  return phase;
}

double Protocol::value(const double time) const
{
  if (parameters_.shape == ProtocolParameters::Shape::constant)
    return full_value();
  if (parameters_.shape == ProtocolParameters::Shape::ramp)
    return full_value() * time / parameters_.ramp_time;
  if (!phase_ends_.empty()) {
    const double phase = cycle_phase(time);
    const auto end = std::lower_bound(phase_ends_.begin(), phase_ends_.end(), phase);
    return full_value() *
           phase_values_[std::min<std::size_t>(end - phase_ends_.begin(), phase_values_.size() - 1)];
  }
  const std::size_t right = std::lower_bound(times_.begin(), times_.end(), time) - times_.begin();
  if (right == 0)
    return values_.front();
  if (right == times_.size())
    return values_.back();
  const double t = (time - times_[right - 1]) / (times_[right] - times_[right - 1]);
  return (1. - t) * values_[right - 1] + t * values_[right];
}

double Protocol::next_breakpoint(const double time) const
{
  double next = std::numeric_limits<double>::infinity();
  if (!phase_ends_.empty()) {
    const double period = phase_ends_.back();
    const double base = period * std::floor(time / period * (1. + 1e-12));
    for (const double start : {base, base + period})
      for (const double end : phase_ends_)
        if (start + end > time * (1. + 1e-12) + 1e-9 * period)
          next = std::min(next, start + end);
  }
  for (const double table_time : times_)
    if (table_time > time * (1. + 1e-12))
      next = std::min(next, table_time);
  return next;
}
} // namespace lithoclase
