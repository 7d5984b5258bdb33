#pragma once

#include <deal.II/base/mpi.h>

#include <chrono>
#include <map>
#include <string>

namespace lithoclase
{
/// Wall time spent in named sections of the program. A section inside another counts in both.
class Timing
{
public:
  using Clock = std::chrono::steady_clock;

  /// Measures from its construction to its destruction: `const Timing::Scope scope = timing.scope("output");`
  class Scope
  {
  public:
    Scope(Timing &timing, const std::string &section);
    ~Scope();
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

  private:
    Timing &timing_;
    std::string section_;
    Clock::time_point start_;
  };

  Timing() : start_(Clock::now()) {}

  Scope scope(const std::string &section) { return Scope(*this, section); }

  double elapsed() const;                           ///< since construction [s], on this rank
  double seconds(const std::string &section) const; ///< spent in a section so far [s], on this rank

  /// The table of all sections that rank 0 has met: calls, time (the largest over the ranks), share of the
  /// whole. Collective; empty on the other ranks.
  std::string summary(MPI_Comm communicator) const;

private:
  struct Section
  {
    double seconds = 0.;
    unsigned long long calls = 0;
  };

  Clock::time_point start_;
  std::map<std::string, Section> sections_;
};

/// Adds the wall time from its construction to its destruction to a sum [s].
class TimeSpent
{
public:
  explicit TimeSpent(double &sum) : sum_(sum), start_(Timing::Clock::now()) {}
  ~TimeSpent() { sum_ += std::chrono::duration<double>(Timing::Clock::now() - start_).count(); }
  TimeSpent(const TimeSpent &) = delete;
  TimeSpent &operator=(const TimeSpent &) = delete;

private:
  double &sum_;
  Timing::Clock::time_point start_;
};

/// Wall time still needed, from the fraction of the work done. Recent progress counts more than old.
class RemainingTime
{
public:
  /// The fraction done, 0 to 1, after `wall_time` [s] of the run.
  void update(double fraction, double wall_time);
  double seconds() const; ///< infinity while unknown

private:
  bool started_ = false;
  double fraction_ = 0.;
  double wall_time_ = 0.;
  double weighted_fraction_ = 0.;
  double weighted_time_ = 0.;
};

/// Largest resident memory of each rank so far, summed over the ranks [bytes]. Collective.
double peak_memory(MPI_Comm communicator);
} // namespace lithoclase
