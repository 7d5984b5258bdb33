#include "core/signals.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

namespace lithoclase
{
using namespace dealii;

namespace
{
volatile std::sig_atomic_t caught_signal = 0;

constexpr std::array<std::pair<int, const char *>, 3> stop_signals{
    {{SIGTERM, "SIGTERM"}, {SIGUSR1, "SIGUSR1"}, {SIGINT, "SIGINT"}}};
std::array<struct sigaction, 3> previous_actions;
struct sigaction previous_file_size_action;

extern "C" void remember_signal(int signal)
{
  if (signal == SIGINT && caught_signal == SIGINT) {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
  }
  caught_signal = signal;
}
} // namespace

SignalCatcher::SignalCatcher()
{
  caught_signal = 0;
  struct sigaction action = {};
  action.sa_handler = remember_signal;
  action.sa_flags = SA_RESTART; // reads and writes under way go on
  for (unsigned int i = 0; i < stop_signals.size(); ++i)
    sigaction(stop_signals[i].first, &action, &previous_actions[i]);
  action.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &action, &previous_file_size_action);
}

SignalCatcher::~SignalCatcher()
{
  for (unsigned int i = 0; i < stop_signals.size(); ++i)
    sigaction(stop_signals[i].first, &previous_actions[i], nullptr);
  sigaction(SIGXFSZ, &previous_file_size_action, nullptr);
}

std::string stop_signal(MPI_Comm communicator)
{
  const int signal = Utilities::MPI::max(static_cast<int>(caught_signal), communicator);
  for (const auto &[number, name] : stop_signals)
    if (number == signal)
      return name;
  return {};
}

WallClockLimit::WallClockLimit(const double limit) : start_(std::chrono::steady_clock::now()), limit_(limit)
{
}

void WallClockLimit::step_took(const double seconds)
{
  longest_step_ = std::max(longest_step_, seconds);
}

void WallClockLimit::checkpoint_took(const double seconds)
{
  longest_checkpoint_ = std::max(longest_checkpoint_, seconds);
}

double WallClockLimit::elapsed() const
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

double WallClockLimit::margin() const
{
  // A step may need a second try, a checkpoint may meet a busy file system. Before the first checkpoint its
  // time is unknown: 5 % of the limit, at most a minute.
  const double checkpoint =
      longest_checkpoint_ > 0. ? 2. * longest_checkpoint_ : std::min(60., 0.05 * limit_);
  return 2. * longest_step_ + checkpoint;
}

bool WallClockLimit::reached(MPI_Comm communicator) const
{
  if (limit_ <= 0.)
    return false;
  const int reached_here = limit_ - elapsed() < margin();
  return Utilities::MPI::max(reached_here, communicator) > 0;
}
} // namespace lithoclase
