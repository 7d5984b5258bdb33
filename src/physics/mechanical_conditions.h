#pragma once

#include "core/mesh.h"
#include "core/parameter_section.h"
#include "physics/rigid_motions.h"

#include <deal.II/base/function_parser.h>
#include <deal.II/lac/full_matrix.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lithoclase
{
/// One condition on (a part of) a side of the box. A side without condition is free of traction.
struct MechanicalConditionParameters
{
  enum class Type
  {
    fixed,        ///< u = 0
    roller,       ///< u . n = 0, free to slide
    displacement, ///< given components of u
    traction,     ///< sigma n given
    pressure,     ///< sigma n = -p n
    platen        ///< u . n uniform over the side with the mean of -n . sigma n given; free to slide
  };

  std::string boundary, boundary_origin;
  Type type = Type::roller;
  std::array<Expression, 3> displacement; ///< [m], empty: that component is free
  std::array<Expression, 3> traction;     ///< [Pa], empty: 0
  Expression pressure;                    ///< [Pa]
  Expression where; ///< the condition holds where this is positive; empty: on the whole side

  void declare(ParameterSection &section);
};

using MechanicalConditionList = std::vector<std::pair<std::string, MechanicalConditionParameters>>;

/// The conditions, ready to be evaluated.
template <int dim>
class MechanicalConditions
{
public:
  using Type = MechanicalConditionParameters::Type;
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  /// Throws InputError for sides that do not exist or are periodic, and for conditions on the same side that
  /// contradict each other.
  MechanicalConditions(const MechanicalConditionList &list, const Mesh<dim> &mesh);

  /// Throws InputError where conditions prescribe different displacements at one vertex, or where nothing
  /// stops a rigid motion of the body. Collective.
  void check() const;

  void set_time(double time);

  unsigned int size() const { return conditions_.size(); }
  const std::string &name(const unsigned int condition) const { return conditions_[condition].name; }
  Type type(const unsigned int condition) const { return conditions_[condition].type; }
  /// Of the whole side of a condition: axis of its normal and sign of the outward one.
  unsigned int axis(const unsigned int condition) const { return conditions_[condition].boundary / 2; }
  double side(const unsigned int condition) const
  {
    return conditions_[condition].boundary % 2 == 0 ? -1. : 1.;
  }
  dealii::types::boundary_id boundary(const unsigned int condition) const
  {
    return conditions_[condition].boundary;
  }
  bool holds(unsigned int condition, unsigned int component) const; ///< prescribes that displacement
  double pressure(unsigned int condition) const;                    ///< of a platen at the time set [Pa]
  const std::vector<unsigned int> &platens() const { return platens_; }

  /// Whether nothing but the periodicity of all axes holds the body, whose translations then are arbitrary.
  bool periodic_cell() const;

  /// A component of the displacement at a vertex that a condition prescribes.
  struct Prescribed
  {
    Cell cell;
    unsigned int vertex; ///< of the cell
    unsigned int component;
    unsigned int condition;
    double value; ///< [m]; 0 for platens
  };
  /// All of them at locally relevant cells; the same vertex and component may come several times.
  void for_each_prescribed(const std::function<void(const Prescribed &)> &f) const;

  bool has_load(dealii::types::boundary_id boundary) const; ///< traction or pressure
  dealii::Tensor<1, dim> load(dealii::types::boundary_id boundary, const dealii::Point<dim> &point) const;
  /// The load of one condition [Pa].
  dealii::Tensor<1, dim> load_of(unsigned int condition, const dealii::Point<dim> &point) const;

private:
  struct Condition
  {
    std::string name;
    Type type;
    dealii::types::boundary_id boundary;
    std::array<std::unique_ptr<dealii::FunctionParser<dim>>, dim> components; ///< displacement or traction
    std::unique_ptr<dealii::FunctionParser<dim>> pressure, where;
    bool at(const dealii::Point<dim> &point) const { return !where || where->value(point) > 0.; }
  };

  void add(const std::string &name, const MechanicalConditionParameters &parameters);
  void check_sides() const;
  void check_values() const;
  dealii::FullMatrix<double> support(const RigidMotions<dim> &motions) const;
  void check_support() const;
  bool loads(const Condition &condition, unsigned int component) const;

  const Mesh<dim> &mesh_;
  std::vector<Condition> conditions_;
  std::vector<unsigned int> platens_;
  bool everywhere_ = true; ///< no condition holds on a part of its side only
};
} // namespace lithoclase
