#pragma once

#include "core/mesh.h"
#include "core/output_fields.h"

#include <array>
#include <string>
#include <vector>

namespace lithoclase
{
/// One named array at the points or in the cells of an OutputGrid.
struct OutputArray
{
  std::string name; ///< "lithium [1]"
  unsigned int n_components = 1;
  std::vector<float> values;
};

/// The unstructured grid that one rank (or a group of ranks) writes: the owned cells with their vertices,
/// each vertex once, and the arrays on them.
struct OutputGrid
{
  unsigned int dim = 0;
  double time = 0.;
  unsigned long long step = 0;
  std::vector<double> points;          ///< three coordinates per point [m]
  std::vector<long long> connectivity; ///< points of each cell in the order of VTK
  std::vector<OutputArray> point_arrays;
  std::vector<OutputArray> cell_arrays;

  std::size_t n_points() const { return points.size() / 3; }
  std::size_t n_cells() const { return connectivity.size() / vertices_per_cell(); }
  unsigned int vertices_per_cell() const { return 1u << dim; }
  unsigned char cell_type() const { return dim == 2 ? 9 : 12; } ///< VTK's number of quadrangle and hexahedron

  /// Size in memory, an upper bound of what a file needs [bytes].
  unsigned long long n_bytes() const;
};

/// "name [unit]", the unit written without a slash ("A m^-2"), which HDF5 does not allow in names.
std::string array_name(const std::string &name, const std::string &unit);

/// Collects the fields and arrays on this rank. `keep` lists the names wanted, empty: all; InputError if one
/// of them does not exist.
template <int dim>
OutputGrid make_output_grid(const Mesh<dim> &mesh, const OutputFields<dim> &output,
                            const std::vector<std::string> &keep = {});
} // namespace lithoclase
