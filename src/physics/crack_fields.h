#pragma once

#include "core/cell_shapes.h"
#include "materials/conductivity.h"

#include <vector>

namespace lithoclase
{
constexpr double broken_damage = 0.9; ///< cells with more at a vertex are broken
constexpr double metal_content = 0.5; ///< cells with more xi are metal

/// The cracks as charge transport sees them; all null without fracture.
template <int dim>
struct CrackFields
{
  const Field<dim> *damage = nullptr;     ///< d, at nodes
  const Field<dim> *filling = nullptr;    ///< S, at nodes; null: no crack holds lithium
  const Field<dim> *liquid = nullptr;     ///< S_L, at nodes; null: no crack holds liquid
  const Field<dim> *pressure = nullptr;   ///< p [Pa], at nodes; null with the filling
  const Field<dim> *flank_area = nullptr; ///< A_flank [1/m], at quadrature points; null with the filling
  double width = 0.;                      ///< l [m]
};

/// Their values at the quadrature points of one cell after another.
template <int dim>
class CrackPoints
{
public:
  CrackPoints(const CrackFields<dim> &fields, const unsigned int n_points)
      : fields_(fields), damage_(n_points, 0.), filling_(n_points, 0.), liquid_(n_points, 0.),
        pressure_(n_points, 0.), gradient_(n_points)
  {
  }

  bool any() const { return fields_.damage != nullptr; }
  bool filled() const { return fields_.filling != nullptr; }

  void reinit(const CellShapes<dim> &shapes)
  {
    if (!any())
      return;
    shapes.values(*fields_.damage, damage_);
    shapes.gradients(*fields_.damage, gradient_);
    if (fields_.liquid != nullptr)
      shapes.values(*fields_.liquid, liquid_);
    if (!filled())
      return;
    shapes.values(*fields_.filling, filling_);
    shapes.values(*fields_.pressure, pressure_);
    points_ = fields_.flank_area->space.cell_dofs(shapes.index());
  }

  LocalCrack<dim> at(const unsigned int q) const
  {
    return {damage_[q], filling_[q], fields_.width * gradient_[q], liquid_[q]};
  }
  double pressure(const unsigned int q) const { return pressure_[q]; }
  double flank_area(const unsigned int q) const
  {
    return filled() ? fields_.flank_area->values.local_element(points_[q]) : 0.;
  }

private:
  const CrackFields<dim> fields_;
  std::vector<double> damage_, filling_, liquid_, pressure_;
  std::vector<dealii::Tensor<1, dim>> gradient_;
  const unsigned int *points_ = nullptr; ///< of the cell, numbers in vectors
};
} // namespace lithoclase
