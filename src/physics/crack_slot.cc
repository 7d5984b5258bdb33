#include "physics/crack_slot.h"

#include <deal.II/dofs/dof_tools.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/sparsity_tools.h>

#include <cmath>

namespace lithoclase
{
using namespace dealii;

namespace
{
constexpr double band_smoothing = 4.; // L of the aperture, in crack widths
constexpr double aperture_tolerance = 1e-9;
constexpr unsigned int normal_smoothing = 3; // rounds over neighbours: oblique cracks go in steps of cells
} // namespace

template <int dim>
CrackSlot<dim>::CrackSlot(const SlotFlow &flow, State<dim> &state, const PressureFields<dim> &fields)
    : flow_(flow), fields_(fields), aperture_(state.add_field("aperture", "m", SpaceKind::nodal)),
      transmissivity_(state.add_field("transmissivity", "m^3/(Pa s)", SpaceKind::quadrature)),
      solver_("aperture", LinearSolver::Method::cg, LinearSolver::Preconditioner::boomeramg, 1, dim)
{
  aperture_.solved_for = transmissivity_.solved_for = false;
}

template <int dim>
void CrackSlot<dim>::reinit()
{
  const Space<dim> &space = fields_.pressure.space;
  MPI_Comm communicator = space.mesh().communicator();
  DynamicSparsityPattern pattern(space.relevant);
  DoFTools::make_sparsity_pattern(space.dof_handler, pattern, space.constraints, false);
  SparsityTools::distribute_sparsity_pattern(pattern, space.owned, communicator, space.relevant);
  solver_.reinit(space.owned, pattern, communicator);
  right_hand_side_.reinit(space.partitioner);
  update_normals();
}

template <int dim>
void CrackSlot<dim>::update_normals()
{
  const Space<dim> &space = fields_.pressure.space;
  for (Vector &component : normals_)
    component.reinit(space.partitioner);
  PressureCell<dim> w(fields_);
  for (unsigned int round = 0; round <= normal_smoothing; ++round) {
    std::array<Vector, n_products> sums;
    for (Vector &component : sums)
      component.reinit(space.partitioner);
    for (const auto &cell : space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned()) {
        w.reinit(cell);
        SymmetricTensor<2, dim> product;
        if (round == 0)
          for (const Tensor<1, dim> &slope : w.damage_gradient)
            product += fields_.crack_width * fields_.crack_width * symmetrize(outer_product(slope, slope));
        else
          product = normal_tensor(w, numbers::invalid_unsigned_int);
        if (product.norm() > 0.)
          for (unsigned int k = 0; k < n_products; ++k)
            for (const auto node : w.nodes)
              sums[k](node) += product.access_raw_entry(k);
      }
    for (unsigned int k = 0; k < n_products; ++k) {
      sums[k].compress(VectorOperation::add);
      space.constraints.distribute(sums[k]);
      sums[k].update_ghost_values();
      normals_[k] = sums[k];
      normals_[k].update_ghost_values();
    }
  }
}

template <int dim>
SymmetricTensor<2, dim> CrackSlot<dim>::normal_tensor(const PressureCell<dim> &w, const unsigned int q) const
{
  SymmetricTensor<2, dim> product;
  for (unsigned int k = 0; k < n_products; ++k)
    for (unsigned int i = 0; i < w.n_nodes; ++i)
      product.access_raw_entry(k) += normals_[k](w.nodes[i]) * (q < w.n_q ? w.shape(i, q) : 1. / w.n_nodes);
  return product;
}

template <int dim>
SymmetricTensor<2, dim> CrackSlot<dim>::normal_product(const PressureCell<dim> &w, const unsigned int q) const
{
  const SymmetricTensor<2, dim> product = normal_tensor(w, q);
  const double size = trace(product);
  if (!(size > 1e-12))
    return SymmetricTensor<2, dim>();
  const auto pairs = eigenvectors(product / size);
  const double coherence = std::max(0., pairs[0].first - pairs[1].first);
  return coherence * symmetrize(outer_product(pairs[0].second, pairs[0].second));
}

/// The opening across the band, and with it the transmissivity. Its changes are damped by the exponent of the
/// law, with which it answers to the gradient.
template <int dim>
void CrackSlot<dim>::update_aperture()
{
  const Space<dim> &space = fields_.pressure.space;
  PressureCell<dim> w(fields_);
  FullMatrix<double> matrix(w.n_nodes, w.n_nodes);
  dealii::Vector<double> vector(w.n_nodes);
  solver_.matrix() = 0.;
  right_hand_side_ = 0.;
  const double smoothing = band_smoothing * band_smoothing * fields_.crack_width * fields_.crack_width;
  for (const auto &cell : space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      matrix = 0.;
      vector = 0.;
      for (unsigned int q = 0; q < w.n_q; ++q) {
        const double JxW = w.elastic.fe_values.JxW(q);
        const double share = w.crack(q), density = 0.5 * w.flank_area(q);
        const double opened = share * std::max(0., trace(w.elastic.strain[q]));
        const SymmetricTensor<2, dim> across =
            (share > 0. ? smoothing / fields_.crack_width : 0.) * normal_product(w, q);
        for (unsigned int i = 0; i < w.n_nodes; ++i) {
          vector(i) += opened * w.shape(i, q) * JxW;
          for (unsigned int k = 0; k < w.n_nodes; ++k)
            matrix(i, k) += ((density + 1e-3 / fields_.crack_width) * w.shape(i, q) * w.shape(k, q) +
                             across * w.gradient(i, q) * w.gradient(k, q)) *
                            JxW;
        }
      }
      space.constraints.distribute_local_to_global(matrix, w.nodes, solver_.matrix());
      space.constraints.distribute_local_to_global(vector, w.nodes, right_hand_side_);
    }
  solver_.matrix().compress(VectorOperation::add);
  right_hand_side_.compress(VectorOperation::add);
  aperture_.values.zero_out_ghost_values();
  solver_.solve(aperture_.values, right_hand_side_, aperture_tolerance, true);
  aperture_.update();
}

template <int dim>
void CrackSlot<dim>::update_transmissivity()
{
  if (flow_.law == SlotFlow::Law::uniform)
    return;
  update_aperture();
  PressureCell<dim> w(fields_);
  const double damping = flow_.law == SlotFlow::Law::creep ? 1. / flow_.creep_exponent : 1.;
  for (const auto &cell : fields_.pressure.space.dof_handler.active_cell_iterators())
    if (cell->is_locally_owned()) {
      w.reinit(cell);
      for (unsigned int q = 0; q < w.n_q; ++q) {
        double aperture = 0.;
        for (unsigned int i = 0; i < w.n_nodes; ++i)
          aperture += aperture_.values(w.nodes[i]) * w.shape(i, q);
        const Tensor<1, dim> slope = w.pressure_gradient[q] - normal_product(w, q) * w.pressure_gradient[q];
        const double now = flow_.transmissivity(aperture, slope.norm());
        const double before = transmissivity_.old_values(w.elastic.point_dofs[q]);
        transmissivity_.values(w.elastic.point_dofs[q]) =
            before > 0. ? before * std::pow(now / before, damping) : now;
      }
    }
}

template class CrackSlot<2>;
template class CrackSlot<3>;
} // namespace lithoclase
