#pragma once

#include "microstructure/label_reader.h"

#include <istream>

/// Labels from numbers as they stand in a file.
namespace lithoclase
{
enum class NumberType
{
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float32,
  float64
};

std::size_t size_of(NumberType type); ///< [bytes]

/// Appends `n` binary numbers. Throws InputError.
void append_binary_labels(std::vector<char> &bytes, std::size_t n, NumberType type, bool big_endian,
                          const std::string &file, LabelVoxels &voxels);

/// Appends `n` numbers of a text, separated by white space; InputError if it ends before.
void append_text_labels(std::istream &text, std::size_t n, const std::string &file, LabelVoxels &voxels);

/// InputError: the file holds so many values for the voxels there should be.
[[noreturn]] void cut_short(const std::string &file, std::size_t n_values, const LabelVoxels &voxels);
} // namespace lithoclase
