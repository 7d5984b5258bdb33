#include "physics/electrodeposition.h"

#include "core/petsc_error.h"
#include "core/quantity.h"
#include "materials/constants.h"
#include "microstructure/diffuse_profile.h"
#include "physics/allen_cahn.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>

#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double volume_per_charge = constants::lithium_molar_volume / constants::faraday; // [m^3/C]
constexpr double steep = 0.02; // |grad xi| delta above which a point belongs to the front (its peak is 1/2)
constexpr double linear_tolerance = 1e-11; // what the solver leaves is lithium that is lost or gained
} // namespace

void AccessibilityParameters::declare(ParameterSection &s)
{
  s.number("grain", grain, Range::fraction(),
           "inside grains; above 0 lithium replaces the electrolyte (replacement mode)");
  s.number("grain boundary", grain_boundary, Range::fraction(), "in the bands of grain boundaries, likewise");
  s.number("ionic liquid", liquid, Range::fraction(), "in pores filled with ionic liquid");
  s.number("empty", empty, Range::fraction(), "in empty voids, which no ions reach");
  s.expression("field", field, "1", "replaces the four values by a function of position");
}

void ElectrodepositionParameters::declare(ParameterSection &s)
{
  s.choice("formulation", formulation,
           {{"interface flux", Formulation::interface_flux}, {"allen-cahn", Formulation::allen_cahn}},
           "interface flux: conserves charge; allen-cahn: of Chen et al. (2015), for comparison");
  s.quantity("front width", front_width, "um", Range::positive(),
             "delta of the profile 1/2 [1 + tanh(x/delta)]; at least two cells");
  s.number("restoring strength", restoring_strength, Range::closed(0., 10.),
           "b of the profile restoration M = b max|v_n|");
  s.number("maximum front motion", maximum_front_motion, Range::closed(1e-4, 0.5),
           "per step, in front widths");
  s.boolean("front refinement", front_refinement, "the mesh follows the lithium front");
  s.number("refinement margin", refinement_margin, Range::closed(1., 13.),
           "distance from the front that is refined, in front widths");
  s.subsection("Accessibility", accessibility, "omega: is there room for lithium? 1 yes, 0 no");
  s.boolean("end at short circuit", end_at_short_circuit,
            "the run ends when metal connects the bottom of the box with its top");
  s.optional_quantity("end at tip distance", end_at_tip_distance, "um", Range::non_negative(),
                      "the run ends when connected metal is so near to the top", "never");
  s.expression("initial lithium", initial_lithium, "1",
               "replaces the profile around anode, notches and inclusions");
  s.expression("source", source, "1/s", "added to the balance of lithium");
  s.choice("time scheme", time_scheme, {{"euler", TimeScheme::euler}, {"bdf2", TimeScheme::bdf2}},
           "of the allen-cahn formulation");
  s.quantity("barrier height", barrier_height, "J/m^3", Range::positive(), "W of the allen-cahn formulation");
  s.quantity("mobility", mobility, "m^3/(J s)", Range::positive(), "L_s of the allen-cahn formulation");
}

template <int dim>
void set_initial_lithium(const ElectrodepositionParameters &parameters,
                         const Microstructure<dim> &microstructure, Field<dim> &lithium)
{
  const Space<dim> &space = lithium.space;
  const Quadrature<dim> vertices(space.fe().get_unit_support_points());
  FEValues<dim> fe_values(space.mesh().mapping, space.fe(), vertices, update_quadrature_points);
  std::vector<types::global_dof_index> nodes(space.fe().n_dofs_per_cell());
  const auto expression =
      parameters.initial_lithium.empty() ? nullptr : parameters.initial_lithium.function<dim>();
  lithium.values.zero_out_ghost_values();
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      cell->get_dof_indices(nodes);
      for (unsigned int i = 0; i < nodes.size(); ++i)
        if (space.owned.is_element(nodes[i])) {
          const Point<dim> &point = fe_values.quadrature_point(i);
          const double distance = expression ? 0. : microstructure.distance_to_lithium(point);
          lithium.values(nodes[i]) = expression ? expression->value(point)
                                                : 0.5 * (1. + std::tanh(distance / parameters.front_width));
        }
    }
  lithium.update();
}

template <int dim>
struct Electrodeposition<dim>::CellWork
{
  static constexpr unsigned int n_nodes = CellShapes<dim>::n_nodes, n_q = CellShapes<dim>::n_q;

  explicit CellWork(const Space<dim> &space)
      : shapes(space), vector(n_nodes), matrix(n_nodes, n_nodes), xi(n_q), grad_xi(n_q), grad_psi(n_q)
  {
  }

  CellShapes<dim> shapes;
  dealii::Vector<double> vector;
  FullMatrix<double> matrix;
  std::vector<double> xi;
  std::vector<Tensor<1, dim>> grad_xi, grad_psi;
};

template <int dim>
Electrodeposition<dim>::Electrodeposition(const ElectrodepositionParameters &parameters,
                                          const BoundaryConditionList &boundary_conditions,
                                          const Microstructure<dim> &microstructure, State<dim> &state,
                                          Field<dim> &lithium, const ReactionFields<dim> &reaction,
                                          NucleatedLithium<dim> &nucleated,
                                          const double exchange_current_density, const ButlerVolmer &kinetics,
                                          const ConfinedVolumes &confined)
    : parameters_(parameters), microstructure_(microstructure), state_(state),
      conditions_(boundary_conditions, "lithium"), reaction_(reaction), confined_(confined),
      lithium_(lithium), nucleated_(nucleated), volume_(state.add_scalar("lithium_volume", "m")),
      outflow_(state.add_scalar("collector_outflow", "m")),
      initial_volume_(state.add_scalar("initial_lithium_volume", "m")),
      reacted_volume_(state.add_scalar("reacted_lithium_volume", "m")),
      turnover_(state.add_scalar("lithium_turnover", "m")), surface_(lithium.space, parameters.front_width),
      system_(lithium.space, 1), assembly_(system_),
      solver_("electrodeposition", LinearSolver::Method::cg, LinearSolver::Preconditioner::jacobi, 1, dim),
      census_(state.mesh(), microstructure, lithium), front_position_(state.add_scalar("front_position", "m"))
{
  if (!parameters.accessibility.field.empty())
    accessibility_field_ = parameters.accessibility.field.function<dim>();
  if (!parameters.source.empty())
    source_ = parameters.source.function<dim>();
  if (parameters.formulation == ElectrodepositionParameters::Formulation::allen_cahn)
    allen_cahn_ = std::make_unique<AllenCahn<dim>>(parameters_, exchange_current_density, kinetics, state,
                                                   lithium, reaction.overpotential);
}

template <int dim>
Electrodeposition<dim>::~Electrodeposition() = default;

template <int dim>
void Electrodeposition<dim>::reinit()
{
  system_.reinit();
  conditions_.for_each_value(lithium_.space,
                             [&](const auto node, unsigned int, double) { system_.constrain(node, 0); });
  system_.close();
  cache_accessibility();
  nucleated_.reinit(accessibility_);
  census_.reinit();
  restore_volume();
  if (allen_cahn_) {
    allen_cahn_->reinit(conditions_);
    return;
  }
  const DynamicSparsityPattern sparsity = system_.sparsity();
  solver_.reinit(system_.owned, sparsity, system_.communicator());
  stiffness_ = std::make_unique<PETScWrappers::MPI::SparseMatrix>();
  stiffness_->reinit(system_.owned, system_.owned, sparsity, system_.communicator());
  for (Vector *vector : {&lumped_mass_, &change_, &right_hand_side_})
    vector->reinit(system_.partitioner);
  assemble_matrices();
}

template <int dim>
double Electrodeposition<dim>::accessibility_at(const Point<dim> &point) const
{
  if (accessibility_field_)
    return std::clamp(accessibility_field_->value(point), 0., 1.);
  const AccessibilityParameters &omega = parameters_.accessibility;
  const PointStructure<dim> structure = microstructure_.evaluate(point);
  // The filament of a boundary is as wide as the band at half its height, with walls of two cells.
  double in_band = 0.;
  for (unsigned int k = 0; k < structure.n_bands; ++k) {
    const double w = microstructure_.band_width();
    const double distance =
        w / numbers::PI * std::acos(std::clamp(2. * structure.bands[k].indicator - 1., -1., 1.));
    in_band = std::max(in_band, diffuse_indicator(0.5 * w - distance, 1.5 * microstructure_.finest_cell()));
  }
  const double solid = omega.grain + (omega.grain_boundary - omega.grain) * in_band;
  return structure.solid * solid + structure.liquid * omega.liquid + structure.empty * omega.empty;
}

template <int dim>
void Electrodeposition<dim>::cache_accessibility()
{
  CellWork w(lithium_.space);
  accessibility_.assign(state_.mesh().triangulation.n_active_cells() * w.n_q, 0.);
  for (const auto &cell : lithium_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.shapes.reinit(cell);
      for (unsigned int q = 0; q < w.n_q; ++q)
        accessibility_[w.shapes.first_point() + q] = accessibility_at(w.shapes.point(q));
    }
}

template <int dim>
void Electrodeposition<dim>::assemble_matrices()
{
  CellWork w(lithium_.space);
  lumped_mass_ = 0.;
  assembly_.reinit(*stiffness_, system_.constraints);
  assembly_.begin_matrix();
  for (const auto &cell : lithium_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.shapes.reinit(cell);
      w.matrix = 0.;
      w.vector = 0.;
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const double omega = accessibility_[w.shapes.first_point() + q];
        for (unsigned int i = 0; i < w.n_nodes; ++i) {
          w.vector(i) += w.shapes.value(q, i) * w.shapes.JxW();
          for (unsigned int k = 0; k < w.n_nodes; ++k)
            w.matrix(i, k) += omega * w.shapes.gradient(q, i) * w.shapes.gradient(q, k) * w.shapes.JxW();
        }
      }
      assembly_.add(w.shapes.index(), w.matrix);
      assembly_.add(w.shapes.index(), w.vector, lumped_mass_);
    }
  assembly_.end_matrix();
  lumped_mass_.compress(VectorOperation::add);
  system_.constraints.set_zero(lumped_mass_);
}

template <int dim>
double Electrodeposition<dim>::lithium_volume() const
{
  CellWork w(lithium_.space);
  double volume = 0.;
  for (const auto &cell : lithium_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.shapes.reinit(cell);
      w.shapes.values(lithium_, w.xi);
      for (unsigned int q = 0; q < w.n_q; ++q)
        volume += w.xi[q] * w.shapes.JxW();
    }
  return Utilities::MPI::sum(volume, system_.communicator()) / state_.mesh().cross_section();
}

template <int dim>
void Electrodeposition<dim>::restore_volume()
{
  // Coarsening drops nodes and with them some lithium (of the order of 1e-9). It goes back to the front,
  // where it came from.
  if (volume_.value == 0.)
    return;
  const double lost = volume_.value - lithium_volume();
  Vector weight = lithium_.values;
  Field<dim> &xi = lithium_;
  for (unsigned int i = 0; i < weight.locally_owned_size(); ++i)
    weight.local_element(i) = std::max(0., xi.values.local_element(i) * (1. - xi.values.local_element(i)));
  const Vector before = xi.values;
  xi.values.zero_out_ghost_values();
  xi.values.add(1., weight);
  xi.update();
  const double weight_volume = lithium_volume() - (volume_.value - lost);
  xi.values = before;
  xi.values.zero_out_ghost_values();
  if (weight_volume > 0.)
    xi.values.add(lost / weight_volume, weight);
  xi.update();
  xi.old_values = xi.values;
  xi.old_values.update_ghost_values();
}

template <int dim>
void Electrodeposition<dim>::set_initial_conditions()
{
  set_initial_lithium(parameters_, microstructure_, lithium_);
  volume_.value = initial_volume_.value = lithium_volume();
  census_.reinit();
  census_.update();
  front_position_.value = census_.highest_front();
}

template <int dim>
void Electrodeposition<dim>::prepare_step(const Step &step)
{
  conditions_.set_time(step.time());
  apply_boundary_values();
  if (source_)
    source_->set_time(step.time());
}

template <int dim>
void Electrodeposition<dim>::apply_boundary_values()
{
  lithium_.values.zero_out_ghost_values();
  conditions_.for_each_value(lithium_.space, [&](const auto node, unsigned int, const double value) {
    if (lithium_.space.owned.is_element(node))
      lithium_.values(node) = value;
  });
  lithium_.update();
}

template <int dim>
double Electrodeposition<dim>::fastest_front()
{
  if (!reaction_.surface)
    return 0.;
  CellWork w(lithium_.space);
  double fastest = 0.;
  for (const auto &cell : lithium_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.shapes.reinit(cell);
      w.shapes.gradients(lithium_, w.grad_xi); // those of the rates
      const unsigned int *points = reaction_.surface->space.cell_dofs(w.shapes.index());
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const double omega = accessibility_[w.shapes.first_point() + q];
        const double slope = w.grad_xi[q].norm();
        double speed =
            std::abs(reaction_.nucleation->values.local_element(points[q])) * parameters_.front_width;
        if (slope * parameters_.front_width > steep)
          speed += std::abs(reaction_.surface->values.local_element(points[q])) / slope;
        fastest = std::max(fastest, omega * volume_per_charge * speed);
      }
    }
  return Utilities::MPI::max(fastest, system_.communicator());
}

template <int dim>
void Electrodeposition<dim>::tell_confined()
{
  if (!reaction_.confined)
    return;
  const Space<dim> &space = reaction_.confined->space;
  std::vector<types::global_dof_index> points(space.fe().n_dofs_per_cell());
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(points);
      for (unsigned int q = 0; q < points.size(); ++q)
        reaction_.confined->values(points[q]) =
            (1. - accessibility_[cell->active_cell_index() * points.size() + q]) *
            reaction_.surface->values(points[q]);
    }
}

template <int dim>
void Electrodeposition<dim>::assemble_change(const Step &step, const double mobility)
{
  CellWork w(lithium_.space);
  right_hand_side_ = 0.;
  for (const auto &cell : lithium_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.shapes.reinit(cell);
      w.shapes.values(lithium_, w.xi);
      w.shapes.gradients(lithium_.space, start_, w.grad_xi);
      w.shapes.gradients(lithium_.space, surface_.distance(), w.grad_psi);
      const unsigned int *points =
          reaction_.surface ? reaction_.surface->space.cell_dofs(w.shapes.index()) : nullptr;
      w.vector = 0.;
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const double omega = accessibility_[w.shapes.first_point() + q];
        double growth = source_ ? source_->value(w.shapes.point(q)) : 0.;
        double sharpening = mobility * w.xi[q] * (1. - w.xi[q]);
        if (reaction_.surface) {
          const double surface = volume_per_charge * reaction_.surface->values.local_element(points[q]);
          growth +=
              omega * (surface + volume_per_charge * reaction_.nucleation->values.local_element(points[q]));
          const double slope = std::max(w.grad_xi[q].norm(), steep / parameters_.front_width);
          sharpening -= 0.5 * step.size * omega * surface * surface / slope;
        }
        const Tensor<1, dim> restoring = omega * (mobility * 0.5 * parameters_.front_width * w.grad_xi[q] -
                                                  sharpening * surface_.normal(w.grad_psi[q]));
        for (unsigned int i = 0; i < w.n_nodes; ++i)
          w.vector(i) += step.size * w.shapes.JxW() *
                         (growth * w.shapes.value(q, i) - restoring * w.shapes.gradient(q, i));
      }
      assembly_.add(w.shapes.index(), w.vector, right_hand_side_);
    }
  right_hand_side_.compress(VectorOperation::add);
  system_.constraints.set_zero(right_hand_side_);
}

template <int dim>
SolveReport Electrodeposition<dim>::solve(const Step &step)
{
  tell_confined();
  fastest_ = fastest_front();
  const double motion = fastest_ * step.size / parameters_.front_width;
  if (motion > 2. * parameters_.maximum_front_motion)
    throw StepFailure(name(), "the front would move " + std::to_string(motion) +
                                  " front widths in one step, allowed are " +
                                  std::to_string(parameters_.maximum_front_motion));
  const double nucleated = reaction_.nucleation ? nucleated_.grow(step, *reaction_.nucleation) : 0.;
  if (allen_cahn_) {
    SolveReport report = allen_cahn_->solve(step, accessibility_, source_.get());
    report.increment = std::max(report.increment, nucleated);
    return report;
  }

  const double mobility = parameters_.restoring_strength * fastest_;
  assemble_system(step, mobility);
  const Vector before = lithium_.values;
  lithium_.values = lithium_.old_values;
  apply_boundary_values();
  start_ = lithium_.values;
  start_.update_ghost_values();
  SolveReport report;
  for (unsigned int pass = 0; pass < 2; ++pass) {
    surface_.update(lithium_.values, false);
    assemble_change(step, mobility);
    change_ = 0.;
    report.linear_iterations += solver_.solve(change_, right_hand_side_, linear_tolerance).iterations;
    lithium_.values = start_;
    lithium_.values.zero_out_ghost_values();
    system_.add_component(change_, 0, 1., lithium_);
  }
  Vector difference = lithium_.values;
  difference -= before;
  report.increment = std::max(difference.linfty_norm(), nucleated);
  return report;
}

template <int dim>
void Electrodeposition<dim>::assemble_system(const Step &step, const double mobility)
{
  Mat matrix = solver_.matrix();
  check_petsc(MatCopy(*stiffness_, matrix, SAME_NONZERO_PATTERN));
  check_petsc(MatScale(matrix, step.size * mobility * 0.5 * parameters_.front_width));
  Vec diagonal;
  check_petsc(MatCreateVecs(matrix, nullptr, &diagonal));
  PetscScalar *entries = nullptr;
  check_petsc(VecGetArray(diagonal, &entries));
  for (unsigned int i = 0; i < lumped_mass_.locally_owned_size(); ++i) // constrained rows have no mass
    entries[i] = lumped_mass_.local_element(i) > 0. ? lumped_mass_.local_element(i) : 1.;
  check_petsc(VecRestoreArray(diagonal, &entries));
  check_petsc(MatDiagonalSet(matrix, diagonal, ADD_VALUES));
  check_petsc(VecDestroy(&diagonal));
  solver_.discard_preconditioner();
}

template <int dim>
void Electrodeposition<dim>::book_reaction(const Step &step)
{
  CellWork w(lithium_.space);
  double outflow = 0., reacted = 0.;
  for (const auto &cell : lithium_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.shapes.reinit(cell);
      const unsigned int *points = reaction_.surface->space.cell_dofs(w.shapes.index());
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const double confined = 1. - accessibility_[w.shapes.first_point() + q];
        const double surface = reaction_.surface->values.local_element(points[q]);
        const double nucleation = reaction_.nucleation->values.local_element(points[q]);
        const double flank = reaction_.flank ? reaction_.flank->values.local_element(points[q]) : 0.;
        outflow += confined * surface * w.shapes.JxW();
        reacted += (surface + nucleation + flank) * w.shapes.JxW();
      }
    }
  const double factor = step.size * volume_per_charge / state_.mesh().cross_section();
  outflow_.value += factor * Utilities::MPI::sum(outflow, system_.communicator());
  reacted *= factor;
  reacted = Utilities::MPI::sum(reacted, system_.communicator());
  reacted_volume_.value += reacted;
  turnover_.value += std::abs(reacted);
}

template <int dim>
void Electrodeposition<dim>::accept_step(const Step &step)
{
  if (reaction_.surface)
    book_reaction(step);
  if (allen_cahn_)
    allen_cahn_->accept_step(step);
  volume_.value = lithium_volume();
  census_.update();
  tip_speed_ = (census_.highest_front() - front_position_.value) / step.size;
  front_position_.value = census_.highest_front();
}

template <int dim>
std::string Electrodeposition<dim>::end_reason(const Step &step)
{
  if (parameters_.end_at_short_circuit && census_.short_circuit())
    return "short circuit at " + format_quantity(step.time(), "s", "s");
  const double distance = state_.mesh().upper()[dim - 1] - census_.highest_front();
  if (parameters_.end_at_tip_distance && distance <= *parameters_.end_at_tip_distance)
    return "the metal is " + format_quantity(distance, "m", "um") + " from the counter electrode at " +
           format_quantity(step.time(), "s", "s");
  return {};
}

template <int dim>
double Electrodeposition<dim>::max_next_time_step(const Step &step)
{
  const double front = fastest_ > 0. ? parameters_.maximum_front_motion * parameters_.front_width / fastest_
                                     : std::numeric_limits<double>::infinity();
  return std::min(front, nucleated_.max_next_time_step(step));
}

template <int dim>
void Electrodeposition<dim>::add_refinement_request(std::vector<unsigned char> &wanted_level) const
{
  if (!parameters_.front_refinement)
    return;
  // |psi| < margin delta, written for xi itself.
  const double low = 0.5 * (1. - std::tanh(parameters_.refinement_margin));
  const Space<dim> &space = lithium_.space;
  std::vector<types::global_dof_index> nodes(space.fe().n_dofs_per_cell());
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(nodes);
      double smallest = 1., largest = 0.;
      for (const auto node : nodes) {
        smallest = std::min(smallest, lithium_.values(node));
        largest = std::max(largest, lithium_.values(node));
      }
      if (largest > low && smallest < 1. - low)
        wanted_level[cell->active_cell_index()] = state_.mesh().maximum_level();
    }
}

template <int dim>
void Electrodeposition<dim>::add_observables(const Step &, ObservableRow &row)
{
  const double without_room =
      confined_.stored ? confined_.stored->value + confined_.drained->value : outflow_.value;
  const double gained = volume_.value - initial_volume_.value + without_room + nucleated_.volume();
  row.add("lithium_volume", "m", volume_.value);
  if (!confined_.stored)
    row.add("lithium_volume_collector", "m", outflow_.value);
  nucleated_.add_observables(row);
  census_.add_observables(row);
  row.add("tip_speed", "m/s", tip_speed_);
  row.add("charge_volume_error", "1",
          turnover_.value > 0. ? (gained - reacted_volume_.value) / turnover_.value : 0.);
}

template <int dim>
void Electrodeposition<dim>::add_output(OutputFields<dim> &output)
{
  output.add(lithium_);
  nucleated_.add_output(output);
}

template void set_initial_lithium(const ElectrodepositionParameters &, const Microstructure<2> &, Field<2> &);
template void set_initial_lithium(const ElectrodepositionParameters &, const Microstructure<3> &, Field<3> &);
template class Electrodeposition<2>;
template class Electrodeposition<3>;
} // namespace lithoclase
