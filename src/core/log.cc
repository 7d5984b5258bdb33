#include "core/log.h"

#include "core/collective.h"
#include "core/failure.h"

#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <string_view>
#include <vector>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr unsigned int line_width = 110;

struct DisplayUnit
{
  std::string_view si;
  std::string_view name;
  double size; ///< in SI
};

// Per SI unit from small to large: the largest one below the value is taken.
constexpr DisplayUnit display_units[] = {{"m", "nm", 1e-9},
                                         {"m", "um", 1e-6},
                                         {"m", "mm", 1e-3},
                                         {"s", "us", 1e-6},
                                         {"s", "ms", 1e-3},
                                         {"s", "s", 1.},
                                         {"s", "min", 60.},
                                         {"s", "h", 3600.},
                                         {"V", "uV", 1e-6},
                                         {"V", "mV", 1e-3},
                                         {"V", "V", 1.},
                                         {"A/m^2", "uA/cm^2", 1e-2},
                                         {"A/m^2", "mA/cm^2", 10.},
                                         {"A/m^2", "A/cm^2", 1e4},
                                         {"C/m^2", "uAh/cm^2", 36.},
                                         {"C/m^2", "mAh/cm^2", 36e3},
                                         {"Pa", "Pa", 1.},
                                         {"Pa", "kPa", 1e3},
                                         {"Pa", "MPa", 1e6},
                                         {"Pa", "GPa", 1e9},
                                         {"m/s", "nm/s", 1e-9},
                                         {"m/s", "um/s", 1e-6},
                                         {"m/s", "m/s", 1.},
                                         {"S/m", "nS/cm", 1e-7},
                                         {"S/m", "uS/cm", 1e-4},
                                         {"S/m", "mS/cm", 0.1},
                                         {"Ohm m^2", "Ohm cm^2", 1e-4},
                                         {"B", "kB", 1e3},
                                         {"B", "MB", 1e6},
                                         {"B", "GB", 1e9}};

template <typename... Arguments>
std::string format(const char *pattern, const Arguments... arguments)
{
  char text[256];
  std::snprintf(text, sizeof(text), pattern, arguments...);
  return text;
}

std::string in_words(std::string name)
{
  for (char &c : name)
    if (c == '_')
      c = ' ';
  return name;
}
} // namespace

std::string friendly(const double value, const std::string &unit)
{
  const DisplayUnit *chosen = nullptr;
  for (const DisplayUnit &candidate : display_units)
    if (candidate.si == unit && (!chosen || std::abs(value) >= 0.9995 * candidate.size))
      chosen = &candidate;
  if (unit == "1" || unit.empty())
    return format("%.6g", value);
  if (!chosen || value == 0.)
    return format("%.4g", value) + " " + unit;
  return format("%.4g", value / chosen->size) + " " + std::string(chosen->name);
}

std::string format_duration(const double seconds)
{
  if (!std::isfinite(seconds) || seconds > 1e9)
    return "unknown";
  const unsigned long long s = std::llround(std::max(seconds, 0.));
  if (s < 60)
    return format("%llu s", s);
  if (s < 3600)
    return format("%llu min %02llu s", s / 60, s % 60);
  if (s < 86400)
    return format("%llu h %02llu min", s / 3600, s / 60 % 60);
  return format("%llu d %02llu h", s / 86400, s / 3600 % 24);
}

bool output_is_a_terminal()
{
  if (isatty(STDOUT_FILENO) == 0)
    return false;
  const bool launched = std::getenv("OMPI_COMM_WORLD_RANK") != nullptr ||
                        std::getenv("PMI_RANK") != nullptr || std::getenv("PMIX_RANK") != nullptr;
  if (!launched)
    return true;
  const std::string link = "/proc/" + std::to_string(getppid()) + "/fd/1";
  char target[256] = {};
  if (readlink(link.c_str(), target, sizeof(target) - 1) < 0)
    return false;
  const std::string_view name(target);
  return name.rfind("/dev/pts/", 0) == 0 || name.rfind("/dev/tty", 0) == 0;
}

Log::Log(MPI_Comm communicator, std::ostream *screen, const bool terminal)
    : active_(Utilities::MPI::this_mpi_process(communicator) == 0), terminal_(terminal),
      communicator_(communicator), screen_(active_ ? screen : nullptr)
{
}

Log::~Log()
{
  erase_bar();
}

void Log::open_file(const std::string &file_name, const bool append)
{
  std::string error;
  if (active_) {
    file_.open(file_name, append ? std::ios::app : std::ios::trunc);
    if (!file_)
      error = "the log file '" + file_name + "' cannot be written: " + std::strerror(errno);
  }
  throw_on_all_ranks<InputError>(communicator_, error);
}

void Log::erase_bar()
{
  if (bar_shown_)
    *screen_ << "\r\033[K" << std::flush;
  bar_shown_ = false;
}

void Log::line(const std::string &text)
{
  if (!active_)
    return;
  erase_bar();
  if (screen_ != nullptr)
    *screen_ << text << '\n' << std::flush;
  if (file_.is_open())
    file_ << text << '\n' << std::flush;
}

void Log::warning(const std::string &text)
{
  line("Warning: " + text);
}

void Log::begin_step(const Step &step)
{
  if (active_)
    line("\nStep " + std::to_string(step.number) + ": time " + friendly(step.time(), "s") + ", step size " +
         friendly(step.size, "s"));
}

void Log::solve(const std::string &module, const SolveReport &report)
{
  if (!active_)
    return;
  std::string text =
      format("  %-20s %3u nonlinear, %4u linear iterations, increment %.2e", in_words(module).c_str(),
             report.nonlinear_iterations, report.linear_iterations, report.increment);
  if (!report.detail.empty())
    text += ", " + report.detail;
  line(text);
}

void Log::observables(const ObservableRow &row)
{
  if (!active_)
    return;
  std::string text = " ";
  std::size_t width = text.size();
  for (const Observable &observable : row.entries())
    if (observable.on_screen) {
      const std::string entry = in_words(observable.name) + " " + friendly(observable.value, observable.unit);
      if (width > 1 && width + entry.size() + 2 > line_width) {
        text += ",\n ";
        width = 1;
      }
      const std::string separator = width > 1 ? ", " : " ";
      text += separator + entry;
      width += separator.size() + entry.size();
    }
  if (text.size() > 1)
    line(text);
}

void Log::progress(const double fraction, const double remaining_seconds)
{
  if (!active_)
    return;
  const double done = std::min(std::max(fraction, 0.), 1.);
  std::string text = format("%.1f %%", 100. * done);
  if (std::isfinite(remaining_seconds))
    text += ", about " + format_duration(remaining_seconds) + " left";
  if (file_.is_open())
    file_ << "  progress " << text << '\n' << std::flush;
  if (screen_ == nullptr)
    return;
  if (!terminal_) {
    *screen_ << "  progress " << text << '\n' << std::flush;
    return;
  }
  constexpr unsigned int length = 40;
  const auto filled = static_cast<unsigned int>(done * length);
  *screen_ << "\r\033[K[" << std::string(filled, '=') << std::string(length - filled, ' ') << "] " << text
           << std::flush;
  bar_shown_ = true;
}
} // namespace lithoclase
