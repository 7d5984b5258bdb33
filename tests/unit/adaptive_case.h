#pragma once

#include "core/state.h"

#include <deal.II/base/function.h>
#include <deal.II/dofs/dof_accessor.h>
#include <deal.II/numerics/vector_tools.h>

#include <functional>
#include <string>

namespace lithoclase
{
/// A small refined mesh with one field of each kind, for tests of output and checkpoints.
template <int dim>
struct AdaptiveCase
{
  static MeshParameters parameters()
  {
    MeshParameters p;
    p.size = std::vector<double>(dim, edge);
    p.lower_corner = std::vector<double>(dim, -1e-6);
    p.coarse_cells = dim == 2 ? "1, 2" : "1, 1, 2";
    p.minimum_level = 2;
    p.maximum_level = 4;
    return p;
  }

  explicit AdaptiveCase(MPI_Comm communicator, const MeshStart start = MeshStart::refined)
      : mesh(communicator, parameters(), start), state(mesh),
        potential(state.add_field("ionic_potential", "V", SpaceKind::nodal)),
        displacement(state.add_field("displacement", "m", SpaceKind::vector)),
        history(state.add_field("reaction_rate", "A/m^3", SpaceKind::quadrature)),
        grain(state.add_field("grain", "1", SpaceKind::cell)), voltage(state.add_scalar("cell_voltage", "V"))
  {
    state.reinit();
  }

  /// Refines around the corner with the largest coordinates, twice.
  void refine()
  {
    for (unsigned int pass = 0; pass < 2; ++pass) {
      std::vector<unsigned char> wanted = mesh.no_request();
      for (const auto &cell : mesh.triangulation.active_cell_iterators())
        if (cell->is_locally_owned() && cell->center().distance(mesh.upper()) < 0.4 * edge)
          wanted[cell->active_cell_index()] = 4;
      mesh.flag(wanted);
      state.refine();
    }
  }

  static double value(const dealii::Point<dim> &p, const double factor)
  {
    double sum = 1.;
    for (unsigned int d = 0; d < dim; ++d)
      sum += factor * (d + 1) * p[d] / edge;
    return sum;
  }

  /// Linear functions, which elements of first order hold exactly.
  void fill()
  {
    using dealii::Point;
    set(potential, [](const Point<dim> &p, unsigned int) { return value(p, 1.); });
    set(displacement, [](const Point<dim> &p, unsigned int c) { return value(p, c + 1.); });
    set(history, [](const Point<dim> &p, unsigned int) { return value(p, -2.); });
    set(grain, [](const Point<dim> &p, unsigned int) { return p[0] < 0.2 * edge ? 1. : 2.; });
    voltage.value = 1. / 3.;
    state.store();
  }

  void set(Field<dim> &field, const std::function<double(const dealii::Point<dim> &, unsigned int)> &f)
  {
    struct Wrapper : dealii::Function<dim>
    {
      Wrapper(const unsigned int n, const std::function<double(const dealii::Point<dim> &, unsigned int)> &f)
          : dealii::Function<dim>(n), f(f)
      {
      }
      double value(const dealii::Point<dim> &p, const unsigned int c) const override { return f(p, c); }
      std::function<double(const dealii::Point<dim> &, unsigned int)> f;
    };
    field.values.zero_out_ghost_values();
    dealii::VectorTools::interpolate(mesh.mapping, field.space.dof_handler,
                                     Wrapper(field.space.n_components(), f), field.values);
    field.values.update_ghost_values();
  }

  static constexpr double edge = 20e-6;
  Mesh<dim> mesh;
  State<dim> state;
  Field<dim> &potential, &displacement, &history, &grain;
  Scalar &voltage;
};
} // namespace lithoclase
