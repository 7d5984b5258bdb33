#pragma once

#include <string>

namespace lithoclase
{
/// Version and revision of the source that was compiled, e.g. "0.1.0 (3f2a1bc-dirty)".
std::string source_revision();

/// The folder input/ of the source tree: the material files that a parameter file may name without a path are
/// here.
std::string data_directory();
} // namespace lithoclase
