#pragma once

#include "core/log.h"
#include "core/signals.h"
#include "core/timing.h"
#include "coupling.h"
#include "materials/material_database.h"
#include "microstructure/microstructure.h"
#include "output/field_output.h"
#include "output/history.h"
#include "parameters.h"
#include "time_stepping.h"

#include <memory>
#include <string>

namespace lithoclase
{
/// What the command line adds to the parameter file.
struct RunOptions
{
  bool resume = false;        ///< go on from the newest checkpoint
  std::string parameter_text; ///< all parameters as in use, for the record of the run
};

/// One run of one case. The constructor wires the program; run() is the loop over time.
template <int dim>
class Simulation
{
public:
  Simulation(const Parameters &parameters, const RunOptions &options, MPI_Comm communicator);
  ~Simulation();

  ExitCode run();

private:
  void make_modules();
  void check_resolution();
  void start();
  bool adapt_mesh();
  void request_microstructure(std::vector<unsigned char> &wanted_level) const;
  Step make_step();
  void accept(const Step &step, const typename Coupling<dim>::Counts &counts);
  ObservableRow observe(const Step &step, const typename Coupling<dim>::Counts &counts);
  void write_fields(double time, unsigned long long step);
  std::string reason_to_end(const Step &step);

  const Parameters parameters_;
  const RunOptions options_;
  MPI_Comm communicator_;
  Timing timing_;
  SignalCatcher signals_;
  WallClockLimit wall_clock_;
  Log log_;
  Mesh<dim> mesh_;
  Microstructure<dim> microstructure_;
  MaterialDatabase materials_;
  const TransportData transport_data_;
  const TransportProperties<dim> transport_;
  const Protocol protocol_;
  State<dim> state_;
  Field<dim> &lithium_;
  typename Coupling<dim>::Modules modules_;
  Coupling<dim> coupling_;
  TimeStepping stepping_;
  std::unique_ptr<FieldOutput<dim>> field_output_;
  std::unique_ptr<History> history_;
  RemainingTime remaining_;
};
} // namespace lithoclase
