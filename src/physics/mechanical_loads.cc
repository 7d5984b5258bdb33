#include "physics/mechanical_loads.h"

#include "core/failure.h"

#include <deal.II/base/mpi.h>
#include <deal.II/base/quadrature_lib.h>

#include <algorithm>

namespace lithoclase
{
using namespace dealii;

bool BodyForceParameters::empty() const
{
  return std::all_of(components.begin(), components.end(),
                     [](const Expression &component) { return component.empty(); });
}

void BodyForceParameters::declare(ParameterSection &s)
{
  for (unsigned int d = 0; d < 3; ++d)
    s.expression(std::string(1, "xyz"[d]), components[d], "N/m^3",
                 "force per volume along this axis, e.g. -5100*9.81 for weight; empty: 0");
}

/// Scratch data of one cell. Unknown a = vertex * dim + component.
template <int dim>
struct MechanicalLoads<dim>::Work
{
  explicit Work(const Space<dim> &space)
      : cell_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                    update_values | update_JxW_values | update_quadrature_points),
        face_values(space.mesh().mapping, space.fe(), QGauss<dim - 1>(2),
                    update_values | update_JxW_values | update_quadrature_points),
        load(dim << dim)
  {
  }

  void add(const FEValuesBase<dim> &values, const unsigned int q, const Tensor<1, dim> &density)
  {
    const Tensor<1, dim> force = density * values.JxW(q);
    for (unsigned int a = 0; a < load.size(); ++a)
      load(a) += force[a % dim] * values.shape_value(a / dim, q);
  }

  FEValues<dim> cell_values;
  FEFaceValues<dim> face_values;
  dealii::Vector<double> load;
};

template <int dim>
MechanicalLoads<dim>::MechanicalLoads(const BodyForceParameters &body_force,
                                      const MechanicalConditions<dim> &conditions,
                                      const Space<dim> &scalar_space, const Space<dim> &vector_space)
    : conditions_(conditions), scalar_space_(scalar_space), vector_space_(vector_space),
      has_body_force_(!body_force.empty())
{
  for (unsigned int d = 0; d < 3; ++d)
    if (const Expression &component = body_force.components[d]; !component.empty()) {
      if (d >= dim)
        throw InputError(component.origin + " is given, but there is no z in two dimensions");
      if (conditions.periodic_cell())
        throw InputError(component.origin +
                         " is given, but all axes are periodic, so that nothing holds the body against it");
      body_force_[d] = component.template function<dim>();
    }
}

template <int dim>
void MechanicalLoads<dim>::reinit()
{
  vector_.reinit(vector_space_.partitioner);
  is_current_ = false;
}

template <int dim>
void MechanicalLoads<dim>::set_time(const double time)
{
  for (auto &component : body_force_)
    if (component)
      component->set_time(time);
  is_current_ = false;
}

template <int dim>
void MechanicalLoads<dim>::update(CellAssembly<dim> &assembly)
{
  if (is_current_)
    return;
  is_current_ = true;
  vector_ = 0.;
  square_ = 0.;
  Work work(scalar_space_);
  for (const auto &cell : scalar_space_.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned() && (has_body_force_ || cell->at_boundary())) {
      work.load = 0.;
      add_sides(cell, work);
      add_body_force(cell, work);
      for (const double load : work.load)
        square_ += load * load;
      assembly.add(cell->active_cell_index(), work.load, vector_);
    }
  vector_.compress(VectorOperation::add);
}

template <int dim>
void MechanicalLoads<dim>::add_sides(const Cell &cell, Work &work) const
{
  for (const unsigned int face : cell->face_indices())
    if (cell->face(face)->at_boundary() && conditions_.has_load(face)) {
      work.face_values.reinit(cell, face);
      for (unsigned int q = 0; q < work.face_values.n_quadrature_points; ++q)
        work.add(work.face_values, q, conditions_.load(face, work.face_values.quadrature_point(q)));
    }
}

template <int dim>
void MechanicalLoads<dim>::add_body_force(const Cell &cell, Work &work) const
{
  if (!has_body_force_)
    return;
  work.cell_values.reinit(cell);
  for (unsigned int q = 0; q < work.cell_values.n_quadrature_points; ++q)
    work.add(work.cell_values, q, body_force(work.cell_values.quadrature_point(q)));
}

template <int dim>
Tensor<1, dim> MechanicalLoads<dim>::body_force(const Point<dim> &point) const
{
  Tensor<1, dim> force;
  for (unsigned int d = 0; d < dim; ++d)
    if (body_force_[d])
      force[d] = body_force_[d]->value(point);
  return force;
}

template <int dim>
Tensor<1, dim> MechanicalLoads<dim>::of_condition(const unsigned int condition) const
{
  Tensor<1, dim> force;
  Work work(scalar_space_);
  const unsigned int face = conditions_.boundary(condition);
  if (conditions_.has_load(face))
    for (const auto &cell : scalar_space_.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned() && cell->face(face)->at_boundary()) {
        work.face_values.reinit(cell, face);
        for (unsigned int q = 0; q < work.face_values.n_quadrature_points; ++q)
          force +=
              conditions_.load_of(condition, work.face_values.quadrature_point(q)) * work.face_values.JxW(q);
      }
  return Utilities::MPI::sum(force, scalar_space_.mesh().communicator());
}

template class MechanicalLoads<2>;
template class MechanicalLoads<3>;
} // namespace lithoclase
