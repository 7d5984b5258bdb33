#include "microstructure/label_export.h"

#include "core/collective.h"
#include "core/failure.h"
#include "core/hdf5_handle.h"
#include "core/text.h"
#include "microstructure/label_reader.h"
#include "microstructure/length_text.h"
#include "microstructure/raster.h"
#include "microstructure/rotation.h"

#include <deal.II/base/utilities.h>

#include <fstream>
#include <functional>
#include <limits>
#include <sstream>

namespace lithoclase
{
/// Labels in the order of the voxels, in pieces; the first rank alone.
class LabelWriter
{
public:
  virtual ~LabelWriter() = default;
  virtual bool write(const std::vector<std::int32_t> &labels) = 0; ///< false if that failed
  virtual bool close() = 0;
};

namespace
{
using Size = std::array<std::size_t, 3>;

/// Labels as base64 within the XML, since not every reader finds data that are appended to it.
class VtiWriter : public LabelWriter
{
public:
  VtiWriter(const std::string &file, const Size &n, const std::array<double, 3> &spacing)
      : stream_(file, std::ios::binary)
  {
    std::ostringstream extent;
    for (const std::size_t length : n)
      extent << "0 " << length << " ";
    stream_.precision(std::numeric_limits<double>::max_digits10);
    stream_ << "<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" version=\"1.0\" "
               "byte_order=\"LittleEndian\" header_type=\"UInt64\">\n<ImageData WholeExtent=\""
            << extent.str() << "\" Origin=\"0 0 0\" Spacing=\"" << spacing[0] * 1e6 << " " << spacing[1] * 1e6
            << " " << spacing[2] * 1e6 << "\">\n<Piece Extent=\"" << extent.str()
            << "\">\n<CellData Scalars=\"label\">\n<DataArray type=\"Int32\" Name=\"label\" "
               "format=\"binary\">\n";
    const std::uint64_t bytes = n[0] * n[1] * n[2] * sizeof(std::int32_t);
    add(&bytes, sizeof(bytes));
    encode(pending_.size());
  }
  bool write(const std::vector<std::int32_t> &labels) override
  {
    add(labels.data(), labels.size() * sizeof(std::int32_t));
    encode(pending_.size() / 3 * 3); // three bytes make four letters
    return bool(stream_);
  }
  bool close() override
  {
    encode(pending_.size());
    stream_ << "\n</DataArray>\n</CellData>\n</Piece>\n</ImageData>\n</VTKFile>\n";
    stream_.close();
    return bool(stream_);
  }

private:
  void add(const void *data, const std::size_t size)
  {
    const auto *bytes = static_cast<const unsigned char *>(data);
    pending_.insert(pending_.end(), bytes, bytes + size);
  }
  void encode(const std::size_t size)
  {
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(size);
    stream_ << dealii::Utilities::encode_base64({pending_.begin(), end});
    pending_.erase(pending_.begin(), end);
  }

  std::ofstream stream_;
  std::vector<unsigned char> pending_; ///< not yet written
};

class Hdf5Writer : public LabelWriter
{
public:
  Hdf5Writer(const std::string &file, const Size &n, const std::array<double, 3> &spacing)
      : file_(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose),
        links_(H5Pcreate(H5P_LINK_CREATE), H5Pclose)
  {
    H5Pset_create_intermediate_group(links_, 1);
    const std::vector<std::int64_t> dimensions(n.begin(), n.end());
    array("_SIMPL_GEOMETRY/DIMENSIONS", {3}, H5T_NATIVE_INT64, dimensions.data());
    const std::array<float, 3> origin{};
    array("_SIMPL_GEOMETRY/ORIGIN", {3}, H5T_NATIVE_FLOAT, origin.data());
    std::array<float, 3> sides{};
    for (unsigned int a = 0; a < 3; ++a)
      sides[a] = spacing[a] * 1e6;
    array("_SIMPL_GEOMETRY/SPACING", {3}, H5T_NATIVE_FLOAT, sides.data());
    array("CellData/FeatureIds", {n[2], n[1], n[0], 1}, H5T_NATIVE_INT32, nullptr);
  }
  /// Writes a small array, or makes an empty one.
  void array(const std::string &name, const std::vector<hsize_t> &shape, hid_t type, const void *values)
  {
    const Hdf5Handle space(H5Screate_simple(shape.size(), shape.data(), nullptr), H5Sclose);
    const Hdf5Handle dataset(
        H5Dcreate2(file_, (container + name).c_str(), type, space, links_, H5P_DEFAULT, H5P_DEFAULT),
        H5Dclose);
    written_ = written_ && dataset >= 0 &&
               (!values || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  }
  bool write(const std::vector<std::int32_t> &labels) override
  {
    // A piece is not always a whole number of layers, but it is one of rows along the last axis with more
    // than one voxel; in the file the voxels follow each other, so select them by their place in it.
    const Hdf5Handle dataset(H5Dopen2(file_, (container + "CellData/FeatureIds").c_str(), H5P_DEFAULT),
                             H5Dclose);
    const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
    std::array<hsize_t, 4> shape{};
    H5Sget_simple_extent_dims(space, shape.data(), nullptr);
    const unsigned int axis = shape[0] > 1 ? 0 : 1; // along which the pieces follow each other
    const hsize_t row = shape[0] > 1 ? shape[1] * shape[2] : shape[2];
    std::array<hsize_t, 4> start{}, count = shape;
    start[axis] = done_ / row;
    count[axis] = labels.size() / row;
    const hsize_t n = labels.size();
    const Hdf5Handle memory(H5Screate_simple(1, &n, nullptr), H5Sclose);
    done_ += n;
    return written_ = written_ && (n == 0 || (H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(),
                                                                  nullptr, count.data(), nullptr) >= 0 &&
                                              H5Dwrite(dataset, H5T_NATIVE_INT32, memory, space, H5P_DEFAULT,
                                                       labels.data()) >= 0));
  }
  bool close() override { return file_.release() && written_; }

private:
  static inline const std::string container = "/DataContainers/Lithoclase/";
  Hdf5Handle file_, links_;
  hsize_t done_ = 0;
  bool written_ = true;
};

template <int dim>
std::int32_t label_at(const Microstructure<dim> &microstructure, const dealii::Point<dim> &point)
{
  const std::int32_t n_grains = microstructure.n_grains();
  if (microstructure.distance_to_lithium(point) > 0.)
    return n_grains + 2;
  const PointStructure<dim> structure = microstructure.evaluate(point);
  if (microstructure.distance_to_wall(point) < 0.)
    return structure.liquid > structure.empty ? n_grains + 1 : 0;
  return structure.grain + 1;
}

/// Euler angles and phases by label.
template <int dim>
void add_features(const Microstructure<dim> &microstructure, Hdf5Writer &writer)
{
  const hsize_t n_labels = microstructure.n_grains() + 3;
  std::vector<float> angles(3 * n_labels, 0.f);
  std::vector<std::int32_t> phases(n_labels, 1);
  for (unsigned int grain = 0; grain < microstructure.n_grains(); ++grain) {
    const std::array<double, 3> euler = euler_angles(microstructure.orientation(grain));
    std::copy(euler.begin(), euler.end(), angles.begin() + 3 * (grain + 1));
  }
  phases[0] = 2;
  phases[n_labels - 2] = 3;
  phases[n_labels - 1] = 4;
  writer.array("CellFeatureData/AvgEulerAngles", {n_labels, 3}, H5T_NATIVE_FLOAT, angles.data());
  writer.array("CellFeatureData/Phases", {n_labels, 1}, H5T_NATIVE_INT32, phases.data());
}

template <int dim>
std::unique_ptr<LabelWriter> make_writer(const Microstructure<dim> &microstructure, const Raster<dim> &raster,
                                         const std::string &file)
{
  Size n{{1, 1, 1}};
  std::array<double, 3> spacing{{1e-6, 1e-6, 1e-6}};
  for (unsigned int a = 0; a < dim; ++a) {
    n[a] = raster.n[a];
    spacing[a] = raster.spacing[a];
  }
  if (extension_of(file) == ".vti")
    return std::make_unique<VtiWriter>(file, n, spacing);
  auto writer = std::make_unique<Hdf5Writer>(file, n, spacing);
  add_features(microstructure, *writer);
  return writer;
}

/// Hands the pieces of all ranks to `write` on the first one, in the order of the ranks.
template <typename Write>
void for_each_piece(MPI_Comm communicator, const std::vector<std::int32_t> &own, const Write &write)
{
  const int rank = dealii::Utilities::MPI::this_mpi_process(communicator);
  const int n_ranks = dealii::Utilities::MPI::n_mpi_processes(communicator);
  if (rank > 0)
    MPI_Send(own.data(), own.size(), MPI_INT32_T, 0, 0, communicator);
  else
    for (int from = 0; from < n_ranks; ++from) {
      std::vector<std::int32_t> piece;
      if (from > 0) {
        MPI_Status status;
        int size = 0;
        MPI_Probe(from, 0, communicator, &status);
        MPI_Get_count(&status, MPI_INT32_T, &size);
        piece.resize(size);
        MPI_Recv(piece.data(), size, MPI_INT32_T, from, 0, communicator, MPI_STATUS_IGNORE);
      }
      write(from > 0 ? piece : own);
    }
}
} // namespace

template <int dim>
std::string export_labels(const Microstructure<dim> &microstructure, MPI_Comm communicator,
                          const std::string &file)
{
  const std::string extension = extension_of(file);
  if (extension != ".vti" && extension != ".h5" && extension != ".hdf5" && extension != ".dream3d")
    throw InputError("Labels cannot be written to '" + file +
                     "'; the name must end in .vti, .h5, .hdf5 or .dream3d.");
  const Raster<dim> raster(microstructure.lower(), microstructure.upper(), microstructure.finest_cell(),
                           std::numeric_limits<std::int32_t>::max(), communicator);
  std::vector<std::int32_t> own;
  for (std::size_t i = raster.begin_local(); i < raster.end_local(); ++i)
    own.push_back(label_at(microstructure, raster.point(i)));

  const QuietHdf5 quiet;
  std::unique_ptr<LabelWriter> writer;
  bool written = true;
  if (dealii::Utilities::MPI::this_mpi_process(communicator) == 0)
    writer = make_writer(microstructure, raster, file);
  for_each_piece(communicator, own,
                 [&](const std::vector<std::int32_t> &piece) { written = writer->write(piece) && written; });
  if (writer)
    written = writer->close() && written;
  throw_on_all_ranks<InputError>(communicator,
                                 written ? "" : "The labels cannot be written to '" + file + "'.");

  const unsigned int n = microstructure.n_grains();
  std::ostringstream sentence;
  sentence << "Labels written to " << file << ": 0 void, 1 to " << n << " grains, " << n + 1
           << " ionic liquid, " << n + 2 << " lithium; " << raster.n[0] << " x " << raster.n[1];
  if (dim == 3)
    sentence << " x " << raster.n[dim - 1];
  sentence << " voxels of " << in_um(raster.spacing[0]);
  return sentence.str();
}

template std::string export_labels(const Microstructure<2> &, MPI_Comm, const std::string &);
template std::string export_labels(const Microstructure<3> &, MPI_Comm, const std::string &);
} // namespace lithoclase
