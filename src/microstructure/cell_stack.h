#pragma once

#include "microstructure/microstructure_parameters.h"

#include <deal.II/base/point.h>
#include <deal.II/base/tensor.h>

#include <array>
#include <vector>

namespace lithoclase
{
/// The layers of the cell along the last axis: anode (flat, wavy, rough, with notches) | electrolyte |
/// counter electrode (the top of the box). Notches are filled with the metal of the anode.
template <int dim>
class CellStack
{
public:
  CellStack(const AnodeParameters &parameters, const dealii::Point<dim> &lower,
            const dealii::Point<dim> &upper, double finest_cell, const std::array<bool, dim> &periodic);

  bool has_anode() const { return thickness_ > 0.; }

  /// Last coordinate of the surface of the metal above the lateral position of `point` (of the bottom if
  /// there is no anode).
  double interface_height(const dealii::Point<dim> &point) const;
  double highest() const { return highest_; } ///< no interface_height() is above

  /// Signed distance to the surface of the anode, positive in the metal; minus the diagonal of the box
  /// without anode [m].
  double depth_in_anode(const dealii::Point<dim> &point) const;

  /// Between the anode interface and the top [m^3], in 2-D [m^2].
  double electrolyte_volume() const { return electrolyte_volume_; }

private:
  struct Mode
  {
    double amplitude;
    dealii::Tensor<1, dim> wave_vector;
    double phase;
  };
  struct Notch
  {
    dealii::Point<dim> foot; ///< on the wavy interface
    double depth, width;
    NotchShape shape;
  };

  void add_waves(const AnodeParameters &parameters);
  void add_roughness(const RoughnessParameters &parameters);
  void add_notches(const AnodeParameters &parameters);
  void survey(); ///< highest point and volume of the electrolyte, by sampling
  double wavy_height(const dealii::Point<dim> &point) const;
  dealii::Tensor<1, dim> wavy_slope(const dealii::Point<dim> &point) const;
  double depth_below_waves(const dealii::Point<dim> &point) const;
  double axis_distance(const Notch &notch, const dealii::Point<dim> &point) const;

  dealii::Point<dim> lower_, upper_;
  std::array<bool, dim> periodic_;
  double finest_cell_, thickness_;
  double highest_ = 0., electrolyte_volume_ = 0.;
  std::vector<Mode> modes_;
  std::vector<Notch> notches_;
};
} // namespace lithoclase
