#include "output/checkpoint.h"

#include "core/build_info.h"
#include "core/collective.h"
#include "core/failure.h"
#include "core/text.h"
#include "output/files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace lithoclase
{
using namespace dealii;
using nlohmann::json;

namespace
{
constexpr int manifest_format = 2;
const std::string manifest_name = "manifest.json";
const std::string mesh_name = "mesh";

/// Not a number and infinity have no word in JSON, so numbers of the State are kept as text that reads back
/// exactly.
std::string exact(const double value)
{
  char text[40];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

/// FNV-1a of a file, of its first and last 16 MiB if it is larger: truncation and mixed-up files show, at a
/// cost that does not grow with the mesh.
std::string checksum(const std::string &path, const std::uintmax_t size)
{
  constexpr std::uintmax_t part = std::uintmax_t(16) << 20;
  std::uint64_t hash = 14695981039346656037ull;
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(1 << 20);
  const auto add = [&](const std::uintmax_t begin, const std::uintmax_t end) {
    file.seekg(static_cast<std::streamoff>(begin));
    for (std::uintmax_t position = begin; position < end && file; position += buffer.size()) {
      file.read(buffer.data(),
                static_cast<std::streamsize>(std::min<std::uintmax_t>(buffer.size(), end - position)));
      for (std::streamsize i = 0; i < file.gcount(); ++i)
        hash = (hash ^ static_cast<unsigned char>(buffer[i])) * 1099511628211ull;
    }
  };
  add(0, std::min(part, size));
  if (size > part)
    add(std::max(part, size - part), size);
  char text[20];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

/// Fields that a checkpoint holds, in the order in which deal.II stores them.
template <int dim>
std::vector<const Field<dim> *> stored_fields(const State<dim> &state)
{
  std::vector<const Field<dim> *> fields;
  for (const SpaceKind kind : {SpaceKind::nodal, SpaceKind::vector, SpaceKind::quadrature, SpaceKind::cell})
    for (const Field<dim> &field : state.fields())
      if (field.transfer == Transfer::interpolate && field.space.kind() == kind)
        fields.push_back(&field);
  return fields;
}

template <int dim>
std::uintmax_t bytes_of_fields(const State<dim> &state)
{
  std::uintmax_t per_cell = 0;
  for (const Field<dim> *field : stored_fields(state))
    per_cell += field->space.fe().n_dofs_per_cell() * sizeof(double);
  return per_cell * state.mesh().triangulation.n_global_active_cells();
}

/// Besides the fields: status and coordinates of each cell, the coarse mesh, small files.
template <int dim>
std::uintmax_t bytes_of_checkpoint(const State<dim> &state)
{
  const auto &triangulation = state.mesh().triangulation;
  const std::uintmax_t mesh = triangulation.n_global_active_cells() * (sizeof(int) * (dim + 3)) +
                              triangulation.n_cells(0) * 512 + 100000;
  const std::uintmax_t bytes = bytes_of_fields(state) + mesh;
  return bytes + bytes / 10;
}

/// What identifies the coarse mesh.
template <int dim>
std::string box_of(const Mesh<dim> &mesh)
{
  std::ostringstream text;
  text.precision(12);
  text << mesh.triangulation.n_cells(0) << " coarse cells from " << mesh.lower() << " m to " << mesh.upper()
       << " m";
  return text.str();
}

template <int dim>
json field_list(const State<dim> &state)
{
  json list = json::array();
  for (const Field<dim> *field : stored_fields(state))
    list.push_back({{"name", field->name},
                    {"unit", field->unit},
                    {"values_per_cell", field->space.fe().n_dofs_per_cell()}});
  return list;
}

std::string names_of(const json &fields)
{
  std::string names;
  for (const json &field : fields)
    names += (names.empty() ? "" : ", ") + field.at("name").get<std::string>();
  return names;
}

template <int dim>
json describe(const State<dim> &state, const CheckpointInfo &info)
{
  json scalars = json::object();
  for (const Scalar &scalar : state.scalars())
    scalars[scalar.name] = {{"value", exact(scalar.value)}, {"unit", scalar.unit}};
  const Mesh<dim> &mesh = state.mesh();
  return {{"program", "lithoclase"},
          {"format", manifest_format},
          {"revision", source_revision()},
          {"deal.II", DEAL_II_PACKAGE_VERSION},
          {"dimension", dim},
          {"box", box_of(mesh)},
          {"cells", mesh.triangulation.n_global_active_cells()},
          {"ranks", Utilities::MPI::n_mpi_processes(mesh.communicator())},
          {"time", exact(info.time)},
          {"step", info.step},
          {"next_step_size", exact(info.next_step_size)},
          {"wall_time", exact(info.wall_time)},
          {"parameters", info.parameters},
          {"scalars", scalars},
          {"fields", field_list(state)}};
}

/// Adds name, size and checksum of the slot's files to the manifest and brings them to the disk.
std::string add_files(json &manifest, const std::string &path)
{
  manifest["files"] = json::array();
  for (const auto &entry : std::filesystem::directory_iterator(path)) {
    const std::string file = entry.path().string();
    const std::string error = sync_file(file);
    if (!error.empty())
      return error;
    manifest["files"].push_back({{"name", entry.path().filename().string()},
                                 {"size", entry.file_size()},
                                 {"checksum", checksum(file, entry.file_size())}});
  }
  return {};
}

/// Checks what deal.II has written and adds the manifest; returns what is wrong. One rank alone does this.
std::string complete_slot(const std::string &path, const std::uintmax_t bytes_of_fields, json manifest)
{
  try {
    const std::string fields = path + "/" + mesh_name + "_fixed.data";
    if (bytes_of_fields > 0 && std::filesystem::file_size(fields) < bytes_of_fields)
      return "the fields in '" + path + "' are incomplete; is the disk full?";
    std::string error = add_files(manifest, path);
    if (error.empty())
      error = write_file_atomically(path + "/" + manifest_name, manifest.dump(1) + "\n");
    return error.empty() ? sync_file(path) : error;
  } catch (const std::filesystem::filesystem_error &failure) {
    return failure.what();
  }
}

std::string kept(const std::string &error)
{
  return error.empty() ? error : "no checkpoint was written, an earlier one is kept: " + error;
}

std::string check_files(const json &manifest, const std::string &path)
{
  for (const json &file : manifest.at("files")) {
    const std::string name = path + "/" + file.at("name").get<std::string>();
    const auto expected = file.at("size").get<std::uintmax_t>();
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(name, error);
    if (error)
      return "its file '" + name + "' is missing";
    if (size != expected)
      return "its file '" + name + "' has " + std::to_string(size) + " bytes instead of " +
             std::to_string(expected);
    if (checksum(name, size) != file.at("checksum").get<std::string>())
      return "its file '" + name + "' was changed after it was written (checksum)";
  }
  return {};
}

std::string check_parameters(const json &manifest, const std::map<std::string, std::string> &parameters)
{
  const auto stored = manifest.at("parameters").get<std::map<std::string, std::string>>();
  for (const auto &[name, value] : parameters) {
    const auto found = stored.find(name);
    if (found == stored.end() || found->second != value)
      return "it was made with '" + name + " = " + (found == stored.end() ? "(not set)" : found->second) +
             "', but this run has '" + value + "'; they must agree";
  }
  for (const auto &[name, value] : stored)
    if (parameters.count(name) == 0)
      return "it was made with '" + name + " = " + value + "', which this run does not have";
  return {};
}

/// Reads a slot's manifest; the message says what is wrong with the slot.
std::string read_manifest(const std::string &path, const int dim,
                          const std::map<std::string, std::string> &parameters, std::string &text)
{
  const std::string file = "its file '" + path + "/" + manifest_name + "'";
  if (!read_file(path + "/" + manifest_name, text).empty())
    return file + " is missing";
  try {
    const json manifest = json::parse(text);
    if (manifest.value("program", "") != "lithoclase")
      return "it was written by another program ('" + manifest.value("program", "unknown") + "')";
    const int format = manifest.at("format").get<int>(), stored_dim = manifest.at("dimension").get<int>();
    if (format != manifest_format)
      return "it has format " + std::to_string(format) + ", but this version reads format " +
             std::to_string(manifest_format);
    if (stored_dim != dim)
      return "it is of a run in " + std::to_string(stored_dim) + "-D, but this run is in " +
             std::to_string(dim) + "-D";
    const std::string error = check_files(manifest, path);
    return error.empty() ? check_parameters(manifest, parameters) : error;
  } catch (const json::exception &) {
    return file + " is damaged";
  }
}

double number(const json &manifest, const std::string &name)
{
  return std::strtod(manifest.at(name).get<std::string>().c_str(), nullptr);
}

std::string reason_of(const std::exception &exception)
{
  const auto *dealii_exception = dynamic_cast<const ExceptionBase *>(&exception);
  if (dealii_exception == nullptr)
    return exception.what();
  std::ostringstream text;
  dealii_exception->print_info(text);
  std::string reason = text.str();
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  return reason;
}

std::string current_slot(const std::string &directory)
{
  std::string slot;
  if (!read_file(directory + "/latest", slot).empty())
    return {};
  slot.erase(slot.find_last_not_of(" \n\r\t") + 1);
  return slot;
}
} // namespace

std::map<std::string, std::string> printed_values(const std::string &printed)
{
  std::map<std::string, std::string> values;
  std::vector<std::string> path;
  std::istringstream lines(printed);
  std::string line;
  while (std::getline(lines, line)) {
    line = trim(line);
    const std::size_t equal = line.find('=');
    if (line.rfind("subsection ", 0) == 0)
      path.push_back(trim(line.substr(11)));
    else if (line == "end" && !path.empty())
      path.pop_back();
    else if (line.rfind("set ", 0) == 0 && equal != std::string::npos)
      values[join(path, "/") + (path.empty() ? "" : "/") + trim(line.substr(4, equal - 4))] =
          trim(line.substr(equal + 1));
  }
  return values;
}

template <int dim>
Checkpoint<dim>::Checkpoint(MPI_Comm communicator, const std::string &directory)
    : communicator_(communicator), directory_(directory + "/checkpoint")
{
}

template <int dim>
std::string Checkpoint<dim>::slot_path(const std::string &slot) const
{
  return directory_ + "/" + slot;
}

template <int dim>
bool Checkpoint<dim>::exists() const
{
  int found = 0;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0)
    found = std::filesystem::exists(directory_ + "/latest");
  return Utilities::MPI::broadcast(communicator_, found, 0) != 0;
}

template <int dim>
void Checkpoint<dim>::forget() const
{
  std::error_code ignored;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0)
    std::filesystem::remove(directory_ + "/latest", ignored);
  MPI_Barrier(communicator_);
}

template <int dim>
void Checkpoint<dim>::save(State<dim> &state, const CheckpointInfo &info)
{
  std::string slot, error;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0) {
    slot = current_slot(directory_) == "A" ? "B" : "A";
    std::error_code code;
    std::filesystem::remove_all(slot_path(slot), code);
    std::filesystem::create_directories(slot_path(slot), code);
    if (code)
      error = "cannot make the folder '" + slot_path(slot) + "': " + code.message();
    else
      error = check_space(slot_path(slot), bytes_of_checkpoint(state), "a checkpoint");
  }
  throw_on_all_ranks<NoCheckpoint>(communicator_, kept(error));
  write_slot(state, info, Utilities::MPI::broadcast(communicator_, slot, 0));
}

template <int dim>
void Checkpoint<dim>::write_slot(State<dim> &state, const CheckpointInfo &info, const std::string &slot)
{
  const std::string path = slot_path(slot);
  std::string error;
  try {
    state.prepare_for_serialization();
    state.mesh().triangulation.save(path + "/" + mesh_name);
  } catch (const std::exception &exception) {
    error = "cannot write to '" + path + "': " + reason_of(exception);
  }
  throw_on_all_ranks<std::runtime_error>(communicator_, kept(error));

  if (Utilities::MPI::this_mpi_process(communicator_) == 0)
    error = complete_slot(path, bytes_of_fields(state), describe(state, info));
  if (error.empty() && Utilities::MPI::this_mpi_process(communicator_) == 0)
    error = write_file_atomically(directory_ + "/latest", slot + "\n");
  throw_on_all_ranks<NoCheckpoint>(communicator_, kept(error));
}

template <int dim>
CheckpointInfo Checkpoint<dim>::read(const std::map<std::string, std::string> &parameters) const
{
  std::string text, error;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0) {
    const std::string slot = current_slot(directory_);
    if (slot.empty())
      error = "there is no checkpoint in '" + directory_ + "' to continue from; start without --resume";
    else if (slot != "A" && slot != "B")
      error = "the checkpoint in '" + directory_ + "' cannot be used: its file 'latest' names '" + slot +
              "', but must name A or B";
    else {
      error = read_manifest(slot_path(slot), dim, parameters, text);
      const std::string other = slot == "A" ? "B" : "A";
      std::string ignored;
      if (!error.empty())
        error = "the checkpoint '" + slot_path(slot) + "' cannot be used: " + error;
      if (!error.empty() && read_manifest(slot_path(other), dim, parameters, ignored).empty())
        error += "; the one before in '" + slot_path(other) + "' is good: write " + other + " into '" +
                 directory_ + "/latest' to continue from it";
    }
  }
  throw_on_all_ranks<InputError>(communicator_, error);

  const json manifest = json::parse(Utilities::MPI::broadcast(communicator_, text, 0));
  CheckpointInfo info;
  info.time = number(manifest, "time");
  info.step = manifest.at("step").get<unsigned long long>();
  info.next_step_size = number(manifest, "next_step_size");
  info.wall_time = number(manifest, "wall_time");
  info.parameters = manifest.at("parameters").get<std::map<std::string, std::string>>();
  return info;
}

template <int dim>
void Checkpoint<dim>::load(State<dim> &state) const
{
  Assert(state.mesh().triangulation.n_levels() == 1,
         ExcMessage("the mesh must be made with MeshStart::coarse"));
  std::string path, text, error;
  if (Utilities::MPI::this_mpi_process(communicator_) == 0) {
    path = slot_path(current_slot(directory_));
    error = read_file(path + "/" + manifest_name, text);
  }
  throw_on_all_ranks<InputError>(communicator_, error);
  path = Utilities::MPI::broadcast(communicator_, path, 0);
  const json manifest = json::parse(Utilities::MPI::broadcast(communicator_, text, 0));

  const std::string begin = "the checkpoint '" + path + "' cannot be used: ";
  if (manifest.at("fields") != field_list(state))
    throw InputError(begin + "it has the fields " + names_of(manifest.at("fields")) + ", but this run has " +
                     names_of(field_list(state)) + "; switch the same physics on");
  if (manifest.at("box") != box_of(state.mesh()))
    throw InputError(begin + "its box has " + manifest.at("box").template get<std::string>() +
                     ", but this run's has " + box_of(state.mesh()));
  for (Scalar &scalar : state.scalars()) {
    if (!manifest.at("scalars").contains(scalar.name))
      throw InputError(begin + "it has no '" + scalar.name + "'; switch the same physics on");
    scalar.value = number(manifest.at("scalars").at(scalar.name), "value");
  }
  try {
    state.mesh().triangulation.load(path + "/" + mesh_name);
    state.deserialize();
  } catch (const std::exception &exception) {
    error = begin + reason_of(exception);
  }
  throw_on_all_ranks<InputError>(communicator_, error);
}

template class Checkpoint<2>;
template class Checkpoint<3>;
} // namespace lithoclase
