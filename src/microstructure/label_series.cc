#include "microstructure/label_series.h"

#include "core/failure.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

namespace lithoclase
{
namespace
{
namespace fs = std::filesystem;

bool is_digit(const char c)
{
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// Whether `name` fits a pattern with one `*`.
bool fits(const std::string &name, const std::string &pattern)
{
  const std::size_t star = pattern.find('*');
  const std::string before = pattern.substr(0, star), after = pattern.substr(star + 1);
  return name.size() >= before.size() + after.size() && name.compare(0, before.size(), before) == 0 &&
         name.compare(name.size() - after.size(), after.size(), after) == 0;
}

/// "layer_2" before "layer_10".
bool numbers_in_order(const std::string &a, const std::string &b)
{
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const auto number = [&](const std::string &text, std::size_t &place) {
        std::string digits;
        for (; place < text.size() && is_digit(text[place]); ++place)
          if (!digits.empty() || text[place] != '0')
            digits += text[place];
        return digits;
      };
      const std::string left = number(a, i), right = number(b, j);
      if (left.size() != right.size())
        return left.size() < right.size();
      if (left != right)
        return left < right;
    } else if (a[i++] != b[j++])
      return a[i - 1] < b[j - 1];
  }
  return a.size() - i < b.size() - j;
}

/// "layer_012.png" as "layer_#.png" and 12.
struct NumberedName
{
  explicit NumberedName(const std::string &file)
  {
    constexpr std::size_t most_digits = 18; // what is longer is no number of a layer
    std::string digits;
    for (const char c : fs::path(file).filename().string() + '\0') {
      if (is_digit(c)) {
        digits += c;
        continue;
      }
      if (digits.empty() || digits.size() > most_digits)
        text += digits;
      else {
        text += '#';
        numbers.push_back(std::stoull(digits));
      }
      digits.clear();
      text += c;
    }
  }

  std::string text;
  std::vector<unsigned long long> numbers;
};

/// Which of the numbers in the names counts the layers: the only one in which they differ, if they are alike
/// in all else.
std::optional<std::size_t> layer_number(const std::vector<NumberedName> &names)
{
  std::optional<std::size_t> found;
  for (const NumberedName &name : names) {
    if (name.text != names[0].text)
      return {};
    for (std::size_t i = 0; i < name.numbers.size(); ++i)
      if (name.numbers[i] != names[0].numbers[i]) {
        if (found && *found != i)
          return {};
        found = i;
      }
  }
  return found;
}

/// That no layer between the first and the last is missing, or there twice.
void check_layers(const std::vector<std::string> &files, const std::string &pattern)
{
  const std::vector<NumberedName> names(files.begin(), files.end());
  const std::optional<std::size_t> layer = layer_number(names);
  for (std::size_t k = 1; k < names.size(); ++k) {
    const NumberedName &before = names[k - 1], &here = names[k];
    const std::string pair = "'" + fs::path(files[k - 1]).filename().string() + "' and '" +
                             fs::path(files[k]).filename().string() + "'";
    if (here.text == before.text && here.numbers == before.numbers)
      throw InputError("The series '" + pattern + "' has a layer of the same number twice: " + pair + ".");
    if (layer && here.numbers[*layer] > before.numbers[*layer] + 1)
      throw InputError("The series '" + pattern + "' lacks layer " +
                       std::to_string(before.numbers[*layer] + 1) + ", between " + pair +
                       "; layers must be numbered one by one.");
  }
}
} // namespace

std::vector<std::string> files_of_series(const std::string &pattern)
{
  const fs::path folder = fs::path(pattern).parent_path();
  const std::string name = fs::path(pattern).filename().string();
  std::vector<std::string> files;
  std::error_code error;
  for (const auto &entry : fs::directory_iterator(folder.empty() ? "." : folder, error))
    if (fits(entry.path().filename().string(), name))
      files.push_back(entry.path().string());
  if (files.empty())
    throw InputError("No file fits '" + pattern + "', the value of 'Microstructure/Label image/file'.");
  std::sort(files.begin(), files.end(), numbers_in_order);
  check_layers(files, pattern);
  return files;
}
} // namespace lithoclase
