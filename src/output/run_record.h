#pragma once

#include <deal.II/base/mpi.h>

#include <chrono>
#include <map>
#include <string>

namespace lithoclase
{
/// What a run is, known when it begins.
struct RunDescription
{
  std::string case_name;
  std::string command;    ///< the command line
  std::string parameters; ///< the resolved parameter file
  std::string materials;  ///< material values used, as JSON; empty: none
  std::map<std::string, unsigned long long> seeds;
};

/// The record of a run, run.json: what ran, with what, where, when, and how it ended. Written at the start
/// and completed at the end, so that a run that was killed shows as one without an end. After a restart the
/// records of the runs before stand in "earlier_runs".
class RunRecord
{
public:
  /// `already`: seconds since the run began. Collective. std::runtime_error on all ranks if the file cannot
  /// be written.
  RunRecord(MPI_Comm communicator, const std::string &path, const RunDescription &description, bool resumed,
            double already);

  /// Completes the record; `numbers` are figures of the run ("steps", "cells", "peak memory [B]"). Only rank
  /// 0 does something. No error is raised: the reason for the end may well be a full disk.
  void finish(const std::string &exit_reason, int exit_code,
              const std::map<std::string, double> &numbers = {}) const;

private:
  using Clock = std::chrono::steady_clock;

  MPI_Comm communicator_;
  std::string path_;
  Clock::time_point start_; ///< of the run
};

/// Names and versions of the libraries in use.
std::map<std::string, std::string> library_versions();
} // namespace lithoclase
