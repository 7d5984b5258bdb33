#include "core/mesh.h"

#include "core/failure.h"

#include <deal.II/base/utilities.h>
#include <deal.II/grid/grid_generator.h>
#include <deal.II/grid/grid_tools.h>

namespace lithoclase
{
using namespace dealii;

void MeshParameters::declare(ParameterSection &s)
{
  s.quantities("size", size, "um", Range::positive(), "edge lengths of the box, the stack axis last");
  s.quantities("lower corner", lower_corner, "um", Range::any(),
               "corner of the box with the smallest coordinates; empty: the origin");
  s.text("coarse cells", coarse_cells, "number of cells per axis before any refinement");
  s.integer("minimum level", minimum_level, Range::closed(0, 25), "every cell is halved at least so often");
  s.integer("maximum level", maximum_level, Range::closed(0, 25),
            "no cell is halved more often; sets the finest cell");
  s.integer("maximum cells", maximum_cells, Range::at_least(1), "no refinement beyond this number of cells");
  s.texts("periodic axes", periodic_axes,
          "axes with periodic sides; empty: symmetry (no flux). The last one, the stack axis, only where the "
          "box is a cell of an endless material, without electrodes");
  s.integer("refinement interval", refinement_interval, Range::at_least(1),
            "accepted steps between two adaptations of the mesh");
  s.boolean("refine grain boundaries", refine_grain_boundaries,
            "to the maximum level, over the width of their bands");
  s.boolean("refine walls", refine_walls, "of pores and voids to the maximum level");
  if (maximum_level < minimum_level)
    throw InputError(s.where("maximum level") + " is " + std::to_string(maximum_level) +
                     ", but must not be less than 'minimum level' (" + std::to_string(minimum_level) + ")");
}

namespace
{
template <int dim>
std::vector<unsigned int> parse_coarse_cells(const std::string &text)
{
  std::vector<unsigned int> cells;
  for (const std::string &item : Utilities::split_string_list(text, ',')) {
    int n = 0;
    try {
      n = Utilities::string_to_int(item);
    } catch (const std::exception &) {
    }
    if (n < 1)
      throw InputError("parameter 'Mesh/coarse cells' is '" + text +
                       "', but must be a list of positive whole numbers");
    cells.push_back(n);
  }
  if (cells.size() != dim)
    throw InputError("parameter 'Mesh/coarse cells' is '" + text + "', but must have " + std::to_string(dim) +
                     " numbers, one per axis");
  return cells;
}

template <int dim>
Point<dim> to_point(const std::vector<double> &values, const std::string &name)
{
  if (values.size() != dim)
    throw InputError("parameter 'Mesh/" + name + "' has " + std::to_string(values.size()) +
                     " values, but must have " + std::to_string(dim) + ", one per axis");
  Point<dim> point;
  for (unsigned int d = 0; d < dim; ++d)
    point[d] = values[d];
  return point;
}
} // namespace

template <int dim>
Mesh<dim>::Mesh(MPI_Comm communicator, const MeshParameters &parameters, const MeshStart start)
    : triangulation(communicator), // no smoothing: what it does depends on the partition
      parameters_(parameters)
{
  coarse_cells_ = parse_coarse_cells<dim>(parameters.coarse_cells);
  if (!parameters.lower_corner.empty())
    lower_ = to_point<dim>(parameters.lower_corner, "lower corner");
  upper_ = lower_ + to_point<dim>(parameters.size, "size");
  GridGenerator::subdivided_hyper_rectangle(triangulation, coarse_cells_, lower_, upper_, true);

  std::vector<GridTools::PeriodicFacePair<typename Triangulation<dim>::cell_iterator>> pairs;
  for (const std::string &axis : parameters.periodic_axes)
    if (axis != "x" && axis != "y" && !(axis == "z" && dim == 3))
      throw InputError("parameter 'Mesh/periodic axes' has '" + axis + "', but must have " +
                       (dim == 2 ? "x and y" : "x, y and z") + " only");
  for (unsigned int axis = 0; axis < dim; ++axis)
    if (periodic(axis))
      GridTools::collect_periodic_faces(triangulation, 2 * axis, 2 * axis + 1, axis, pairs);
  triangulation.add_periodicity(pairs);
  if (start == MeshStart::refined)
    triangulation.refine_global(parameters.minimum_level);
}

template <int dim>
bool Mesh<dim>::periodic(const unsigned int axis) const
{
  const std::string name(1, "xyz"[axis]);
  for (const std::string &periodic_axis : parameters_.periodic_axes)
    if (periodic_axis == name)
      return true;
  return false;
}

template <int dim>
std::array<bool, dim> Mesh<dim>::periodic_axes() const
{
  std::array<bool, dim> axes{};
  for (unsigned int axis = 0; axis < dim; ++axis)
    axes[axis] = periodic(axis);
  return axes;
}

template <int dim>
double Mesh<dim>::cross_section() const
{
  double area = 1.;
  for (unsigned int d = 0; d < dim - 1; ++d)
    area *= upper_[d] - lower_[d];
  return area;
}

template <int dim>
double Mesh<dim>::volume() const
{
  return cross_section() * (upper_[dim - 1] - lower_[dim - 1]);
}

template <int dim>
double Mesh<dim>::finest_cell() const
{
  double h = 0.;
  for (unsigned int d = 0; d < dim; ++d)
    h = std::max(h, (upper_[d] - lower_[d]) / coarse_cells_[d]);
  return h / (1u << parameters_.maximum_level);
}

template <int dim>
const std::vector<std::string> &Mesh<dim>::boundary_names()
{
  static const std::vector<std::string> names =
      dim == 2 ? std::vector<std::string>{"left", "right", "bottom", "top"}
               : std::vector<std::string>{"left", "right", "front", "back", "bottom", "top"};
  return names;
}

template <int dim>
types::boundary_id Mesh<dim>::boundary_id(const std::string &name)
{
  const auto &names = boundary_names();
  for (unsigned int i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return i;
  std::string allowed;
  for (const std::string &n : names)
    allowed += (allowed.empty() ? "" : ", ") + n;
  throw InputError("there is no boundary '" + name + "' in " + std::to_string(dim) + "-D; allowed are " +
                   allowed);
}

template <int dim>
types::boundary_id Mesh<dim>::top()
{
  return 2 * dim - 1;
}

template <int dim>
types::boundary_id Mesh<dim>::bottom()
{
  return 2 * dim - 2;
}

template <int dim>
std::vector<unsigned char> Mesh<dim>::no_request() const
{
  return std::vector<unsigned char>(triangulation.n_active_cells(), parameters_.minimum_level);
}

template <int dim>
bool Mesh<dim>::flag(const std::vector<unsigned char> &wanted_level)
{
  types::global_cell_index n_refine = 0, n_coarsen = 0;
  for (const auto &cell : triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      const int wanted = std::min<int>(wanted_level[cell->active_cell_index()], parameters_.maximum_level);
      n_refine += cell->level() < wanted;
      n_coarsen += cell->level() > wanted;
    }
  n_refine = Utilities::MPI::sum(n_refine, communicator());
  n_coarsen = Utilities::MPI::sum(n_coarsen, communicator());
  const unsigned long long after =
      triangulation.n_global_active_cells() +
      static_cast<unsigned long long>(n_refine) * (GeometryInfo<dim>::max_children_per_cell - 1);
  cell_limit_reached_ = n_refine > 0 && after > parameters_.maximum_cells;
  if (cell_limit_reached_)
    n_refine = 0;

  for (const auto &cell : triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      const int wanted = std::min<int>(wanted_level[cell->active_cell_index()], parameters_.maximum_level);
      cell->clear_refine_flag();
      cell->clear_coarsen_flag();
      if (cell->level() < wanted && n_refine > 0)
        cell->set_refine_flag();
      else if (cell->level() > wanted)
        cell->set_coarsen_flag();
    }
  if (n_refine + n_coarsen == 0)
    return false;
  triangulation.prepare_coarsening_and_refinement();
  bool any = false;
  for (const auto &cell : triangulation.active_cell_iterators())
    any = any || (cell->is_locally_owned() && (cell->refine_flag_set() || cell->coarsen_flag_set()));
  return Utilities::MPI::max(static_cast<unsigned int>(any), communicator()) > 0;
}

template <int dim>
void Mesh<dim>::widen(std::vector<unsigned char> &wanted_level) const
{
  using Cell = typename Triangulation<dim>::active_cell_iterator;
  GridTools::exchange_cell_data_to_ghosts<unsigned char, Triangulation<dim>>(
      triangulation, [&](const Cell &cell) { return wanted_level[cell->active_cell_index()]; },
      [&](const Cell &cell, const unsigned char level) { wanted_level[cell->active_cell_index()] = level; });
  std::vector<unsigned char> at_vertex(triangulation.n_vertices(), 0);
  for (const auto &cell : triangulation.active_cell_iterators())
    if (!cell->is_artificial())
      for (const unsigned int v : cell->vertex_indices()) {
        unsigned char &level = at_vertex[cell->vertex_index(v)];
        level = std::max(level, wanted_level[cell->active_cell_index()]);
      }
  for (const auto &cell : triangulation.active_cell_iterators())
    if (cell->is_locally_owned())
      for (const unsigned int v : cell->vertex_indices()) {
        unsigned char &level = wanted_level[cell->active_cell_index()];
        level = std::max(level, at_vertex[cell->vertex_index(v)]);
      }
}

template class Mesh<2>;
template class Mesh<3>;
} // namespace lithoclase
