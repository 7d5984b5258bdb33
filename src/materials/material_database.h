#pragma once

#include <nlohmann/json_fwd.hpp>

#include <mpi.h>

#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// Material data with unit, source and quality mark. A file NAME.json holds
///
///     { "name": "LLZO", "description": "...", "notes": ["...", ...],
///       "properties": { "ionic_conductivity": { "value": "0.46 mS/cm", "quality": "measured", "source":
///       "Eckhardt 2023",
///                                               "range": ["0.1 mS/cm", "1 mS/cm"], "note": "..." }, ... } }
///
/// with range and note optional. All values hold at 25 C. "value": "none" says that the property does not
/// exist, e.g. the conductivity of grain boundaries in a glass. Unknown names and wrong units are refused.
namespace lithoclase
{
class ParameterSection;

/// Where a value comes from: how far it can be trusted.
enum class DataQuality
{
  measured,
  computed,   ///< from other values, as the source says
  remembered, ///< from the literature, not checked
  assumption,
  given ///< by hand, in the parameter file
};

struct MaterialProperty
{
  std::string text;            ///< as in the file, "0.46 mS/cm"
  std::optional<double> value; ///< SI; empty for "none"
  DataQuality quality = DataQuality::assumption;
  std::string source;
  std::string note;
  std::optional<std::pair<double, double>> range; ///< SI
};

/// What the parameter file says about materials.
struct MaterialParameters
{
  std::string folder;              ///< searched before the folder of the source tree
  std::vector<std::string> values; ///< "LLZO/ionic_conductivity = 0.5 mS/cm"

  void declare(ParameterSection &section);
};

/// One material. Every look-up is recorded, so that a run can print what it used.
class Material
{
public:
  /// `text` is the content of the file `origin`. Throws InputError naming file and entry.
  Material(const std::string &text, const std::string &origin);

  const std::string &name() const { return name_; }
  bool has(const std::string &property) const; ///< true also for "none"
  /// The value in SI at 25 C. Throws InputError if the material has no such value; the message says how to
  /// give it by hand.
  double get(const std::string &property) const;

  /// Sets a value by hand in place of the file's; properties that say the same in other words (an area
  /// resistance for a conductivity) are dropped. The text carries a unit.
  void set(const std::string &property, const std::string &text);

  // At `temperature` [K], by Arrhenius laws from 25 C; the activation energy is looked up at other
  // temperatures only.
  double ionic_conductivity(double temperature) const;      ///< bulk [S/m]
  double electronic_conductivity(double temperature) const; ///< bulk [S/m]
  /// Of a grain boundary of width `true_width` w_gb [m]. A stored area resistance is kept whatever the width.
  /// The bulk value where there are no grain boundaries.
  double grain_boundary_ionic_conductivity(double true_width, double temperature) const;
  double grain_boundary_electronic_conductivity(double temperature) const;
  double exchange_current_density(
      double temperature) const;  ///< i0 [A/m^2], given or RT/(F R) of the interface resistance R
  double fracture_energy() const; ///< G_c of grains [J/m^2]
  double
  grain_boundary_fracture_energy() const; ///< G_c [J/m^2], the grain's where there are no grain boundaries

  void print_used(std::ostream &out) const;
  nlohmann::json used() const; ///< list of {material, property, value, si_value, si_unit, quality, source}

private:
  bool exists(const std::string &property) const; ///< present and not "none"
  const MaterialProperty &find(const std::string &property) const;
  std::string how_to_give(const std::string &property) const;

  std::string name_;
  std::string origin_;
  std::map<std::string, MaterialProperty> properties_;
  mutable std::set<std::string> used_;
};

/// Finds, reads and keeps materials. All functions are collective: files are read on rank 0 and broadcast.
class MaterialDatabase
{
public:
  explicit MaterialDatabase(const MaterialParameters &parameters = {},
                            MPI_Comm communicator = MPI_COMM_WORLD);

  /// By name, "LLZO", or by a path that ends in ".json" (absolute or from the working folder). Throws
  /// InputError on all ranks if there is none, with the nearest names. The reference stays valid.
  const Material &material(const std::string &name_or_path);

  /// Every value that was looked up, with mark and source, and how many of them are assumptions.
  void print_used(std::ostream &out) const;
  nlohmann::json used() const;

private:
  Material &load(const std::string &name_or_path);
  std::string find_file(const std::string &name_or_path) const;

  std::vector<std::string> folders_;
  MPI_Comm communicator_;
  std::map<std::string, std::unique_ptr<Material>> materials_; ///< by the name they were asked for
};
} // namespace lithoclase
