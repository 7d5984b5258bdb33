#pragma once

#include "core/field.h"
#include "core/mesh.h"
#include "core/space.h"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace lithoclase
{
/// Everything that must survive refinement, a rejected step or a restart: named fields and named numbers.
///
/// Refinement, rollback, checkpoint and output are loops over these lists. References handed out stay valid.
template <int dim>
class State
{
public:
  explicit State(Mesh<dim> &mesh);
  ~State();

  Mesh<dim> &mesh() { return mesh_; }
  const Mesh<dim> &mesh() const { return mesh_; }

  Space<dim> &space(SpaceKind kind); ///< made when first asked for
  Field<dim> &add_field(const std::string &name, const std::string &unit, SpaceKind kind,
                        Transfer transfer = Transfer::interpolate);
  Scalar &add_scalar(const std::string &name, const std::string &unit, double value = 0.);

  std::deque<Field<dim>> &fields() { return fields_; }
  const std::deque<Field<dim>> &fields() const { return fields_; }
  std::deque<Scalar> &scalars() { return scalars_; }
  const std::deque<Scalar> &scalars() const { return scalars_; }

  void reinit();  ///< numbers all spaces and sets all fields to zero: before initial conditions
  void store();   ///< old values := values (a step begins or was accepted)
  void restore(); ///< values := old values (a step was rejected)

  /// Executes the flags set on the mesh and carries the fields marked `interpolate` over, others become zero.
  void refine();
  /// The same in the midst of a step: values and old values differ, and both are carried over.
  void refine_within_step();

  /// Attach the fields to the triangulation for Triangulation::save(), and read them after
  /// Triangulation::load(). Both loop over the same list, so the same parameter file must have made it.
  void prepare_for_serialization();
  void deserialize();

private:
  struct Transfers;
  std::map<SpaceKind, std::vector<Field<dim> *>> transferred_fields();
  void make_vectors();
  void carry_over(bool old_values_too);

  Mesh<dim> &mesh_;
  std::map<SpaceKind, std::unique_ptr<Space<dim>>> spaces_;
  std::deque<Field<dim>> fields_;
  std::deque<Scalar> scalars_;
  std::unique_ptr<Transfers> serialization_;
};
} // namespace lithoclase
