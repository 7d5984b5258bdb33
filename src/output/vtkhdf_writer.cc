#include "output/vtkhdf_writer.h"

#include "core/collective.h"
#include "core/hdf5_handle.h"
#include "output/files.h"

#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace lithoclase
{
using namespace dealii;

namespace
{
herr_t deepest_message(unsigned int, const H5E_error2_t *error, void *text)
{
  *static_cast<std::string *>(text) = error->desc != nullptr ? error->desc : "";
  return 0;
}

/// Type of an array in memory and in the file: the same, as HDF5 converts no compressed data in parallel.
struct ArrayType
{
  hid_t memory;
  hid_t file;
};

/// The rows of a data set that this rank writes.
struct Slab
{
  hsize_t begin = 0;
  hsize_t n = 0;
  hsize_t total = 0;
};

/// A VTKHDF file under way. Every function is collective and throws on all ranks if one fails.
class HdfFile
{
public:
  HdfFile(MPI_Comm communicator, const std::string &path)
      : communicator_(communicator), path_(path), file_(create(), &H5Fclose),
        transfer_(H5Pcreate(H5P_DATASET_XFER), &H5Pclose)
  {
    check(file_ >= 0 && H5Pset_dxpl_mpio(transfer_, H5FD_MPIO_COLLECTIVE) >= 0, "the file");
  }

  Slab slab(const hsize_t n) const
  {
    Slab slab;
    slab.n = n;
    const auto mine = static_cast<unsigned long long>(n);
    unsigned long long end = 0;
    MPI_Scan(&mine, &end, 1, MPI_UNSIGNED_LONG_LONG, MPI_SUM, communicator_);
    slab.begin = end - mine;
    slab.total = Utilities::MPI::sum(mine, communicator_);
    return slab;
  }

  void group(const std::string &name)
  {
    const Hdf5Handle group(H5Gcreate2(file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), &H5Gclose);
    check(group >= 0, name);
  }

  void attribute(const std::string &object, const std::string &name, const ArrayType type, const hsize_t n,
                 const void *values)
  {
    const Hdf5Handle owner(H5Oopen(file_, object.c_str(), H5P_DEFAULT), &H5Oclose);
    const Hdf5Handle space(n > 0 ? H5Screate_simple(1, &n, nullptr) : H5Screate(H5S_SCALAR), &H5Sclose);
    const Hdf5Handle attribute(H5Acreate2(owner, name.c_str(), type.file, space, H5P_DEFAULT, H5P_DEFAULT),
                               &H5Aclose);
    check(attribute >= 0 && H5Awrite(attribute, type.memory, values) >= 0, name);
  }

  /// A string of fixed length in ASCII.
  void attribute(const std::string &object, const std::string &name, const std::string &text)
  {
    const Hdf5Handle type(H5Tcopy(H5T_C_S1), &H5Tclose);
    check(H5Tset_size(type, std::max<std::size_t>(text.size(), 1)) >= 0 &&
              H5Tset_strpad(type, H5T_STR_NULLPAD) >= 0,
          name);
    attribute(object, name, {type, type}, 0, text.data());
  }

  /// Rows of `n_components` numbers (0: the data set has one dimension).
  void array(const std::string &name, const ArrayType type, const Slab &slab, const hsize_t n_components,
             const void *values, const bool compressed)
  {
    const int rank = n_components > 0 ? 2 : 1;
    const hsize_t size[2] = {slab.total, n_components}, begin[2] = {slab.begin, 0},
                  count[2] = {slab.n, n_components};
    const Hdf5Handle file_space(H5Screate_simple(rank, size, nullptr), &H5Sclose);
    const Hdf5Handle memory_space(H5Screate_simple(rank, count, nullptr), &H5Sclose);
    if (slab.n > 0)
      H5Sselect_hyperslab(file_space, H5S_SELECT_SET, begin, nullptr, count, nullptr);
    else
      H5Sselect_none(file_space);

    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), &H5Pclose);
    if (compressed && slab.total > 0) {
      const hsize_t chunk[2] = {std::min(slab.total, chunk_rows), n_components};
      H5Pset_chunk(creation, rank, chunk);
      H5Pset_shuffle(creation);
      H5Pset_deflate(creation, 1);
    }
    const Hdf5Handle data(
        H5Dcreate2(file_, name.c_str(), type.file, file_space, H5P_DEFAULT, creation, H5P_DEFAULT),
        &H5Dclose);
    check(data >= 0, name);
    check(slab.total == 0 || H5Dwrite(data, type.memory, memory_space, file_space, transfer_, values) >= 0,
          name);
  }

  void close()
  {
    const bool flushed = H5Fflush(file_, H5F_SCOPE_GLOBAL) >= 0;
    check(flushed, "the file");
    check(file_.release(), "the file");
  }

private:
  static constexpr hsize_t chunk_rows = 65536;

  hid_t create() const
  {
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), &H5Pclose);
    if (H5Pset_fapl_mpio(access, communicator_, MPI_INFO_NULL) < 0)
      return H5I_INVALID_HID;
    H5Pset_coll_metadata_write(access, true);
    return H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  }

  void check(const bool good, const std::string &what) const
  {
    std::string error;
    if (!good) {
      std::string reason;
      H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, &deepest_message, &reason);
      error = "cannot write " + what + " of '" + path_ + "'" + (reason.empty() ? "" : ": " + reason);
    }
    throw_on_all_ranks<std::runtime_error>(communicator_, error);
  }

  MPI_Comm communicator_;
  std::string path_;
  Hdf5Handle file_;
  Hdf5Handle transfer_;
};

void write_geometry(HdfFile &file, const OutputGrid &grid, const ArrayType integers,
                    const bool double_coordinates)
{
  const long long n_points = grid.n_points(), n_cells = grid.n_cells(), n_ids = grid.connectivity.size();
  const Slab per_rank = file.slab(1);
  file.array("/VTKHDF/NumberOfPoints", integers, per_rank, 0, &n_points, false);
  file.array("/VTKHDF/NumberOfCells", integers, per_rank, 0, &n_cells, false);
  file.array("/VTKHDF/NumberOfConnectivityIds", integers, per_rank, 0, &n_ids, false);

  // Connectivity and offsets count within the partition.
  std::vector<long long> offsets(n_cells + 1);
  for (std::size_t cell = 0; cell < offsets.size(); ++cell)
    offsets[cell] = cell * grid.vertices_per_cell();
  const std::vector<unsigned char> types(n_cells, grid.cell_type());
  const Slab rows = file.slab(n_points);
  if (double_coordinates)
    file.array("/VTKHDF/Points", {H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE}, rows, 3, grid.points.data(), true);
  else {
    const std::vector<float> points(grid.points.begin(), grid.points.end());
    file.array("/VTKHDF/Points", {H5T_NATIVE_FLOAT, H5T_IEEE_F32LE}, rows, 3, points.data(), true);
  }
  file.array("/VTKHDF/Connectivity", integers, file.slab(n_ids), 0, grid.connectivity.data(), true);
  file.array("/VTKHDF/Offsets", integers, file.slab(offsets.size()), 0, offsets.data(), true);
  file.array("/VTKHDF/Types", {H5T_NATIVE_UCHAR, H5T_STD_U8LE}, file.slab(n_cells), 0, types.data(), true);
}

void write_arrays(HdfFile &file, const std::string &group, const std::vector<OutputArray> &arrays,
                  const Slab &rows)
{
  file.group(group);
  for (const OutputArray &array : arrays) {
    const std::string name = group + "/" + array.name;
    file.array(name, {H5T_NATIVE_FLOAT, H5T_IEEE_F32LE}, rows,
               array.n_components > 1 ? array.n_components : 0, array.values.data(), true);
    const std::size_t begin = array.name.rfind('[') + 1;
    file.attribute(name, "unit", array.name.substr(begin, array.name.size() - begin - 1));
  }
}

void write_field_data(HdfFile &file, const OutputGrid &grid, const ArrayType integers, const bool first_rank)
{
  const Slab one = file.slab(first_rank ? 1 : 0);
  const long long step = grid.step;
  file.group("/VTKHDF/FieldData");
  file.array("/VTKHDF/FieldData/TimeValue", {H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE}, one, 0, &grid.time, false);
  file.attribute("/VTKHDF/FieldData/TimeValue", "unit", "s");
  file.array("/VTKHDF/FieldData/step", integers, one, 0, &step, false);
}
} // namespace

void write_vtkhdf(MPI_Comm communicator, const OutputGrid &grid, const std::string &path,
                  const bool double_coordinates)
{
  const bool first_rank = Utilities::MPI::this_mpi_process(communicator) == 0;
  const std::string temporary = path + ".tmp";
  const auto n_bytes = Utilities::MPI::sum(grid.n_bytes(), communicator);
  std::string error;
  if (first_rank) // a full disk must be found before all ranks are in the middle of a collective write
    error =
        check_space(std::filesystem::path(path).parent_path().string(), n_bytes, "the fields '" + path + "'");
  throw_on_all_ranks<std::runtime_error>(communicator, error);

  const QuietHdf5 quiet;
  try {
    const ArrayType integers{H5T_NATIVE_LLONG, H5T_STD_I64LE};
    const int version[2] = {1, 0};
    HdfFile file(communicator, temporary);
    file.group("/VTKHDF");
    file.attribute("/VTKHDF", "Version", {H5T_NATIVE_INT, H5T_STD_I32LE}, 2, version);
    file.attribute("/VTKHDF", "Type", "UnstructuredGrid");
    write_geometry(file, grid, integers, double_coordinates);
    write_arrays(file, "/VTKHDF/PointData", grid.point_arrays, file.slab(grid.n_points()));
    write_arrays(file, "/VTKHDF/CellData", grid.cell_arrays, file.slab(grid.n_cells()));
    write_field_data(file, grid, integers, first_rank);
    file.close();
  } catch (const std::exception &) {
    std::error_code ignored;
    if (first_rank)
      std::filesystem::remove(temporary, ignored);
    throw;
  }
  if (first_rank)
    error = rename_file(temporary, path);
  throw_on_all_ranks<std::runtime_error>(communicator, error);
}
} // namespace lithoclase
