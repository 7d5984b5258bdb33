#pragma once

#include "core/expression.h"

#include <functional>
#include <iosfwd>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Strict parameter files.
///
/// Grammar (a subset of deal.II's): `subsection NAME` ... `end`, `set KEY = VALUE`, `include FILE`, `#` starts a comment,
/// a trailing backslash continues a line.
///
/// Each parameter struct has one member `void declare(ParameterSection &section)` that calls one of the functions below per
/// entry. The call declares (name, unit, range, help; the member's present value is the default) AND reads at once. When every
/// struct is declared, ParameterFile::finish() refuses whatever in the file nobody asked for, with the nearest valid name.
namespace lithoclase
{
/// Closed, half-open or open interval of allowed values, in SI.
struct Range
{
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;

  static Range any() { return {}; }
  static Range positive() { return {0., std::numeric_limits<double>::infinity(), true, false}; }
  static Range non_negative() { return {0., std::numeric_limits<double>::infinity(), false, false}; }
  static Range closed(double low, double high) { return {low, high, false, false}; }
  static Range at_least(double low) { return {low, std::numeric_limits<double>::infinity(), false, false}; }
  static Range fraction() { return {0., 1., false, false}; }
  bool contains(double value) const;
  std::string to_string(const std::string &si_unit, const std::string &display_unit) const;
};

struct ParameterNode; ///< one subsection of the file with its entries (file, line) and of the declarations

class ParameterSection
{
public:
  /// A number with dimension; `unit` is the unit used for printing and in messages ("mA/cm^2"); `value` is in SI.
  void quantity(const std::string &name, double &value, const std::string &unit, const Range &range,
                const std::string &help);
  /// The same; the default word `absent` (e.g. "from material") leaves it empty.
  void optional_quantity(const std::string &name, std::optional<double> &value, const std::string &unit,
                         const Range &range, const std::string &help, const std::string &absent = "default");
  /// Comma-separated list, e.g. a point "1 um, 2 um". Each item has its own unit, or the last unit serves all: "1, 2 um".
  void quantities(const std::string &name, std::vector<double> &values, const std::string &unit, const Range &range,
                  const std::string &help);
  void number(const std::string &name, double &value, const Range &range, const std::string &help);
  void integer(const std::string &name, int &value, const Range &range, const std::string &help);
  void integer(const std::string &name, unsigned int &value, const Range &range, const std::string &help);
  void integer(const std::string &name, unsigned long long &value, const Range &range, const std::string &help);
  void boolean(const std::string &name, bool &value, const std::string &help); ///< true/false, yes/no, on/off
  void text(const std::string &name, std::string &value, const std::string &help);
  void texts(const std::string &name, std::vector<std::string> &values, const std::string &help); ///< comma-separated
  /// A path; relative paths are meant relative to the folder of the parameter file and resolved here. Existence is checked
  /// where `must_exist`. Empty means none.
  void file(const std::string &name, std::string &value, const std::string &help, bool must_exist = true);
  void expression(const std::string &name, Expression &value, const std::string &si_unit, const std::string &help);

  template <typename Enum>
  void choice(const std::string &name, Enum &value, const std::vector<std::pair<std::string, Enum>> &words,
              const std::string &help)
  {
    std::vector<std::string> names;
    std::size_t selected = 0;
    for (std::size_t i = 0; i < words.size(); ++i)
      {
        names.push_back(words[i].first);
        if (words[i].second == value)
          selected = i;
      }
    value = words[choose(name, names, selected, help)].second;
  }

  /// Reads (and declares) the subsection `name` with a struct that has declare(ParameterSection &).
  template <typename Parameters>
  void subsection(const std::string &name, Parameters &parameters, const std::string &help)
  {
    ParameterSection child = enter(name, help);
    parameters.declare(child);
  }

  /// A subsection whose own subsections are instances with names chosen by the user, in the order of the file:
  ///   subsection Notches / subsection left / set ... / end / end.
  /// An instance declares itself once with defaults for --print-parameters if the file has none.
  template <typename Parameters>
  void instances(const std::string &name, std::vector<std::pair<std::string, Parameters>> &list,
                 const std::string &help)
  {
    ParameterSection group = enter(name, help);
    for (const std::string &instance : group.instance_names())
      {
        list.emplace_back(instance, Parameters());
        ParameterSection child = group.enter(instance, "");
        list.back().second.declare(child);
      }
    if (group.instance_names().empty())
      {
        Parameters example;
        ParameterSection child = group.enter_template();
        example.declare(child);
      }
  }

  /// Full path of an entry, "Charge transport/Counter electrode/kinetics", for messages raised by later checks.
  std::string path(const std::string &entry = "") const;
  /// "parameter 'A/b' (file.prm, line 12)": for error messages about values that contradict each other.
  std::string where(const std::string &entry) const;
  /// Whether the file (or --set) gives this entry or subsection.
  bool given(const std::string &name) const;

  explicit ParameterSection(std::shared_ptr<ParameterNode> node);

private:
  ParameterSection enter(const std::string &name, const std::string &help);
  ParameterSection enter_template();
  std::vector<std::string> instance_names() const;
  std::size_t choose(const std::string &name, const std::vector<std::string> &names, std::size_t selected,
                     const std::string &help);

  std::shared_ptr<ParameterNode> node;
};

/// A parsed parameter file with command-line overrides.
class ParameterFile
{
public:
  /// Reads `file_name` ("" for none); `overrides` are "Section/Sub section/key=value". Throws InputError (missing file, syntax error with
  /// file and line, `end` missing, key set twice in one section (an override may repeat)).
  /// A leading "./" or letter case of keys is not ignored: names are exact.
  explicit ParameterFile(const std::string &file_name, const std::vector<std::string> &overrides = {});

  ParameterSection root();

  /// Refuses entries and subsections that no declaration asked for: InputError naming file and line, and the nearest valid names
  /// (of that section, else of any section with its path). All unknown names are listed in one message.
  void finish() const;

  /// All declared entries with their values in use, in the format of a parameter file. `with_help`: each with its help text, unit, range,
  /// allowed words and default as a comment.
  void print(std::ostream &out, bool with_help) const;

private:
  std::shared_ptr<ParameterNode> root_node;
  std::string file_name_;
};

/// The candidate nearest to `word` by edit distance (case-insensitive), or "" if none is near.
std::string nearest_name(const std::string &word, const std::vector<std::string> &candidates);
} // namespace lithoclase
