#pragma once

#include <deal.II/base/mpi.h>

#include <chrono>
#include <string>

namespace lithoclase
{
/// While an object of this class lives, SIGTERM, SIGUSR1 and SIGINT only set a flag, so that the run can end
/// after the present step with a checkpoint; a second SIGINT ends the program at once. SIGXFSZ is ignored: a
/// file beyond the allowed size is then an error of the write that the writer reports.
class SignalCatcher
{
public:
  SignalCatcher();
  ~SignalCatcher();
  SignalCatcher(const SignalCatcher &) = delete;
  SignalCatcher &operator=(const SignalCatcher &) = delete;
};

/// The name of the signal that any rank has received ("SIGTERM"), the same on all ranks; empty if none.
/// Collective.
std::string stop_signal(MPI_Comm communicator);

/// Whether any rank has received a signal to stop. Collective.
inline bool stop_requested(MPI_Comm communicator)
{
  return !stop_signal(communicator).empty();
}

/// Says when to stop so that one more step and a checkpoint still fit into the wall-clock time granted to the
/// run.
class WallClockLimit
{
public:
  /// `limit` [s] of wall time from now on; 0 for none.
  explicit WallClockLimit(double limit);

  /// Wall time of a step or a checkpoint [s]: the longest so far are the margin.
  void step_took(double seconds);
  void checkpoint_took(double seconds);

  double elapsed() const;                    ///< [s], on this rank
  double margin() const;                     ///< [s]
  bool reached(MPI_Comm communicator) const; ///< collective, the same on all ranks

private:
  std::chrono::steady_clock::time_point start_;
  double limit_;
  double longest_step_ = 0.;
  double longest_checkpoint_ = 0.;
};
} // namespace lithoclase
