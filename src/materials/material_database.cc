#include "materials/material_database.h"

#include "core/build_info.h"
#include "core/failure.h"
#include "core/parameter_section.h"
#include "core/quantity.h"
#include "core/text.h"
#include "materials/conductivity.h"
#include "materials/reaction_kinetics.h"

#include <deal.II/base/mpi.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace lithoclase
{
namespace
{
enum class Sign
{
  any,
  not_negative,
  positive
};

struct PropertyKind
{
  const char *name;
  const char *si_unit;
  const char *example_unit; ///< for messages
  Sign sign;
};

/// Every property that a material file may hold.
constexpr PropertyKind property_kinds[] = {
    {"ionic_conductivity", "S/m", "mS/cm", Sign::positive},
    {"ionic_activation_energy", "J", "eV", Sign::not_negative},
    {"grain_boundary_conductivity", "S/m", "uS/cm", Sign::positive},
    {"grain_boundary_width", "m", "nm", Sign::positive}, // the default, and what a conductivity is quoted for
    {"grain_boundary_resistance", "Ohm m^2", "Ohm cm^2", Sign::positive},
    {"grain_boundary_activation_energy", "J", "eV", Sign::not_negative},
    {"electronic_conductivity", "S/m", "S/cm", Sign::positive},
    {"electronic_activation_energy", "J", "eV", Sign::not_negative},
    {"grain_boundary_electronic_conductivity", "S/m", "S/cm", Sign::positive},
    {"grain_boundary_electronic_ratio", "1", "1", Sign::positive}, // to the bulk
    {"interface_resistance", "Ohm m^2", "Ohm cm^2", Sign::positive},
    {"exchange_current_density", "A/m^2", "mA/cm^2", Sign::positive},
    {"interface_activation_energy", "J", "eV", Sign::not_negative},
    {"interphase_growth_constant", "m^2/s", "m^2/s", Sign::not_negative},
    {"reduction_potential", "V", "V", Sign::not_negative},
    {"electrochemical_window", "V", "V", Sign::not_negative},
    {"porosity", "1", "1", Sign::not_negative},
    {"youngs_modulus", "Pa", "GPa", Sign::positive},
    {"poisson_ratio", "1", "1", Sign::any},
    {"bulk_modulus", "Pa", "GPa", Sign::positive},
    {"c11", "Pa", "GPa", Sign::positive},
    {"c12", "Pa", "GPa", Sign::any},
    {"c44", "Pa", "GPa", Sign::positive},
    {"yield_stress", "Pa", "MPa", Sign::positive},
    {"creep_rate", "1/s", "1/s", Sign::positive},
    {"creep_stress", "Pa", "MPa", Sign::positive},
    {"creep_exponent", "1", "1", Sign::positive},
    {"fracture_toughness", "Pa m^0.5", "MPa m^0.5", Sign::positive},
    {"fracture_energy", "J/m^2", "J/m^2", Sign::positive},
    {"grain_boundary_fracture_energy_ratio", "1", "1", Sign::positive}, // to the grain
    {"molar_volume", "m^3/mol", "m^3/mol", Sign::positive},
    {"surface_energy", "J/m^2", "J/m^2", Sign::not_negative},
    {"salt_concentration", "mol/m^3", "mol/m^3", Sign::positive},
    {"salt_diffusivity", "m^2/s", "m^2/s", Sign::positive},
    {"salt_diffusion_activation_energy", "J", "eV", Sign::not_negative},
    {"transference_number", "1", "1", Sign::any},
    {"diffusion_potential_factor", "1", "1", Sign::positive}, // nu: 2 in a binary salt, 1 for a dilute ion
};

/// Groups that say the same in other words: one file gives one of each group, a value by hand replaces the
/// others.
const std::vector<std::vector<std::string>> alternatives = {
    {"grain_boundary_conductivity", "grain_boundary_resistance"},
    {"grain_boundary_electronic_conductivity", "grain_boundary_electronic_ratio"},
    {"exchange_current_density", "interface_resistance"}};

const std::vector<std::pair<std::string, DataQuality>> quality_words = {
    {"measured", DataQuality::measured},
    {"computed", DataQuality::computed},
    {"remembered", DataQuality::remembered},
    {"assumption", DataQuality::assumption},
    {"given", DataQuality::given}};

std::string quality_word(const DataQuality quality)
{
  return quality_words[static_cast<unsigned int>(quality)].first;
}

std::vector<std::string> property_names()
{
  std::vector<std::string> names;
  for (const PropertyKind &kind : property_kinds)
    names.push_back(kind.name);
  return names;
}

/// `where` begins the message: "LLZO.json: ".
const PropertyKind &property_kind(const std::string &name, const std::string &where)
{
  for (const PropertyKind &kind : property_kinds)
    if (name == kind.name)
      return kind;
  throw InputError(where + "There is no material property '" + name + "'" +
                   suggestion(name, property_names()));
}

/// parse_quantity(), also for the root of a length in the unit of a fracture toughness, which unit libraries
/// do not know.
double parse_property(const std::string &text, const PropertyKind &kind, const std::string &where)
{
  const std::string root = " m^0.5";
  std::string number = text, unit = kind.si_unit;
  try {
    if (unit.size() > root.size() && unit.substr(unit.size() - root.size()) == root) {
      if (number.size() <= root.size() || number.substr(number.size() - root.size()) != root)
        throw InputError("'" + text + "' is not a quantity like 1 MPa m^0.5.");
      number.resize(number.size() - root.size());
      unit.resize(unit.size() - root.size());
    }
    const double value = parse_quantity(number, unit);
    if ((kind.sign == Sign::positive && value <= 0.) || (kind.sign == Sign::not_negative && value < 0.))
      throw InputError("'" + text + "' should be " +
                       (kind.sign == Sign::positive ? "greater than zero." : "zero or more."));
    return value;
  } catch (const InputError &error) {
    throw InputError(where + kind.name + ": " + error.what());
  }
}

std::string text_entry(const nlohmann::json &object, const std::string &key, const std::string &where,
                       const bool required)
{
  const auto entry = object.find(key);
  if (entry == object.end()) {
    if (required)
      throw InputError(where + "The entry \"" + key + "\" is missing.");
    return "";
  }
  if (!entry->is_string())
    throw InputError(where + "\"" + key + "\" should be a text in quotes, a value with its unit.");
  return entry->get<std::string>();
}

void refuse_unknown_keys(const nlohmann::json &object, const std::vector<std::string> &known,
                         const std::string &where)
{
  if (!object.is_object())
    throw InputError(where + "An object { } is expected.");
  for (const auto &item : object.items())
    if (std::find(known.begin(), known.end(), item.key()) == known.end())
      throw InputError(where + "Unknown entry \"" + item.key() + "\"; known are " +
                       quoted_list(known, "and") + ".");
}

MaterialProperty read_property(const std::string &name, const nlohmann::json &json, const std::string &origin)
{
  const std::string begin = origin + ": "; // named: GCC 14 warns of references made from temporaries
  const PropertyKind &kind = property_kind(name, begin);
  const std::string where = origin + ", " + name + ": ";
  refuse_unknown_keys(json, {"value", "quality", "source", "range", "note"}, where);

  MaterialProperty property;
  property.text = text_entry(json, "value", where, true);
  if (property.text != "none")
    property.value = parse_property(property.text, kind, origin + ", ");
  property.source = text_entry(json, "source", where, true);
  property.note = text_entry(json, "note", where, false);

  const std::string quality = text_entry(json, "quality", where, true);
  const auto word = std::find_if(quality_words.begin(), quality_words.end(),
                                 [&](const auto &pair) { return pair.first == quality; });
  if (word == quality_words.end() || word->second == DataQuality::given)
    throw InputError(where + "The quality '" + quality +
                     "' should be 'measured', 'computed', 'remembered' or 'assumption'.");
  property.quality = word->second;

  if (json.contains("range")) {
    const nlohmann::json &range = json["range"];
    if (!range.is_array() || range.size() != 2 || !range[0].is_string() || !range[1].is_string())
      throw InputError(where + "\"range\" should be a list of two texts, the lowest and the highest value.");
    property.range = {parse_property(range[0], kind, origin + ", range of "),
                      parse_property(range[1], kind, origin + ", range of ")};
    if (property.value &&
        (*property.value < property.range->first || *property.value > property.range->second))
      throw InputError(where + "The value " + property.text + " lies outside its range.");
  }
  return property;
}
} // namespace

void MaterialParameters::declare(ParameterSection &section)
{
  section.file(
      "folder", folder,
      "Folder with material files NAME.json of your own. It is searched before the files that come with the "
      "program.");
  section.texts(
      "values by hand", values,
      "Values to use in place of those of the material files, each as MATERIAL/property = value with unit, "
      "e.g. LLZO/ionic_conductivity = 0.5 mS/cm. The properties are " +
          join(property_names(), ", ") + ".");
}

Material::Material(const std::string &text, const std::string &origin) : origin_(origin)
{
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error &error) {
    throw InputError(origin + " is no valid JSON: " + error.what() + ".");
  }
  refuse_unknown_keys(json, {"name", "description", "notes", "properties"}, origin + ": ");
  name_ = text_entry(json, "name", origin + ": ", true);
  if (!json.contains("properties") || !json["properties"].is_object())
    throw InputError(origin + ": The entry \"properties\" with an object { } is missing.");
  for (const auto &item : json["properties"].items())
    properties_.emplace(item.key(), read_property(item.key(), item.value(), origin));

  for (const std::vector<std::string> &group : alternatives)
    if (properties_.count(group[0]) == 1 && properties_.count(group[1]) == 1)
      throw InputError(origin + " has both " + group[0] + " and " + group[1] +
                       "; one of them follows from the other.");
}

bool Material::has(const std::string &property) const
{
  property_kind(property, "");
  return properties_.count(property) == 1;
}

bool Material::exists(const std::string &property) const
{
  return has(property) && properties_.at(property).value.has_value();
}

const MaterialProperty &Material::find(const std::string &property) const
{
  if (!has(property))
    throw InputError("Material '" + name_ + "' (" + origin_ + ") has no value of " + property + "." +
                     how_to_give(property));
  used_.insert(property);
  return properties_.at(property);
}

std::string Material::how_to_give(const std::string &property) const
{
  std::vector<std::string> names = {property};
  for (const std::vector<std::string> &group : alternatives)
    if (std::find(group.begin(), group.end(), property) != group.end())
      names = group;
  for (std::string &name : names)
    name = name_ + "/" + name + " = ... " + property_kind(name, "").example_unit;
  return " Give one in the parameter file with 'Materials/values by hand', as " + quoted_list(names) +
         ", or in a material file of your own.";
}

double Material::get(const std::string &property) const
{
  const MaterialProperty &found = find(property);
  if (!found.value)
    throw InputError("Material '" + name_ + "' (" + origin_ + ") says that there is no " + property + " (" +
                     found.source + ")." + how_to_give(property));
  return *found.value;
}

void Material::set(const std::string &property, const std::string &text)
{
  const std::string where = "Value by hand of material '" + name_ + "': ";
  const PropertyKind &kind = property_kind(property, where);
  MaterialProperty given;
  given.text = text;
  given.value = parse_property(text, kind, where);
  given.quality = DataQuality::given;
  given.source = "parameter file";

  for (const std::vector<std::string> &group : alternatives)
    if (std::find(group.begin(), group.end(), property) != group.end())
      for (const std::string &other : group)
        properties_.erase(other);
  properties_[property] = given;
}

double Material::ionic_conductivity(const double temperature) const
{
  const double value = get("ionic_conductivity");
  return temperature == constants::reference_temperature
             ? value
             : value * arrhenius_conductivity_factor(get("ionic_activation_energy"), temperature);
}

double Material::electronic_conductivity(const double temperature) const
{
  const double value = get("electronic_conductivity");
  return temperature == constants::reference_temperature
             ? value
             : value * arrhenius_conductivity_factor(get("electronic_activation_energy"), temperature);
}

double Material::grain_boundary_ionic_conductivity(const double true_width, const double temperature) const
{
  double value = 0.;
  if (exists("grain_boundary_resistance"))
    value = grain_boundary_conductivity_from_resistance(get("grain_boundary_resistance"), true_width);
  else if (!find("grain_boundary_conductivity").value)
    return ionic_conductivity(temperature);
  else {
    // A value by hand is meant for the boundary of this run, one of a file for the width that it names.
    value = get("grain_boundary_conductivity");
    if (find("grain_boundary_conductivity").quality != DataQuality::given && exists("grain_boundary_width"))
      value *= true_width / get("grain_boundary_width");
  }
  return temperature == constants::reference_temperature
             ? value
             : value * arrhenius_conductivity_factor(get("grain_boundary_activation_energy"), temperature);
}

double Material::grain_boundary_electronic_conductivity(const double temperature) const
{
  if (!has("grain_boundary_electronic_conductivity"))
    return (find("grain_boundary_electronic_ratio").value ? get("grain_boundary_electronic_ratio") : 1.) *
           electronic_conductivity(temperature);
  const double value = get("grain_boundary_electronic_conductivity");
  return temperature == constants::reference_temperature
             ? value
             : value * arrhenius_conductivity_factor(get("electronic_activation_energy"), temperature);
}

double Material::exchange_current_density(const double temperature) const
{
  const double value = has("exchange_current_density")
                           ? get("exchange_current_density")
                           : exchange_current_density_from_resistance(get("interface_resistance"));
  return temperature == constants::reference_temperature
             ? value
             : value * arrhenius_rate_factor(get("interface_activation_energy"), temperature);
}

double Material::fracture_energy() const
{
  return get("fracture_energy");
}

double Material::grain_boundary_fracture_energy() const
{
  const double ratio = find("grain_boundary_fracture_energy_ratio").value.value_or(1.);
  return ratio * get("fracture_energy");
}

nlohmann::json Material::used() const
{
  nlohmann::json list = nlohmann::json::array();
  for (const PropertyKind &kind : property_kinds)
    if (used_.count(kind.name) == 1) {
      const MaterialProperty &property = properties_.at(kind.name);
      nlohmann::json entry = {{"material", name_},
                              {"property", kind.name},
                              {"value", property.text},
                              {"si_unit", kind.si_unit},
                              {"quality", quality_word(property.quality)},
                              {"source", property.source}};
      if (property.value)
        entry["si_value"] = *property.value;
      if (!property.note.empty())
        entry["note"] = property.note;
      list.push_back(entry);
    }
  return list;
}

void Material::print_used(std::ostream &out) const
{
  for (const nlohmann::json &entry : used())
    out << "  " << std::left << std::setw(16) << name_ << std::setw(38)
        << entry["property"].get<std::string>() << std::setw(18) << entry["value"].get<std::string>()
        << std::setw(12) << entry["quality"].get<std::string>() << entry["source"].get<std::string>() << '\n';
  for (const auto &[name, property] : properties_)
    if (property.quality == DataQuality::given && used_.count(name) == 0)
      out << "  " << name_ << ": " << name << " = " << property.text
          << " is given by hand, but nothing in this run uses it\n";
}

MaterialDatabase::MaterialDatabase(const MaterialParameters &parameters, MPI_Comm communicator)
    : communicator_(communicator)
{
  if (!parameters.folder.empty())
    folders_.push_back(parameters.folder);
  folders_.push_back(data_directory() + "/materials");

  for (const std::string &value : parameters.values) {
    const std::size_t equals = value.find('=');
    const std::size_t slash = value.rfind('/', equals);
    if (equals == std::string::npos || slash == std::string::npos)
      throw InputError("'" + value +
                       "' in 'Materials/values by hand' should have the form MATERIAL/property = value, e.g. "
                       "LLZO/ionic_conductivity = 0.5 mS/cm.");
    load(trim(value.substr(0, slash)))
        .set(trim(value.substr(slash + 1, equals - slash - 1)), trim(value.substr(equals + 1)));
  }
}

const Material &MaterialDatabase::material(const std::string &name_or_path)
{
  return load(name_or_path);
}

Material &MaterialDatabase::load(const std::string &name_or_path)
{
  const auto known = materials_.find(name_or_path);
  if (known != materials_.end())
    return *known->second;

  // Rank 0 reads; what it found, or why it failed, goes to all, so that all throw or none.
  std::string file, text, error;
  if (dealii::Utilities::MPI::this_mpi_process(communicator_) == 0)
    try {
      file = find_file(name_or_path);
      std::ifstream stream(file);
      std::ostringstream content;
      content << stream.rdbuf();
      if (!stream)
        throw InputError("The material file " + file + " cannot be read.");
      text = content.str();
    } catch (const std::exception &failure) {
      error = failure.what();
    }
  for (std::string *message : {&error, &file, &text})
    *message = dealii::Utilities::MPI::broadcast(communicator_, *message);
  if (!error.empty())
    throw InputError(error);
  return *materials_.emplace(name_or_path, std::make_unique<Material>(text, file)).first->second;
}

std::string MaterialDatabase::find_file(const std::string &name_or_path) const
{
  namespace fs = std::filesystem;
  const std::string ending = ".json";
  if (name_or_path.size() > ending.size() &&
      name_or_path.compare(name_or_path.size() - ending.size(), ending.size(), ending) == 0) {
    if (fs::is_regular_file(name_or_path))
      return name_or_path;
    throw InputError("The material file '" + name_or_path + "' does not exist.");
  }

  std::set<std::string> available;
  for (const std::string &folder : folders_) {
    if (!fs::is_directory(folder))
      throw InputError("The folder of material files '" + folder + "' does not exist.");
    for (const fs::directory_entry &entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ending) {
        if (entry.path().stem() == name_or_path)
          return entry.path().string();
        available.insert(entry.path().stem().string());
      }
  }
  const std::vector<std::string> names(available.begin(), available.end());
  const std::string near = suggestion(name_or_path, names);
  throw InputError("There is no material '" + name_or_path + "'" + (near.empty() ? "." : near) +
                   " Available are " + quoted_list(names, "and") +
                   ", or the path of a file that ends in .json.");
}

nlohmann::json MaterialDatabase::used() const
{
  nlohmann::json list = nlohmann::json::array();
  for (const auto &material : materials_)
    for (const nlohmann::json &entry : material.second->used())
      list.push_back(entry);
  return list;
}

void MaterialDatabase::print_used(std::ostream &out) const
{
  for (const auto &material : materials_)
    material.second->print_used(out);
  unsigned int values = 0, assumptions = 0, remembered = 0;
  for (const nlohmann::json &entry : used()) {
    ++values;
    assumptions += entry["quality"] == "assumption";
    remembered += entry["quality"] == "remembered";
  }
  out << "  of " << values << " values " << remembered << " are remembered, " << assumptions
      << " are assumptions\n";
}
} // namespace lithoclase
