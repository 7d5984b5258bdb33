#pragma once

#include "output/observed_quantity.h"

#include <deal.II/base/function_parser.h>

#include <memory>
#include <string>
#include <vector>

namespace lithoclase
{
/// A field integrated over the slices between planes normal to an axis: per slice the integral per length of
/// the axis, INT_slice f dV/(length of the slice), and its centroid INT f x dV/INT f dV in the other axes.
///
/// In each cell f is linear along the axis, and the slices integrate this function, so that slices finer than
/// the cells are as smooth as the field. (Exact for scalars and components; the magnitude of a vector is
/// taken as linear between two Gauss points.) Work is local but for one sum over all slices.
template <int dim>
class Profile
{
public:
  Profile(const std::string &name, const ProfileParameters &parameters, const Observed<dim> &observed);
  /// Writes `folder`/<name>_<step>.csv with the columns time, middle of the slice, integral, and centroid
  /// (nan where the integral is zero). Collective.
  void write(const std::string &folder, unsigned long long step, double time);

private:
  using Cell = typename dealii::Triangulation<dim>::active_cell_iterator;

  void choose_points();
  void add_cell(const Cell &cell, std::vector<double> &sums);
  void add_piece(const CellBox<dim> &box, double low, double high, double *sums) const;
  std::string table(double time);

  std::string name_;
  const Mesh<dim> &mesh_;
  ObservedQuantity<dim> quantity_;
  unsigned int axis_;
  double from_, to_;
  unsigned int n_slices_;
  std::unique_ptr<dealii::FunctionParser<dim>> where_; ///< null: 1 everywhere

  std::vector<dealii::Point<dim>>
      across_;                  ///< unit points of the cell's cross-section; the axis' coordinate is not used
  std::vector<double> weights_; ///< of them
  std::vector<double> values_;  ///< in a cell, at the two Gauss points of the axis for each of them
};
} // namespace lithoclase
