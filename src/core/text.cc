#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lithoclase
{
std::string trim(const std::string &text)
{
  const char *const white_space = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string::npos)
    return "";
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::vector<std::string> split(const std::string &text, const char separator)
{
  std::vector<std::string> pieces;
  if (trim(text).empty())
    return pieces;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find(separator, begin);
    pieces.push_back(trim(text.substr(begin, end - begin)));
    if (end == std::string::npos)
      return pieces;
    begin = end + 1;
  }
}

std::string join(const std::vector<std::string> &pieces, const std::string &separator)
{
  std::string text;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    text += (i > 0 ? separator : "") + pieces[i];
  return text;
}

std::string quoted_list(const std::vector<std::string> &words, const std::string &last)
{
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0)
      text += (i + 1 == words.size()) ? " " + last + " " : ", ";
    text += "'" + words[i] + "'";
  }
  return text;
}

std::optional<double> leading_number(const std::string &text, std::string &rest)
{
  // from_chars knows no leading plus
  const std::size_t begin = (text.size() > 1 && text[0] == '+' && text[1] != '-') ? 1 : 0;
  double value = 0.;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value))
    return {};
  rest = std::string(end, text.data() + text.size());
  return value;
}

std::string format_number(const double value)
{
  if (value == 0.)
    return "0"; // also for -0
  const double size = std::abs(value);
  const bool plain = size >= 1e-4 && size < 1e7;
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value,
                                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer, result.ptr);
  const std::size_t exponent = plain ? std::string::npos : text.find('e');
  if (exponent != std::string::npos) {
    // "1e-09" -> "1e-9", "2e+12" -> "2e12"
    const int power = std::stoi(text.substr(exponent + 1));
    text = text.substr(0, exponent + 1) + std::to_string(power);
  }
  return text;
}

namespace
{
std::string lower_case(std::string text)
{
  for (char &c : text)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(const std::string &a, const std::string &b)
{
  std::vector<std::vector<std::size_t>> distance(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        distance[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      distance[i][j] = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
    }
  return distance[a.size()][b.size()];
}
} // namespace

std::string nearest_name(const std::string &word, const std::vector<std::string> &candidates)
{
  std::string nearest;
  std::size_t smallest =
      2 + word.size() / 4; // one error in short words, a quarter of the letters in long ones
  for (const std::string &candidate : candidates) {
    const std::size_t distance = edit_distance(lower_case(word), lower_case(candidate));
    if (distance < smallest && distance < std::max(word.size(), candidate.size())) {
      nearest = candidate;
      smallest = distance;
    }
  }
  return nearest;
}

std::string suggestion(const std::string &word, const std::vector<std::string> &candidates)
{
  const std::string nearest = nearest_name(word, candidates);
  return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}
} // namespace lithoclase
