#pragma once

#include "core/expression.h"
#include "core/parameter_file.h"
#include "core/range.h"
#include "core/text.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Declaring and reading the parameters of one subsection; for the files see parameter_file.h.
///
/// Each parameter struct has one member `void declare(ParameterSection &section)` that calls one of the
/// functions below per entry. The call declares (name, unit, range, help; the member's present value is the
/// default) AND reads at once. When every struct is declared, ParameterFile::finish() refuses whatever in the
/// file nobody asked for, with the nearest valid name.
///
/// A wrong value is an InputError that names file, line and parameter, what was found and what is allowed.
namespace lithoclase
{
struct ParameterEntry;

class ParameterSection
{
public:
  /// A number with dimension; `unit` is the unit used for printing and in messages ("mA/cm^2"); `value` is in
  /// SI.
  void quantity(const std::string &name, double &value, const std::string &unit, const Range &range,
                const std::string &help);
  /// The same; the default word `absent` (e.g. "from material") leaves it empty.
  void optional_quantity(const std::string &name, std::optional<double> &value, const std::string &unit,
                         const Range &range, const std::string &help, const std::string &absent = "default");
  /// Comma-separated list, e.g. a point "1 um, 2 um". Each item has its own unit, or the last unit serves
  /// all: "1, 2 um".
  void quantities(const std::string &name, std::vector<double> &values, const std::string &unit,
                  const Range &range, const std::string &help);
  void number(const std::string &name, double &value, const Range &range, const std::string &help);
  void integer(const std::string &name, int &value, const Range &range, const std::string &help);
  void integer(const std::string &name, unsigned int &value, const Range &range, const std::string &help);
  void integer(const std::string &name, unsigned long long &value, const Range &range,
               const std::string &help);
  void boolean(const std::string &name, bool &value, const std::string &help); ///< true/false, yes/no, on/off
  void text(const std::string &name, std::string &value, const std::string &help);
  void texts(const std::string &name, std::vector<std::string> &values,
             const std::string &help); ///< comma-separated
  /// A path; relative paths are meant relative to the folder of the parameter file and resolved here.
  /// Existence is checked where `must_exist`. Empty means none.
  void file(const std::string &name, std::string &value, const std::string &help, bool must_exist = true);
  /// A formula, checked at once with all variables, or a plain quantity as "5 mA/cm^2".
  void expression(const std::string &name, Expression &value, const std::string &si_unit,
                  const std::string &help);

  template <typename Enum>
  void choice(const std::string &name, Enum &value, const std::vector<std::pair<std::string, Enum>> &words,
              const std::string &help)
  {
    std::vector<std::string> names;
    std::size_t selected = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
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

  /// A subsection whose own subsections are instances with names chosen by the user, in the order of the
  /// file:
  ///   subsection Notches / subsection left / set ... / end / end.
  /// An instance declares itself once with defaults for --print-parameters if the file has none.
  template <typename Parameters>
  void instances(const std::string &name, std::vector<std::pair<std::string, Parameters>> &list,
                 const std::string &help)
  {
    ParameterSection group = enter(name, help);
    for (const std::string &instance : group.instance_names()) {
      list.emplace_back(instance, Parameters());
      ParameterSection child = group.enter(instance, "");
      list.back().second.declare(child);
    }
    if (group.instance_names().empty()) {
      Parameters example;
      ParameterSection child = group.enter_template();
      example.declare(child);
    }
  }

  /// Full path of an entry, "Charge transport/Counter electrode/kinetics", for messages raised by later
  /// checks.
  std::string path(const std::string &entry = "") const;
  /// "parameter 'A/b' (file.prm, line 12)": for error messages about values that contradict each other.
  std::string where(const std::string &entry) const;
  /// Whether the file (or --set) gives this entry, already declared, another value than its default. To state
  /// the default is not to give it, since a printed file states all and must read back.
  bool given(const std::string &name) const;

  explicit ParameterSection(std::shared_ptr<ParameterNode> node);

private:
  ParameterSection enter(const std::string &name, const std::string &help);
  ParameterSection enter_template();
  std::vector<std::string> instance_names() const;
  std::size_t choose(const std::string &name, const std::vector<std::string> &names, std::size_t selected,
                     const std::string &help);
  template <typename Integer>
  void read_integer(const std::string &name, Integer &value, const Range &range, const std::string &help);

  /// Adds the declaration; returns the input's entry, or null if the default `initial` holds.
  const ParameterEntry *declare(const std::string &name, const std::string &initial,
                                const std::string &allowed, const std::string &help);
  void set_value(const std::string &value); ///< of the parameter declared last, in its printed form
  [[noreturn]] void refuse(const ParameterEntry &entry, const std::string &allowed) const;
  double read_quantity(const ParameterEntry &entry, const std::string &text, const std::string &unit,
                       const Range &range, const std::string &allowed) const;

  std::shared_ptr<ParameterNode> node_;
};
} // namespace lithoclase
