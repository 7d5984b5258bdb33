#include "core/parameter_file.h"

#include "core/failure.h"
#include "core/parameter_node.h"
#include "core/parameter_section.h"
#include "core/text.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <utility>

namespace lithoclase
{
namespace
{
/// They end names in "--set Section/name=value" and in files.
const char *const not_in_names = "/=\\";

/// Reads a file and its includes into the tree.
class Reader
{
public:
  void read(const std::string &file_name, ParameterNode &section, const std::string &included_at)
  {
    stack_.push_back(open(file_name, included_at));
    ancestors_.emplace_back();
    for (const File &file : stack_)
      ancestors_.back().insert(file.index);
    read_statements(section);
    stack_.pop_back();
  }

private:
  struct File
  {
    std::string name;
    std::string canonical;
    std::string folder;
    int index;
    std::vector<std::string> lines;
  };

  File open(const std::string &file_name, const std::string &included_at) const;
  void read_statements(ParameterNode &section);
  void set(ParameterNode &section, const std::string &statement, const std::string &location) const;
  void include(ParameterNode &section, const std::string &path, const std::string &location);

  std::vector<File> stack_;              ///< the file being read and those that include it
  std::vector<std::set<int>> ancestors_; ///< of each file read so far, itself among them
};

Reader::File Reader::open(const std::string &file_name, const std::string &included_at) const
{
  const std::string subject = included_at.empty() ? "The parameter file '" + file_name + "' "
                                                  : included_at + ": the included file '" + file_name + "' ";
  std::error_code error;
  if (!std::filesystem::exists(file_name, error))
    throw InputError(subject + "does not exist.");
  std::ifstream stream(file_name);
  if (std::filesystem::is_directory(file_name, error) || !stream)
    throw InputError(subject + "cannot be read.");

  const std::filesystem::path path(file_name);
  File file{file_name,
            std::filesystem::canonical(path, error).string(),
            path.parent_path().string(),
            static_cast<int>(ancestors_.size()),
            {}};
  for (const File &open_file : stack_)
    if (open_file.canonical == file.canonical)
      throw InputError(subject + "includes itself.");
  for (std::string line; std::getline(stream, line);)
    file.lines.push_back(line);
  return file;
}

/// The word and the rest of a statement.
std::pair<std::string, std::string> first_word(const std::string &statement)
{
  const std::size_t end = std::min(statement.find_first_of(" \t"), statement.size());
  return {statement.substr(0, end), trim(statement.substr(end))};
}

/// Joins the lines that a backslash continues, without comments, from line `i` on; `i` becomes the last line
/// joined.
std::string joined_line(const std::vector<std::string> &lines, std::size_t &i)
{
  std::string statement;
  while (true) {
    const std::string line = trim(lines[i].substr(0, lines[i].find('#')));
    statement += line;
    if (line.empty() || line.back() != '\\')
      return trim(statement);
    statement.pop_back();
    if (i + 1 == lines.size())
      return trim(statement);
    ++i;
  }
}

void Reader::read_statements(ParameterNode &section)
{
  const File file = stack_.back(); // a copy: the stack grows with includes
  std::vector<std::pair<ParameterNode *, std::string>> open_sections;
  open_sections.emplace_back(&section, "");
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string location = file.name + ", line " + std::to_string(i + 1);
    const std::string statement = joined_line(file.lines, i);
    ParameterNode &current = *open_sections.back().first;
    const auto [word, rest] = first_word(statement);
    if (word.empty())
      continue;
    if (word == "subsection" && !rest.empty()) {
      if (rest.find_first_of(not_in_names) != std::string::npos)
        throw InputError(location + ": the subsection '" + rest +
                         "' must be named without '/', '=' and '\\'.");
      ParameterNode &child = *current.child(rest);
      child.in_file = true;
      if (child.location.empty())
        child.location = location;
      open_sections.emplace_back(&child, location);
    } else if (word == "end" && rest.empty()) {
      if (open_sections.size() == 1)
        throw InputError(location + ": 'end' without a 'subsection' in this file.");
      open_sections.pop_back();
    } else if (word == "set" && rest.find('=') != std::string::npos && rest[0] != '=')
      set(current, rest, location);
    else if (word == "include" && !rest.empty())
      include(current, rest, location);
    else
      throw InputError(
          location + ": '" + statement +
          "' is no statement; allowed are 'subsection NAME', 'end', 'set NAME = VALUE', 'include FILE' "
          "and comments after '#'.");
  }
  if (open_sections.size() > 1)
    throw InputError(open_sections.back().second + ": the subsection '" + open_sections.back().first->path +
                     "' has no 'end'.");
}

void Reader::set(ParameterNode &section, const std::string &statement, const std::string &location) const
{
  const std::size_t equals = statement.find('=');
  const ParameterEntry entry{trim(statement.substr(0, equals)), trim(statement.substr(equals + 1)), location,
                             stack_.back().folder, stack_.back().index};
  for (ParameterEntry &other : section.entries)
    if (other.key == entry.key) {
      const int file = stack_.back().index;
      if (other.file == file || ancestors_[other.file].count(file) == 0)
        throw InputError(location + ": parameter '" + section.path_of(entry.key) + "' is set already in " +
                         other.location + ".");
      other = entry;
      return;
    }
  section.entries.push_back(entry);
}

void Reader::include(ParameterNode &section, const std::string &path, const std::string &location)
{
  read((std::filesystem::path(stack_.back().folder) / path).lexically_normal().string(), section, location);
}

void apply_override(ParameterNode &root, const std::string &text)
{
  const std::string location = "command line (--set " + text + ")";
  const std::size_t equals = text.find('=');
  std::vector<std::string> names = split(text.substr(0, equals), '/');
  if (equals == std::string::npos || names.empty() || std::count(names.begin(), names.end(), "") > 0)
    throw InputError(location + ": must read 'Section/name=value'.");
  if (text.find_first_of("#\n\r") != std::string::npos || text.find('\\') < equals || text.back() == '\\')
    throw InputError(location + ": must be one line without '#', and without '\\' in names and at the end.");
  ParameterNode *section = &root;
  const std::string key = names.back();
  names.pop_back();
  for (const std::string &name : names) {
    section = section->child(name).get();
    if (section->location.empty())
      section->location = location;
  }
  const ParameterEntry entry{key, trim(text.substr(equals + 1)), location, "", -1};
  for (ParameterEntry &other : section->entries)
    if (other.key == key) {
      other = entry;
      return;
    }
  section->entries.push_back(entry);
}

/// The names a message may propose instead of an unknown one.
struct Proposals
{
  std::vector<std::string> here;      ///< declared in the same section
  std::vector<std::string> elsewhere; ///< declared in other sections
  std::vector<std::string> paths;     ///< of `elsewhere`
};

bool offered(const ParameterNode &node)
{
  return node.declared && !node.is_template;
}

void collect_proposals(const ParameterNode &node, const ParameterNode &here, const bool sections,
                       Proposals &found)
{
  std::vector<std::string> names;
  if (sections) {
    for (const auto &child : node.children)
      if (offered(*child))
        names.push_back(child->name);
  } else
    for (const ParameterDeclaration &declaration : node.declarations)
      names.push_back(declaration.name);

  for (const std::string &name : names)
    if (&node == &here)
      found.here.push_back(name);
    else {
      found.elsewhere.push_back(name);
      found.paths.push_back(node.path_of(name));
    }
  for (const auto &child : node.children)
    if (offered(*child))
      collect_proposals(*child, here, sections, found);
}

/// The paths of the names equal to `name`, at most three.
std::vector<std::string> paths_of(const std::string &name, const Proposals &proposals)
{
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < proposals.elsewhere.size() && paths.size() < 3; ++i)
    if (proposals.elsewhere[i] == name)
      paths.push_back(proposals.paths[i]);
  return paths;
}

std::string proposal(const ParameterNode &root, const ParameterNode &here, const std::string &name,
                     const bool section)
{
  Proposals proposals;
  collect_proposals(root, here, section, proposals);
  if (const auto paths = paths_of(name, proposals); !paths.empty())
    return "; it belongs to " + quoted_list(paths);
  if (const std::string nearest = nearest_name(name, proposals.here); !nearest.empty())
    return "; did you mean '" + here.path_of(nearest) + "'?";
  if (const std::string nearest = nearest_name(name, proposals.elsewhere); !nearest.empty())
    return "; did you mean " + quoted_list(paths_of(nearest, proposals)) + "?";
  return proposals.here.empty() ? "" : "; known here: " + quoted_list(proposals.here, "and");
}

void collect_unknown(const ParameterNode &root, const ParameterNode &node, std::vector<std::string> &messages)
{
  const auto add = [&](const std::string &location, const std::string &kind, const std::string &name,
                       const std::string &hint) {
    const bool ends = !hint.empty() && hint.back() == '?';
    messages.push_back(location + ": unknown " + kind + " '" + node.path_of(name) + "'" + hint +
                       (ends ? "" : "."));
  };
  for (const ParameterEntry &entry : node.entries)
    if (node.find_declaration(entry.key) == nullptr) {
      const ParameterNode *const child = node.find_child(entry.key);
      const bool is_section = child != nullptr && child->declared;
      add(entry.location, "parameter", entry.key,
          is_section ? "; this is a subsection" : proposal(root, node, entry.key, false));
    }
  for (const auto &child : node.children)
    if (child->declared)
      collect_unknown(root, *child, messages);
    else if (node.find_declaration(child->name) != nullptr)
      add(child->location, "subsection", child->name, "; this is a parameter");
    else
      add(child->location, "subsection", child->name, proposal(root, node, child->name, true));
}

void print_blank_line(std::ostream &out, const std::string &indent)
{
  out << (trim(indent).empty() ? "" : indent.substr(0, indent.find_last_not_of(' ') + 1)) << '\n';
}

/// `text` broken into lines of a comment.
void print_comment(std::ostream &out, const std::string &indent, const std::string &text)
{
  const std::size_t width = 100;
  std::string line;
  for (const std::string &word : split(text, ' ')) {
    if (!line.empty() && indent.size() + line.size() + word.size() > width) {
      out << indent << "# " << line << '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty())
    out << indent << "# " << line << '\n';
}

void print_declaration(std::ostream &out, const std::string &indent, const ParameterDeclaration &declaration,
                       const bool with_help)
{
  if (with_help) {
    out << '\n';
    print_comment(out, indent, declaration.help);
    print_comment(out, indent,
                  "Allowed: " + declaration.allowed +
                      ". Default: " + (declaration.initial.empty() ? "empty" : declaration.initial) + ".");
  }
  out << indent << "set " << declaration.name << " =" << (declaration.value.empty() ? "" : " ")
      << declaration.value << '\n';
}

/// `indent` begins each line: blanks and, for an instance that only shows what is possible, the "#" of a
/// comment.
void print_section(std::ostream &out, const ParameterNode &node, const std::string &indent,
                   const bool with_help)
{
  for (const ParameterDeclaration &declaration : node.declarations)
    print_declaration(out, indent, declaration, with_help);
  for (const auto &child : node.children)
    if (child->declared && (with_help || !child->is_template)) {
      const std::string child_indent = indent + (child->is_template ? "# " : "");
      if (with_help || indent.empty())
        print_blank_line(out, child_indent);
      if (with_help)
        print_comment(out, child_indent, child->help);
      out << child_indent << "subsection " << child->name << '\n';
      print_section(out, *child, child_indent + "  ", with_help);
      out << child_indent << "end\n";
    }
}
} // namespace

ParameterFile::ParameterFile(const std::string &file_name, const std::vector<std::string> &overrides)
    : root_node_(std::make_shared<ParameterNode>())
{
  root_node_->declared = true;
  root_node_->in_file = !file_name.empty();
  if (!file_name.empty())
    Reader().read(file_name, *root_node_, "");
  for (const std::string &text : overrides)
    apply_override(*root_node_, text);
}

ParameterSection ParameterFile::root()
{
  return ParameterSection(root_node_);
}

void ParameterFile::finish() const
{
  std::vector<std::string> messages;
  collect_unknown(*root_node_, *root_node_, messages);
  if (!messages.empty())
    throw InputError(join(messages, "\n"));
}

void ParameterFile::print(std::ostream &out, const bool with_help) const
{
  print_section(out, *root_node_, "", with_help);
}
} // namespace lithoclase
