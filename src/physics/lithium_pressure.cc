#include "physics/lithium_pressure.h"

#include "core/collective.h"
#include "core/petsc_error.h"
#include "materials/constants.h"
#include "physics/crack_fields.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/affine_constraints.templates.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/sparsity_tools.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double mostly = 0.9; // alpha of what counts as full of lithium
constexpr double lithium_per_charge = constants::lithium_molar_volume / constants::faraday; // [m^3/C]
constexpr double dry_compliance = 1e-7; // [1/Pa]: a suction of 1 MPa empties an opening of a tenth of a cell
constexpr double cross_flow = 10.;      // how much faster than a step the pressure evens out across a band
constexpr double soft_damage =
    0.05; // in a filled crack: what has more of it is much softer than intact matter
constexpr unsigned int soft_layers = 2; // of cells around it

void copy_to(Vec vector, const Vector &values)
{
  PetscScalar *entries = nullptr;
  check_petsc(VecGetArray(vector, &entries));
  std::copy(values.begin(), values.begin() + values.locally_owned_size(), entries);
  check_petsc(VecRestoreArray(vector, &entries));
}

/// y = A x or A^T x for a matrix that need not be square.
void multiply(Vector &y, const Mat matrix, const Vector &x, const bool transposed)
{
  Vec left = nullptr, right = nullptr;
  check_petsc(MatCreateVecs(matrix, &right, &left));
  if (transposed)
    std::swap(left, right);
  copy_to(right, x);
  transposed ? MatMultTranspose(matrix, right, left) : MatMult(matrix, right, left);
  const PetscScalar *entries = nullptr;
  check_petsc(VecGetArrayRead(left, &entries));
  std::copy(entries, entries + y.locally_owned_size(), y.begin());
  check_petsc(VecRestoreArrayRead(left, &entries));
  check_petsc(VecDestroy(&left));
  check_petsc(VecDestroy(&right));
}
} // namespace

void InjectionParameters::declare(ParameterSection &s)
{
  s.expression("volume", volume, "m^3",
               "of lithium in the crack of this name, per depth in 2-D (m^2), a function of t");
}

void LithiumPressureParameters::declare(ParameterSection &s)
{
  slot_flow.declare(s);
  s.choice("solver", solver, {{"iterative", Solver::iterative}, {"direct", Solver::direct}},
           "of displacement and pressure together; direct: for small two-dimensional cases");
  s.boolean("drained collector", drained_collector,
            "metal at the bottom of the box has the collector's pressure, lithium leaves there");
  s.expression("collector pressure", collector_pressure, "Pa",
               "of lithium at the collector, a function of t");
  drained_lithium.declare(s);
  s.optional_quantity("maximum pressure change", maximum_pressure_change, "MPa", Range::positive(),
                      "per step, beyond which the next step is shorter", "none");
  s.instances("Injections", injections, "of a given volume into an initial crack, whose name they bear");
}

/// Scratch data of the assembly loops.
template <int dim>
struct LithiumPressure<dim>::CellWork : PressureCell<dim>
{
  explicit CellWork(const PressureFields<dim> &fields)
      : PressureCell<dim>(fields), unknowns(dim * this->n_nodes),
        coupling(this->n_nodes, dim * this->n_nodes), storage(this->n_nodes, this->n_nodes),
        schur(this->n_nodes, this->n_nodes), vector(this->n_nodes)
  {
  }

  std::vector<types::global_dof_index> unknowns; ///< of displacement
  FullMatrix<double> coupling, storage, schur;
  dealii::Vector<double> vector;
};

template <int dim>
LithiumPressure<dim>::LithiumPressure(const LithiumPressureParameters &parameters,
                                      const InitialCrackList &cracks, const double bulk_modulus,
                                      State<dim> &state, const PressureFields<dim> &fields,
                                      const ReactionFields<dim> &reaction, const ConfinedScalars &booked)
    : parameters_(parameters), bulk_modulus_(bulk_modulus), state_(state), fields_(fields),
      pressure_(fields.pressure), slot_(parameters.slot_flow, state, fields_), reaction_(reaction),
      content_(state.add_field("confined_lithium", "1", SpaceKind::quadrature)),
      unbooked_(state.add_field("unbooked_lithium", "1", SpaceKind::quadrature)), stored_(booked.stored),
      drained_(booked.drained), injected_(state.add_scalar("injected_lithium_volume", "m")),
      reacted_(state.add_scalar("confined_lithium_reacted", "m")),
      schur_("lithium_pressure", LinearSolver::Method::cg, LinearSolver::Preconditioner::boomeramg, 1, dim)
{
  for (Field<dim> *field : {&content_, &unbooked_})
    field->solved_for = false;
  collector_pressure_.push_back(parameters.collector_pressure.template function<dim>());
  for (const auto &[name, injection] : parameters.injections) {
    const auto crack = std::find_if(cracks.begin(), cracks.end(),
                                    [&name = name](const auto &entry) { return entry.first == name; });
    if (crack == cracks.end())
      throw InputError("lithium is injected into '" + name +
                       "', but 'Fracture/Initial cracks' has no crack of this name");
    if (injection.volume.empty())
      throw InputError("the injection into '" + name + "' has no volume");
    injection_cracks_.emplace_back(InitialCrackList{*crack}, state.mesh());
    injected_volumes_.push_back(injection.volume.template function<dim>());
  }
}

template <int dim>
void LithiumPressure<dim>::reinit()
{
  const Space<dim> &space = pressure_.space;
  for (Vector *vector : {&residual_, &full_residual_, &right_hand_side_, &rate_pressure_})
    vector->reinit(space.partitioner);
  dry_.assign(fields_.points.size(), false);
  slot_.reinit();
  first_sweep_ = true;
  take_rates();
  unit_ = std::pow(state_.mesh().finest_cell(), dim) / bulk_modulus_;
  collect_constraints();
  make_matrices();
  find_injection_cells();
}

template <int dim>
void LithiumPressure<dim>::collect_constraints()
{
  const Space<dim> &space = pressure_.space;
  AffineConstraints<double> all(space.relevant);
  all.merge(space.constraints);
  given_.clear();
  if (parameters_.drained_collector)
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (!cell->is_artificial() && cell->face(2 * dim - 2)->at_boundary())
        for (unsigned int v = 0; v < GeometryInfo<dim>::vertices_per_face; ++v) { // of the lower half
          const auto dof = cell->vertex_dof_index(v, 0);
          if (fields_.lithium.values(dof) < metal_content || all.is_constrained(dof))
            continue;
          all.add_line(dof);
          if (space.owned.is_element(dof))
            given_.push_back(space.partitioner->global_to_local(dof));
        }
  all.close();
  constraints_.clear();
  constraints_.copy_from(all);
}

template <int dim>
void LithiumPressure<dim>::make_matrices()
{
  const Space<dim> &space = pressure_.space, &vector_space = fields_.displacement.space;
  MPI_Comm communicator = space.mesh().communicator();
  DynamicSparsityPattern square(space.relevant);
  DoFTools::make_sparsity_pattern(space.dof_handler, square, constraints_, false);
  SparsityTools::distribute_sparsity_pattern(square, space.owned, communicator, space.relevant);
  schur_.reinit(space.owned, square, communicator);
  storage_ = std::make_unique<PETScWrappers::MPI::SparseMatrix>();
  storage_->reinit(space.owned, space.owned, square, communicator);

  DynamicSparsityPattern pattern(space.dof_handler.n_dofs(), vector_space.dof_handler.n_dofs(),
                                 space.relevant);
  std::vector<types::global_dof_index> nodes(space.fe().n_dofs_per_cell()),
      unknowns(vector_space.fe().n_dofs_per_cell());
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      cell->get_dof_indices(nodes);
      Cell(&space.mesh().triangulation, cell->level(), cell->index(), &vector_space.dof_handler)
          ->get_dof_indices(unknowns);
      space.constraints.add_entries_local_to_global(nodes, vector_space.constraints, unknowns, pattern, true);
    }
  SparsityTools::distribute_sparsity_pattern(pattern, space.owned, communicator, space.relevant);
  coupling_ = std::make_unique<PETScWrappers::MPI::SparseMatrix>();
  coupling_->reinit(space.owned, vector_space.owned, pattern, communicator);
}

template <int dim>
void LithiumPressure<dim>::find_injection_cells()
{
  const Mesh<dim> &mesh = state_.mesh();
  injection_cells_.assign(injection_cracks_.size(),
                          std::vector<bool>(mesh.triangulation.n_active_cells(), false));
  injection_sizes_.assign(injection_cracks_.size(), 0.);
  for (unsigned int k = 0; k < injection_cracks_.size(); ++k) {
    for (const auto &cell : mesh.triangulation.active_cell_iterators())
      if (cell->is_locally_owned() && injection_cracks_[k].holds(cell)) {
        injection_cells_[k][cell->active_cell_index()] = true;
        injection_sizes_[k] += cell->measure();
      }
    injection_sizes_[k] = Utilities::MPI::sum(injection_sizes_[k], mesh.communicator());
  }
}

template <int dim>
void LithiumPressure<dim>::prepare_step(const Step &step)
{
  if (parameters_.drained_collector &&
      Utilities::MPI::max(static_cast<unsigned int>(given_.size()), state_.mesh().communicator()) == 0)
    collect_constraints(); // metal may have come to the collector
  slot_.update_normals();
  slot_.update_transmissivity();
  collector_pressure_[0]->set_time(step.time());
  const double given = collector_pressure_[0]->value(Point<dim>());
  for (const unsigned int node : given_)
    pressure_.values.local_element(node) = given;
  pressure_.update();
  first_sweep_ = true;
  take_rates();
  injection_.assign(state_.mesh().triangulation.n_active_cells(), 0.);
  injected_now_ = 0.;
  for (unsigned int k = 0; k < injected_volumes_.size(); ++k) {
    FunctionParser<dim> &volume = *injected_volumes_[k];
    volume.set_time(step.old_time);
    const double before = volume.value(Point<dim>());
    volume.set_time(step.time());
    const double change = volume.value(Point<dim>()) - before;
    injected_now_ += change / state_.mesh().cross_section();
    for (unsigned int c = 0; c < injection_.size(); ++c)
      if (injection_cells_[k][c])
        injection_[c] += change / injection_sizes_[k];
  }
}

template <int dim>
SolveReport LithiumPressure<dim>::solve(const Step &)
{
  take_rates();
  first_sweep_ = false;
  slot_.update_normals();
  return {};
}

/// The rates that charge transport has found with the present pressure.
template <int dim>
void LithiumPressure<dim>::take_rates()
{
  if (reaction_.flank != nullptr) {
    if (accelerated_ && !first_sweep_)
      extrapolate_rates();
    else {
      aitken_.reset();
      flank_rate_ = reaction_.flank->values;
    }
    flank_slope_ = reaction_.flank_slope->values;
  }
  rate_pressure_ = pressure_.values;
  rate_pressure_.update_ghost_values();
}

/// From what the last sweep made of the rates before, at the present pressure, towards the new ones.
template <int dim>
void LithiumPressure<dim>::extrapolate_rates()
{
  Vector used = flank_rate_;
  CellWork w(fields_);
  for (const auto &cell : pressure_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      for (unsigned int q = 0; q < w.n_q; ++q)
        used(w.elastic.point_dofs[q]) = flank_rate(w, q, w.pressure(q));
    }
  aitken_.update(used, reaction_.flank->values);
  flank_rate_ = used;
}

/// A_flank j [A/m^3], linear in p about the pressure that the rates were made with.
template <int dim>
double LithiumPressure<dim>::flank_rate(const CellWork &w, const unsigned int q, const double pressure) const
{
  const auto point = w.elastic.point_dofs[q];
  double before = 0.;
  for (unsigned int i = 0; i < w.n_nodes; ++i)
    before += rate_pressure_(w.nodes[i]) * w.shape(i, q);
  return flank_rate_(point) + flank_slope_(point) * (pressure - before);
}

/// R_conf [A/m^3] and its derivative by p.
template <int dim>
double LithiumPressure<dim>::confined_rate(const CellWork &w, const unsigned int q, const double pressure,
                                           double &slope) const
{
  const auto point = w.elastic.point_dofs[q];
  const double rate = reaction_.confined != nullptr ? reaction_.confined->values(point) : 0.;
  slope = reaction_.flank != nullptr ? flank_slope_(point) : 0.;
  return reaction_.flank != nullptr ? rate + flank_rate(w, q, pressure) : rate;
}

template <int dim>
SymmetricTensor<2, dim> LithiumPressure<dim>::mobility(const CellWork &w, const unsigned int q) const
{
  const SlotFlow &flow = parameters_.slot_flow;
  const double xi = w.elastic.lithium[q], l = fields_.crack_width;
  SymmetricTensor<2, dim> m =
      (xi * xi * xi * flow.metal_mobility + flow.least_mobility) * unit_symmetric_tensor<dim>();
  const double open = w.crack(q);
  if (open <= 0.)
    return m;
  const double across = open * cross_flow * l * l / (bulk_modulus_ * step_size_);
  const double along = flow.law == SlotFlow::Law::uniform
                           ? open * flow.metal_mobility
                           : 0.5 * w.flank_area(q) * slot_.transmissivity(w, q);
  m += along * unit_symmetric_tensor<dim>();
  m += std::max(0., across - along) * slot_.normal_product(w, q);
  return m;
}

template <int dim>
void LithiumPressure<dim>::begin_solve(const Step &step,
                                       const AffineConstraints<double> &displacement_constraints,
                                       const std::vector<Vector> &motions)
{
  step_size_ = step.size;
  pass_pressure_ = pressure_.values;
  assemble_matrices(displacement_constraints, motions);
}

template <int dim>
void LithiumPressure<dim>::assemble_matrices(const AffineConstraints<double> &displacement_constraints,
                                             const std::vector<Vector> &motions)
{
  CellWork w(fields_);
  dry_.resize(fields_.points.size());
  Matrix &coupling = *coupling_, &storage = *storage_, &schur = schur_.matrix();
  for (Matrix *matrix : {&coupling, &storage, &schur})
    *matrix = 0.;
  motion_volumes_.resize(motions.size());
  for (Vector &volume : motion_volumes_)
    volume.reinit(pressure_.space.partitioner);
  for (const auto &cell : pressure_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      assemble_cell_matrices(w);
      Cell(&state_.mesh().triangulation, cell->level(), cell->index(),
           &fields_.displacement.space.dof_handler)
          ->get_dof_indices(w.unknowns);
      constraints_.distribute_local_to_global(w.coupling, w.nodes, displacement_constraints, w.unknowns,
                                              coupling);
      constraints_.distribute_local_to_global(w.storage, w.nodes, storage);
      constraints_.distribute_local_to_global(w.schur, w.nodes, schur);
      add_motions(w, motions);
    }
  for (Vector &volume : motion_volumes_)
    volume.compress(VectorOperation::add);
  for (Matrix *matrix : {&coupling, &storage, &schur})
    matrix->compress(VectorOperation::add);
  schur_.discard_preconditioner();
  matrices_are_current_ = true;
}

template <int dim>
void LithiumPressure<dim>::assemble_cell_matrices(CellWork &w)
{
  w.coupling = 0.;
  w.storage = 0.;
  for (unsigned int i = 0; i < w.n_nodes; ++i)
    for (unsigned int k = 0; k < w.n_nodes; ++k)
      w.schur(i, k) = 0.;
  for (unsigned int q = 0; q < w.n_q; ++q) {
    const ElasticPoint &point = w.point(q);
    const double JxW = w.elastic.fe_values.JxW(q), xi = w.elastic.lithium[q];
    const double alpha = w.elastic.pressure_share(q, point.breakable(xi));
    double slope = 0.;
    confined_rate(w, q, w.pressure(q), slope);
    dry_[w.elastic.first_point + q] = w.pressure(q) < 0.;
    const double mass = compressibility(w, q) - step_size_ * lithium_per_charge * slope;
    const Stiffness<dim> stiffness = fields_.properties.template stiffness<dim>(point, 0.);
    const double compliance = alpha * alpha / stiffness.tensor[0][0][0][0]; // of intact matter
    const SymmetricTensor<2, dim> flow = step_size_ * mobility(w, q);
    for (unsigned int i = 0; i < w.n_nodes; ++i) {
      const double N = w.shape(i, q) * JxW;
      const Tensor<1, dim> flux = JxW * (flow * w.gradient(i, q));
      for (unsigned int a = 0; a < w.elastic.n_dofs; ++a)
        w.coupling(i, a) += alpha * N * w.elastic.dilatation(q, a);
      for (unsigned int k = 0; k < w.n_nodes; ++k) {
        const double product = N * w.shape(k, q), diffusion = flux * w.gradient(k, q);
        w.storage(i, k) += mass * product + diffusion;
        w.schur(i, k) += ((mass + compliance) * product + diffusion) / unit_;
      }
    }
  }
}

/// The cell's part of B times each motion.
template <int dim>
void LithiumPressure<dim>::add_motions(CellWork &w, const std::vector<Vector> &motions)
{
  for (unsigned int k = 0; k < motions.size(); ++k) {
    w.vector = 0.;
    for (unsigned int i = 0; i < w.n_nodes; ++i)
      for (unsigned int a = 0; a < w.elastic.n_dofs; ++a)
        w.vector(i) += w.coupling(i, a) * motions[k](w.unknowns[a]);
    constraints_.distribute_local_to_global(w.vector, w.nodes, motion_volumes_[k]);
  }
}

/// d(zeta)/dp.
template <int dim>
double LithiumPressure<dim>::compressibility(const CellWork &w, const unsigned int q) const
{
  const double xi = w.elastic.lithium[q];
  const double crack = w.crack(q);
  const double lithium = xi + crack * std::max(0., trace(w.elastic.strain[q])); // theta
  return lithium / bulk_modulus_ + (w.pressure(q) < 0. ? crack * dry_compliance : 0.);
}

/// zeta.
template <int dim>
double LithiumPressure<dim>::content(const CellWork &w, const unsigned int q) const
{
  const double alpha = w.elastic.pressure_share(q, w.point(q).breakable(w.elastic.lithium[q]));
  return alpha * trace(w.elastic.strain[q]) + compressibility(w, q) * w.pressure(q);
}

template <int dim>
double LithiumPressure<dim>::joined_now(const types::global_dof_index point) const
{
  return reaction_.joined ? reaction_.joined->values(point) - reaction_.joined->old_values(point) : 0.;
}

template <int dim>
void LithiumPressure<dim>::assemble()
{
  CellWork w(fields_);
  full_residual_ = 0.;
  double scale = 0.;
  reacted_now_ = 0.;
  for (const auto &cell : pressure_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      w.vector = 0.;
      double size = 0.;
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const double JxW = w.elastic.fe_values.JxW(q);
        double slope = 0.;
        const double rate = confined_rate(w, q, w.pressure(q), slope);
        const auto point = w.elastic.point_dofs[q];
        const double joined = joined_now(point);
        const double made = step_size_ * lithium_per_charge * rate + unbooked_.old_values(point) + joined;
        const double now = content(w, q), before = content_.old_values(point);
        matrices_are_current_ &= dry_[w.elastic.first_point + q] == (w.pressure(q) < 0.);
        const double growth = now - before - made - injection_[w.index];
        size += (std::abs(now) + std::abs(before) + std::abs(made) + std::abs(injection_[w.index])) * JxW;
        const double flank = reaction_.flank != nullptr ? reaction_.flank->values(point) : 0.,
                     confined = reaction_.confined != nullptr ? reaction_.confined->values(point) : 0.;
        reacted_now_ += (step_size_ * lithium_per_charge * (flank + confined) + joined) * JxW;
        const Tensor<1, dim> flux = step_size_ * (mobility(w, q) * w.pressure_gradient[q]);
        for (unsigned int i = 0; i < w.n_nodes; ++i)
          w.vector(i) += (growth * w.shape(i, q) + flux * w.gradient(i, q)) * JxW;
      }
      scale += size * size / w.n_nodes;
      pressure_.space.constraints.distribute_local_to_global(w.vector, w.nodes, full_residual_);
    }
  full_residual_.compress(VectorOperation::add);
  residual_ = full_residual_;
  for (const unsigned int node : given_)
    residual_.local_element(node) = 0.;
  MPI_Comm communicator = state_.mesh().communicator();
  reacted_now_ = Utilities::MPI::sum(reacted_now_, communicator) / state_.mesh().cross_section();
  matrices_are_current_ = Utilities::MPI::min(static_cast<int>(matrices_are_current_), communicator) > 0;
  scale_ = std::sqrt(Utilities::MPI::sum(scale, communicator));
}

template <int dim>
void LithiumPressure<dim>::add_increment(const double factor, const Vector &increment)
{
  right_hand_side_ = increment;
  constraints_.distribute(right_hand_side_);
  pressure_.values.zero_out_ghost_values();
  pressure_.values.add(factor, right_hand_side_);
  pressure_.update();
}

/// Of alpha p, by its largest value.
template <int dim>
double LithiumPressure<dim>::change_since(const Vector &pressure) const
{
  double change = 0., largest = 0.;
  for (unsigned int i = 0; i < pressure.locally_owned_size(); ++i) {
    const double share = opening_share(i, &Field<dim>::values), now = pressure_.values.local_element(i);
    change = std::max(change, share * std::abs(now - pressure.local_element(i)));
    largest = std::max(largest, share * std::abs(now));
  }
  MPI_Comm communicator = state_.mesh().communicator();
  change = Utilities::MPI::max(change, communicator);
  largest = Utilities::MPI::max(largest, communicator);
  return largest > 0. ? change / largest : 0.;
}

template <int dim>
void LithiumPressure<dim>::precondition(Vector &pressure, const Vector &volume)
{
  schur_.precondition(pressure, volume);
  pressure /= unit_;
}

template <int dim>
void LithiumPressure<dim>::multiply_coupling(Vector &volume, const Vector &displacement) const
{
  multiply(volume, *coupling_, displacement, false);
}

template <int dim>
void LithiumPressure<dim>::multiply_transpose(Vector &force, const Vector &pressure) const
{
  multiply(force, *coupling_, pressure, true);
}

template <int dim>
void LithiumPressure<dim>::multiply_storage(Vector &volume, const Vector &pressure) const
{
  multiply(volume, *storage_, pressure, false);
}

template <int dim>
CoupledFactors::Part LithiumPressure<dim>::unknowns_in_cracks() const
{
  const Space<dim> &space = pressure_.space;
  Vector near(space.partitioner), displaced(fields_.displacement.space.partitioner);
  for (unsigned int i = 0; i < near.locally_owned_size(); ++i)
    near.local_element(i) =
        fields_.damage.values.local_element(i) > soft_damage && fields_.filling.values.local_element(i) > 0.;
  std::vector<types::global_dof_index> nodes(space.fe().n_dofs_per_cell());
  std::vector<types::global_dof_index> components(fields_.displacement.space.fe().n_dofs_per_cell());
  for (unsigned int layer = 0; layer < soft_layers; ++layer) {
    near.update_ghost_values();
    Vector next(space.partitioner);
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned()) {
        cell->get_dof_indices(nodes);
        if (std::none_of(nodes.begin(), nodes.end(), [&](const auto node) { return near(node) > 0.; }))
          continue;
        for (const auto node : nodes)
          next(node) += 1.;
        Cell(&state_.mesh().triangulation, cell->level(), cell->index(),
             &fields_.displacement.space.dof_handler)
            ->get_dof_indices(components);
        for (const auto component : components)
          displaced(component) += 1.;
      }
    next.compress(VectorOperation::add);
    near = next;
  }
  displaced.compress(VectorOperation::add);
  const auto rows = [](const Vector &marks) {
    std::vector<PetscInt> result;
    const auto begin = marks.get_partitioner()->local_range().first;
    for (unsigned int i = 0; i < marks.locally_owned_size(); ++i)
      if (marks.local_element(i) > 0.)
        result.push_back(begin + i);
    return result;
  };
  return {rows(displaced), rows(near)};
}

template <int dim>
void LithiumPressure<dim>::accept_step(const Step &)
{
  assemble(); // at the fields that stand
  CellWork w(fields_);
  double crack = 0., metal = 0.;
  for (const auto &cell : pressure_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const double now = content(w, q), xi = w.elastic.lithium[q];
        const auto point = w.elastic.point_dofs[q];
        content_.values(point) = now;
        double slope = 0.;
        const double used = confined_rate(w, q, w.pressure(q), slope);
        const double counted = (reaction_.flank != nullptr ? reaction_.flank->values(point) : 0.) +
                               (reaction_.confined != nullptr ? reaction_.confined->values(point) : 0.);
        unbooked_.values(point) = step_size_ * lithium_per_charge * (counted - used);
        (xi > metal_content ? metal : crack) += now * w.elastic.fe_values.JxW(q);
      }
    }
  const Mesh<dim> &mesh = state_.mesh();
  crack_volume_ = Utilities::MPI::sum(crack, mesh.communicator()) / mesh.cross_section();
  metal_volume_ = Utilities::MPI::sum(metal, mesh.communicator()) / mesh.cross_section();
  double drained = 0.;
  for (const unsigned int node : given_)
    drained -= full_residual_.local_element(node);
  drained_.value += Utilities::MPI::sum(drained, mesh.communicator()) / mesh.cross_section();
  injected_.value += injected_now_;
  reacted_.value += reacted_now_;
  stored_.value = crack_volume_ + metal_volume_;
}

/// Only in what was and is full of lithium: what has just broken or was dry comes to the pressure of the
/// crack in any step, however short.
template <int dim>
double LithiumPressure<dim>::max_next_time_step(const Step &step)
{
  if (!parameters_.maximum_pressure_change)
    return std::numeric_limits<double>::infinity();
  double largest = 0.;
  for (unsigned int i = 0; i < pressure_.values.locally_owned_size(); ++i) {
    const double now = pressure_.values.local_element(i), old = pressure_.old_values.local_element(i);
    if (old > 0. && opening_share(i, &Field<dim>::old_values) > mostly &&
        opening_share(i, &Field<dim>::values) > mostly)
      largest = std::max(largest, std::abs(now - old));
  }
  largest = Utilities::MPI::max(largest, state_.mesh().communicator());
  return largest > 0. ? step.size * *parameters_.maximum_pressure_change / largest
                      : std::numeric_limits<double>::infinity();
}

/// alpha at a node, now or at the start of the step.
template <int dim>
double LithiumPressure<dim>::opening_share(const unsigned int node, const Vector Field<dim>::*when) const
{
  const auto at_node = [&](const Field<dim> &field) { return (field.*when).local_element(node); };
  const double xi = at_node(fields_.lithium);
  return xi + (1. - xi) * at_node(fields_.filling) * pressure_coefficient(at_node(fields_.damage)).value;
}

/// In what is full of lithium; elsewhere the pressure is but carried on, or has little effect.
template <int dim>
double LithiumPressure<dim>::largest_pressure() const
{
  const double none = std::numeric_limits<double>::lowest();
  double largest = none;
  for (unsigned int i = 0; i < pressure_.values.locally_owned_size(); ++i)
    if (opening_share(i, &Field<dim>::values) > mostly)
      largest = std::max(largest, pressure_.values.local_element(i));
  largest = Utilities::MPI::max(largest, state_.mesh().communicator());
  return largest > none ? largest : 0.;
}

template <int dim>
void LithiumPressure<dim>::add_observables(const Step &, ObservableRow &row)
{
  row.add("lithium_pressure_max", "Pa", largest_pressure(), true);
  row.add("aperture_max", "m", slot_.aperture().values.linfty_norm());
  row.add("lithium_volume_cracks", "m", crack_volume_, true);
  row.add("lithium_volume_squeezed", "m", metal_volume_);
  row.add("lithium_volume_drained", "m", drained_.value);
  const double source = reacted_.value + injected_.value;
  const double error = stored_.value + drained_.value - source;
  row.add("confined_volume_error", "1", source != 0. ? error / std::abs(source) : 0.);
}

template <int dim>
void LithiumPressure<dim>::add_output(OutputFields<dim> &output)
{
  output.add(pressure_);
  output.add(slot_.aperture());
}

template class LithiumPressure<2>;
template class LithiumPressure<3>;
} // namespace lithoclase
