#include "output/output_grid.h"

#include "core/failure.h"
#include "core/text.h"

#include <deal.II/base/exceptions.h>
#include <deal.II/dofs/dof_accessor.h>

#include <algorithm>
#include <limits>

namespace lithoclase
{
using namespace dealii;

unsigned long long OutputGrid::n_bytes() const
{
  unsigned long long n = points.size() * sizeof(double) + connectivity.size() * sizeof(long long) +
                         n_cells() * (sizeof(long long) + 1);
  for (const std::vector<OutputArray> *arrays : {&point_arrays, &cell_arrays})
    for (const OutputArray &array : *arrays)
      n += array.values.size() * sizeof(float);
  return n;
}

std::string array_name(const std::string &name, const std::string &unit)
{
  std::string text = unit;
  for (std::size_t slash = text.find('/'); slash != std::string::npos; slash = text.find('/')) {
    const std::size_t end = std::min(text.find_first_of(" /", slash + 1), text.size());
    std::string factor = text.substr(slash + 1, end - slash - 1);
    const std::size_t exponent = factor.find('^');
    factor = exponent == std::string::npos ? factor + "^-1" : factor.insert(exponent + 1, "-");
    text.replace(slash, end - slash, (slash > 0 ? " " : "") + factor);
  }
  return name + " [" + text + "]";
}

namespace
{
/// The numbers that the vertices of owned cells have in the output.
template <int dim>
class VertexNumbers
{
public:
  explicit VertexNumbers(const Mesh<dim> &mesh)
      : cells_(mesh.triangulation.active_cell_iterators()), numbers_(mesh.triangulation.n_vertices(), unused)
  {
  }

  /// Numbers the vertices and writes them and the cells into the grid.
  void fill(OutputGrid &grid)
  {
    for (const auto &cell : cells_)
      if (cell->is_locally_owned())
        for (unsigned int v = 0; v < (1u << dim); ++v) {
          const unsigned int vertex = cell->vertex_index(vtk_order[v]);
          if (numbers_[vertex] == unused) {
            numbers_[vertex] = grid.n_points();
            for (unsigned int d = 0; d < 3; ++d)
              grid.points.push_back(d < dim ? cell->vertex(vtk_order[v])[d] : 0.);
          }
          grid.connectivity.push_back(numbers_[vertex]);
        }
  }

  long long operator[](const unsigned int vertex) const { return numbers_[vertex]; }

private:
  static constexpr long long unused = -1;
  static constexpr std::array<unsigned int, 8> vtk_order{{0, 1, 3, 2, 4, 5, 7, 6}};

  IteratorRange<typename Triangulation<dim>::active_cell_iterator> cells_;
  std::vector<long long> numbers_;
};

template <int dim>
OutputArray at_points(const Field<dim> &field, const VertexNumbers<dim> &numbers, const std::size_t n_points)
{
  const unsigned int n = field.space.n_components();
  OutputArray array{array_name(field.name, field.unit), n == 1 ? 1u : 3u, {}};
  array.values.resize(n_points * array.n_components, 0.f);
  for (const auto &cell : field.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices())
        for (unsigned int c = 0; c < n; ++c)
          array.values[numbers[cell->vertex_index(v)] * array.n_components + c] =
              static_cast<float>(field.values(cell->vertex_dof_index(v, c)));
  return array;
}

/// The points of the quadrature space have equal weights, as all cells are boxes.
template <int dim>
OutputArray cell_averages(const Field<dim> &field)
{
  OutputArray array{array_name(field.name, field.unit), 1, {}};
  std::vector<types::global_dof_index> dofs(field.space.fe().n_dofs_per_cell());
  for (const auto &cell : field.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(dofs);
      double sum = 0.;
      for (const auto dof : dofs)
        sum += field.values(dof);
      array.values.push_back(static_cast<float>(sum / dofs.size()));
    }
  return array;
}

template <int dim>
void check_names(const OutputFields<dim> &output, const std::vector<std::string> &keep)
{
  std::vector<std::string> names;
  for (const Field<dim> *field : output.fields)
    names.push_back(field->name);
  for (const CellArray &array : output.cell_arrays)
    names.push_back(array.name);
  for (const std::string &name : keep)
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw InputError("parameter 'Output/fields' has '" + name + "', which this run does not have" +
                       suggestion(name, names) + "; there are: " + join(names, ", "));
}
} // namespace

template <int dim>
OutputGrid make_output_grid(const Mesh<dim> &mesh, const OutputFields<dim> &output,
                            const std::vector<std::string> &keep)
{
  check_names(output, keep);
  const auto wanted = [&](const std::string &name) {
    return keep.empty() || std::find(keep.begin(), keep.end(), name) != keep.end();
  };

  OutputGrid grid;
  grid.dim = dim;
  VertexNumbers<dim> numbers(mesh);
  numbers.fill(grid);
  for (const Field<dim> *field : output.fields)
    if (wanted(field->name)) {
      const SpaceKind kind = field->space.kind();
      if (kind == SpaceKind::nodal || kind == SpaceKind::vector)
        grid.point_arrays.push_back(at_points(*field, numbers, grid.n_points()));
      else
        grid.cell_arrays.push_back(cell_averages(*field));
    }
  for (const CellArray &array : output.cell_arrays)
    if (wanted(array.name)) {
      AssertDimension(array.values.size(), grid.n_cells() * array.n_components);
      grid.cell_arrays.push_back({array_name(array.name, array.unit), array.n_components, array.values});
    }
  return grid;
}

template OutputGrid make_output_grid(const Mesh<2> &, const OutputFields<2> &,
                                     const std::vector<std::string> &);
template OutputGrid make_output_grid(const Mesh<3> &, const OutputFields<3> &,
                                     const std::vector<std::string> &);
} // namespace lithoclase
