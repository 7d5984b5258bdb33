#pragma once

#include <optional>
#include <string>
#include <vector>

/// Small helpers on strings, independent of the locale.
namespace lithoclase
{
/// `text` without white space at both ends.
std::string trim(const std::string &text);

/// The trimmed pieces between separators; no pieces for an empty text.
std::vector<std::string> split(const std::string &text, char separator);

std::string join(const std::vector<std::string> &pieces, const std::string &separator);

/// "'a', 'b' or 'c'", for messages that list what is allowed; `last` is the word before the last piece.
std::string quoted_list(const std::vector<std::string> &words, const std::string &last = "or");

/// The number at the begin of `text`; `rest` is what follows. Nothing if there is none, or it is infinite or
/// too large.
std::optional<double> leading_number(const std::string &text, std::string &rest);

/// The shortest decimal that reads back to the same double: "0.25", "20", "1.5e-9".
std::string format_number(double value);

/// The candidate nearest to `word` by edit distance (case-insensitive), or "" if none is near.
std::string nearest_name(const std::string &word, const std::vector<std::string> &candidates);

/// "; did you mean 'X'?" with the nearest of the candidates, or "" if none is near.
std::string suggestion(const std::string &word, const std::vector<std::string> &candidates);
} // namespace lithoclase
