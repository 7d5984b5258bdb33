#include "physics/charge_transport.h"

#include "core/cell_shapes.h"
#include "core/quantity.h"
#include "materials/conductivity.h"
#include "materials/fracture_energy.h"
#include "microstructure/random.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>

#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr unsigned int ionic = 0, electronic = 1; // components of the linear system
constexpr double charge_weight = 10.;     // the charge balance is held ten times closer than the residual
constexpr double border_tolerance = 1e-2; // the border may lag: Newton's method corrects what it misses
constexpr double negligible_current_density =
    1e-4; // [A/m^2], the load that a cell at rest is measured against

constexpr unsigned int n_switch_widths = 4; // of nucleation, from 27 to 1 mV, where Newton's method needs it
constexpr double switch_width_ratio = 3.;

constexpr double negligible_share =
    1e-4; // of the current of diffusion, at rest likewise: it cancels to rounding

template <int dim>
std::unique_ptr<FunctionParser<dim>> make_source(const Expression &expression)
{
  return expression.empty() ? nullptr : expression.function<dim>();
}
} // namespace

void ChargeTransportParameters::declare(ParameterSection &s)
{
  s.boolean("reaction", reaction, "lithium plates and dissolves; off: conduction only");
  s.expression("ionic source", ionic_source, "A/m^3", "added to the ionic balance");
  s.expression("electronic source", electronic_source, "A/m^3", "added to the electronic balance");
  s.optional_quantity("end at voltage", voltage_limit, "V", Range::positive(),
                      "the run ends when the cell voltage is beyond, of either sign", "never");
  s.optional_quantity("end at charge", charge_limit, "mA h/cm^2", Range::positive(),
                      "the run ends when so much charge has passed", "never");
  s.number("noise amplitude", noise_amplitude, Range::closed(0., 1.),
           "random relative change of the exchange current density, new in each step");
  s.quantity("noise length", noise_length, "um", Range::positive(), "size of the patches of equal noise");
  s.integer("noise seed", noise_seed, Range::non_negative(), "seed of the noise");
  s.subsection("Newton", newton, "nonlinear solver");
}

/// Scratch data of the assembly loops.
template <int dim>
struct ChargeTransport<dim>::CellWork
{
  static constexpr unsigned int n_nodes = CellShapes<dim>::n_nodes, n_q = CellShapes<dim>::n_q;

  explicit CellWork(const Space<dim> &space, const CrackFields<dim> &crack_fields = {},
                    const SaltFields<dim> &salt_fields = {})
      : shapes(space), face_values(space.mesh().mapping, space.fe(), QGauss<dim - 1>(2),
                                   update_values | update_JxW_values | update_quadrature_points),
        matrix(2 * n_nodes, 2 * n_nodes), residual(2 * n_nodes), lift_column(2 * n_nodes), lift(2 * n_nodes),
        xi(n_q), phi_i(n_q), phi_e(n_q), curvature(n_q), face_phi_i(face_values.n_quadrature_points),
        face_phi_e(face_values.n_quadrature_points), grad_xi(n_q), grad_phi_i(n_q), grad_phi_e(n_q),
        cracks(crack_fields, n_q), salt(salt_fields, n_q)
  {
  }

  CellShapes<dim> shapes;
  FEFaceValues<dim> face_values;
  FullMatrix<double> matrix;
  dealii::Vector<double> residual, lift_column, lift;
  std::vector<double> xi, phi_i, phi_e, curvature, face_phi_i, face_phi_e;
  std::vector<Tensor<1, dim>> grad_xi, grad_phi_i, grad_phi_e;
  const unsigned int *points = nullptr; ///< numbers of the cell's points in vectors of the reaction
  CrackPoints<dim> cracks;
  SaltPoints<dim> salt;
  std::vector<typename BoundaryConditions<dim>::Natural> natural;
  types::boundary_id boundary = 0;
};

template <int dim>
ChargeTransport<dim>::ChargeTransport(const ChargeTransportParameters &parameters,
                                      const CounterElectrodeParameters &counter_electrode,
                                      const BoundaryConditionList &boundary_conditions,
                                      const Protocol &protocol, const TransportProperties<dim> &properties,
                                      const double front_width, State<dim> &state, const Field<dim> &lithium,
                                      const ReactionFields<dim> &reaction, const Field<dim> *normal_pressure,
                                      const CrackFields<dim> &cracks, const NucleatedLithium<dim> *nucleated,
                                      const SaltFields<dim> &salt)
    : parameters_(parameters),
      counter_electrode_(counter_electrode, properties.data().anodic_transfer_coefficient,
                         properties.data().temperature),
      protocol_(protocol), properties_(properties),
      kinetics_(properties.data().anodic_transfer_coefficient, properties.data().temperature), state_(state),
      lithium_(lithium), normal_pressure_(normal_pressure), cracks_(cracks), nucleated_(nucleated),
      salt_(salt), reaction_(reaction), ionic_conditions_(boundary_conditions, "ionic_potential"),
      electronic_conditions_(boundary_conditions, "electronic_potential"),
      surface_(state.space(SpaceKind::nodal), front_width),
      ionic_potential_(state.add_field("ionic_potential", "V", SpaceKind::nodal)),
      electronic_potential_(state.add_field("electronic_potential", "V", SpaceKind::nodal)),
      ionic_potential_rate_(state.add_field("ionic_potential_rate", "V/s", SpaceKind::nodal)),
      electronic_potential_rate_(state.add_field("electronic_potential_rate", "V/s", SpaceKind::nodal)),
      ionic_response_(state.add_field("ionic_voltage_response", "1", SpaceKind::nodal)),
      electronic_response_(state.add_field("electronic_voltage_response", "1", SpaceKind::nodal)),
      reaction_rate_(*reaction.surface), nucleation_rate_(*reaction.nucleation),
      overpotential_(*reaction.overpotential), voltage_(state.add_scalar("cell_voltage", "V")),
      uniform_flux_(state.add_scalar("uniform_flux", "A/m^2")),
      voltage_rate_(state.add_scalar("cell_voltage_rate", "V/s")),
      applied_before_(state.add_scalar("applied_before", "1")),
      shifted_flux_(state.add_scalar("shifted_flux", "A/m^2")), charge_(state.add_scalar("charge", "C/m^2")),
      leaked_charge_(state.add_scalar("leaked_charge", "C/m^2")),
      reacted_charge_(state.add_scalar("reacted_charge", "C/m^2")),
      nucleated_charge_(state.add_scalar("nucleated_charge", "C/m^2")),
      crack_charge_(state.add_scalar("crack_charge", "C/m^2")), system_(state.space(SpaceKind::nodal), 2),
      assembly_(system_),
      solver_("charge", LinearSolver::Method::cg, LinearSolver::Preconditioner::boomeramg, 2, dim),
      ionic_source_(make_source<dim>(parameters.ionic_source)),
      electronic_source_(make_source<dim>(parameters.electronic_source)),
      current_densities_({lithium, ionic_potential_, electronic_potential_, reaction, points_,
                          properties.data().metal_conductivity, properties.data().liquid_ionic_conductivity,
                          cracks, ionic_source_.get(), electronic_source_.get(), salt})
{
  for (Field<dim> *field :
       {&ionic_potential_rate_, &electronic_potential_rate_, &ionic_response_, &electronic_response_})
    field->solved_for = false;
  // Forward going down, backward going up: half the work of hypre's symmetric sweeps at about as many
  // iterations.
  solver_.set_default_option("pc_hypre_boomeramg_relax_type_down", "SOR/Jacobi");
  solver_.set_default_option("pc_hypre_boomeramg_relax_type_up", "backward-SOR/Jacobi");
}

template <int dim>
bool ChargeTransport<dim>::has_counter_electrode() const
{
  return protocol_.control() != ProtocolParameters::Control::none;
}

template <int dim>
bool ChargeTransport<dim>::voltage_is_unknown() const
{
  return protocol_.control() == ProtocolParameters::Control::galvanostatic &&
         (counter_electrode_.connected() || !counter_electrode_.uniform());
}

template <int dim>
bool ChargeTransport<dim>::flux_is_unknown() const
{
  return counter_electrode_.uniform() && has_counter_electrode() &&
         (counter_electrode_.connected() ||
          protocol_.control() == ProtocolParameters::Control::potentiostatic);
}

template <int dim>
void ChargeTransport<dim>::reinit()
{
  system_.reinit();
  mark_constraints();
  system_.close();
  fixed_.clear();
  for (unsigned int i = 0; i < system_.partitioner->locally_owned_size(); ++i)
    if (system_.constraints.is_constrained(system_.partitioner->local_to_global(i)))
      fixed_.push_back(i);
  solver_.reinit(system_.owned, system_.sparsity(), system_.communicator());
  assembly_.reinit(solver_.matrix(), system_.constraints);
  for (Vector *vector : {&residual_, &free_residual_, &right_hand_side_, &increment_, &lift_column_,
                         &flux_column_, &voltage_response_, &flux_response_})
    vector->reinit(system_.partitioner);
  for (unsigned int i = 0; i < ionic_response_.values.locally_owned_size(); ++i) {
    voltage_response_.local_element(2 * i + ionic) = ionic_response_.values.local_element(i);
    voltage_response_.local_element(2 * i + electronic) = electronic_response_.values.local_element(i);
  }
  for (const unsigned int i : fixed_)
    voltage_response_.local_element(i) = 0.;
  cache_properties();
  assemble_border();
  surface_.update(lithium_.values, properties_.data().surface_energy > 0.);
}

template <int dim>
void ChargeTransport<dim>::mark_constraints()
{
  const Space<dim> &space = ionic_potential_.space;
  ionic_conditions_.for_each_value(
      space, [&](const auto node, unsigned int, double) { system_.constrain(node, ionic); });
  electronic_conditions_.for_each_value(
      space, [&](const auto node, unsigned int, double) { system_.constrain(node, electronic); });

  counter_nodes_.clear();
  std::vector<types::global_dof_index> nodes(space.fe().n_dofs_per_face());
  const bool grounded = !electronic_conditions_.given(Mesh<dim>::bottom());
  const bool connected = has_counter_electrode() && counter_electrode_.connected() &&
                         !electronic_conditions_.given(Mesh<dim>::top());
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (!cell->is_artificial() && cell->at_boundary())
      for (const unsigned int f : {2 * dim - 2, 2 * dim - 1})
        if (cell->face(f)->at_boundary()) {
          const bool top = cell->face(f)->boundary_id() == Mesh<dim>::top();
          if (!(top ? connected : grounded))
            continue;
          cell->face(f)->get_dof_indices(nodes);
          for (const auto node : nodes) {
            if (top && space.owned.is_element(node) &&
                !system_.mesh_constraints.is_constrained(system_.unknown(node, electronic)))
              counter_nodes_.push_back(space.partitioner->global_to_local(node));
            system_.constrain(node, electronic);
          }
        }
  std::sort(counter_nodes_.begin(), counter_nodes_.end());
  counter_nodes_.erase(std::unique(counter_nodes_.begin(), counter_nodes_.end()), counter_nodes_.end());
}

template <int dim>
void ChargeTransport<dim>::cache_properties()
{
  CellShapes<dim> shapes(ionic_potential_.space);
  std::vector<Point<dim>> positions(shapes.n_q);
  points_.assign(state_.mesh().triangulation.n_active_cells() * shapes.n_q, PointTransport<dim>());
  for (const auto &cell : state_.mesh().triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      shapes.reinit(cell);
      for (unsigned int q = 0; q < shapes.n_q; ++q)
        positions[q] = shapes.point(q);
      properties_.at(positions, &points_[shapes.first_point()]);
    }
}

template <int dim>
void ChargeTransport<dim>::assemble_border()
{
  CellWork work(ionic_potential_.space);
  flux_column_ = 0.;
  counter_area_ = state_.mesh().cross_section();
  for (const auto &cell : ionic_potential_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned() && cell->face(2 * dim - 1)->at_boundary()) {
      work.face_values.reinit(cell, 2 * dim - 1);
      work.residual = 0.;
      for (unsigned int q = 0; q < work.face_values.n_quadrature_points; ++q)
        for (unsigned int i = 0; i < work.n_nodes; ++i)
          work.residual(2 * i + ionic) += work.face_values.shape_value(i, q) * work.face_values.JxW(q);
      assembly_.add(cell->active_cell_index(), work.residual, flux_column_);
    }
  flux_column_.compress(VectorOperation::add);
}

template <int dim>
void ChargeTransport<dim>::prepare_step(const Step &step)
{
  for (auto *conditions : {&ionic_conditions_, &electronic_conditions_})
    conditions->set_time(step.time());
  for (auto *source : {ionic_source_.get(), electronic_source_.get()})
    if (source)
      source->set_time(step.time());
  step_size_ = step.size;
  const double applied = has_counter_electrode() ? protocol_.value(step.time()) : 0.;
  applied_ = applied;
  if (protocol_.control() == ProtocolParameters::Control::potentiostatic)
    voltage_.value = applied;
  else if (counter_electrode_.uniform() && !counter_electrode_.connected())
    uniform_flux_.value = applied;
  if (applied == applied_before_.value)
    predict(step.size);
  else
    shift_potentials();
  apply_boundary_values();
  make_noise(step);
}

template <int dim>
void ChargeTransport<dim>::make_noise(const Step &step)
{
  noise_.clear();
  if (parameters_.noise_amplitude > 0.) {
    CellShapes<dim> shapes(ionic_potential_.space);
    noise_.resize(points_.size(), 1.);
    for (const auto &cell : state_.mesh().triangulation.active_cell_iterators())
      if (cell->is_locally_owned()) {
        shapes.reinit(cell);
        for (unsigned int q = 0; q < shapes.n_q; ++q) {
          const Point<dim> point = shapes.point(q);
          std::uint64_t key = step.number; // position and step, whatever the rank
          for (unsigned int d = 0; d < dim; ++d)
            key = 1000003ULL * key + static_cast<std::uint64_t>(static_cast<std::int64_t>(
                                         std::floor(point[d] / parameters_.noise_length)));
          const double random = Random(parameters_.noise_seed, RandomUse::noise, key).uniform();
          noise_[shapes.first_point() + q] = 1. + parameters_.noise_amplitude * (2. * random - 1.);
        }
      }
  }
}

template <int dim>
void ChargeTransport<dim>::predict(const double step_size)
{
  ionic_potential_.values.add(step_size, ionic_potential_rate_.values);
  electronic_potential_.values.add(step_size, electronic_potential_rate_.values);
  ionic_potential_.update();
  electronic_potential_.update();
  if (voltage_is_unknown())
    voltage_.value += step_size * voltage_rate_.value;
}

template <int dim>
void ChargeTransport<dim>::update_rates(const Step &step)
{
  // After a jump of what is applied, the change says nothing about the next step.
  const bool smooth = applied_ == applied_before_.value && parameters_.noise_amplitude == 0.;
  const auto update = [&](const Field<dim> &field, Field<dim> &rate) {
    rate.values.zero_out_ghost_values();
    rate.values.equ(smooth ? 1. / step.size : 0., field.values);
    rate.values.add(smooth ? -1. / step.size : 0., field.old_values);
    rate.values.update_ghost_values();
  };
  update(ionic_potential_, ionic_potential_rate_);
  update(electronic_potential_, electronic_potential_rate_);
  voltage_rate_.value = smooth ? (voltage_.value - voltage_.old_value) / step.size : 0.;
  applied_before_.value = applied_;
}

template <int dim>
void ChargeTransport<dim>::shift_potentials()
{
  // A jump of the current changes the overpotential of the metal surface first of all. Moving phi_i by that
  // much keeps Newton's method away from the steep part of the exponentials.
  if (protocol_.control() != ProtocolParameters::Control::galvanostatic || !parameters_.reaction)
    return;
  const double i0 = properties_.data().exchange_current_density;
  const double shift =
      kinetics_.overpotential(i0, shifted_flux_.value) - kinetics_.overpotential(i0, applied_);
  shifted_flux_.value = applied_;
  if (shift == 0.)
    return;
  ionic_potential_.values.add(shift);
  ionic_potential_.update();
  voltage_.value += shift;
}

template <int dim>
void ChargeTransport<dim>::apply_boundary_values()
{
  Vector &phi_e = electronic_potential_.values;
  phi_e.zero_out_ghost_values();
  ionic_potential_.values.zero_out_ghost_values();
  for (const unsigned int node : counter_nodes_)
    phi_e.local_element(node) = voltage_.value;
  const auto set = [](Field<dim> &field) {
    return [&field](const auto node, unsigned int, const double value) {
      if (field.space.owned.is_element(node))
        field.values(node) = value;
    };
  };
  ionic_conditions_.for_each_value(ionic_potential_.space, set(ionic_potential_));
  electronic_conditions_.for_each_value(electronic_potential_.space, set(electronic_potential_));
  ionic_potential_.update();
  electronic_potential_.update();
}

/// Newton's method. Where hardly any electrons leak, nucleation stops by itself just beyond its barrier, at
/// the foot of the switch of (E5): points jump to and fro between no slope and a steep one. Then the switch
/// is made wide, which draws all points to its foot from one side, and sharpened by and by.
template <int dim>
SolveReport ChargeTransport<dim>::solve_potentials()
{
  const std::array<Vector, 2> guess{{ionic_potential_.values, electronic_potential_.values}};
  const std::array<double, 2> scalars{{voltage_.value, uniform_flux_.value}};
  switch_width_ = nucleation_switch_width;
  try {
    return solve_newton(*this, parameters_.newton, name());
  } catch (const StepFailure &) {
    if (!parameters_.reaction || properties_.data().nucleation_area_ratio == 0.)
      throw;
  }
  ionic_potential_.values = guess[ionic];
  electronic_potential_.values = guess[electronic];
  ionic_potential_.values.update_ghost_values();
  electronic_potential_.values.update_ghost_values();
  voltage_.value = scalars[0];
  uniform_flux_.value = scalars[1];
  SolveReport report;
  for (unsigned int k = n_switch_widths; k-- > 0;) {
    switch_width_ = nucleation_switch_width * std::pow(switch_width_ratio, k);
    const SolveReport part = solve_newton(*this, parameters_.newton, name());
    report.nonlinear_iterations += part.nonlinear_iterations;
    report.linear_iterations += part.linear_iterations;
  }
  return report;
}

template <int dim>
SolveReport ChargeTransport<dim>::solve(const Step &)
{
  const Vector before = ionic_potential_.values;
  surface_.update(lithium_.values, properties_.data().surface_energy > 0.);
  const SolveReport newton = solve_potentials();
  if (has_counter_electrode() && !voltage_is_unknown() && counter_electrode_.uniform() &&
      protocol_.control() == ProtocolParameters::Control::galvanostatic)
    voltage_.value = mean_counter_potential() + counter_electrode_.equilibrium_potential() +
                     counter_electrode_.overpotential(uniform_flux_.value).value;
  SolveReport report = newton;
  Vector change = before;
  change -= ionic_potential_.values;
  report.increment = change.linfty_norm() * kinetics_.inverse_thermal_voltage();
  return report;
}

/// R_n; `overpotential` is that of a metal surface at this point.
template <int dim>
ValueAndDerivative ChargeTransport<dim>::nucleation_rate(const CellWork &w, const unsigned int q,
                                                         const unsigned int index, const double i0,
                                                         const double overpotential) const
{
  double area = points_[index].nucleation_area * std::min(1., std::max(0., 1. - w.xi[q]));
  if (area <= 0.)
    return {};
  NucleationStall stall;
  if (nucleated_) {
    const double surface = normal_pressure_ ? normal_pressure_->values.local_element(w.points[q]) : 0.;
    stall = nucleated_->stall(index, w.points[q], surface, step_size_);
    const LocalCrack<dim> crack = w.cracks.at(q);
    area *= 1. - stall.confined * crack.filling * pressure_coefficient(crack.damage).value;
  }
  return area * nucleation_current_density(kinetics_, i0, overpotential + stall.overpotential,
                                           properties_.data().nucleation_barrier, area * stall.slope,
                                           switch_width_);
}

template <int dim>
void ChargeTransport<dim>::assemble_cell(CellWork &w)
{
  const TransportData &data = properties_.data();
  const double capillary = constants::overpotential_per_pressure * data.surface_energy;
  for (unsigned int q = 0; q < w.n_q; ++q) {
    const unsigned int index = w.shapes.first_point() + q, local = w.points[q];
    const PointTransport<dim> &point = points_[index];
    const auto sigma_i = CurrentDensities<dim>::ionic_conductivity(
        w.xi[q], point, data.liquid_ionic_conductivity, w.cracks, q);
    const auto sigma_e =
        CurrentDensities<dim>::electronic_conductivity(w.xi[q], point, data.metal_conductivity, w.cracks, q);
    const double i0 = w.salt.exchange_current_density(point, q) * (noise_.empty() ? 1. : noise_[index]);
    const double p_n = normal_pressure_ ? normal_pressure_->values.local_element(w.points[q]) : 0.;
    const double eta = w.phi_e[q] - w.phi_i[q] + constants::overpotential_per_pressure * p_n +
                       (capillary > 0. ? capillary * w.curvature[q] : 0.);

    ValueAndDerivative surface, nucleation, flank;
    if (parameters_.reaction) {
      if (const double area = w.cracks.flank_area(q); area > 0.)
        flank = area * kinetics_.current_density(i0, w.phi_e[q] - w.phi_i[q] +
                                                         constants::overpotential_per_pressure *
                                                             w.cracks.pressure(q));
      const ValueAndDerivative j = kinetics_.current_density(i0, eta);
      surface = w.grad_xi[q].norm() * j;
      nucleation = nucleation_rate(w, q, index, i0, eta);
    }
    reaction_rate_.values.local_element(local) = surface.value;
    nucleation_rate_.values.local_element(local) = nucleation.value;
    overpotential_.values.local_element(local) = eta;
    if (reaction_.flank) {
      reaction_.flank->values.local_element(local) = flank.value;
      reaction_.flank_slope->values.local_element(local) =
          constants::overpotential_per_pressure * flank.derivative;
    }
    const double rate = surface.value + nucleation.value + flank.value;
    const double slope = -(surface.derivative + nucleation.derivative + flank.derivative);

    const double source_i = ionic_source_ ? ionic_source_->value(w.shapes.point(q)) : 0.;
    const double source_e = electronic_source_ ? electronic_source_->value(w.shapes.point(q)) : 0.;
    const Tensor<1, dim> diffusion = sigma_i * w.salt.diffusion_field(point, q);
    diffusion_current_ = std::max(diffusion_current_, diffusion.norm());
    const Tensor<1, dim> flux_i = sigma_i * w.grad_phi_i[q] - diffusion, flux_e = sigma_e * w.grad_phi_e[q];
    if (reaction_.ionic_current)
      reaction_.ionic_current->values.local_element(local) = flux_i.norm();
    if (w.salt.any())
      for (unsigned int d = 0; d < dim; ++d)
        salt_.ionic_current[d]->values.local_element(local) = -flux_i[d];
    const double JxW = w.shapes.JxW();
    for (unsigned int i = 0; i < w.n_nodes; ++i) {
      const double N = w.shapes.value(q, i) * JxW;
      const Tensor<1, dim> grad = w.shapes.gradient(q, i) * JxW;
      w.residual(2 * i + ionic) += grad * flux_i + N * (rate - source_i);
      w.residual(2 * i + electronic) += grad * flux_e - N * (rate + source_e);
      const Tensor<1, dim> grad_i = sigma_i * grad, grad_e = sigma_e * grad;
      for (unsigned int k = 0; k < w.n_nodes; ++k) {
        const double coupling = slope * N * w.shapes.value(q, k);
        w.matrix(2 * i + ionic, 2 * k + ionic) += grad_i * w.shapes.gradient(q, k) + coupling;
        w.matrix(2 * i + ionic, 2 * k + electronic) -= coupling;
        w.matrix(2 * i + electronic, 2 * k + ionic) -= coupling;
        w.matrix(2 * i + electronic, 2 * k + electronic) += grad_e * w.shapes.gradient(q, k) + coupling;
      }
    }
  }
}

template <int dim>
void ChargeTransport<dim>::assemble_face(CellWork &w)
{
  const bool counter = w.boundary == Mesh<dim>::top() && has_counter_electrode();
  for (unsigned int q = 0; q < w.face_values.n_quadrature_points; ++q) {
    const auto add = [&](const unsigned int component, const double inward, const double slope) {
      natural_inflow_[component] += inward * w.face_values.JxW(q);
      for (unsigned int i = 0; i < w.n_nodes; ++i) {
        const double N = w.face_values.shape_value(i, q) * w.face_values.JxW(q);
        w.residual(2 * i + component) -= inward * N;
        for (unsigned int k = 0; k < w.n_nodes; ++k)
          w.matrix(2 * i + component, 2 * k + component) += slope * N * w.face_values.shape_value(k, q);
      }
    };
    for (const unsigned int component : {ionic, electronic}) {
      const double phi = component == ionic ? w.face_phi_i[q] : w.face_phi_e[q];
      w.natural.clear();
      (component == ionic ? ionic_conditions_ : electronic_conditions_)
          .natural(w.boundary, w.face_values.quadrature_point(q), w.natural);
      for (const auto &condition : w.natural)
        switch (condition.type) {
        case BoundaryConditionParameters::Type::flux:
          add(component, condition.value, 0.);
          break;
        case BoundaryConditionParameters::Type::robin:
          add(component, condition.coefficient * (condition.value - phi), condition.coefficient);
          break;
        default: {
          const ValueAndDerivative j =
              kinetics_.current_density(condition.coefficient, condition.value - phi);
          add(component, -j.value, -j.derivative);
        }
        }
    }
    if (counter)
      assemble_counter_electrode_point(w, q);
  }
}

template <int dim>
void ChargeTransport<dim>::assemble_counter_electrode_point(CellWork &w, const unsigned int q)
{
  ValueAndDerivative current{uniform_flux_.value, 0.};
  if (!counter_electrode_.uniform())
    current = counter_electrode_.current_density(voltage_.value - counter_electrode_.equilibrium_potential() -
                                                 w.face_phi_i[q]);
  reaction_flux_ += current.value * w.face_values.JxW(q);
  reaction_slope_ += current.derivative * w.face_values.JxW(q);
  for (unsigned int i = 0; i < w.n_nodes; ++i) {
    const double N = w.face_values.shape_value(i, q) * w.face_values.JxW(q);
    w.residual(2 * i + ionic) -= current.value * N;
    w.lift_column(2 * i + ionic) -= current.derivative * N;
    for (unsigned int k = 0; k < w.n_nodes; ++k)
      w.matrix(2 * i + ionic, 2 * k + ionic) += current.derivative * N * w.face_values.shape_value(k, q);
  }
}

/// The faces of the cell, with the column of the cell voltage where one of them is at the counter electrode.
template <int dim>
void ChargeTransport<dim>::assemble_boundary(CellWork &w, const Cell &cell)
{
  for (const unsigned int face : cell->face_indices())
    if (cell->face(face)->at_boundary()) {
      w.boundary = cell->face(face)->boundary_id();
      w.face_values.reinit(cell, face);
      w.face_values.get_function_values(ionic_potential_.values, w.face_phi_i);
      w.face_values.get_function_values(electronic_potential_.values, w.face_phi_e);
      w.lift_column = 0.;
      assemble_face(w);
      if (w.boundary != Mesh<dim>::top())
        continue;
      if (counter_electrode_.connected() && !electronic_conditions_.given(Mesh<dim>::top())) {
        w.lift = 0.;
        for (unsigned int i = w.n_nodes / 2; i < w.n_nodes; ++i) // the vertices on its top face
          w.lift(2 * i + electronic) = 1.;
        w.matrix.vmult(w.lift_column, w.lift, true);
      }
      assembly_.add(cell->active_cell_index(), w.lift_column, lift_column_);
    }
}

template <int dim>
double ChargeTransport<dim>::assemble()
{
  const Space<dim> &space = ionic_potential_.space;
  CellWork w(space, cracks_, salt_);
  residual_ = 0.;
  lift_column_ = 0.;
  reaction_flux_ = reaction_slope_ = diffusion_current_ = 0.;
  natural_inflow_ = {{0., 0.}};
  assembly_.begin_matrix();
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      const unsigned int index = cell->active_cell_index();
      w.shapes.reinit(cell);
      w.shapes.values(lithium_, w.xi);
      w.shapes.gradients(lithium_, w.grad_xi);
      w.shapes.values(ionic_potential_, w.phi_i);
      w.shapes.values(electronic_potential_, w.phi_e);
      w.shapes.gradients(ionic_potential_, w.grad_phi_i);
      w.shapes.gradients(electronic_potential_, w.grad_phi_e);
      if (properties_.data().surface_energy > 0.)
        surface_.curvature(w.shapes, w.curvature);
      w.cracks.reinit(w.shapes);
      w.salt.reinit(w.shapes);
      w.points = reaction_rate_.space.cell_dofs(index);
      w.matrix = 0.;
      w.residual = 0.;
      assemble_cell(w);
      if (cell->at_boundary())
        assemble_boundary(w, cell);
      assembly_.add(index, w.residual, residual_);
      assembly_.add(index, w.matrix);
    }
  residual_.compress(VectorOperation::add);
  lift_column_.compress(VectorOperation::add);
  assembly_.end_matrix();
  for (double &inflow : natural_inflow_)
    inflow = Utilities::MPI::sum(inflow, system_.communicator());
  reaction_flux_ = Utilities::MPI::sum(reaction_flux_, system_.communicator());
  reaction_slope_ = Utilities::MPI::sum(reaction_slope_, system_.communicator());
  diffusion_current_ = Utilities::MPI::max(diffusion_current_, system_.communicator());
  return norm_of_residual();
}

template <int dim>
double ChargeTransport<dim>::electronic_current() const
{
  double current = 0.;
  for (const unsigned int node : counter_nodes_)
    current += residual_.local_element(2 * node + electronic);
  return Utilities::MPI::sum(current, system_.communicator());
}

template <int dim>
double ChargeTransport<dim>::inflow(const unsigned int component) const
{
  double current = 0.;
  for (const unsigned int i : fixed_)
    if (i % 2 == component)
      current += residual_.local_element(i);
  current = Utilities::MPI::sum(current, system_.communicator()) + natural_inflow_[component];
  return component == ionic ? current + reaction_flux_ : current;
}

template <int dim>
double ChargeTransport<dim>::mean_counter_potential() const
{
  double integral = 0.;
  for (unsigned int i = 0; i < ionic_potential_.values.locally_owned_size(); ++i)
    integral += flux_column_.local_element(2 * i + ionic) * ionic_potential_.values.local_element(i);
  return Utilities::MPI::sum(integral, system_.communicator()) / counter_area_;
}

template <int dim>
double ChargeTransport<dim>::norm_of_residual()
{
  free_residual_ = residual_;
  double prescribed = 0.;
  for (const unsigned int i : fixed_) {
    prescribed += residual_.local_element(i) * residual_.local_element(i);
    free_residual_.local_element(i) = 0.;
  }
  prescribed = Utilities::MPI::sum(prescribed, system_.communicator());
  // Reaction forces at nodes with prescribed potential (the collector carries the whole current) are the
  // natural scale of the residual.
  const double column = flux_column_.l2_norm();
  scale_ = std::max({std::sqrt(prescribed), std::abs(uniform_flux_.value) * column,
                     negligible_current_density * column, negligible_share * diffusion_current_ * column});

  border_error_ = {{0., 0.}};
  if (voltage_is_unknown())
    border_error_[0] = reaction_flux_ + electronic_current() - applied_ * counter_area_;
  if (flux_is_unknown())
    border_error_[1] = mean_counter_potential() + counter_electrode_.equilibrium_potential() +
                       counter_electrode_.overpotential(uniform_flux_.value).value - voltage_.value;
  const double current_error = border_error_[0] / counter_area_ * column;
  // Small residuals of one sign add up to charge that is lost: their sum counts more.
  double lost_current = 0.;
  for (unsigned int i = ionic; i < free_residual_.locally_owned_size(); i += 2)
    lost_current += free_residual_.local_element(i);
  const double lost =
      charge_weight * Utilities::MPI::sum(lost_current, system_.communicator()) / counter_area_ * column;
  // As the current density that this voltage would drive through the electrolyte alone.
  const double height = state_.mesh().upper()[dim - 1] - state_.mesh().lower()[dim - 1];
  const double voltage_error = border_error_[1] * properties_.data().ionic_conductivity / height * column;
  return std::sqrt(free_residual_.norm_sqr() + lost * lost + current_error * current_error +
                   voltage_error * voltage_error);
}

template <int dim>
double ChargeTransport<dim>::residual_scale() const
{
  return scale_;
}

template <int dim>
unsigned int ChargeTransport<dim>::solve_increment(const double relative_tolerance)
{
  increment_ = 0.;
  right_hand_side_.equ(-1., free_residual_);
  unsigned int iterations = solver_.solve(increment_, right_hand_side_, relative_tolerance).iterations;
  voltage_increment_ = flux_increment_ = 0.;
  if (voltage_is_unknown() || flux_is_unknown())
    iterations += solve_border(relative_tolerance);
  system_.constraints.distribute(increment_);
  return iterations;
}

template <int dim>
unsigned int ChargeTransport<dim>::solve_border(const double relative_tolerance)
{
  // Column k of the border: -dF/ds_k, its response Y_k = J^-1 (-dF/ds_k), and the row d e_k/d(phi).
  unsigned int iterations = 0;
  const auto respond = [&](Vector &response, const Vector &column, const double sign) {
    right_hand_side_.equ(sign, column);
    for (const unsigned int i : fixed_)
      right_hand_side_.local_element(i) = 0.;
    iterations +=
        solver_.solve(response, right_hand_side_, std::max(relative_tolerance, border_tolerance), true)
            .iterations;
  };
  const double flux_slope = counter_electrode_.overpotential(uniform_flux_.value).derivative;
  double lift_slope = reaction_slope_;
  {
    double sum = 0.;
    for (const unsigned int node : counter_nodes_)
      sum += lift_column_.local_element(2 * node + electronic);
    lift_slope += Utilities::MPI::sum(sum, system_.communicator());
  }
  if (voltage_is_unknown())
    respond(voltage_response_, lift_column_, -1.);
  if (flux_is_unknown())
    respond(flux_response_, flux_column_, 1.);

  FullMatrix<double> border(2, 2);
  dealii::Vector<double> error(2), change(2);
  border(0, 0) = border(1, 1) = 1.;
  if (voltage_is_unknown()) {
    error(0) = -(border_error_[0] + lift_column_ * increment_);
    border(0, 0) = lift_slope + lift_column_ * voltage_response_;
    if (flux_is_unknown())
      border(0, 1) = counter_area_ + lift_column_ * flux_response_;
  }
  if (flux_is_unknown()) {
    error(1) = -(border_error_[1] + (flux_column_ * increment_) / counter_area_);
    border(1, 1) = flux_slope + (flux_column_ * flux_response_) / counter_area_;
    if (voltage_is_unknown())
      border(1, 0) = -1. + (flux_column_ * voltage_response_) / counter_area_;
  }
  border.gauss_jordan();
  border.vmult(change, error);
  voltage_increment_ = change(0);
  flux_increment_ = change(1);
  if (voltage_is_unknown())
    increment_.add(change(0), voltage_response_);
  if (flux_is_unknown())
    increment_.add(change(1), flux_response_);
  return iterations;
}

template <int dim>
void ChargeTransport<dim>::add_increment(const double factor)
{
  Vector &phi_e = electronic_potential_.values;
  system_.add_component(increment_, ionic, factor, ionic_potential_);
  voltage_.value += factor * voltage_increment_;
  uniform_flux_.value += factor * flux_increment_;
  phi_e.zero_out_ghost_values();
  for (const unsigned int node : counter_nodes_)
    phi_e.local_element(node) += factor * voltage_increment_;
  system_.add_component(increment_, electronic, factor, electronic_potential_);
}

template <int dim>
double ChargeTransport<dim>::integral(const Field<dim> &field) const
{
  CellShapes<dim> shapes(ionic_potential_.space);
  double sum = 0.;
  for (const auto &cell : state_.mesh().triangulation.active_cell_iterators())
    if (cell->is_locally_owned()) {
      shapes.reinit(cell);
      const unsigned int *points = field.space.cell_dofs(shapes.index());
      for (unsigned int q = 0; q < shapes.n_q; ++q)
        sum += field.values.local_element(points[q]) * shapes.JxW();
    }
  return Utilities::MPI::sum(sum, system_.communicator());
}

template <int dim>
void ChargeTransport<dim>::accept_step(const Step &step)
{
  surface_current_ = integral(reaction_rate_) / counter_area_;
  nucleation_current_ = integral(nucleation_rate_) / counter_area_;
  flank_current_ = reaction_.flank ? integral(*reaction_.flank) / counter_area_ : 0.;
  charge_.value += step.size * inflow(ionic) / counter_area_;
  leaked_charge_.value += step.size * electronic_current() / counter_area_;
  nucleated_charge_.value += step.size * nucleation_current_;
  crack_charge_.value += step.size * flank_current_;
  reacted_charge_.value += step.size * (surface_current_ + nucleation_current_ + flank_current_);
  update_rates(step);
  store_voltage_response();
}

template <int dim>
void ChargeTransport<dim>::store_voltage_response()
{
  if (!voltage_is_unknown())
    return;
  for (Field<dim> *field : {&ionic_response_, &electronic_response_}) {
    field->values.zero_out_ghost_values();
    field->values = 0.;
  }
  system_.constraints.distribute(voltage_response_); // hanging nodes, which the solver leaves at 0
  system_.add_component(voltage_response_, ionic, 1., ionic_response_);
  system_.add_component(voltage_response_, electronic, 1., electronic_response_);
}

template <int dim>
void ChargeTransport<dim>::add_observables(const Step &, ObservableRow &row)
{
  const double ionic_current = inflow(ionic) / counter_area_;
  const double electronic_current = this->electronic_current() / counter_area_;
  row.add("cell_voltage", "V", voltage_.value, true);
  row.add("current_density", "A/m^2", ionic_current + electronic_current, true);
  row.add("ionic_current_density", "A/m^2", ionic_current);
  row.add("self_discharge_current_density", "A/m^2", electronic_current);
  row.add("plating_current_density", "A/m^2", surface_current_);
  row.add("internal_plating_current_density", "A/m^2", nucleation_current_);
  if (reaction_.flank)
    row.add("crack_plating_current_density", "A/m^2", flank_current_, true);
  row.add("leakage_current_density", "A/m^2", electronic_current + nucleation_current_);
  row.add("charge", "C/m^2", charge_.value);
  row.add("self_discharge_charge", "C/m^2", leaked_charge_.value);
  row.add("reacted_charge", "C/m^2", reacted_charge_.value);
  row.add("nucleated_charge", "C/m^2", nucleated_charge_.value);
  if (reaction_.flank)
    row.add("crack_charge", "C/m^2", crack_charge_.value);
  row.add("charge_balance_error", "1",
          charge_.value == 0. ? 0. : (reacted_charge_.value - charge_.value) / std::abs(charge_.value));
}

template <int dim>
std::string ChargeTransport<dim>::end_reason(const Step &step)
{
  if (parameters_.voltage_limit && std::abs(voltage_.value) > *parameters_.voltage_limit)
    return "the cell voltage is " + format_quantity(voltage_.value, "V", "V") + " at " +
           format_quantity(step.time(), "s", "s");
  if (parameters_.charge_limit && std::abs(charge_.value) >= *parameters_.charge_limit)
    return "the charge has passed at " + format_quantity(step.time(), "s", "s");
  return {};
}

template <int dim>
void ChargeTransport<dim>::add_output(OutputFields<dim> &output)
{
  for (const Field<dim> *field :
       {&ionic_potential_, &electronic_potential_, &overpotential_, &reaction_rate_, &nucleation_rate_})
    output.add(*field);
  if (reaction_.flank)
    output.add(*reaction_.flank);
  current_densities_.add_output(output);
}

template <int dim>
void ChargeTransport<dim>::add_flux_densities(std::vector<FluxDensity<dim>> &densities)
{
  current_densities_.add_flux_densities(densities);
}

template class ChargeTransport<2>;
template class ChargeTransport<3>;
} // namespace lithoclase
