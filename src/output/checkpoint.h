#pragma once

#include "core/state.h"

#include <deal.II/base/mpi.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace lithoclase
{
/// What a checkpoint holds besides the State.
struct CheckpointInfo
{
  double time = 0.;            ///< [s]
  unsigned long long step = 0; ///< number of the last accepted step
  double next_step_size = 0.;  ///< [s]
  double wall_time = 0.;       ///< of the run so far [s]
  /// Parameters that must agree after a restart: name -> value as text.
  std::map<std::string, std::string> parameters;
};

/// There is no room for a checkpoint; the one before is kept, and the run may go on.
class NoCheckpoint : public std::runtime_error
{
public:
  using std::runtime_error::runtime_error;
};

/// "Section/key" -> value of a printed parameter file (ParameterFile::print).
std::map<std::string, std::string> printed_values(const std::string &printed);

/// Saves a run so that it can be continued, on any number of ranks.
///
/// In `directory`/checkpoint there are two slots, A and B, which are written in turn, and the file `latest`
/// that names the slot to load. It is written last, by renaming, so that whatever happens to a run, the
/// checkpoint before is there in full. A slot holds the mesh and fields as deal.II writes them and
/// manifest.json: time, step, scalars, names of the fields, parameters that must agree, and size and checksum
/// of each file.
template <int dim>
class Checkpoint
{
public:
  Checkpoint(MPI_Comm communicator, const std::string &directory);

  /// Whether there is one to continue from. Collective.
  bool exists() const;

  /// A new run begins in this folder: --resume must not find the checkpoint of an old one. Its files stay
  /// until they are written over. Collective.
  void forget() const;

  /// Collective. NoCheckpoint on all ranks if there is no folder or no room. std::runtime_error if writing
  /// the mesh breaks off: deal.II keeps what was to be written attached to the mesh, so that the run cannot
  /// go on. The checkpoint before is then still the latest.
  void save(State<dim> &state, const CheckpointInfo &info);

  /// Checks the latest checkpoint: complete, unchanged, of this program, dimension and these parameters.
  /// Collective. InputError on all ranks otherwise.
  CheckpointInfo read(const std::map<std::string, std::string> &parameters) const;

  /// Loads the latest checkpoint, which read() has found good, into a state whose fields are made and whose
  /// mesh was constructed with MeshStart::coarse. Collective. InputError on all ranks if the fields are
  /// others.
  void load(State<dim> &state) const;

private:
  std::string slot_path(const std::string &slot) const;
  void write_slot(State<dim> &state, const CheckpointInfo &info, const std::string &slot);

  MPI_Comm communicator_;
  std::string directory_;
};
} // namespace lithoclase
