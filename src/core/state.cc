#include "core/state.h"

#include <deal.II/distributed/solution_transfer.h>

#include <vector>

namespace lithoclase
{
using namespace dealii;

template <int dim>
struct State<dim>::Transfers
{
  using SpaceTransfer = parallel::distributed::SolutionTransfer<dim, Vector>;
  std::map<SpaceKind, std::unique_ptr<SpaceTransfer>> per_space;
};

template <int dim>
State<dim>::State(Mesh<dim> &mesh) : mesh_(mesh)
{
}

template <int dim>
State<dim>::~State() = default;

template <int dim>
Space<dim> &State<dim>::space(const SpaceKind kind)
{
  std::unique_ptr<Space<dim>> &space = spaces_[kind];
  if (!space) {
    space = std::make_unique<Space<dim>>(mesh_, kind);
    space->reinit();
  }
  return *space;
}

template <int dim>
Field<dim> &State<dim>::add_field(const std::string &name, const std::string &unit, const SpaceKind kind,
                                  const Transfer transfer)
{
  fields_.emplace_back(name, unit, space(kind), transfer);
  return fields_.back();
}

template <int dim>
Scalar &State<dim>::add_scalar(const std::string &name, const std::string &unit, const double value)
{
  scalars_.push_back({name, unit, value, value});
  return scalars_.back();
}

template <int dim>
void State<dim>::make_vectors()
{
  for (auto &[kind, space] : spaces_)
    space->reinit();
  for (Field<dim> &field : fields_) {
    field.values.reinit(field.space.partitioner);
    field.old_values.reinit(field.space.partitioner);
    field.values.update_ghost_values(); // readable from the start
    field.old_values.update_ghost_values();
  }
}

template <int dim>
void State<dim>::reinit()
{
  make_vectors();
}

template <int dim>
void State<dim>::store()
{
  for (Field<dim> &field : fields_) {
    field.old_values = field.values;
    field.old_values.update_ghost_values();
  }
  for (Scalar &scalar : scalars_)
    scalar.old_value = scalar.value;
}

template <int dim>
void State<dim>::restore()
{
  for (Field<dim> &field : fields_) {
    field.values = field.old_values;
    field.values.update_ghost_values();
  }
  for (Scalar &scalar : scalars_)
    scalar.value = scalar.old_value;
}

template <int dim>
std::map<SpaceKind, std::vector<Field<dim> *>> State<dim>::transferred_fields()
{
  std::map<SpaceKind, std::vector<Field<dim> *>> lists;
  for (Field<dim> &field : fields_)
    if (field.transfer == Transfer::interpolate)
      lists[field.space.kind()].push_back(&field);
  return lists;
}

template <int dim>
void State<dim>::refine()
{
  carry_over(false);
  store();
}

template <int dim>
void State<dim>::refine_within_step()
{
  carry_over(true);
}

template <int dim>
void State<dim>::carry_over(const bool old_values_too)
{
  const auto lists = transferred_fields();
  Transfers transfers;
  std::map<SpaceKind, std::vector<Vector>> before;
  mesh_.triangulation.prepare_coarsening_and_refinement();
  for (const auto &[kind, list] : lists) {
    std::vector<const Vector *> inputs;
    before[kind].reserve(2 * list.size());
    for (Field<dim> *field : list) {
      before[kind].push_back(field->values);
      if (old_values_too)
        before[kind].push_back(field->old_values);
    }
    for (Vector &vector : before[kind]) { // a copy has no ghost values yet
      vector.update_ghost_values();
      inputs.push_back(&vector);
    }
    transfers.per_space[kind] =
        std::make_unique<typename Transfers::SpaceTransfer>(spaces_[kind]->dof_handler);
    transfers.per_space[kind]->prepare_for_coarsening_and_refinement(inputs);
  }
  mesh_.triangulation.execute_coarsening_and_refinement();
  make_vectors();
  for (const auto &[kind, list] : lists) {
    std::vector<Vector *> outputs;
    for (Field<dim> *field : list) {
      outputs.push_back(&field->values);
      if (old_values_too)
        outputs.push_back(&field->old_values);
    }
    for (Vector *vector : outputs)
      vector->zero_out_ghost_values();
    transfers.per_space[kind]->interpolate(outputs);
    for (Vector *vector : outputs) {
      vector->zero_out_ghost_values();
      spaces_[kind]->constraints.distribute(*vector);
      vector->update_ghost_values();
    }
  }
}

template <int dim>
void State<dim>::prepare_for_serialization()
{
  serialization_ = std::make_unique<Transfers>();
  for (const auto &[kind, list] : transferred_fields()) {
    std::vector<const Vector *> inputs;
    for (Field<dim> *field : list) {
      field->values.update_ghost_values();
      inputs.push_back(&field->values);
    }
    serialization_->per_space[kind] =
        std::make_unique<typename Transfers::SpaceTransfer>(spaces_[kind]->dof_handler);
    serialization_->per_space[kind]->prepare_for_serialization(inputs);
  }
}

template <int dim>
void State<dim>::deserialize()
{
  make_vectors();
  Transfers transfers;
  for (const auto &[kind, list] : transferred_fields()) {
    std::vector<Vector *> outputs;
    for (Field<dim> *field : list) {
      field->values.zero_out_ghost_values();
      outputs.push_back(&field->values);
    }
    transfers.per_space[kind] =
        std::make_unique<typename Transfers::SpaceTransfer>(spaces_[kind]->dof_handler);
    transfers.per_space[kind]->deserialize(outputs);
    for (Field<dim> *field : list)
      field->update();
  }
  store();
}

template class State<2>;
template class State<3>;
} // namespace lithoclase
