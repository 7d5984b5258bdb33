#pragma once

#include "microstructure/power_diagram.h"

#include <array>
#include <vector>

namespace lithoclase
{
/// Volumes of the grains of a tessellation in the box and their centres of mass, of grains that continue
/// across periodic sides as a whole.
template <int dim>
struct GrainVolumes
{
  GrainVolumes(const GrainSeeds<dim> &seeds, const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
               const std::array<bool, dim> &periodic);

  /// A facet between two grains: how fast its plane sweeps volume when a weight grows.
  struct Contact
  {
    unsigned int a, b;
    double rate; ///< dV_a/dw_a = -dV_a/dw_b = area/(2 |g^2 (p_b - p_a)|) [m^(dim-2)]
  };

  std::vector<double> volumes;             ///< in 2-D areas
  std::vector<dealii::Point<dim>> centres; ///< meaningless where the volume is zero
  std::vector<Contact> contacts;
};

/// Moves and weights seeds such that the grains of their Laguerre tessellation have the wanted volumes, in
/// the seeds' order, to a relative error of `tolerance`; `targets` must sum up to the volume of the box.
///
/// The volumes are the gradient of a concave function of the weights, so one set of weights (up to a
/// constant) meets them; Newton's method, damped so that no grain vanishes, finds it: Kitagawa, Merigot,
/// Thibert, J. Eur. Math. Soc. 21 (2019) 2603, doi:10.4171/JEMS/889. Between fits each seed moves to the
/// centre of mass of its grain, which makes the grains compact: Bourne, Kok, Roper, Spanjer, Phil. Mag. 100
/// (2020) 2677, doi:10.1080/14786435.2020.1790053.
///
/// Every rank does the same. Returns the largest relative error of a volume.
template <int dim>
double fit_volumes(GrainSeeds<dim> &seeds, const std::vector<double> &targets,
                   const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                   const std::array<bool, dim> &periodic, double tolerance = 1e-3);
} // namespace lithoclase
