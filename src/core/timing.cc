#include "core/timing.h"

#include <deal.II/base/utilities.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <vector>

namespace lithoclase
{
using namespace dealii;

Timing::Scope::Scope(Timing &timing, const std::string &section)
    : timing_(timing), section_(section), start_(Clock::now())
{
}

Timing::Scope::~Scope()
{
  Section &section = timing_.sections_[section_];
  section.seconds += std::chrono::duration<double>(Clock::now() - start_).count();
  ++section.calls;
}

double Timing::elapsed() const
{
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

double Timing::seconds(const std::string &section) const
{
  const auto found = sections_.find(section);
  return found == sections_.end() ? 0. : found->second.seconds;
}

std::string Timing::summary(MPI_Comm communicator) const
{
  // The list of rank 0 decides: another rank may have met a section less or more.
  std::vector<std::string> names;
  for (const auto &[name, section] : sections_)
    names.push_back(name);
  names = Utilities::MPI::broadcast(communicator, names, 0);

  std::vector<double> times{elapsed()};
  for (const std::string &name : names)
    times.push_back(seconds(name));
  Utilities::MPI::max(times, communicator, times);
  if (Utilities::MPI::this_mpi_process(communicator) != 0)
    return {};

  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return times[a + 1] > times[b + 1]; });

  char line[200];
  std::string table;
  const auto add = [&](const std::string &name, const unsigned long long calls, const double time) {
    std::snprintf(line, sizeof(line), "  %-32s %8llu %10.3f s %5.1f %%\n", name.c_str(), calls, time,
                  times[0] > 0. ? 100. * time / times[0] : 0.);
    table += line;
  };
  std::snprintf(line, sizeof(line), "  %-32s %8s %12s %7s\n", "section", "calls", "wall time", "share");
  table += line;
  for (const std::size_t i : order)
    add(names[i], sections_.at(names[i]).calls, times[i + 1]);
  add("whole run", 1, times[0]);
  return table;
}

void RemainingTime::update(const double fraction, const double wall_time)
{
  if (started_) {
    // The last twenty updates or so.
    constexpr double keep = 0.95;
    weighted_fraction_ = keep * weighted_fraction_ + std::max(fraction - fraction_, 0.);
    weighted_time_ = keep * weighted_time_ + (wall_time - wall_time_);
  }
  started_ = true;
  fraction_ = std::max(fraction, fraction_);
  wall_time_ = wall_time;
}

double RemainingTime::seconds() const
{
  if (weighted_fraction_ <= 0.)
    return std::numeric_limits<double>::infinity();
  return std::max(1. - fraction_, 0.) * weighted_time_ / weighted_fraction_;
}

double peak_memory(MPI_Comm communicator)
{
  Utilities::System::MemoryStats stats;
  Utilities::System::get_memory_stats(stats);
  return Utilities::MPI::sum(1024. * stats.VmHWM, communicator);
}
} // namespace lithoclase
