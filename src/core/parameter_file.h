#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

/// Reading, checking and printing whole parameter files.
///
/// Grammar (a subset of deal.II's): `subsection NAME` ... `end`, `set KEY = VALUE`, `include FILE`, `#`
/// starts a comment, a trailing backslash continues a line. Names are exact, letter case included.
///
/// The path of an included file is relative to the including file; an included file may stand inside a
/// subsection and closes the subsections it opens. What an included file sets, the including file may set
/// again further down, so that a case is a variant of another.
namespace lithoclase
{
class ParameterSection;
struct ParameterNode;

/// A parsed parameter file with command-line overrides.
class ParameterFile
{
public:
  /// Reads `file_name` ("" for none); `overrides` are "Section/Sub section/key=value". Throws InputError:
  /// missing file, syntax error with file and line, `end` missing, key set twice in one section (except for
  /// what was included; an override may repeat). An override may not add to the instances that a file lists
  /// (see ParameterSection::instances), since it would rather be a misspelt name.
  explicit ParameterFile(const std::string &file_name, const std::vector<std::string> &overrides = {});

  ParameterSection root();

  /// Refuses entries and subsections that no declaration asked for: InputError naming file and line, and the
  /// nearest valid names (of that section, else of any section with its path). All unknown names are listed
  /// in one message, a line each.
  void finish() const;

  /// All declared entries with their values in use, in the format of a parameter file. `with_help`: each with
  /// its help text, allowed values and default as a comment.
  void print(std::ostream &out, bool with_help) const;

private:
  std::shared_ptr<ParameterNode> root_node_;
};
} // namespace lithoclase
