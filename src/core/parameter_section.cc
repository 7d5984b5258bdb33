#include "core/parameter_section.h"

#include "core/failure.h"
#include "core/parameter_node.h"
#include "core/quantity.h"

#include <deal.II/base/exceptions.h>

#include <charconv>
#include <cmath>
#include <filesystem>

namespace lithoclase
{
namespace
{
std::string quantity_kind(const std::string &unit)
{
  return unit == "1" ? "a number" : "a quantity in " + si_unit(unit);
}

/// "a quantity in A/m^2 (for example '5.1 mA/cm^2')"
std::string described(const std::string &unit, const std::string &example)
{
  return quantity_kind(unit) + " (for example '" + example + "')";
}

/// An allowed value other than zero: the default, else 1 unit, else an end of the range.
std::string example_for(const double value, const std::string &unit, const Range &range)
{
  const std::string si = si_unit(unit);
  const double one = convert(1., unit, si);
  for (const double candidate : {value, one, range.low, range.high})
    if (candidate != 0. && std::isfinite(candidate) && range.contains(candidate))
      return format_quantity(candidate, si, unit);
  return format_quantity(one, si, unit);
}

/// For the help text: "a quantity in A/m^2, positive (> 0 mA/cm^2)".
std::string allowed_values(const std::string &kind, const Range &range, const std::string &unit)
{
  const std::string limits = range.to_string(si_unit(unit), unit);
  return kind + (limits.empty() ? "" : ", " + limits);
}

std::string absolute_path(const std::string &folder, const std::string &path)
{
  // Absolute, since a printed parameter file may be read from another folder.
  return std::filesystem::absolute(std::filesystem::path(folder) / path).lexically_normal().string();
}
} // namespace

ParameterSection::ParameterSection(std::shared_ptr<ParameterNode> node) : node_(std::move(node)) {}

const ParameterEntry *ParameterSection::declare(const std::string &name, const std::string &initial,
                                                const std::string &allowed, const std::string &help)
{
  Assert(!name.empty() && name == trim(name) && name.find_first_of("/=#\\\n") == std::string::npos,
         dealii::ExcMessage("'" + name + "' cannot be the name of a parameter."));
  Assert(node_->find_declaration(name) == nullptr,
         dealii::ExcMessage("The parameter '" + path(name) + "' is declared twice."));
  Assert(initial.find_first_of("#\n") == std::string::npos,
         dealii::ExcMessage("The default of '" + path(name) + "' cannot be written in a parameter file."));
  node_->declarations.push_back({name, initial, initial, allowed, help});
  return node_->find_entry(name);
}

void ParameterSection::set_value(const std::string &value)
{
  node_->declarations.back().value = value;
}

void ParameterSection::refuse(const ParameterEntry &entry, const std::string &allowed) const
{
  const char end = allowed.empty() ? ' ' : allowed.back();
  throw InputError(entry.location + ": parameter '" + path(entry.key) + "' is '" + entry.value +
                   "', but must be " + allowed + (end == '?' || end == '.' ? "" : "."));
}

double ParameterSection::read_quantity(const ParameterEntry &entry, const std::string &text,
                                       const std::string &unit, const Range &range,
                                       const std::string &allowed) const
{
  const std::string si = si_unit(unit);
  std::string reason;
  const std::optional<double> value = try_parse_quantity(text, si, reason);
  if (!value)
    refuse(entry, allowed + ": " + reason);
  if (!range.contains(*value))
    refuse(entry, range.to_string(si, unit));
  return *value;
}

void ParameterSection::quantity(const std::string &name, double &value, const std::string &unit,
                                const Range &range, const std::string &help)
{
  const std::string si = si_unit(unit);
  const ParameterEntry *const entry =
      declare(name, format_quantity(value, si, unit), allowed_values(quantity_kind(unit), range, unit), help);
  if (entry == nullptr)
    return;
  value = read_quantity(*entry, entry->value, unit, range, described(unit, example_for(value, unit, range)));
  set_value(format_quantity(value, si, unit));
}

void ParameterSection::optional_quantity(const std::string &name, std::optional<double> &value,
                                         const std::string &unit, const Range &range, const std::string &help,
                                         const std::string &absent)
{
  const std::string si = si_unit(unit);
  const std::string word = "'" + absent + "' or ";
  const ParameterEntry *const entry = declare(name, value ? format_quantity(*value, si, unit) : absent,
                                              allowed_values(word + quantity_kind(unit), range, unit), help);
  if (entry == nullptr)
    return;
  if (entry->value == absent)
    value.reset();
  else
    value = read_quantity(*entry, entry->value, unit, range,
                          word + described(unit, example_for(value.value_or(0.), unit, range)));
  set_value(value ? format_quantity(*value, si, unit) : absent);
}

void ParameterSection::quantities(const std::string &name, std::vector<double> &values,
                                  const std::string &unit, const Range &range, const std::string &help)
{
  const std::string si = si_unit(unit);
  const auto formatted = [&]() {
    std::vector<std::string> items;
    for (const double value : values)
      items.push_back(format_quantity(value, si, unit));
    return join(items, ", ");
  };
  const std::string kind =
      "a comma-separated list of " + (unit == "1" ? std::string("numbers") : "quantities in " + si);
  const std::string limits = range.to_string(si, unit);
  const ParameterEntry *const entry =
      declare(name, formatted(), kind + (limits.empty() ? "" : ", each " + limits), help);
  if (entry == nullptr)
    return;

  std::vector<std::string> items = split(entry->value, ',');
  const auto unit_of = [](const std::string &item) {
    std::string rest;
    return leading_number(item, rest) ? trim(rest) : std::string();
  };
  bool last_unit_serves_all = true;
  for (std::size_t i = 0; i + 1 < items.size(); ++i)
    last_unit_serves_all = last_unit_serves_all && unit_of(items[i]).empty();
  for (std::size_t i = 0; i + 1 < items.size(); ++i)
    if (last_unit_serves_all && !items[i].empty())
      items[i] += " " + unit_of(items.back());

  const std::string suffix = unit == "1" ? "" : " " + unit;
  const std::string allowed = kind + " (for example '1" + suffix + ", 2" + suffix + "')";
  values.clear();
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::string reason;
    const std::optional<double> value = try_parse_quantity(items[i], si, reason);
    const std::string item = "in item " + std::to_string(i + 1) + " ";
    if (!value)
      refuse(*entry, allowed + ": " + item + reason);
    if (!range.contains(*value))
      refuse(*entry, limits + " in each item");
    values.push_back(*value);
  }
  set_value(formatted());
}

void ParameterSection::number(const std::string &name, double &value, const Range &range,
                              const std::string &help)
{
  quantity(name, value, "1", range, help);
}

template <typename Integer>
void ParameterSection::read_integer(const std::string &name, Integer &value, const Range &range,
                                    const std::string &help)
{
  const ParameterEntry *const entry =
      declare(name, std::to_string(value), allowed_values("an integer", range, "1"), help);
  if (entry == nullptr)
    return;
  const std::string &text = entry->value;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole_text = !text.empty() && end == text.data() + text.size();
  if (error != std::errc() || !whole_text || !range.contains(static_cast<double>(value)))
    refuse(*entry, allowed_values("an integer", range, "1") +
                       (error == std::errc::result_out_of_range ? ": it is too large for the computer" : ""));
  set_value(std::to_string(value));
}

void ParameterSection::integer(const std::string &name, int &value, const Range &range,
                               const std::string &help)
{
  read_integer(name, value, range, help);
}

void ParameterSection::integer(const std::string &name, unsigned int &value, const Range &range,
                               const std::string &help)
{
  read_integer(name, value, range, help);
}

void ParameterSection::integer(const std::string &name, unsigned long long &value, const Range &range,
                               const std::string &help)
{
  read_integer(name, value, range, help);
}

void ParameterSection::boolean(const std::string &name, bool &value, const std::string &help)
{
  const ParameterEntry *const entry = declare(name, value ? "true" : "false", "'true' or 'false'", help);
  if (entry == nullptr)
    return;
  const std::vector<std::string> words = {"true", "yes", "on", "false", "no", "off"};
  std::size_t i = 0;
  while (i < words.size() && words[i] != entry->value)
    ++i;
  if (i == words.size())
    refuse(*entry, "'true' or 'false' (or 'yes', 'no', 'on', 'off')" + suggestion(entry->value, words));
  value = i < 3;
  set_value(value ? "true" : "false");
}

void ParameterSection::text(const std::string &name, std::string &value, const std::string &help)
{
  if (const ParameterEntry *const entry = declare(name, value, "any text", help)) {
    value = entry->value;
    set_value(value);
  }
}

void ParameterSection::texts(const std::string &name, std::vector<std::string> &values,
                             const std::string &help)
{
  const std::string allowed = "a comma-separated list";
  const ParameterEntry *const entry = declare(name, join(values, ", "), allowed, help);
  if (entry == nullptr)
    return;
  values = split(entry->value, ',');
  for (const std::string &value : values)
    if (value.empty())
      refuse(*entry, allowed + " without empty items");
  set_value(join(values, ", "));
}

void ParameterSection::file(const std::string &name, std::string &value, const std::string &help,
                            const bool must_exist)
{
  const ParameterEntry *const entry =
      declare(name, value, must_exist ? "an existing file, or empty" : "a path, or empty", help);
  if (entry != nullptr)
    value = entry->value;
  if (!value.empty())
    value = absolute_path(entry != nullptr ? entry->folder : "", value);
  std::error_code error;
  if (entry != nullptr && must_exist && !value.empty() && !std::filesystem::exists(value, error))
    refuse(*entry, "an existing file: there is no '" + value + "'");
  set_value(value);
}

void ParameterSection::expression(const std::string &name, Expression &value, const std::string &si_unit,
                                  const std::string &help)
{
  const std::string unit = lithoclase::si_unit(si_unit);
  const std::string suffix = unit == "1" ? "" : " in " + unit;
  const ParameterEntry *const entry =
      declare(name, value.text, "a formula in x, y, z [m] and t [s] with SI values" + suffix, help);
  if (entry == nullptr)
    return;
  set_value(entry->value);
  value.text = entry->value;
  value.origin = entry->location + ": parameter '" + path(name) + "'";
  if (value.empty())
    return;

  std::string rest;
  const bool begins_with_number = leading_number(value.text, rest).has_value();
  const char next = trim(rest).empty() ? ' ' : trim(rest)[0];
  const bool letter =
      (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || static_cast<signed char>(next) < 0;
  if (begins_with_number && (letter || next == '%')) {
    // "5 mA/cm^2", written as for any other parameter; a formula would need a '*'
    value.text = format_number(
        read_quantity(*entry, value.text, unit, Range::any(),
                      "a quantity" + suffix + " or a formula with '*' between number and unit or variable"));
    return;
  }
  value.function<3>(); // finds syntax errors now, with file and line
}

std::size_t ParameterSection::choose(const std::string &name, const std::vector<std::string> &names,
                                     const std::size_t selected, const std::string &help)
{
  const ParameterEntry *const entry = declare(name, names[selected], quoted_list(names), help);
  if (entry == nullptr)
    return selected;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == entry->value) {
      set_value(names[i]);
      return i;
    }
  refuse(*entry, quoted_list(names) + suggestion(entry->value, names));
}

ParameterSection ParameterSection::enter(const std::string &name, const std::string &help)
{
  const std::shared_ptr<ParameterNode> child = node_->child(name);
  child->declared = true;
  if (!help.empty())
    child->help = help;
  return ParameterSection(child);
}

ParameterSection ParameterSection::enter_template()
{
  const auto child = std::make_shared<ParameterNode>();
  child->name = "NAME";
  child->path = path("NAME");
  child->declared = true;
  child->is_template = true;
  child->help = "Any number of these, each with a name of its own:";
  node_->children.push_back(child);
  return ParameterSection(child);
}

std::vector<std::string> ParameterSection::instance_names() const
{
  // Beside a file that lists the instances, a new name on the command line is rather a misspelt one: it stays
  // undeclared, and finish() refuses it.
  std::vector<std::string> names;
  for (const auto &child : node_->children)
    if (!child->is_template && (child->in_file || !node_->in_file))
      names.push_back(child->name);
  return names;
}

std::string ParameterSection::path(const std::string &entry) const
{
  return node_->path_of(entry);
}

std::string ParameterSection::where(const std::string &entry) const
{
  const ParameterEntry *const found = node_->find_entry(entry);
  if (found != nullptr || node_->find_declaration(entry) != nullptr)
    return "parameter '" + path(entry) + "' (" + (found != nullptr ? found->location : "default") + ")";
  const ParameterNode *const section = entry.empty() ? node_.get() : node_->find_child(entry);
  const bool in_input = section != nullptr && !section->location.empty();
  return "subsection '" + path(entry) + "' (" + (in_input ? section->location : "default") + ")";
}

bool ParameterSection::given(const std::string &name) const
{
  const ParameterDeclaration *const declaration = node_->find_declaration(name);
  Assert(declaration != nullptr, dealii::ExcMessage("'" + path(name) + "' is not declared yet."));
  return declaration->value != declaration->initial;
}
} // namespace lithoclase
