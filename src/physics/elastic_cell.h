#pragma once

#include "core/field.h"
#include "physics/elastic_properties.h"

#include <deal.II/fe/fe_values.h>
#include <deal.II/lac/full_matrix.h>
#include <deal.II/lac/vector.h>

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

/// Kinematics of one cell and scratch data for its assembly. Unknown a = vertex * dim + component.
///
/// Where the cell holds nearly incompressible matter the trace of its strains is replaced by its mean over
/// the cell (B-bar).
template <int dim>
class ElasticCell
{
public:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;

  /// `mean_dilatation`: B-bar in all cells, whatever they hold.
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

  dealii::FEValues<dim> fe_values;
  dealii::FEFaceValues<dim> face_values;
  unsigned int n_q, n_dofs;
  Cell scalar_cell;
  unsigned int first_point = 0;
  std::vector<dealii::types::global_dof_index> dofs, point_dofs; ///< of displacement and quadrature space
  dealii::Vector<double> displacement;
  std::vector<double> lithium, damage, pressure, filling;                 ///< per point
  std::vector<dealii::SymmetricTensor<2, dim>> strain;                    ///< of the displacement, per point
  std::vector<std::vector<dealii::SymmetricTensor<2, dim>>> shape_strain; ///< [point][a]

  // Results of the assembly:
  bool with_matrix = true;
  dealii::FullMatrix<double> matrix;
  dealii::Vector<double> force, load, offset_force, lift, lifted;
  double force_square = 0.; ///< of all cells so far

private:
  void make_shape_strains(bool incompressible);

  /// Of a nodal field: all of them have the same degrees of freedom, looked up once per cell.
  void interpolate(const Field<dim> &field, std::vector<double> &at_points) const;

  std::vector<dealii::types::global_dof_index> nodes_;
  bool mean_dilatation_;
  bool metal_has_pressure_ = false;
};
} // namespace lithoclase
