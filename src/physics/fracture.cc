#include "physics/fracture.h"

#include "core/collective.h"
#include "core/log.h"
#include "materials/band_toughness.h"
#include "microstructure/diffuse_profile.h"

#include <deal.II/base/quadrature_lib.h>
#include <deal.II/dofs/dof_tools.h>
#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/sparsity_tools.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double void_toughness = 0.01; // of the solid's: small beside it, large enough for the linear solver
// Cells with more damage have the finest size. Under load AT2 has some damage everywhere.
constexpr double resolved_damage_at1 = 0.05, resolved_damage_at2 = 0.1;
constexpr unsigned int refined_layers =
    2; // around them: coarse cells ahead of a running crack are refined well before it comes
constexpr double slowest_change = 0.125; // of step sizes: a jump tells little of what comes after it
constexpr double growing_damage = 0.1;   // growth by so much in a coarse cell calls for refinement at once
constexpr double near_critical = 0.25;   // driving energy by the threshold above which a crack may come soon
} // namespace

void FractureParameters::declare(ParameterSection &s)
{
  s.choice("crack model", model, {{"AT1", CrackModel::at1}, {"AT2", CrackModel::at2}},
           "AT1: no damage below a threshold; AT2: damage at any load");
  s.choice(
      "split", split,
      {{"none", EnergySplit::none},
       {"volumetric-deviatoric", EnergySplit::volumetric_deviatoric},
       {"spectral", EnergySplit::spectral}},
      "what part of the elastic energy drives damage: all of it; all but that of compressed volume; that of "
      "tensile principal strains (isotropic materials only)");
  s.choice("irreversibility", irreversibility,
           {{"bound", Irreversibility::bound}, {"history", Irreversibility::history}},
           "bound: damage never shrinks; history: the largest driving energy so far acts on, for comparison");
  s.quantity("crack width", crack_width, "um", Range::positive(),
             "l of the damage profile; at least two cells (refused below), better three");
  s.optional_quantity("toughness", toughness, "J/m^2", Range::positive(), "G_c of the electrolyte's grains",
                      "from material");
  s.optional_quantity("grain boundary toughness", boundary_toughness, "J/m^2", Range::positive(),
                      "G_c of grain boundaries, whatever the width of their bands", "from material");
  s.expression("toughness factor", toughness_factor, "1", "multiplies the toughness; empty: 1");
  s.boolean("toughness correction", toughness_correction,
            "multiplies G_c by 1/(1 + 3h/8l) (AT1) or 1/(1 + h/2l) (AT2), so that cracks on a mesh cost G_c");
  s.number("residual stiffness", residual_stiffness, Range::closed(1e-12, 1e-2),
           "stiffness that broken matter keeps");
  s.number("damage tolerance", damage_tolerance, Range::closed(1e-13, 1e-3), "of each solve for the damage");
  s.number("maximum front motion", maximum_front_motion, Range::positive(),
           "growth of the crack per step, in crack widths, beyond which the next step is shorter");
  s.optional_quantity(
      "snap-through step", snap_through_step, "s", Range::positive(),
      "a longer step in which the crack runs farther than the maximum front motion is repeated with half "
      "the size, so that the load of a sudden crack is found so closely",
      "never");
  s.instances("Initial cracks", initial_cracks, "cracks that are there from the start, named at will");
  s.subsection("Embrittlement", embrittlement, "by ionic current; needs charge transport");
}

/// Scratch data of one cell. Cells of one level are copies of each other, so that shape functions are
/// computed once per level.
template <int dim>
struct Fracture<dim>::CellWork
{
  static constexpr unsigned int n_nodes = 1 << dim, n_q = 1 << dim;

  explicit CellWork(const Space<dim> &space)
      : fe_values(space.mesh().mapping, space.fe(), QGauss<dim>(2),
                  update_values | update_gradients | update_JxW_values),
        matrix(n_nodes, n_nodes), vector(n_nodes)
  {
  }

  /// Goes to a cell of the damage; `points` is the space of what lives at its quadrature points.
  void reinit(const Cell &cell, const Field<dim> &damage, const Space<dim> &points)
  {
    const unsigned int index = cell->active_cell_index();
    if (cell->level() != level)
      make_shapes(cell);
    local_points = points.cell_dofs(index);
    const unsigned int *nodes = damage.space.cell_dofs(index);
    for (unsigned int i = 0; i < n_nodes; ++i)
      values[i] = damage.values.local_element(nodes[i]);
  }

  void make_shapes(const Cell &cell)
  {
    fe_values.reinit(cell);
    level = cell->level();
    cell_size = 0.;
    for (unsigned int d = 0; d < dim; ++d)
      cell_size = std::max(cell_size, cell->extent_in_direction(d));
    for (unsigned int q = 0; q < n_q; ++q)
      for (unsigned int i = 0; i < n_nodes; ++i) {
        shape[q][i] = fe_values.shape_value(i, q);
        for (unsigned int d = 0; d < dim; ++d)
          shape_gradient[q][d][i] = fe_values.shape_grad(i, q)[d];
      }
  }

  double damage(const unsigned int q) const
  {
    double d = 0.;
    for (unsigned int i = 0; i < n_nodes; ++i)
      d += values[i] * shape[q][i];
    return d;
  }

  Tensor<1, dim> gradient(const unsigned int q) const
  {
    Tensor<1, dim> gradient;
    for (unsigned int d = 0; d < dim; ++d)
      for (unsigned int i = 0; i < n_nodes; ++i)
        gradient[d] += values[i] * shape_gradient[q][d][i];
    return gradient;
  }

  /// matrix += mass shape_i shape_k + stiffness grad shape_i . grad shape_k at one point.
  void add_matrix(const unsigned int q, const double mass, const double stiffness)
  {
    for (unsigned int i = 0; i < n_nodes; ++i) {
      double *row = &matrix(i, 0);
      const double weighted = mass * shape[q][i];
      for (unsigned int k = 0; k < n_nodes; ++k)
        row[k] += weighted * shape[q][k];
      for (unsigned int d = 0; d < dim; ++d) {
        const double slope = stiffness * shape_gradient[q][d][i];
        for (unsigned int k = 0; k < n_nodes; ++k)
          row[k] += slope * shape_gradient[q][d][k];
      }
    }
  }

  FEValues<dim> fe_values; ///< of a cell of this level
  int level = -1;
  double cell_size = 0.;
  std::array<std::array<double, n_nodes>, n_q> shape;
  std::array<std::array<std::array<double, n_nodes>, dim>, n_q> shape_gradient;
  const unsigned int *local_points = nullptr; ///< numbers in vectors
  std::array<double, n_nodes> values;
  FullMatrix<double> matrix;
  dealii::Vector<double> vector;
  const double *toughness = nullptr; ///< of the cell's points
};

template <int dim>
Fracture<dim>::Fracture(const FractureParameters &parameters, const Toughness &toughness,
                        const Microstructure<dim> &microstructure, State<dim> &state, Field<dim> &damage,
                        const Field<dim> &displacement, const Field<dim> &driving_energy,
                        FirstCrack<dim> &first_crack, const Field<dim> *ionic_current)
    : parameters_(parameters), toughness_(toughness), microstructure_(microstructure), state_(state),
      damage_(damage), displacement_(displacement), driving_energy_(driving_energy),
      ionic_current_(ionic_current), seed_(state.add_field("initial_crack", "1", SpaceKind::nodal)),
      crack_density_(state.add_field("crack_density", "1/m", SpaceKind::quadrature, Transfer::recompute)),
      opening_density_(state.add_field("opening_density", "1", SpaceKind::quadrature, Transfer::recompute)),
      length_(state.add_scalar("crack_length", dim == 2 ? "m" : "m^2")),
      initial_cracks_(parameters.initial_cracks, state.mesh()),
      census_(microstructure, damage, crack_density_, initial_cracks_, parameters.crack_width, first_crack),
      solver_("fracture", dim), assembly_(damage.space)
{
  seed_.solved_for = false;
  const double h = state.mesh().finest_cell(), l = parameters.crack_width;
  if (l < 2. * h * (1. - 1e-9))
    throw InputError("parameter 'Fracture/crack width' is " + friendly(l, "m") +
                     ", but must be at least two of the finest cells of " + friendly(h, "m"));
  if (!parameters.toughness_factor.empty())
    toughness_factor_ = parameters.toughness_factor.function<dim>();
  if (parameters.irreversibility == FractureParameters::Irreversibility::history) {
    history_ = &state.add_field("largest_driving_energy", "J/m^3", SpaceKind::quadrature);
    history_->solved_for = false;
  }
  set_band_ratios();
}

template <int dim>
void Fracture<dim>::set_band_ratios()
{
  const double l = parameters_.crack_width, h = state_.mesh().finest_cell();
  const auto band_ratio = [&](const double boundary_ratio) {
    return band_toughness(
        parameters_.model, boundary_ratio,
        {microstructure_.band_width() / l, boundary_band, parameters_.toughness_correction ? h / l : 0.});
  };
  for (unsigned int k = 0; k < microstructure_.n_boundaries(); ++k)
    band_ratios_.push_back(microstructure_.character(k).toughness(toughness_.grain, toughness_.boundary) /
                           toughness_.grain);
  if (band_ratios_.empty())
    return;
  const auto [least, greatest] = std::minmax_element(band_ratios_.begin(), band_ratios_.end());
  const double low = std::log(*least), range = std::log(*greatest) - low;
  // One ratio takes a hundred solves of the profile, so many different ones are interpolated.
  const unsigned int n = range > 1e-12 ? 33 : 0;
  std::vector<double> table;
  for (unsigned int i = 0; i <= n; ++i)
    table.push_back(std::log(band_ratio(std::exp(low + (n > 0 ? range * i / n : 0.)))));
  table.push_back(table.back());
  for (double &ratio : band_ratios_) {
    const double place = n > 0 ? std::clamp((std::log(ratio) - low) / range, 0., 1.) * n : 0.;
    const unsigned int i = place;
    ratio = std::exp(table[i] + (place - i) * (table[i + 1] - table[i]));
  }
}

template <int dim>
void Fracture<dim>::reinit()
{
  const Space<dim> &space = damage_.space;
  DynamicSparsityPattern sparsity(space.relevant);
  DoFTools::make_sparsity_pattern(space.dof_handler, sparsity, space.constraints, false);
  SparsityTools::distribute_sparsity_pattern(sparsity, space.owned, space.mesh().communicator(),
                                             space.relevant);
  solver_.reinit(space.owned, sparsity, space.partitioner, space.constraints);
  assembly_.reinit(solver_.matrix(), space.constraints);
  right_hand_side_.reinit(space.partitioner);
  lower_.reinit(space.partitioner);
  cache_toughness();
  compute_densities();
}

template <int dim>
double Fracture<dim>::toughness_at(const Point<dim> &point) const
{
  const PointStructure<dim> structure = microstructure_.evaluate(point);
  const double factor = toughness_factor_ ? toughness_factor_->value(point) : 1.;
  if (!(factor > 0.))
    throw InputError("parameter 'Fracture/toughness factor' is " + std::to_string(factor) +
                     " at a point of the box, but must be positive everywhere");
  double difference = 0.; // where bands overlap, their mean
  for (unsigned int k = 0; k < structure.n_bands; ++k)
    difference += (band_ratios_[structure.bands[k].boundary] - 1.) * structure.bands[k].indicator;
  difference /= std::max(1., structure.band_sum());
  return toughness_.grain * (1. + difference) * std::max(void_toughness, structure.solid) * factor;
}

template <int dim>
void Fracture<dim>::cache_toughness()
{
  FEValues<dim> fe_values(damage_.space.mesh().mapping, damage_.space.fe(), QGauss<dim>(2),
                          update_quadrature_points);
  const unsigned int n_q = fe_values.n_quadrature_points;
  toughness_of_point_.assign(state_.mesh().triangulation.n_active_cells() * n_q, 0.);
  std::string message;
  for (const auto &cell : damage_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      fe_values.reinit(cell);
      for (unsigned int q = 0; q < n_q && message.empty(); ++q)
        try {
          toughness_of_point_[cell->active_cell_index() * n_q + q] =
              toughness_at(fe_values.quadrature_point(q));
        } catch (const InputError &error) {
          message = error.what();
        }
    }
  throw_on_all_ranks<InputError>(state_.mesh().communicator(), message);
}

template <int dim>
void Fracture<dim>::set_initial_conditions()
{
  reinit();
  seed_.values.zero_out_ghost_values();
  seed_.values = 0.;
  for (const auto &cell : seed_.space.dof_handler.active_cell_iterators())
    if (!cell->is_artificial() && initial_cracks_.holds(cell))
      for (const unsigned int v : cell->vertex_indices()) {
        const auto dof = cell->vertex_dof_index(v, 0);
        if (seed_.space.owned.is_element(dof))
          seed_.values(dof) = 1.;
      }
  seed_.update();
  damage_.values = seed_.values;
  damage_.update();
  damage_.old_values = damage_.values;
  // The profile beside the cracks, without which the first step would run away.
  load_free_ = true;
  assemble();
  minimise();
  assemble();
  load_free_ = false;
  length_.value = length_.old_value = crack_length_;
  compute_densities();
}

template <int dim>
void Fracture<dim>::set_lower_bound()
{
  const bool bound = parameters_.irreversibility == FractureParameters::Irreversibility::bound;
  for (unsigned int i = 0; i < lower_.locally_owned_size(); ++i) {
    const double broken = seed_.values.local_element(i) >= 1. - 1e-9 ? 1. : 0.;
    lower_.local_element(i) = bound ? std::max(broken, damage_.old_values.local_element(i)) : broken;
    lower_.local_element(i) = std::max(0., std::min(1., lower_.local_element(i)));
  }
}

template <int dim>
void Fracture<dim>::assemble_cell(CellWork &w)
{
  const double l = parameters_.crack_width, c_w = crack_normalisation(parameters_.model);
  const double corrected = toughness_correction(parameters_.model, w.cell_size, l);
  const double factor = parameters_.toughness_correction ? corrected : 1.;
  w.matrix = 0.;
  w.vector = 0.;
  for (unsigned int q = 0; q < w.n_q; ++q) {
    const double JxW = w.fe_values.JxW(q);
    double toughness = factor * w.toughness[q] / c_w;
    if (ionic_current_)
      toughness *= embrittlement_factor(parameters_.embrittlement,
                                        ionic_current_->values.local_element(w.local_points[q]));
    double driving = load_free_ ? 0. : driving_energy_.values.local_element(w.local_points[q]);
    if (history_ != nullptr) {
      driving = std::max(driving, history_->old_values.local_element(w.local_points[q]));
      history_->values.local_element(w.local_points[q]) = driving;
    }
    const double surface =
        local_crack_energy(parameters_.model, w.damage(q)).value / l + l * w.gradient(q).norm_square();
    energy_ += toughness * surface * JxW;
    crack_length_ += corrected / c_w * surface * JxW;

    const ValueAndTwoDerivatives local = local_crack_energy(parameters_.model, 0.);
    const double mass = (2. * driving + toughness / l * local.second) * JxW;
    const double stiffness = 2. * toughness * l * JxW,
                 load = (2. * driving - toughness / l * local.first) * JxW;
    for (unsigned int i = 0; i < w.n_nodes; ++i)
      w.vector(i) += load * w.shape[q][i];
    w.add_matrix(q, mass, stiffness);
  }
}

template <int dim>
void Fracture<dim>::assemble()
{
  const Space<dim> &space = damage_.space;
  CellWork w(space);
  assembly_.begin_matrix();
  right_hand_side_ = 0.;
  energy_ = crack_length_ = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell, damage_, driving_energy_.space);
      w.toughness = &toughness_of_point_[cell->active_cell_index() * w.n_q];
      assemble_cell(w);
      assembly_.add(cell->active_cell_index(), w.matrix);
      assembly_.add(cell->active_cell_index(), w.vector, right_hand_side_);
    }
  assembly_.end_matrix();
  right_hand_side_.compress(VectorOperation::add);
  MPI_Comm communicator = space.mesh().communicator();
  energy_ = Utilities::MPI::sum(energy_, communicator);
  crack_length_ = Utilities::MPI::sum(crack_length_, communicator);
}

template <int dim>
BoundedSolver::Result Fracture<dim>::minimise()
{
  set_lower_bound();
  const BoundedSolver::Result result =
      solver_.solve(damage_.values, right_hand_side_, lower_, 1., parameters_.damage_tolerance);
  damage_.update();
  return result;
}

template <int dim>
SolveReport Fracture<dim>::solve(const Step &)
{
  Vector change = damage_.values;
  assemble();
  const BoundedSolver::Result result = minimise();
  change -= damage_.values;
  SolveReport report;
  report.nonlinear_iterations = result.rounds;
  report.linear_iterations = result.iterations;
  report.increment = change.linfty_norm();
  return report;
}

template <int dim>
double Fracture<dim>::front_motion() const
{
  return (crack_length_ - length_.old_value) / std::pow(parameters_.crack_width, dim - 1);
}

template <int dim>
void Fracture<dim>::accept_step(const Step &step)
{
  assemble(); // energy and length of the final damage
  crack_speed_ = (crack_length_ - length_.old_value) / step.size;
  length_.value = crack_length_;
  compute_densities();
  census_.update();
}

template <int dim>
double Fracture<dim>::max_next_time_step(const Step &step)
{
  const double motion = front_motion();
  return motion > parameters_.maximum_front_motion
             ? step.size * std::max(parameters_.maximum_front_motion / motion, slowest_change)
             : std::numeric_limits<double>::infinity();
}

template <int dim>
void Fracture<dim>::compute_densities()
{
  const Space<dim> &space = damage_.space, &vector_space = displacement_.space;
  CellWork w(space);
  dealii::Vector<double> displacement(vector_space.fe().n_dofs_per_cell());
  const double l = parameters_.crack_width, c_w = crack_normalisation(parameters_.model);
  opening_volume_ = 0.;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell, damage_, crack_density_.space);
      Cell(&space.mesh().triangulation, cell->level(), cell->index(), &vector_space.dof_handler)
          ->get_dof_values(displacement_.values, displacement);
      const double factor = toughness_correction(parameters_.model, w.cell_size, l) / c_w;
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const Tensor<1, dim> gradient = w.gradient(q);
        Tensor<1, dim> u;
        for (unsigned int i = 0; i < w.n_nodes; ++i)
          for (unsigned int c = 0; c < dim; ++c)
            u[c] += displacement(i * dim + c) * w.shape[q][i];
        const double surface =
            local_crack_energy(parameters_.model, w.damage(q)).value / l + l * gradient.norm_square();
        crack_density_.values.local_element(w.local_points[q]) = factor * surface;
        opening_density_.values.local_element(w.local_points[q]) = -(u * gradient);
        opening_volume_ -= (u * gradient) * w.fe_values.JxW(q);
      }
    }
  opening_volume_ = Utilities::MPI::sum(opening_volume_, space.mesh().communicator());
}

/// Whether there is a crack in the cell, or the load may soon make one there.
template <int dim>
bool Fracture<dim>::needs_finest(const Cell &cell) const
{
  const double l = parameters_.crack_width;
  if (!initial_cracks_.empty() && initial_cracks_.distance(cell) < 0.5 * l)
    return true;
  dealii::Vector<double> values(damage_.space.fe().n_dofs_per_cell());
  cell->get_dof_values(damage_.values, values);
  const double resolved = parameters_.model == CrackModel::at1 ? resolved_damage_at1 : resolved_damage_at2;
  if (*std::max_element(values.begin(), values.end()) > resolved)
    return true;
  const DoFHandler<dim> &handler = driving_energy_.space.dof_handler;
  std::vector<types::global_dof_index> points(driving_energy_.space.fe().n_dofs_per_cell());
  Cell(&handler.get_triangulation(), cell->level(), cell->index(), &handler)->get_dof_indices(points);
  for (unsigned int q = 0; q < points.size(); ++q) {
    const double toughness = toughness_of_point_[cell->active_cell_index() * points.size() + q];
    if (driving_energy_.values(points[q]) > near_critical * 3. * toughness / (16. * l))
      return true;
  }
  return false;
}

template <int dim>
void Fracture<dim>::add_refinement_request(std::vector<unsigned char> &wanted_level) const
{
  const Mesh<dim> &mesh = state_.mesh();
  std::vector<unsigned char> wanted = mesh.no_request();
  for (const auto &cell : damage_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned() && needs_finest(cell))
      wanted[cell->active_cell_index()] = mesh.maximum_level();
  for (unsigned int layer = 0; layer < refined_layers; ++layer)
    mesh.widen(wanted);
  for (unsigned int i = 0; i < wanted.size(); ++i)
    wanted_level[i] = std::max(wanted_level[i], wanted[i]);
}

template <int dim>
bool Fracture<dim>::front_in_coarse_cells() const
{
  const Mesh<dim> &mesh = state_.mesh();
  dealii::Vector<double> now(damage_.space.fe().n_dofs_per_cell()), old(now.size());
  bool found = false;
  for (const auto &cell : damage_.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned() && cell->level() < static_cast<int>(mesh.maximum_level())) {
      cell->get_dof_values(damage_.values, now);
      cell->get_dof_values(damage_.old_values, old);
      for (unsigned int i = 0; i < now.size(); ++i)
        found = found || now(i) > old(i) + growing_damage;
    }
  return Utilities::MPI::max(static_cast<unsigned int>(found), mesh.communicator()) > 0;
}

template <int dim>
void Fracture<dim>::add_observables(const Step &, ObservableRow &row)
{
  const std::string depth = dim == 2 ? "/m" : "";
  row.add("fracture_energy", "J" + depth, energy_, true);
  row.add(dim == 2 ? "crack_length" : "crack_area", dim == 2 ? "m" : "m^2", crack_length_, true);
  row.add("crack_speed", dim == 2 ? "m/s" : "m^2/s", crack_speed_);
  census_.add_observables(row, crack_length_);
  row.add("opening_volume", dim == 2 ? "m^2" : "m^3", opening_volume_);
  row.add("damage_max", "1", damage_.values.linfty_norm(), true);
}

template <int dim>
void Fracture<dim>::add_output(OutputFields<dim> &output)
{
  output.add(damage_);
  output.add(crack_density_);
}

template class Fracture<2>;
template class Fracture<3>;
} // namespace lithoclase
