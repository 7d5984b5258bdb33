#pragma once

#include <string>
#include <vector>

namespace lithoclase
{
/// The files of a series of layers in the order of the numbers in their names, "layer_2" before "layer_10".
/// `pattern`: the path of one of them, with a `*` in its name. Where the names differ in one number, it
/// counts the layers one by one. Throws InputError where a layer is missing or there twice.
std::vector<std::string> files_of_series(const std::string &pattern);
} // namespace lithoclase
