#include "core/parameter_node.h"

namespace lithoclase
{
std::string ParameterNode::path_of(const std::string &entry) const
{
  if (path.empty() || entry.empty())
    return path + entry;
  return path + "/" + entry;
}

const ParameterEntry *ParameterNode::find_entry(const std::string &key) const
{
  for (const ParameterEntry &entry : entries)
    if (entry.key == key)
      return &entry;
  return nullptr;
}

const ParameterDeclaration *ParameterNode::find_declaration(const std::string &declared_name) const
{
  for (const ParameterDeclaration &declaration : declarations)
    if (declaration.name == declared_name)
      return &declaration;
  return nullptr;
}

ParameterNode *ParameterNode::find_child(const std::string &child_name) const
{
  for (const auto &child : children)
    if (child->name == child_name && !child->is_template)
      return child.get();
  return nullptr;
}

std::shared_ptr<ParameterNode> ParameterNode::child(const std::string &child_name)
{
  for (const auto &child : children)
    if (child->name == child_name && !child->is_template)
      return child;
  children.push_back(std::make_shared<ParameterNode>());
  children.back()->name = child_name;
  children.back()->path = path_of(child_name);
  return children.back();
}
} // namespace lithoclase
