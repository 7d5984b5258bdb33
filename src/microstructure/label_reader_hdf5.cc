#include "core/failure.h"
#include "core/hdf5_handle.h"
#include "core/text.h"
#include "microstructure/label_reader.h"
#include "microstructure/mean_orientation.h"

#include <algorithm>

namespace lithoclase
{
namespace
{
// HDF5 1.12 has a new record of an object; its name H5O_info_t means the old one or the new one.
#if H5_VERSION_GE(1, 12, 0)
using ObjectInfo = H5O_info2_t;
constexpr auto visit_objects = H5Ovisit3;
#else
using ObjectInfo = H5O_info_t;
constexpr auto visit_objects = H5Ovisit2;
#endif

struct Hdf5Array
{
  std::string path;
  std::vector<hsize_t> shape;
};

herr_t note_array(hid_t group, const char *name, const ObjectInfo *info, void *list)
{
  if (info->type != H5O_TYPE_DATASET)
    return 0;
  const Hdf5Handle dataset(H5Dopen2(group, name, H5P_DEFAULT), H5Dclose);
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
  std::vector<hsize_t> shape(std::max(0, H5Sget_simple_extent_ndims(space)));
  H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  static_cast<std::vector<Hdf5Array> *>(list)->push_back({"/" + std::string(name), shape});
  return 0;
}

std::vector<Hdf5Array> arrays_in(hid_t file)
{
  std::vector<Hdf5Array> arrays;
  visit_objects(file, H5_INDEX_NAME, H5_ITER_NATIVE, note_array, &arrays, H5O_INFO_BASIC);
  return arrays;
}

bool ends_with(const std::string &text, const std::string &end)
{
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_image(const Hdf5Array &array)
{
  const std::size_t n = array.shape.size();
  return n == 2 || n == 3 || (n == 4 && array.shape[3] == 1);
}

/// The array that the user means.
const Hdf5Array &chosen_array(const std::vector<Hdf5Array> &arrays, const std::string &file,
                              const std::string &dataset)
{
  std::vector<std::string> images;
  const Hdf5Array *chosen = nullptr;
  for (const Hdf5Array &array : arrays) {
    if (is_image(array))
      images.push_back(array.path);
    const bool is_feature_ids =
        array.path.find("/DataContainers/") == 0 && ends_with(array.path, "/FeatureIds");
    if (dataset.empty() ? is_feature_ids && !chosen : array.path == dataset || array.path == "/" + dataset)
      chosen = &array;
  }
  if (chosen && is_image(*chosen))
    return *chosen;
  if (chosen)
    throw InputError("The dataset '" + chosen->path + "' in '" + file + "' has " +
                     std::to_string(chosen->shape.size()) +
                     " indices; labels have two or three, [y, x] or [z, y, x].");
  std::string nearest = suggestion(dataset.empty() ? "" : "/" + trim(dataset), images);
  // The name alone, in another group, is meant more often than the nearest path.
  for (const std::string &image : images)
    if (!dataset.empty() && ends_with(image, "/" + dataset.substr(dataset.rfind('/') + 1)))
      nearest = "; did you mean '" + image + "'?";
  constexpr std::size_t most = 8;
  const std::size_t n_images = images.size();
  images.resize(std::min(n_images, most));
  std::string list = n_images == 0 ? "no such dataset" : quoted_list(images, "and");
  if (n_images > most)
    list += " and " + std::to_string(n_images - most) + " more";
  throw InputError("'Microstructure/Label image/dataset' is '" + dataset + "', but '" + file + "' holds " +
                   list + (nearest.empty() ? "." : nearest));
}

/// All values of a small array.
std::vector<double> small_array(hid_t file, const std::string &path, hsize_t n)
{
  const Hdf5Handle dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
  std::vector<double> values(n);
  if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
    throw InputError("The dataset '" + path + "' cannot be read; the file may be cut short.");
  return values;
}

template <typename Number>
void read_layers_of(hid_t dataset, hid_t type, const Hdf5Array &array, const std::string &file,
                    LabelVoxels &voxels)
{
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
  std::vector<Number> layer(voxels.n[0] * voxels.n[1]);
  const hsize_t layer_size = layer.size();
  const Hdf5Handle memory(H5Screate_simple(1, &layer_size, nullptr), H5Sclose);
  for (std::size_t k = 0; k < voxels.n[2]; ++k) {
    std::vector<hsize_t> start(array.shape.size(), 0), count = array.shape;
    if (array.shape.size() > 2) {
      start[0] = k;
      count[0] = 1;
    }
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    if (H5Dread(dataset, type, memory, space, H5P_DEFAULT, layer.data()) < 0)
      throw InputError("The label image '" + file + "' cannot be read, it may be cut short: layer " +
                       std::to_string(k + 1) + " of " + std::to_string(voxels.n[2]) + " is missing.");
    append_labels(layer.data(), layer.size(), file, voxels);
  }
}

/// Mean orientations of the features from Euler angles per voxel [rad], read layer by layer.
void average_angles(hid_t file, const Hdf5Array &array, LabelVoxels &voxels)
{
  const Hdf5Handle dataset(H5Dopen2(file, array.path.c_str(), H5P_DEFAULT), H5Dclose);
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
  const hsize_t layer_size = 3 * voxels.n[0] * voxels.n[1];
  std::vector<double> layer(layer_size);
  const Hdf5Handle memory(H5Screate_simple(1, &layer_size, nullptr), H5Sclose);
  std::map<std::int32_t, MeanOrientation> means;
  for (std::size_t k = 0, voxel = 0; k < voxels.n[2]; ++k) {
    const std::vector<hsize_t> start{k, 0, 0, 0}, count{1, array.shape[1], array.shape[2], 3};
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, layer.data()) < 0)
      throw InputError("The dataset '" + array.path + "' cannot be read; the file may be cut short.");
    for (hsize_t i = 0; i < layer_size; i += 3)
      means[voxels.labels[voxel++]].add(quaternion_from_euler({{layer[i], layer[i + 1], layer[i + 2]}}));
  }
  for (const auto &[label, mean] : means)
    voxels.orientations[label] = mean.euler();
}

/// What DREAM.3D stores beside the feature ids, in the same data container.
void add_features(hid_t file, const std::vector<Hdf5Array> &arrays, const std::string &container,
                  LabelVoxels &voxels)
{
  for (const Hdf5Array &array : arrays) {
    if (array.path.compare(0, container.size(), container) != 0)
      continue;
    const std::size_t n_indices = array.shape.size();
    if (array.path == container + "_SIMPL_GEOMETRY/SPACING" && n_indices == 1 && array.shape[0] == 3) {
      const std::vector<double> spacing = small_array(file, array.path, 3);
      voxels.spacing = std::array<double, 3>{{spacing[0], spacing[1], spacing[2]}};
    }
    const bool angles = n_indices == 2 && array.shape[1] == 3 &&
                        (ends_with(array.path, "/AvgEulerAngles") || ends_with(array.path, "/EulerAngles"));
    if (angles && (voxels.orientations.empty() || ends_with(array.path, "/AvgEulerAngles"))) {
      const std::vector<double> values = small_array(file, array.path, 3 * array.shape[0]);
      for (std::size_t i = 1; i < array.shape[0]; ++i)
        voxels.orientations[i] = {{values[3 * i], values[3 * i + 1], values[3 * i + 2]}};
    }
    const bool phases =
        (n_indices == 1 || (n_indices == 2 && array.shape[1] == 1)) && ends_with(array.path, "/Phases");
    if (phases) {
      const std::vector<double> values = small_array(file, array.path, array.shape[0]);
      for (std::size_t i = 0; i < values.size(); ++i)
        voxels.phases[i] = static_cast<int>(values[i]);
    }
  }
  const std::vector<hsize_t> per_voxel{voxels.n[2], voxels.n[1], voxels.n[0], 3};
  for (const Hdf5Array &array : arrays)
    if (voxels.orientations.empty() && array.path.compare(0, container.size(), container) == 0 &&
        array.shape == per_voxel && ends_with(array.path, "/EulerAngles"))
      average_angles(file, array, voxels);
}
} // namespace

LabelVoxels read_hdf5_labels(const std::string &file_name, const std::string &dataset_path)
{
  const QuietHdf5 quiet;
  const Hdf5Handle file(H5Fopen(file_name.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (file < 0)
    throw InputError("The label image '" + file_name +
                     "' cannot be opened: it is no HDF5 file, or it is cut short.");
  const std::vector<Hdf5Array> arrays = arrays_in(file);
  const Hdf5Array &array = chosen_array(arrays, file_name, dataset_path);
  const Hdf5Handle dataset(H5Dopen2(file, array.path.c_str(), H5P_DEFAULT), H5Dclose);

  LabelVoxels voxels;
  const std::size_t n_axes = std::min<std::size_t>(3, array.shape.size());
  for (std::size_t a = 0; a < n_axes; ++a)
    voxels.n[a] = array.shape[n_axes - 1 - a];
  const Hdf5Handle type(H5Dget_type(dataset), H5Tclose);
  if (H5Tget_class(type) == H5T_INTEGER)
    read_layers_of<long long>(dataset, H5T_NATIVE_LLONG, array, file_name, voxels);
  else if (H5Tget_class(type) == H5T_FLOAT)
    read_layers_of<double>(dataset, H5T_NATIVE_DOUBLE, array, file_name, voxels);
  else
    throw InputError("The dataset '" + array.path + "' in '" + file_name + "' holds no numbers.");

  const std::string root = "/DataContainers/";
  if (array.path.compare(0, root.size(), root) == 0 && ends_with(array.path, "/FeatureIds"))
    add_features(file, arrays, array.path.substr(0, array.path.find('/', root.size()) + 1), voxels);
  return voxels;
}
} // namespace lithoclase
