#pragma once

#include "core/field.h"
#include "physics/elastic_properties.h"

#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/vector.h>

#include <array>
#include <vector>

namespace lithoclase
{
/// What fills cracks: its pressure and where it is, both at nodes and null without it.
template <int dim>
struct CrackFluid
{
  const Field<dim> *pressure = nullptr; ///< p [Pa]
  const Field<dim> *filling =
      nullptr; ///< S of lithium, whose pressure acts in the metal, too; null: all cracks
};

/// What does not change at the quadrature points of all active cells, of which this rank fills its own, as
/// long as the mesh stays. Collective; throws InputError.
template <int dim>
std::vector<ElasticPoint> elastic_points(const Space<dim> &scalar_space,
                                         const ElasticProperties<dim> &properties);

/// Kinematics of one cell and scratch data for its assembly. Unknown a = vertex * dim + component.
///
/// Where the cell holds nearly incompressible matter the trace of its strains is replaced by its mean over
/// the cell (B-bar). Cells of one level are copies of each other, so that shape functions are computed once
/// per level. Sums over components of tensors run over the six (in 2-D three) that differ, in deal.II's
/// order.
template <int dim>
class ElasticCell
{
public:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  static constexpr unsigned int n_vertices = 1 << dim, n_q = 1 << dim, n_dofs = dim * n_vertices;

  /// `mean_dilatation`: B-bar in all cells, whatever they hold. `flags`: what fe_values shall know besides.
  explicit ElasticCell(const Space<dim> &scalar_space, bool mean_dilatation = false,
                       dealii::UpdateFlags flags = dealii::update_default);

  /// Goes to a cell of the displacement; without `damage` or pressure (null) these are zero. `points` holds
  /// the data of all cells, this cell's from first_point on.
  void reinit(const Cell &cell, const Field<dim> &displacement, const Field<dim> &lithium,
              const Field<dim> *damage, const CrackFluid<dim> &fluid, const Space<dim> &point_space,
              const ElasticProperties<dim> &properties, const std::vector<ElasticPoint> &points);

  /// alpha: how much of the pressure acts on the matter, in metal and in filled cracks; its crack part is
  /// `breakable` S [1 - (1-d)^2].
  double pressure_share(unsigned int q, double breakable) const;

  /// Trace of the strain of shape a.
  double dilatation(unsigned int q, unsigned int a) const;

  /// vector += (stress, strain of shape a) at one point.
  void add_stress(unsigned int q, const dealii::SymmetricTensor<2, dim> &stress,
                  dealii::Vector<double> &vector) const;
  /// matrix(a, b) = INT (tangent strain of shape b, strain of shape a). That of the cell before is kept where
  /// the tangents are the same: most matter is intact.
  void make_matrix();
  /// C at one point of the cell; that of the last call is kept where the matter is the same.
  const Stiffness<dim> &stiffness(const ElasticProperties<dim> &properties, const ElasticPoint &point,
                                  double lithium_there);

  dealii::FEValues<dim> fe_values; ///< of this cell or, without points wanted, of another one of its level
  Cell scalar_cell;
  unsigned int first_point = 0;
  std::vector<dealii::types::global_dof_index> point_dofs;    ///< of the quadrature space
  const unsigned int *local_point_dofs = nullptr;             ///< likewise, numbers in vectors
  std::array<double, n_q> lithium, damage, pressure, filling; ///< per point
  std::array<dealii::SymmetricTensor<2, dim>, n_q> strain;    ///< of the displacement, per point

  std::array<dealii::SymmetricTensor<4, dim>, n_q> tangent; ///< d stress/d strain for the matrix, per point

  // Results of the assembly:
  bool with_matrix = true;
  dealii::FullMatrix<double> matrix;
  dealii::Vector<double> force, offset_force;
  double force_square = 0.; ///< of all cells so far

private:
  static constexpr unsigned int n_components = dim * (dim + 1) / 2;
  /// Strain of shape a at a point, [component][a]; shear components twice, as their products with stress are.
  using ShapeStrains = std::array<std::array<double, n_dofs>, n_components>;

  void make_shapes(bool incompressible);
  void compute_strains(const Field<dim> &displacement);

  /// Of a nodal field: all of them have the same degrees of freedom.
  void interpolate(const Field<dim> &field, unsigned int active_cell_index,
                   std::array<double, n_q> &at_points) const;

  bool mean_dilatation_;
  bool metal_has_pressure_ = false;
  int level_ = -1; ///< of the cell that the shapes were made for
  bool incompressible_ = false;
  std::array<std::array<double, n_vertices>, n_q> shapes_;
  std::array<ShapeStrains, n_q> shape_strains_;
  bool matrix_is_made_ = false;                                     ///< with these shapes
  std::array<dealii::SymmetricTensor<4, dim>, n_q> matrix_tangent_; ///< and these tangents
  Stiffness<dim> stiffness_;
  ElasticPoint stiffness_point_;   ///< its matter
  double stiffness_lithium_ = -1.; ///< its lithium; none so far
};
} // namespace lithoclase
