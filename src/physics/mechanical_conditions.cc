#include "physics/mechanical_conditions.h"

#include "core/collective.h"
#include "core/failure.h"

#include <deal.II/lac/lapack_full_matrix.h>
#include <deal.II/lac/vector.h>

#include <map>
#include <sstream>

namespace lithoclase
{
using namespace dealii;

namespace
{
using Type = MechanicalConditionParameters::Type;
const std::vector<std::pair<std::string, Type>> type_words{
    {"fixed", Type::fixed},       {"roller", Type::roller},     {"displacement", Type::displacement},
    {"traction", Type::traction}, {"pressure", Type::pressure}, {"platen", Type::platen}};

template <int dim>
std::string text_of(const Point<dim> &point)
{
  std::ostringstream text;
  for (unsigned int d = 0; d < dim; ++d)
    text << (d > 0 ? ", " : "(") << point[d] * 1e6;
  return text.str() + ") um";
}
} // namespace

void MechanicalConditionParameters::declare(ParameterSection &s)
{
  s.text("boundary", boundary, "left, right, front, back (3-D), bottom, top");
  boundary_origin = s.where("boundary");
  s.choice(
      "type", type, type_words,
      "fixed: no displacement; roller: none along the normal; displacement: given components; traction: "
      "given force per area; pressure: along the normal, positive pushes; platen: displacement along the "
      "normal uniform, mean pressure given, free to slide");
  bool has_displacement = false, has_traction = false;
  for (unsigned int d = 0; d < 3; ++d) {
    const std::string axis(1, "xyz"[d]);
    s.expression("displacement " + axis, displacement[d], "m", "of type displacement; empty: free");
    s.expression("traction " + axis, traction[d], "Pa", "of type traction; empty: 0");
    has_displacement |= !displacement[d].empty();
    has_traction |= !traction[d].empty();
  }
  s.expression("pressure", pressure, "Pa", "of type pressure or platen");
  s.expression("where", where, "1", "the condition holds where this is positive; empty: on the whole side");

  const auto refuse = [&](const std::string &reason) {
    throw InputError(s.where("type") + ": a condition of this type " + reason);
  };
  if (has_displacement != (type == Type::displacement))
    refuse(has_displacement ? "cannot have a 'displacement'" : "needs a 'displacement x', 'y' or 'z'");
  if (has_traction != (type == Type::traction))
    refuse(has_traction ? "cannot have a 'traction'" : "needs a 'traction x', 'y' or 'z'");
  const bool pushes = type == Type::pressure || type == Type::platen;
  if (pressure.empty() == pushes)
    refuse(pushes ? "needs a 'pressure'" : "cannot have a 'pressure'");
  if (type == Type::platen && !where.empty())
    refuse("holds the whole side and cannot have a 'where'");
}

template <int dim>
MechanicalConditions<dim>::MechanicalConditions(const MechanicalConditionList &list, const Mesh<dim> &mesh)
    : mesh_(mesh)
{
  for (const auto &[name, parameters] : list)
    add(name, parameters);
  check_sides();
  // A part of a side may be smaller than the cells before refinement.
  if (everywhere_)
    check_support();
}

template <int dim>
void MechanicalConditions<dim>::add(const std::string &name, const MechanicalConditionParameters &p)
{
  Condition condition;
  condition.name = name;
  condition.type = p.type;
  try {
    condition.boundary = Mesh<dim>::boundary_id(p.boundary);
  } catch (const InputError &error) {
    throw InputError(p.boundary_origin + ": " + error.what());
  }
  if (mesh_.periodic(condition.boundary / 2))
    throw InputError(p.boundary_origin + " is '" + p.boundary + "', but this side is periodic");
  const std::array<Expression, 3> &components = p.type == Type::displacement ? p.displacement : p.traction;
  for (unsigned int d = 0; d < 3; ++d)
    if (!components[d].empty()) {
      if (d >= dim)
        throw InputError(components[d].origin + " is given, but there is no z in two dimensions");
      condition.components[d] = components[d].template function<dim>();
    }
  if (!p.pressure.empty())
    condition.pressure = p.pressure.template function<dim>();
  if (!p.where.empty())
    condition.where = p.where.template function<dim>();
  everywhere_ = everywhere_ && !condition.where;
  if (p.type == Type::platen)
    platens_.push_back(conditions_.size());
  conditions_.push_back(std::move(condition));
}

template <int dim>
void MechanicalConditions<dim>::set_time(const double time)
{
  for (Condition &condition : conditions_) {
    for (auto &component : condition.components)
      if (component)
        component->set_time(time);
    for (auto *function : {condition.pressure.get(), condition.where.get()})
      if (function)
        function->set_time(time);
  }
}

template <int dim>
bool MechanicalConditions<dim>::holds(const unsigned int condition, const unsigned int component) const
{
  switch (type(condition)) {
  case Type::fixed:
    return true;
  case Type::roller:
  case Type::platen:
    return component == axis(condition);
  case Type::displacement:
    return conditions_[condition].components[component] != nullptr;
  default:
    return false;
  }
}

template <int dim>
bool MechanicalConditions<dim>::loads(const Condition &condition, const unsigned int component) const
{
  return condition.type == Type::traction
             ? condition.components[component] != nullptr
             : condition.type == Type::pressure && component == condition.boundary / 2;
}

template <int dim>
double MechanicalConditions<dim>::pressure(const unsigned int condition) const
{
  return conditions_[condition].pressure->value(Point<dim>());
}

template <int dim>
bool MechanicalConditions<dim>::periodic_cell() const
{
  for (unsigned int axis = 0; axis < dim; ++axis)
    if (!mesh_.periodic(axis))
      return false;
  return true;
}

template <int dim>
void MechanicalConditions<dim>::for_each_prescribed(const std::function<void(const Prescribed &)> &f) const
{
  for (const auto &cell : mesh_.triangulation.active_cell_iterators())
    if (!cell->is_artificial() && cell->at_boundary())
      for (const unsigned int face : cell->face_indices())
        if (cell->face(face)->at_boundary())
          for (unsigned int k = 0; k < conditions_.size(); ++k) {
            const Condition &condition = conditions_[k];
            if (condition.boundary != face)
              continue;
            for (unsigned int v = 0; v < GeometryInfo<dim>::vertices_per_face; ++v) {
              const unsigned int vertex = GeometryInfo<dim>::face_to_cell_vertices(face, v);
              const Point<dim> &point = cell->vertex(vertex);
              if (condition.at(point))
                for (unsigned int c = 0; c < dim; ++c)
                  if (holds(k, c))
                    f({cell, vertex, c, k,
                       condition.type == Type::displacement ? condition.components[c]->value(point) : 0.});
            }
          }
}

template <int dim>
bool MechanicalConditions<dim>::has_load(const types::boundary_id boundary) const
{
  for (const Condition &condition : conditions_)
    if (condition.boundary == boundary &&
        (condition.type == Type::traction || condition.type == Type::pressure))
      return true;
  return false;
}

template <int dim>
Tensor<1, dim> MechanicalConditions<dim>::load_of(const unsigned int k, const Point<dim> &point) const
{
  const Condition &condition = conditions_[k];
  Tensor<1, dim> load;
  if (!condition.at(point))
    return load;
  if (condition.type == Type::pressure)
    load[axis(k)] = -side(k) * condition.pressure->value(point);
  else if (condition.type == Type::traction)
    for (unsigned int c = 0; c < dim; ++c)
      if (condition.components[c])
        load[c] = condition.components[c]->value(point);
  return load;
}

template <int dim>
Tensor<1, dim> MechanicalConditions<dim>::load(const types::boundary_id boundary,
                                               const Point<dim> &point) const
{
  Tensor<1, dim> load;
  for (unsigned int k = 0; k < conditions_.size(); ++k)
    if (conditions_[k].boundary == boundary)
      load += load_of(k, point);
  return load;
}

template <int dim>
void MechanicalConditions<dim>::check_sides() const
{
  for (unsigned int k = 0; k < conditions_.size(); ++k)
    for (unsigned int l = 0; l < conditions_.size(); ++l)
      if (k != l && boundary(k) == boundary(l) && !conditions_[k].where && !conditions_[l].where)
        for (unsigned int c = 0; c < dim; ++c) {
          const bool held_and_loaded = holds(k, c) && loads(conditions_[l], c);
          const bool platen_and_held = type(k) == Type::platen && holds(l, c) && holds(k, c);
          if (held_and_loaded || platen_and_held)
            throw InputError("the mechanical boundary conditions '" + name(k) + "' and '" + name(l) +
                             "' contradict each other: both say what happens along " + "xyz"[c] +
                             " on the side '" + Mesh<dim>::boundary_names()[boundary(k)] + "'");
        }
}

template <int dim>
void MechanicalConditions<dim>::check() const
{
  check_values();
  check_support();
}

template <int dim>
void MechanicalConditions<dim>::check_values() const
{
  std::map<std::pair<unsigned int, unsigned int>, Prescribed> known; // by vertex of the mesh and component
  std::string message;
  double largest = 0.;
  for_each_prescribed([&](const Prescribed &p) { largest = std::max(largest, std::abs(p.value)); });
  for_each_prescribed([&](const Prescribed &p) {
    const auto [entry, is_new] = known.insert({{p.cell->vertex_index(p.vertex), p.component}, p});
    const Prescribed &other = entry->second;
    const bool platen = type(p.condition) == Type::platen || type(other.condition) == Type::platen;
    const bool agree =
        platen ? p.condition == other.condition : std::abs(p.value - other.value) <= 1e-9 * largest;
    if (is_new || agree || !message.empty())
      return;
    std::ostringstream text;
    text << "the mechanical boundary conditions '" << name(other.condition) << "' and '" << name(p.condition)
         << "' contradict each other: at " << text_of(p.cell->vertex(p.vertex))
         << " they prescribe different displacements along "
         << "xyz"[p.component];
    message = text.str();
  });
  throw_on_all_ranks<InputError>(mesh_.communicator(), message);
}

/// SUM_k m_k m_k over all prescribed components k at vertices: a motion that nothing stops has the eigenvalue
/// zero. Platens stop only what differs between their vertices.
template <int dim>
FullMatrix<double> MechanicalConditions<dim>::support(const RigidMotions<dim> &motions) const
{
  constexpr unsigned int n = RigidMotions<dim>::size;
  const unsigned int n_conditions = conditions_.size(),
                     n_row = n + 1; // the row of a platen ends with its vertices
  std::vector<double> sums(n * n + n_conditions * n_row, 0.);
  std::array<double, n + 1> row;
  for_each_prescribed([&](const Prescribed &p) {
    if (!p.cell->is_locally_owned())
      return;
    for (unsigned int i = 0; i < n; ++i)
      row[i] = motions.value(i, p.cell->vertex(p.vertex), p.component);
    row[n] = 1.;
    for (unsigned int i = 0; i < n; ++i)
      for (unsigned int k = 0; k < n; ++k)
        sums[i * n + k] += row[i] * row[k];
    if (type(p.condition) == Type::platen)
      for (unsigned int i = 0; i < n_row; ++i)
        sums[n * n + p.condition * n_row + i] += row[i];
  });
  Utilities::MPI::sum(sums, mesh_.communicator(), sums);
  FullMatrix<double> matrix(n, n);
  for (unsigned int i = 0; i < n; ++i)
    for (unsigned int k = 0; k < n; ++k) {
      matrix(i, k) = sums[i * n + k];
      for (const unsigned int platen : platens_) {
        const double *const mean = &sums[n * n + platen * n_row];
        matrix(i, k) -= mean[i] * mean[k] / mean[n];
      }
    }
  return matrix;
}

template <int dim>
void MechanicalConditions<dim>::check_support() const
{
  if (periodic_cell())
    return;
  const RigidMotions<dim> motions(mesh_);
  LAPACKFullMatrix<double> matrix(motions.size, motions.size);
  matrix = support(motions);
  for (unsigned int i = 0; i < motions.size; ++i)
    if (!motions.fits_periodicity(i))
      matrix(i, i) += 1.;
  dealii::Vector<double> eigenvalues;
  FullMatrix<double> vectors;
  matrix.compute_eigenvalues_symmetric(-1e300, 1e-9, 0., eigenvalues, vectors);
  std::string free_motions;
  for (unsigned int e = 0; e < eigenvalues.size(); ++e) {
    unsigned int strongest = 0;
    for (unsigned int i = 0; i < motions.size; ++i)
      if (std::abs(vectors(i, e)) > std::abs(vectors(strongest, e)))
        strongest = i;
    free_motions += (free_motions.empty() ? "" : " and ") + motions.name(strongest);
  }
  if (!free_motions.empty())
    throw InputError("the body floats: no condition in 'Mechanics/Boundary conditions' stops " +
                     free_motions + "; add conditions of type fixed, roller, displacement or platen");
}

template class MechanicalConditions<2>;
template class MechanicalConditions<3>;
} // namespace lithoclase
