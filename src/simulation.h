#pragma once

#include "conservation.h"
#include "core/log.h"
#include "core/signals.h"
#include "core/timing.h"
#include "model.h"
#include "onsets.h"
#include "output/checkpoint.h"
#include "output/diagnostics.h"
#include "output/field_output.h"
#include "output/folder_lock.h"
#include "output/history.h"
#include "output/run_record.h"
#include "time_stepping.h"

#include <memory>
#include <optional>
#include <string>

namespace lithoclase
{
/// What the command line adds to the parameter file.
struct RunOptions
{
  bool resume = false; ///< go on from the newest checkpoint
  std::string command; ///< the command line
  std::string case_name;
  std::string parameter_text; ///< all parameters as in use
};

/// One run of one case. The constructor wires the program; run() is the loop over time.
template <int dim>
class Simulation
{
public:
  Simulation(const Parameters &parameters, const RunOptions &options, MPI_Comm communicator);
  ~Simulation();

  ExitCode run();

  /// Report and picture of the microstructure in the folder of results, without a simulation.
  void write_microstructure();
  /// The microstructure as an image of labels.
  void export_labels(const std::string &file);

private:
  void claim_folder(); ///< of the results, for this run alone
  void start();
  void resume();
  void open_output();
  std::string events_path() const { return parameters_.output.directory + "/events.csv"; }
  std::vector<BoundedProperty> bounds() const;
  void time_loop(std::string &reason, ExitCode &code);
  std::map<std::string, std::string> parameters_that_must_agree() const;
  void tell_changes();
  bool checkpoint_due() const;
  bool write_checkpoint();
  void write_last_checkpoint(std::string &reason, ExitCode &code);
  void add_microstructure(OutputFields<dim> &output) const;
  bool adapt_mesh(bool within_step = false);
  void request_microstructure(std::vector<unsigned char> &wanted_level) const;
  Step make_step();
  typename Coupling<dim>::Counts solve_step(Step step);
  void accept(const Step &step, const typename Coupling<dim>::Counts &counts);
  ObservableRow observe(const Step &step, const typename Coupling<dim>::Counts &counts);
  void write_fields(double time, unsigned long long step);
  std::string reason_to_end(const Step &step, ExitCode &code);

  const Parameters parameters_;
  const RunOptions options_;
  MPI_Comm communicator_;
  Timing timing_;
  SignalCatcher signals_;
  WallClockLimit wall_clock_;
  Log log_;
  std::unique_ptr<FolderLock> folder_lock_;
  Mesh<dim> mesh_;
  Microstructure<dim> microstructure_;
  MaterialDatabase materials_;
  const Protocol protocol_;
  State<dim> state_;
  Model<dim> model_;
  std::optional<Onsets<dim>> onsets_; ///< in the mode of simulation only
  Coupling<dim> coupling_;
  TimeStepping stepping_;
  std::unique_ptr<FieldOutput<dim>> field_output_;
  std::unique_ptr<History> history_;
  std::unique_ptr<Diagnostics<dim>> diagnostics_;
  std::unique_ptr<RunRecord> record_;
  Checkpoint<dim> checkpoint_;
  bool told_of_cell_limit_ = false;
  double last_checkpoint_ = 0.;   ///< wall time of this run [s]
  double earlier_wall_time_ = 0.; ///< of the runs that this one continues [s]
  RemainingTime remaining_;
  Conservation conservation_;
};
} // namespace lithoclase
