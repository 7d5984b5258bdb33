#include "core/parameter_section.h"

#include "core/failure.h"
#include "core/parameter_file.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

using namespace lithoclase;

namespace
{
const char *const help = "Help text.";

/// Files in a folder of their own, which is removed at the end. Paths in messages are shown relative to the
/// folder.
class ParameterFiles : public testing::Test
{
protected:
  ParameterFiles()
  {
    std::string pattern = (std::filesystem::temp_directory_path() / "parametersXXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~ParameterFiles() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string &name, const std::string &content) const
  {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
    return (folder_ / name).string();
  }

  /// Reads `content` as case.prm, lets `declare` declare, and gives the message of the error.
  template <typename Declare>
  std::string message(const std::string &content, const Declare &declare,
                      const std::vector<std::string> &overrides = {}) const
  {
    try {
      ParameterFile file(write("case.prm", content), overrides);
      ParameterSection root = file.root();
      declare(root);
      file.finish();
    } catch (const InputError &error) {
      return without_folder(error.what());
    }
    return "no error";
  }

  std::string without_folder(std::string text) const
  {
    const std::string prefix = folder_.string() + "/";
    for (std::size_t i; (i = text.find(prefix)) != std::string::npos;)
      text.erase(i, prefix.size());
    return text;
  }

  std::filesystem::path folder_;
};

/// One parameter struct of a module, with one entry of each kind.
enum class Kinetics
{
  linear,
  butler_volmer
};

struct Notch
{
  double depth = 1e-6;

  void declare(ParameterSection &section) { section.quantity("depth", depth, "um", Range::positive(), help); }
};

struct Electrode
{
  Kinetics kinetics = Kinetics::butler_volmer;
  double exchange_current_density = 51.;

  void declare(ParameterSection &section)
  {
    section.choice("kinetics", kinetics,
                   {{"linear", Kinetics::linear}, {"Butler-Volmer", Kinetics::butler_volmer}}, help);
    section.quantity("exchange current density", exchange_current_density, "mA/cm^2", Range::positive(),
                     help);
  }
};

struct Case
{
  std::string title = "untitled";
  bool leakage = true;
  int offset = -2;
  unsigned int levels = 3;
  unsigned long long seed = 1;
  double porosity = 0.1;
  double temperature = 298.15;
  std::optional<double> conductivity;
  std::vector<double> point = {1e-6, 2e-6};
  std::vector<std::string> fields = {"phase", "grain"};
  std::string table;
  Expression current{"5*mA/cm^2"};
  Electrode electrode;
  std::vector<std::pair<std::string, Notch>> notches;

  void declare(ParameterSection &section)
  {
    section.text("title", title, help);
    section.boolean("leakage", leakage, help);
    section.integer("offset", offset, Range::any(), help);
    section.integer("levels", levels, Range::closed(0., 10.), help);
    section.integer("seed", seed, Range::any(), help);
    section.number("porosity", porosity, Range::fraction(), help);
    section.quantity("temperature", temperature, "degC", Range::positive(), help);
    section.optional_quantity("conductivity", conductivity, "mS/cm", Range::positive(), help,
                              "from material");
    section.quantities("point", point, "um", Range::any(), help);
    section.texts("fields", fields, help);
    section.file("table", table, help);
    section.expression("current", current, "A/m^2", help);
    section.subsection("Electrode", electrode, "The counter electrode.");
    section.instances("Notches", notches, "Notches in the anode.");
  }
};

Case read_case(ParameterFile &file)
{
  Case result;
  ParameterSection root = file.root();
  result.declare(root);
  file.finish();
  return result;
}

const auto declare_case = [](ParameterSection &section) { Case().declare(section); };
} // namespace

TEST_F(ParameterFiles, GiveEveryKindOfValue)
{
  write("tables/seeds.csv", "");
  ParameterFile file(write("case.prm", R"(
# a comment
set title        = Leakage study   # another comment
set leakage      = no
set offset       = -7
set levels       = 5
set seed         = 18446744073709551615
set porosity     = 12 %
set temperature  = 60 degC
set conductivity = 0.46 mS/cm
set point        = 1, 2, \
                   3 um
set fields       = lithium,overpotential
set table        = tables/seeds.csv
set current      = 3*mA/cm^2 * (t < 1*h)
subsection Electrode
  set kinetics = linear
  set exchange current density = 12.8 mA/cm^2
end
subsection Notches
  subsection second first
    set depth = 3 um
  end
  subsection a
  end
end
)"));
  const Case result = read_case(file);
  EXPECT_EQ(result.title, "Leakage study");
  EXPECT_FALSE(result.leakage);
  EXPECT_EQ(result.offset, -7);
  EXPECT_EQ(result.levels, 5u);
  EXPECT_EQ(result.seed, std::numeric_limits<unsigned long long>::max());
  EXPECT_EQ(result.porosity, 0.12);
  EXPECT_DOUBLE_EQ(result.temperature, 333.15);
  EXPECT_EQ(result.conductivity, 0.046);
  EXPECT_EQ(result.point, (std::vector<double>{1e-6, 2e-6, 3e-6}));
  EXPECT_EQ(result.fields, (std::vector<std::string>{"lithium", "overpotential"}));
  EXPECT_EQ(result.table, (folder_ / "tables/seeds.csv").string());
  EXPECT_EQ(result.current.text, "3*mA/cm^2 * (t < 1*h)");
  EXPECT_EQ(result.electrode.kinetics, Kinetics::linear);
  EXPECT_DOUBLE_EQ(result.electrode.exchange_current_density, 128.);
  ASSERT_EQ(result.notches.size(), 2u);
  EXPECT_EQ(result.notches[0].first, "second first") << "the order of the file";
  EXPECT_EQ(result.notches[0].second.depth, 3e-6);
  EXPECT_EQ(result.notches[1].second.depth, 1e-6);
}

TEST_F(ParameterFiles, KeepDefaults)
{
  ParameterFile file("");
  const Case result = read_case(file);
  EXPECT_EQ(result.title, "untitled");
  EXPECT_EQ(result.temperature, 298.15);
  EXPECT_FALSE(result.conductivity.has_value());
  EXPECT_TRUE(result.notches.empty());
}

TEST_F(ParameterFiles, QuantityErrorsNamePlaceFoundAndAllowed)
{
  EXPECT_EQ(
      message("subsection Electrode\n\n  set exchange current density = 5 mm\nend\n", declare_case),
      "case.prm, line 3: parameter 'Electrode/exchange current density' is '5 mm', but must be a quantity in "
      "A/m^2 (for example '5.1 mA/cm^2'): the unit 'mm' has another dimension.");
  EXPECT_EQ(message("subsection Electrode\nset exchange current density = 5\nend", declare_case),
            "case.prm, line 2: parameter 'Electrode/exchange current density' is '5', but must be a quantity "
            "in A/m^2 "
            "(for example '5.1 mA/cm^2'): the unit is missing.");
  EXPECT_EQ(message("set size = big",
                    [](ParameterSection &section) {
                      double size = 0.;
                      section.quantity("size", size, "um", Range::closed(0., 0.5e-6), help);
                    }),
            "case.prm, line 1: parameter 'size' is 'big', but must be a quantity in m (for example '0.5 "
            "um'): 'big' "
            "does not begin with a finite number.")
      << "the example is an allowed value";
  EXPECT_EQ(message("set conductivity = from materail", declare_case),
            "case.prm, line 1: parameter 'conductivity' is 'from materail', but must be 'from material' or a "
            "quantity "
            "in S/m (for example '1 mS/cm'): 'from materail' does not begin with a finite number.");
}

TEST_F(ParameterFiles, RangeErrorsNameTheRangeInTheDisplayUnit)
{
  const auto with_range = [this](const std::string &value, const Range &range) {
    const std::string text = message("set size = " + value, [&](ParameterSection &section) {
      double size = 5e-6;
      section.quantity("size", size, "um", range, help);
    });
    const std::string introduction = "case.prm, line 1: parameter 'size' is '" + value + "', but must be ";
    EXPECT_EQ(text.find(introduction), text == "no error" ? std::string::npos : 0) << text;
    return text == "no error" ? text : text.substr(introduction.size());
  };
  EXPECT_EQ(with_range("-3 um", Range::positive()), "positive (> 0 um).");
  EXPECT_EQ(with_range("0", Range::positive()), "positive (> 0 um).");
  EXPECT_EQ(with_range("-3 um", Range::non_negative()), "zero or positive (>= 0 um).");
  EXPECT_EQ(with_range("0 um", Range::non_negative()), "no error");
  EXPECT_EQ(with_range("3 um", Range::at_least(4e-6)), ">= 4 um.");
  EXPECT_EQ(with_range("4 um", Range::at_least(4e-6)), "no error");
  EXPECT_EQ(with_range("3 um", Range::closed(4e-6, 8e-6)), "from 4 um to 8 um.");
  EXPECT_EQ(with_range("8 um", Range::closed(4e-6, 8e-6)), "no error");
  EXPECT_EQ(with_range("8 um", Range{4e-6, 8e-6, true, true}), "> 4 um and < 8 um.");
  EXPECT_EQ(with_range("-3 m", Range::any()), "no error");

  EXPECT_EQ(message("set temperature = -300 degC", declare_case),
            "case.prm, line 1: parameter 'temperature' is '-300 degC', but must be > -273.15 degC.");
  EXPECT_EQ(message("set porosity = 1.2", declare_case),
            "case.prm, line 1: parameter 'porosity' is '1.2', but must be from 0 to 1.");
}

TEST_F(ParameterFiles, ListsTakeOneUnitOrOneEach)
{
  const auto point = [this](const std::string &text) {
    ParameterFile file("", {"point=" + text});
    return read_case(file).point;
  };
  EXPECT_EQ(point("1, 2 um"), (std::vector<double>{1e-6, 2e-6}));
  EXPECT_EQ(point("1 mm, 2 um, 0"), (std::vector<double>{1e-3, 2e-6, 0.}));
  EXPECT_EQ(point("7 nm"), (std::vector<double>{7e-9}));
  EXPECT_TRUE(point("").empty());
  EXPECT_EQ(message("set point = 1 mm, 2, 3 um", declare_case),
            "case.prm, line 1: parameter 'point' is '1 mm, 2, 3 um', but must be a comma-separated list of "
            "quantities "
            "in m (for example '1 um, 2 um'): in item 2 the unit is missing.");
  EXPECT_EQ(message("set point = 1,, 3 um", declare_case),
            "case.prm, line 1: parameter 'point' is '1,, 3 um', but must be a comma-separated list of "
            "quantities in m "
            "(for example '1 um, 2 um'): in item 2 there is no number.");
}

TEST_F(ParameterFiles, WordErrorsListTheWordsAndTheNearest)
{
  EXPECT_EQ(message("subsection Electrode\nset kinetics = Buttler-Volmer\nend", declare_case),
            "case.prm, line 2: parameter 'Electrode/kinetics' is 'Buttler-Volmer', but must be 'linear' or "
            "'Butler-Volmer'; did you mean 'Butler-Volmer'?");
  EXPECT_EQ(message("subsection Electrode\nset kinetics = Tafel\nend", declare_case),
            "case.prm, line 2: parameter 'Electrode/kinetics' is 'Tafel', but must be 'linear' or "
            "'Butler-Volmer'.");
  EXPECT_EQ(
      message("set leakage = True", declare_case),
      "case.prm, line 1: parameter 'leakage' is 'True', but must be 'true' or 'false' (or 'yes', 'no', 'on', "
      "'off'); did you mean 'true'?");
  EXPECT_EQ(message("set fields = a,,b", declare_case),
            "case.prm, line 1: parameter 'fields' is 'a,,b', but must be a comma-separated list without "
            "empty items.");
}

TEST_F(ParameterFiles, IntegerErrors)
{
  const std::string introduction = "case.prm, line 1: parameter 'levels' is '";
  for (const char *const text : {"3.5", "-1", "11", "1e1", "0x3", "", "3 um"})
    EXPECT_EQ(message(std::string("set levels = ") + text, declare_case),
              introduction + text + "', but must be an integer, from 0 to 10.");
  EXPECT_EQ(
      message("set offset = 3000000000", declare_case),
      "case.prm, line 1: parameter 'offset' is '3000000000', but must be an integer: it is too large for the "
      "computer.");
}

TEST_F(ParameterFiles, FileErrors)
{
  EXPECT_EQ(message("set table = no/such.csv", declare_case),
            "case.prm, line 1: parameter 'table' is 'no/such.csv', but must be an existing file: there is no "
            "'no/such.csv'.");
  EXPECT_EQ(message("set table =", declare_case), "no error");
}

TEST_F(ParameterFiles, PathsAreRelativeToTheFileThatHoldsThem)
{
  write("base/seeds.csv", "");
  write("base/base.prm", "set table = seeds.csv");
  ParameterFile included(write("case.prm", "include base/base.prm"));
  EXPECT_EQ(read_case(included).table, (folder_ / "base/seeds.csv").string());

  ParameterFile overridden((folder_ / "case.prm").string(),
                           {"table=" + (folder_ / "base/base.prm").string()});
  EXPECT_EQ(read_case(overridden).table, (folder_ / "base/base.prm").string());

  std::string output = "results";
  ParameterFile from_shell("", {"folder=elsewhere/../results"});
  from_shell.root().file("folder", output, help, false);
  EXPECT_EQ(output, (std::filesystem::current_path() / "results").string());
}

TEST_F(ParameterFiles, FormulaErrorsAreFoundAtOnce)
{
  EXPECT_EQ(message("set current = 5*mA/cm^2*(t<1*hour)", declare_case),
            "case.prm, line 1: parameter 'current' is '5*mA/cm^2*(t<1*hour)', but must be a formula in "
            "x,y,z,t: the "
            "parser says: Unexpected token \"hour\" found at position 15.");
  EXPECT_EQ(message("set current = x+z", declare_case), "no error") << "whether z exists is known later";
}

TEST_F(ParameterFiles, FormulasMayBePlainQuantities)
{
  ParameterFile file("", {"current=5 mA/cm^2"});
  const Case result = read_case(file);
  double value = 0.;
  EXPECT_TRUE(result.current.is_constant(value));
  EXPECT_DOUBLE_EQ(value, 50.);
  EXPECT_EQ(message("set current = 5 mm", declare_case),
            "case.prm, line 1: parameter 'current' is '5 mm', but must be a quantity in A/m^2 or a formula "
            "with '*' "
            "between number and unit or variable: the unit 'mm' has another dimension.");
}

TEST_F(ParameterFiles, UnknownNamesAreRefusedWithTheNearest)
{
  EXPECT_EQ(message("\nset tilte = a", declare_case),
            "case.prm, line 2: unknown parameter 'tilte'; did you mean 'title'?");
  EXPECT_EQ(message("subsection Electrode\n  set kinetic = linear\nend", declare_case),
            "case.prm, line 2: unknown parameter 'Electrode/kinetic'; did you mean 'Electrode/kinetics'?");
  EXPECT_EQ(message("subsection Electrod\n  set kinetics = linear\nend", declare_case),
            "case.prm, line 1: unknown subsection 'Electrod'; did you mean 'Electrode'?");
  EXPECT_EQ(message("set Title = a", declare_case),
            "case.prm, line 1: unknown parameter 'Title'; did you mean 'title'?")
      << "letter case counts";
  EXPECT_EQ(
      message("subsection Electrode\nset colour = red\nend", declare_case),
      "case.prm, line 2: unknown parameter 'Electrode/colour'; known here: 'kinetics' and 'exchange current "
      "density'.");
}

TEST_F(ParameterFiles, NamesInTheWrongSectionAreShownTheirPlace)
{
  EXPECT_EQ(message("set kinetics = linear", declare_case),
            "case.prm, line 1: unknown parameter 'kinetics'; it belongs to 'Electrode/kinetics'.");
  EXPECT_EQ(message("subsection Notches\nsubsection a\nset levels = 3\nend\nend", declare_case),
            "case.prm, line 3: unknown parameter 'Notches/a/levels'; it belongs to 'levels'.");
  EXPECT_EQ(message("subsection Electrode\nsubsection Notches\nend\nend", declare_case),
            "case.prm, line 2: unknown subsection 'Electrode/Notches'; it belongs to 'Notches'.");
  EXPECT_EQ(message("set Electrode = 3", declare_case),
            "case.prm, line 1: unknown parameter 'Electrode'; this is a subsection.");
  EXPECT_EQ(message("subsection levels\nend", declare_case),
            "case.prm, line 1: unknown subsection 'levels'; this is a parameter.");
}

TEST_F(ParameterFiles, AllUnknownNamesStandInOneMessage)
{
  EXPECT_EQ(message("set tilte = a\nsubsection Electrod\nset a = b\nend\n", declare_case, {"levles=2"}),
            "case.prm, line 1: unknown parameter 'tilte'; did you mean 'title'?\n"
            "command line (--set levles=2): unknown parameter 'levles'; did you mean 'levels'?\n"
            "case.prm, line 2: unknown subsection 'Electrod'; did you mean 'Electrode'?");
}

TEST_F(ParameterFiles, SyntaxErrors)
{
  const std::string statements =
      "' is no statement; allowed are 'subsection NAME', 'end', 'set NAME = VALUE', "
      "'include FILE' and comments after '#'.";
  for (const char *const text :
       {"Set a = b", "set a b", "set = b", "title = b", "subsection", "include", "end now"})
    EXPECT_EQ(message(std::string("\n") + text, declare_case), "case.prm, line 2: '" + (text + statements));
  EXPECT_EQ(message("subsection Electrode\nsubsection b\nend\n", declare_case),
            "case.prm, line 1: the subsection 'Electrode' has no 'end'.");
  EXPECT_EQ(message("subsection Electrode\nend\nend\n", declare_case),
            "case.prm, line 3: 'end' without a 'subsection' in this file.");
  EXPECT_EQ(message("subsection a/b\nend\n", declare_case),
            "case.prm, line 1: the subsection 'a/b' must be named without '/', '=' and '\\'.");
  EXPECT_EQ(message("set title = a\nset title = b\n", declare_case),
            "case.prm, line 2: parameter 'title' is set already in case.prm, line 1.");
  EXPECT_EQ(message("subsection Electrode\nset kinetics = linear\nend\nsubsection Electrode\nset kinetics = "
                    "linear\nend\n",
                    declare_case),
            "case.prm, line 5: parameter 'Electrode/kinetics' is set already in case.prm, line 2.");
}

TEST_F(ParameterFiles, MissingFiles)
{
  const auto message_of = [this](const std::string &name) {
    try {
      ParameterFile file(name);
    } catch (const InputError &error) {
      return without_folder(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message_of((folder_ / "none.prm").string()), "The parameter file 'none.prm' does not exist.");
  std::filesystem::create_directory(folder_ / "folder.prm");
  EXPECT_EQ(message_of((folder_ / "folder.prm").string()), "The parameter file 'folder.prm' cannot be read.");
  EXPECT_EQ(message("\ninclude none.prm", declare_case),
            "case.prm, line 2: the included file 'none.prm' does not exist.");
}

TEST_F(ParameterFiles, ContinueLinesAndCutComments)
{
  ParameterFile file(
      write("case.prm", "set title = a \\ # remark\r\n   b\\\r\n  c # d\r\n# comment \\\nset levels=2"));
  const Case result = read_case(file);
  EXPECT_EQ(result.title, "a bc");
  EXPECT_EQ(result.levels, 2u);
  EXPECT_EQ(message("set title = a \\\n b \\\n c\nset tilte = 3", declare_case),
            "case.prm, line 4: unknown parameter 'tilte'; did you mean 'title'?");
}

TEST_F(ParameterFiles, IncludeOtherFiles)
{
  write("parts/electrode.prm", "set kinetics = linear");
  write("parts/base.prm",
        "set title = base\nset levels = 2\nsubsection Electrode\n include electrode.prm\nend\n");
  ParameterFile file(write("case.prm", "include parts/base.prm\nset title = variant"));
  const Case result = read_case(file);
  EXPECT_EQ(result.title, "variant") << "the including file may set again what it included";
  EXPECT_EQ(result.levels, 2u);
  EXPECT_EQ(result.electrode.kinetics, Kinetics::linear);

  EXPECT_EQ(message("set title = variant\ninclude parts/base.prm", declare_case),
            "parts/base.prm, line 1: parameter 'title' is set already in case.prm, line 1.");
  write("parts/other.prm", "set title = other");
  EXPECT_EQ(message("include parts/base.prm\ninclude parts/other.prm", declare_case),
            "parts/other.prm, line 1: parameter 'title' is set already in parts/base.prm, line 1.");
  write("parts/open.prm", "end");
  EXPECT_EQ(message("subsection Electrode\ninclude parts/open.prm\nend", declare_case),
            "parts/open.prm, line 1: 'end' without a 'subsection' in this file.");
}

TEST_F(ParameterFiles, IncludesInACircleAreRefused)
{
  write("a.prm", "include b.prm");
  write("b.prm", "\ninclude ./a.prm");
  EXPECT_EQ(message("include a.prm", declare_case),
            "b.prm, line 2: the included file 'a.prm' includes itself.");
}

TEST_F(ParameterFiles, OverridesWin)
{
  ParameterFile file(
      write("case.prm", "set levels = 1\nsubsection Notches\nsubsection a\nend\nend\n"),
      {"levels=2", "levels = 4", "Electrode/kinetics=linear", "Notches/a/depth=7 um", "title=a=b"});
  const Case result = read_case(file);
  EXPECT_EQ(result.levels, 4u) << "the last one counts";
  EXPECT_EQ(result.electrode.kinetics, Kinetics::linear);
  EXPECT_EQ(result.notches.at(0).second.depth, 7e-6);
  EXPECT_EQ(result.title, "a=b");
}

TEST_F(ParameterFiles, OverrideErrors)
{
  const auto with = [this](const std::string &text) {
    return message("subsection Notches\nsubsection left\nend\nend", declare_case, {text});
  };
  EXPECT_EQ(with("levels=many"),
            "command line (--set levels=many): parameter 'levels' is 'many', but must be an "
            "integer, from 0 to 10.");
  EXPECT_EQ(with("levels"), "command line (--set levels): must read 'Section/name=value'.");
  EXPECT_EQ(with("Electrode//kinetics=linear"),
            "command line (--set Electrode//kinetics=linear): must read 'Section/name=value'.");
  EXPECT_EQ(with("=3"), "command line (--set =3): must read 'Section/name=value'.");
  EXPECT_EQ(with("Electrode/kinetic=linear"),
            "command line (--set Electrode/kinetic=linear): unknown parameter "
            "'Electrode/kinetic'; did you mean 'Electrode/kinetics'?");
  EXPECT_EQ(with("Notches/lfet/depth=1 um"),
            "command line (--set Notches/lfet/depth=1 um): unknown subsection "
            "'Notches/lfet'; did you mean 'Notches/left'?")
      << "a misspelt instance is no new one";
  for (const char *const text : {"title=a#b", "title=a\\", "Notches/le\\ft/depth=1 um", "title=a\nb"})
    EXPECT_EQ(with(text), std::string("command line (--set ") + text +
                              "): must be one line without '#', and without '\\' in names and at the end.");
}

TEST_F(ParameterFiles, TellWhereAValueComesFrom)
{
  ParameterFile file(write("case.prm", "\nset levels = 2\nsubsection Electrode\nend"),
                     {"title=a", "temperature=298.15 K"});
  ParameterSection root = file.root();
  Case().declare(root);
  EXPECT_EQ(without_folder(root.where("levels")), "parameter 'levels' (case.prm, line 2)");
  EXPECT_EQ(root.where("title"), "parameter 'title' (command line (--set title=a))");
  EXPECT_EQ(root.where("porosity"), "parameter 'porosity' (default)");
  EXPECT_EQ(without_folder(root.where("Electrode")), "subsection 'Electrode' (case.prm, line 3)");
  EXPECT_TRUE(root.given("levels"));
  EXPECT_FALSE(root.given("porosity"));
  EXPECT_FALSE(root.given("temperature")) << "stated, but as it is anyway";
}

TEST_F(ParameterFiles, PrintedFileReadsBackToTheSameValues)
{
  write("seeds.csv", "");
  const std::vector<std::string> overrides = {"title=a = b, c",
                                              "offset=-2147483648",
                                              "porosity=0.1234567890123456789",
                                              "temperature=" + std::to_string(std::sqrt(2e5)) + " K",
                                              "conductivity=1.0000000000000002e-3 S/m",
                                              "point=1 mm, 3.3333333333333333 nm, -7 um",
                                              "table=" + (folder_ / "seeds.csv").string(),
                                              "current=x*sin(t)*A/m^3",
                                              "Electrode/exchange current density=12.345678901234567 A/m^2",
                                              "Notches/left/depth=0.1 um",
                                              "Notches/a right/depth=3 um"};
  for (const bool with_help : {false, true}) {
    ParameterFile first("", overrides);
    const Case before = read_case(first);
    std::ostringstream printed;
    first.print(printed, with_help);

    ParameterFile second(write("elsewhere/printed.prm", printed.str()));
    const Case after = read_case(second);
    EXPECT_EQ(before.title, after.title);
    EXPECT_EQ(before.leakage, after.leakage);
    EXPECT_EQ(before.offset, after.offset);
    EXPECT_EQ(before.seed, after.seed);
    EXPECT_EQ(before.porosity, after.porosity);
    EXPECT_EQ(before.temperature, after.temperature);
    EXPECT_EQ(before.conductivity, after.conductivity);
    EXPECT_EQ(before.point, after.point);
    EXPECT_EQ(before.fields, after.fields);
    EXPECT_EQ(before.table, after.table);
    EXPECT_EQ(before.current.text, after.current.text);
    EXPECT_EQ(before.electrode.kinetics, after.electrode.kinetics);
    EXPECT_EQ(before.electrode.exchange_current_density, after.electrode.exchange_current_density);
    ASSERT_EQ(before.notches.size(), after.notches.size());
    for (std::size_t i = 0; i < before.notches.size(); ++i) {
      EXPECT_EQ(before.notches[i].first, after.notches[i].first);
      EXPECT_EQ(before.notches[i].second.depth, after.notches[i].second.depth);
    }

    std::ostringstream again;
    second.print(again, false);
    std::ostringstream plain;
    first.print(plain, false);
    EXPECT_EQ(again.str(), plain.str());
  }
}

TEST_F(ParameterFiles, PrintUsesDisplayUnits)
{
  ParameterFile file("");
  read_case(file);
  std::ostringstream out;
  file.print(out, false);
  EXPECT_EQ(out.str(), R"(set title = untitled
set leakage = true
set offset = -2
set levels = 3
set seed = 1
set porosity = 0.1
set temperature = 25 degC
set conductivity = from material
set point = 1 um, 2 um
set fields = phase, grain
set table =
set current = 5*mA/cm^2

subsection Electrode
  set kinetics = Butler-Volmer
  set exchange current density = 5.1 mA/cm^2
end

subsection Notches
end
)");
}

TEST_F(ParameterFiles, HelpShowsAllowedValuesDefaultsAndAnInstanceInComments)
{
  ParameterFile file("", {"levels=7"});
  read_case(file);
  std::ostringstream out;
  file.print(out, true);
  EXPECT_NE(
      out.str().find("\n# Help text.\n# Allowed: an integer, from 0 to 10. Default: 3.\nset levels = 7\n"),
      std::string::npos)
      << out.str();
  EXPECT_NE(
      out.str().find("  # Allowed: a quantity in A/m^2, positive (> 0 mA/cm^2). Default: 5.1 mA/cm^2.\n"),
      std::string::npos)
      << out.str();
  EXPECT_NE(out.str().find("  #   set depth = 1 um"), std::string::npos) << out.str();

  ParameterFile printed(write("printed.prm", out.str()));
  EXPECT_TRUE(read_case(printed).notches.empty()) << "the shown instance is none";
}
