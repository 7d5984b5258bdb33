#pragma once

#include <memory>
#include <string>
#include <vector>

/// Shared by ParameterFile and ParameterSection; nobody else needs it.
namespace lithoclase
{
/// One `set KEY = VALUE` of a file or of the command line.
struct ParameterEntry
{
  std::string key;
  std::string value;
  std::string location; ///< "case.prm, line 12" or "command line (--set A/b=1)"
  std::string folder;   ///< relative paths in the value are meant from here; "" is the working directory
  int file = -1;        ///< which file of the includes, -1 for the command line
};

/// One parameter the program knows.
struct ParameterDeclaration
{
  std::string name;
  std::string value;   ///< in use, as text that reads back to it
  std::string initial; ///< the default, likewise
  std::string allowed; ///< "a quantity in A/m^2, positive (> 0 mA/cm^2)"
  std::string help;
};

/// One subsection: what the input says and what the program declares. The root has the empty path.
struct ParameterNode
{
  std::string name;
  std::string path; ///< "Charge transport/Counter electrode"

  // from the input, in its order
  std::string location; ///< where the input opens it; "" if it does not
  bool in_file = false; ///< not only on the command line
  std::vector<ParameterEntry> entries;

  // from the program, in its order
  bool declared = false;
  bool is_template = false; ///< shows the entries of an instance where the input has no instance
  std::string help;
  std::vector<ParameterDeclaration> declarations;

  std::vector<std::shared_ptr<ParameterNode>> children;

  std::string path_of(const std::string &entry) const;
  const ParameterEntry *find_entry(const std::string &key) const;
  const ParameterDeclaration *find_declaration(const std::string &declared_name) const;
  ParameterNode *find_child(const std::string &child_name) const;
  std::shared_ptr<ParameterNode> child(const std::string &child_name); ///< made if missing
};
} // namespace lithoclase
