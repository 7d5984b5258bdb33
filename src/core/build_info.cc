#include "core/build_info.h"

#include "build_info_values.h" // written at each build

namespace lithoclase
{
std::string source_revision()
{
  return LITHOCLASE_REVISION;
}

std::string data_directory()
{
  return LITHOCLASE_DATA_DIR;
}
} // namespace lithoclase
