#include "physics/salt_transport.h"

#include "core/quantity.h"
#include "materials/conductivity.h"
#include "materials/material_database.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>

#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double floor_of_liquid = 1e-8;   // share of D where there is no liquid
constexpr double linear_tolerance = 1e-11; // what the solver leaves is salt that is lost or gained
constexpr unsigned int mixing_depth = 8;
// Most of the salt at a place that one turn may take away, and one step: a current that depends on it answers
// only in the next.
constexpr double largest_loss_per_turn = 0.9, largest_loss_per_step = 0.5;
} // namespace

void SaltTransportParameters::declare(ParameterSection &s)
{
  const std::string material = "from material";
  s.optional_quantity("initial concentration", initial_concentration, "mol/m^3", Range::positive(),
                      "c0 of lithium salt in the ionic liquid; the reaction is referred to it", material);
  s.optional_quantity("diffusivity", diffusivity, "m^2/s", Range::positive(), "of the salt", material);
  s.optional_quantity("transference number", transference_number, "1", {-10., 1., false, true},
                      "t+ of lithium, may be negative", material);
  s.optional_quantity(
      "diffusion potential factor", ion_factor, "1", Range::positive(),
      "nu of the diffusion potential (nu R T/F)(1-t+) ln c: 2 in a binary salt, 1 for dilute lithium",
      material);
  s.expression("initial concentration field", initial_field, "mol/m^3",
               "replaces the uniform initial concentration at the start");
  s.number("maximum change", maximum_change, Range::closed(1e-4, 1.),
           "of the concentration per step, relative to the initial one");
  s.number(
      "end at concentration ratio", least_ratio, Range::closed(1e-6, 1.),
      "the run ends where the concentration falls to this multiple of the initial one: the salt is used up");
}

SaltData salt_data(const SaltTransportParameters &p, const TransportParameters &transport,
                   MaterialDatabase &materials)
{
  const Material &liquid = materials.material(transport.liquid);
  const auto look_up = [&](const std::optional<double> &given, const std::string &name) {
    return given ? *given : liquid.get(name);
  };
  SaltData data;
  data.temperature = transport.temperature;
  data.anodic_transfer_coefficient = transport.anodic_transfer_coefficient;
  data.initial_concentration = look_up(p.initial_concentration, "salt_concentration");
  data.transference_number = look_up(p.transference_number, "transference_number");
  data.ion_factor = look_up(p.ion_factor, "diffusion_potential_factor");
  data.diffusivity = look_up(p.diffusivity, "salt_diffusivity");
  if (!p.diffusivity && data.temperature != constants::reference_temperature)
    data.diffusivity *=
        arrhenius_rate_factor(liquid.get("salt_diffusion_activation_energy"), data.temperature);
  if (data.transference_number >= 1.)
    throw InputError("the transference number of '" + transport.liquid + "' is " +
                     std::to_string(data.transference_number) + ", but must be less than 1");
  return data;
}

template <int dim>
SaltFields<dim> SaltTransport<dim>::make_fields(State<dim> &state, const SaltData &data)
{
  SaltFields<dim> fields;
  fields.data = data;
  fields.concentration = &state.add_field("salt_concentration", "mol/m^3", SpaceKind::nodal);
  for (unsigned int d = 0; d < dim; ++d)
    fields.ionic_current[d] = &state.add_field(std::string("ionic_current_") + "xyz"[d], "A/m^2",
                                               SpaceKind::quadrature, Transfer::recompute);
  return fields;
}

template <int dim>
SaltTransport<dim>::SaltTransport(const SaltTransportParameters &parameters, const SaltFields<dim> &fields,
                                  const Microstructure<dim> &microstructure, State<dim> &state,
                                  const Field<dim> &lithium, const double tolerance)
    : parameters_(parameters), fields_(fields), microstructure_(microstructure), state_(state),
      concentration_(*fields.concentration), lithium_(lithium), tolerance_(tolerance),
      initial_amount_(state.add_scalar("initial_salt_amount", "mol/m^2")),
      amount_(state.add_scalar("salt_amount", "mol/m^2")),
      remeshed_(state.add_scalar("salt_remeshed", "mol/m^2")),
      smallest_(state.add_scalar("salt_concentration_min", "mol/m^3")), system_(concentration_.space, 1),
      solver_("salt", LinearSolver::Method::cg, LinearSolver::Preconditioner::boomeramg, 1, dim),
      mixing_(mixing_depth)
{
  if (!microstructure.has_phase(PoreFilling::liquid))
    throw InputError("'Salt transport/active' is true, but there is no ionic liquid: give pores with "
                     "'filled fraction' or filling liquid, 'Microstructure/Phases by expression/liquid', or "
                     "liquid labels");
}

template <int dim>
struct SaltTransport<dim>::CellWork
{
  explicit CellWork(const Space<dim> &space)
      : fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                  update_values | update_gradients | update_JxW_values | update_quadrature_points),
        n_nodes(space.fe().n_dofs_per_cell()), n_q(fe_values.n_quadrature_points), nodes(n_nodes),
        points(n_q), vector(n_nodes), matrix(n_nodes, n_nodes), xi(n_q), old_xi(n_q), current(n_q),
        c(n_nodes), old_c(n_nodes)
  {
  }

  FEValues<dim> fe_values;
  unsigned int n_nodes, n_q;
  std::vector<types::global_dof_index> nodes, points;
  dealii::Vector<double> vector;
  FullMatrix<double> matrix;
  std::vector<double> xi, old_xi;
  std::vector<Tensor<1, dim>> current;
  std::vector<double> c, old_c; ///< at the nodes
};

/// The salt in the present fields.
template <int dim>
struct SaltTransport<dim>::Content
{
  double amount = 0.;   ///< INT chi c per cross-section [mol/m^2]
  double smallest = 0.; ///< c at nodes with more liquid than other matter around them [mol/m^3]
  double largest = 0.;
};

template <int dim>
void SaltTransport<dim>::cache_liquid()
{
  CellWork w(concentration_.space);
  liquid_.assign(state_.mesh().triangulation.n_active_cells() * w.n_q, 0.);
  for (const auto &cell : concentration_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.fe_values.reinit(cell);
      for (unsigned int q = 0; q < w.n_q; ++q)
        liquid_[cell->active_cell_index() * w.n_q + q] =
            microstructure_.evaluate(w.fe_values.quadrature_point(q)).liquid;
    }
}

template <int dim>
void SaltTransport<dim>::reinit()
{
  cache_liquid();
  system_.reinit();
  system_.close();
  solver_.reinit(system_.owned, system_.sparsity(), system_.communicator());
  for (Vector *vector : {&right_hand_side_, &change_})
    vector->reinit(system_.partitioner);
  restore_amount();
}

template <int dim>
void SaltTransport<dim>::restore_amount()
{
  if (amount_.value == 0.) // before the initial conditions
    return;
  const double found = content().amount;
  if (!(found > 0.))
    throw StepFailure(name(), "no ionic liquid is left that could hold the salt");
  remeshed_.value += amount_.value - found;
  remeshed_.old_value = remeshed_.value;
  for (Vector *c : {&concentration_.values, &concentration_.old_values}) {
    c->zero_out_ghost_values();
    *c *= amount_.value / found;
    c->update_ghost_values();
  }
}

template <int dim>
void SaltTransport<dim>::set_initial_conditions()
{
  const Space<dim> &space = concentration_.space;
  concentration_.values.zero_out_ghost_values();
  concentration_.values = fields_.data.initial_concentration;
  if (!parameters_.initial_field.empty()) {
    const auto expression = parameters_.initial_field.function<dim>();
    const Quadrature<dim> vertices(space.fe().get_unit_support_points());
    FEValues<dim> fe_values(space.mesh().mapping, space.fe(), vertices, update_quadrature_points);
    std::vector<types::global_dof_index> nodes(space.fe().n_dofs_per_cell());
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned()) {
        fe_values.reinit(cell);
        cell->get_dof_indices(nodes);
        for (unsigned int i = 0; i < nodes.size(); ++i)
          if (space.owned.is_element(nodes[i]))
            concentration_.values(nodes[i]) = expression->value(fe_values.quadrature_point(i));
      }
  }
  concentration_.update();
  cache_liquid();
  const Content start = content();
  amount_.value = initial_amount_.value = start.amount;
  smallest_.value = start.smallest;
  if (!(start.smallest > 0.))
    throw InputError("parameter 'Salt transport/initial concentration field' gives " +
                     format_quantity(start.smallest, "mol/m^3", "mol/m^3") +
                     " somewhere in the liquid, but it must be positive");
}

template <int dim>
typename SaltTransport<dim>::Content SaltTransport<dim>::content() const
{
  const Space<dim> &space = concentration_.space;
  CellWork w(space);
  Content result;
  Vector salty(concentration_.values), all(concentration_.values);
  salty.zero_out_ghost_values();
  all.zero_out_ghost_values();
  salty = all = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.fe_values.reinit(cell);
      w.fe_values.get_function_values(lithium_.values, w.xi);
      w.fe_values.get_function_values(concentration_.values, w.old_xi);
      cell->get_dof_indices(w.nodes);
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const double chi = liquid_[cell->active_cell_index() * w.n_q + q] * std::clamp(1. - w.xi[q], 0., 1.);
        const double JxW = w.fe_values.JxW(q);
        result.amount += chi * w.old_xi[q] * JxW;
        for (unsigned int i = 0; i < w.n_nodes; ++i) {
          salty(w.nodes[i]) += chi * w.fe_values.shape_value(i, q) * JxW;
          all(w.nodes[i]) += w.fe_values.shape_value(i, q) * JxW;
        }
      }
    }
  salty.compress(VectorOperation::add);
  all.compress(VectorOperation::add);
  result.smallest = std::numeric_limits<double>::infinity();
  for (unsigned int i = 0; i < salty.locally_owned_size(); ++i)
    if (salty.local_element(i) > 0.5 * all.local_element(i)) {
      const double c = concentration_.values.local_element(i);
      result.smallest = std::min(result.smallest, c);
      result.largest = std::max(result.largest, c);
    }
  const MPI_Comm communicator = system_.communicator();
  result.amount = Utilities::MPI::sum(result.amount, communicator) / state_.mesh().cross_section();
  result.smallest = Utilities::MPI::min(result.smallest, communicator);
  result.largest = Utilities::MPI::max(result.largest, communicator);
  return result;
}

template <int dim>
void SaltTransport<dim>::prepare_step(const Step &)
{
  mixing_.reset();
}

template <int dim>
void SaltTransport<dim>::assemble_cell(CellWork &w, const Step &step, const unsigned int cell) const
{
  const SaltData &data = fields_.data;
  const double anions_per_current = step.size * (1. - data.transference_number) / constants::faraday;
  w.matrix = 0.;
  w.vector = 0.;
  for (unsigned int q = 0; q < w.n_q; ++q) {
    const double liquid = liquid_[cell * w.n_q + q];
    const double chi = liquid * std::clamp(1. - w.xi[q], 0., 1.);
    const double old_chi = liquid * std::clamp(1. - w.old_xi[q], 0., 1.);
    const double JxW = w.fe_values.JxW(q);
    const double diffusion = step.size * data.diffusivity * (chi + floor_of_liquid) * JxW;
    for (unsigned int i = 0; i < w.n_nodes; ++i) {
      const double N = w.fe_values.shape_value(i, q) * JxW;
      const Tensor<1, dim> grad = w.fe_values.shape_grad(i, q);
      w.vector(i) +=
          (old_chi * w.old_c[i] - chi * w.c[0]) * N - anions_per_current * chi * (w.current[q] * grad) * JxW;
      w.matrix(i, i) += chi * N;
      for (unsigned int k = 0; k < w.n_nodes; ++k)
        w.matrix(i, k) += diffusion * (grad * w.fe_values.shape_grad(k, q));
    }
  }
  // A constant does not diffuse: left out, its round-off does not count as salt where steps are long.
  for (unsigned int i = 0; i < w.n_nodes; ++i)
    for (unsigned int k = 0; k < w.n_nodes; ++k)
      w.vector(i) -= w.matrix(i, k) * (w.c[k] - w.c[0]);
}

/// The system for the change of c from its present values.
template <int dim>
void SaltTransport<dim>::assemble(const Step &step)
{
  const Space<dim> &space = concentration_.space;
  CellWork w(space);
  const DoFHandler<dim> &points = fields_.ionic_current[0]->space.dof_handler;
  solver_.matrix() = 0.;
  right_hand_side_ = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.fe_values.reinit(cell);
      w.fe_values.get_function_values(lithium_.values, w.xi);
      w.fe_values.get_function_values(lithium_.old_values, w.old_xi);
      cell->get_dof_indices(w.nodes);
      typename DoFHandler<dim>::active_cell_iterator(&cell->get_triangulation(), cell->level(), cell->index(),
                                                     &points)
          ->get_dof_indices(w.points);
      for (unsigned int q = 0; q < w.n_q; ++q)
        for (unsigned int d = 0; d < dim; ++d)
          w.current[q][d] = fields_.ionic_current[d]->values(w.points[q]);
      for (unsigned int i = 0; i < w.n_nodes; ++i) {
        w.c[i] = concentration_.values(w.nodes[i]);
        w.old_c[i] = concentration_.old_values(w.nodes[i]);
      }
      assemble_cell(w, step, cell->active_cell_index());
      system_.constraints.distribute_local_to_global(w.matrix, w.nodes, solver_.matrix());
      system_.constraints.distribute_local_to_global(w.vector, w.nodes, right_hand_side_);
    }
  solver_.matrix().compress(VectorOperation::add);
  right_hand_side_.compress(VectorOperation::add);
}

template <int dim>
SolveReport SaltTransport<dim>::solve(const Step &step)
{
  assemble(step);
  SolveReport report;
  change_ = 0.;
  report.linear_iterations = solver_.solve(change_, right_hand_side_, linear_tolerance).iterations;
  report.increment = change_.linfty_norm() / fields_.data.initial_concentration;

  Vector &c = concentration_.values;
  c.zero_out_ghost_values();
  if (report.increment > tolerance_) {
    Vector solution = c;
    solution += change_;
    const Vector before = c;
    mixing_.update(c, solution);
    for (unsigned int i = 0; i < c.locally_owned_size(); ++i)
      c.local_element(i) =
          std::max(c.local_element(i), (1. - largest_loss_per_turn) * before.local_element(i));
  } else
    c += change_;
  concentration_.update();
  return report;
}

template <int dim>
void SaltTransport<dim>::accept_step(const Step &step)
{
  const double before = smallest_.value;
  const Content now = content();
  if (!(now.smallest > 0.))
    throw StepFailure(name(), "the salt is used up: " + format_quantity(now.smallest, "mol/m^3", "mol/m^3"));
  amount_.value = now.amount;
  smallest_.value = now.smallest;
  largest_ = now.largest;

  Vector change = concentration_.values;
  change -= concentration_.old_values;
  const double allowed = parameters_.maximum_change * fields_.data.initial_concentration;
  next_step_ = step.size * allowed / std::max(change.linfty_norm(), 1e-12 * allowed);
  if (before > smallest_.value)
    next_step_ = std::min(next_step_,
                          largest_loss_per_step * smallest_.value * step.size / (before - smallest_.value));
}

template <int dim>
double SaltTransport<dim>::max_next_time_step(const Step &)
{
  return next_step_;
}

template <int dim>
std::string SaltTransport<dim>::end_reason(const Step &step)
{
  if (smallest_.value > parameters_.least_ratio * fields_.data.initial_concentration)
    return {};
  return "the salt of the ionic liquid is used up, down to " +
         format_quantity(smallest_.value, "mol/m^3", "mol/m^3") + " somewhere, at " +
         format_quantity(step.time(), "s", "s");
}

template <int dim>
void SaltTransport<dim>::add_observables(const Step &, ObservableRow &row)
{
  row.add("salt_concentration_min", "mol/m^3", smallest_.value, true);
  row.add("salt_concentration_max", "mol/m^3", largest_, true);
  row.add("salt_amount", "mol/m^2", amount_.value);
  row.add("salt_remeshed", "mol/m^2", remeshed_.value);
  row.add("salt_balance_error", "1", (amount_.value - initial_amount_.value) / initial_amount_.value);
}

template class SaltTransport<2>;
template class SaltTransport<3>;
} // namespace lithoclase
