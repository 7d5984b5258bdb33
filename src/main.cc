#include "core/collective.h"
#include "core/failure.h"
#include "parameters.h"
#include "simulation.h"

#include <CLI/CLI.hpp>

#include <deal.II/base/mpi.h>
#include <deal.II/base/multithread_info.h>

#include <filesystem>
#include <iostream>
#include <sstream>

namespace
{
using namespace lithoclase;

/// What the user typed.
struct CommandLine
{
  std::string case_file;
  std::vector<std::string> overrides;
  bool validate = false;
  bool print_parameters = false;
  bool resume = false;
  bool microstructure_only = false;
  std::string label_file; ///< to be written
  std::string text;       ///< as typed
};

void declare(CLI::App &app, CommandLine &line)
{
  app.add_option("case", line.case_file, "parameter file of the case (.prm)");
  app.add_option("--set", line.overrides, "sets a parameter: \"Section/Subsection/key=value\"")
      ->take_all()
      ->allow_extra_args(false); // one value each: what follows may be the case
  app.add_flag("--validate", line.validate, "checks the case and ends without running it");
  app.add_flag("--print-parameters", line.print_parameters,
               "prints all parameters with help and values in use");
}

template <int dim>
ExitCode run_case(const CommandLine &line, const Parameters &parameters, const std::string &parameter_text)
{
  RunOptions options;
  options.resume = line.resume;
  options.parameter_text = parameter_text;
  options.case_name = std::filesystem::path(line.case_file).stem().string();
  options.command = line.text;
  Simulation<dim> simulation(parameters, options, MPI_COMM_WORLD);
  if (line.validate)
    return ExitCode::success;
  if (line.microstructure_only) {
    simulation.write_microstructure();
    if (!line.label_file.empty())
      simulation.export_labels(line.label_file);
    return ExitCode::success;
  }
  return simulation.run();
}

ExitCode run(const CommandLine &line)
{
  const bool talks = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0;
  if (line.case_file.empty() && !line.print_parameters)
    throw InputError("no parameter file is given; 'lithoclase --help' says how to call the program");
  ParameterFile file(line.case_file, line.overrides);
  Parameters parameters;
  if (!line.case_file.empty())
    parameters.output.directory = "results/" + std::filesystem::path(line.case_file).stem().string();
  parameters.declare(file.root());
  file.finish();
  if (line.print_parameters) {
    if (talks)
      file.print(std::cout, true);
    return ExitCode::success;
  }
  std::ostringstream text;
  file.print(text, false);
  PetscOptionsInsertString(nullptr, parameters.petsc_options.c_str());
  const ExitCode code = parameters.dimension == 2 ? run_case<2>(line, parameters, text.str())
                                                  : run_case<3>(line, parameters, text.str());
  if (line.validate && talks)
    std::cout << line.case_file << " is valid\n";
  return code;
}

/// One sentence, and the exit code. Mostly all ranks have failed alike and the first speaks; if it happened
/// on some alone (a file that one node does not see), each of them speaks and ends the others, which wait.
/// `communicator` is used for nothing else, as others may wait in a collective call of any other one.
int fail(const std::exception &error, const ExitCode code, MPI_Comm communicator)
{
  constexpr double patience = 10.; // [s]
  const bool together = all_ranks_come(communicator, patience);
  if (!together || dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD) == 0)
    std::cerr << "lithoclase: " + std::string(error.what()) + "\n" << std::flush;
  if (!together)
    MPI_Abort(MPI_COMM_WORLD, static_cast<int>(code));
  return static_cast<int>(code);
}

/// Every exception becomes one sentence and an exit code.
int guarded_run(const CommandLine &line)
{
  MPI_Comm for_failures = MPI_COMM_NULL;
  MPI_Comm_dup(MPI_COMM_WORLD, &for_failures);
  try {
    return static_cast<int>(run(line));
  } catch (const InputError &error) {
    return fail(error, ExitCode::bad_input, for_failures);
  } catch (const std::exception &error) {
    return fail(error, ExitCode::failure, for_failures);
  }
}
} // namespace

int main(int argc, char *argv[])
{
  CommandLine line;
  CLI::App app("Lithoclase: lithium growth, charge transport and fracture in solid electrolytes");
  declare(app, line);
  app.add_flag("--resume", line.resume, "goes on from the newest checkpoint of the case");
  CLI::App *microstructure =
      app.add_subcommand("microstructure", "makes the microstructure with report and picture only");
  declare(*microstructure, line);
  microstructure->add_option("--export-labels", line.label_file,
                             "writes grains, pores and lithium as an image of labels: FILE.vti or FILE.h5");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(lithoclase::ExitCode::bad_input);
  }
  line.microstructure_only = microstructure->parsed();
  for (int i = 0; i < argc; ++i)
    line.text += (i > 0 ? " " : "") + std::string(argv[i]);

  int mpi_argc = 1; // options are ours; PETSc takes its own from PETSC_OPTIONS or the parameter file
  dealii::Utilities::MPI::MPI_InitFinalize mpi(mpi_argc, argv, 1);
  return guarded_run(line);
}
