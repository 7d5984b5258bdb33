#pragma once

#include "core/parameter_section.h"
#include "core/state.h"

#include <deal.II/base/function_parser.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lithoclase
{
/// One crack that is there from the start.
struct InitialCrackParameters
{
  enum class Shape
  {
    segment,   ///< 2-D: a straight crack between two points
    disc,      ///< 3-D: a penny-shaped crack
    notch,     ///< everything within half a width of a segment, in both dimensions
    expression ///< where a formula is positive
  };

  Shape shape = Shape::segment;
  std::vector<double> from, to;       ///< segment, notch [m]
  std::vector<double> centre, normal; ///< disc [m], [1]
  double radius = 0.;                 ///< disc [m]
  double width = 0.;                  ///< notch [m]
  Expression where;                   ///< expression
  bool holds_lithium = false;         ///< from the start, whether metal reaches it or not
  std::string shape_origin;

  void declare(ParameterSection &section);
  void check() const; ///< InputError unless just what the shape needs is given
};

using InitialCrackList = std::vector<std::pair<std::string, InitialCrackParameters>>;

/// The cells that are broken from the start. A flat crack breaks the cells that it crosses and those whose
/// side it touches, but not those beyond its ends: one line of broken nodes would be a crack too stiff by a
/// factor of two.
template <int dim>
class InitialCracks
{
public:
  using Cell = typename dealii::Triangulation<dim>::cell_iterator;

  /// Throws InputError for shapes that do not fit the dimension and for cracks outside the box.
  InitialCracks(const InitialCrackList &list, const Mesh<dim> &mesh);

  bool empty() const { return cracks_.empty(); }
  /// a of the largest crack [m]: the radius of a disc; half the length of a segment or notch, or all of it
  /// if `opens` says so of one of its ends. Cracks by expression do not count; 0 without any.
  double largest_size(const std::function<bool(const dealii::Point<dim> &)> &opens) const;
  bool holds(const Cell &cell) const;
  /// Distance from the cell's centre to the nearest crack, less half the cell's diagonal, at most [m]; 0
  /// where it may be broken. Cracks by expression are seen
  /// from cells with a vertex or the middle inside.
  double distance(const Cell &cell) const;

private:
  struct Crack
  {
    InitialCrackParameters::Shape shape;
    dealii::Point<dim> from, to; ///< disc: centre in both
    dealii::Tensor<1, dim> normal;
    double radius = 0., width = 0.;
    std::unique_ptr<dealii::FunctionParser<dim>> where;

    bool flat() const
    {
      return shape == InitialCrackParameters::Shape::segment || shape == InitialCrackParameters::Shape::disc;
    }
    dealii::Point<dim> nearest(const dealii::Point<dim> &point) const;
    bool beside(const dealii::Point<dim> &point) const; ///< whether its projection falls on the flat crack
  };

  dealii::Point<dim> point(const std::vector<double> &values, const std::string &entry) const;
  void add(const std::string &name, const InitialCrackParameters &parameters);
  void check_inside(const std::string &name, const dealii::Point<dim> &point) const;

  const Mesh<dim> &mesh_;
  std::vector<Crack> cracks_;
};
} // namespace lithoclase
