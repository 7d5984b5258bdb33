#pragma once

#include "microstructure/cell_stack.h"
#include "microstructure/inclusions.h"
#include "microstructure/periodic_shifts.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

/// Infiltration: which pores ionic liquid fills that comes from one side of the box.
///
/// Invasion percolation: of the pores at the front of the liquid the one fills next that capillary forces
/// prefer, as long as its throat is wide enough and liquid is left (Wilkinson and Willemsen, J. Phys. A 16
/// (1983) 3365, doi:10.1088/0305-4470/16/14/028). A liquid that wets the walls is drawn in, most by narrow
/// pores: the pore of least radius next (imbibition; Lenormand, Zarcone and Sarr, J. Fluid Mech. 135 (1983)
/// 337, doi:10.1017/S0022112083003110). One that does not is pressed in: the pore behind the widest throat
/// next. A pressure p opens throats of the radius 2 gamma |cos theta|/p and wider (gamma: surface tension,
/// theta: contact angle; Washburn, Phys. Rev. 17 (1921) 273, doi:10.1103/PhysRev.17.273).
///
/// Assumed: the gas in the pores leaves (vacuum) or is dissolved, gravity does not count, and there is time
/// enough.
namespace lithoclase
{
/// What became of the pores.
struct InfiltrationResult
{
  struct Share
  {
    unsigned long long pores = 0;
    double volume = 0.; ///< per volume of all pores
  };

  InfiltrationParameters asked;
  Share liquid;
  Share closed;          ///< dry: no way to the wetted face
  Share narrow;          ///< dry: only behind throats narrower than asked for
  Share short_of_liquid; ///< dry: within reach, but there is not liquid enough

  unsigned long long n_pores() const
  {
    return liquid.pores + closed.pores + narrow.pores + short_of_liquid.pores;
  }
};

std::string name_of(BoxSide side);

/// Coordinate axis of a side, and whether it is the upper of both; InputError if the box has no such side, or
/// is periodic there.
template <int dim>
std::pair<unsigned int, bool> wetted_side(const InfiltrationParameters &parameters,
                                          const std::array<bool, dim> &periodic);

/// InputError where no liquid gets in at all. `widest`: radius of the widest opening at the wetted face.
void check_infiltration(const InfiltrationResult &result, double widest);

/// Infiltration of generated pores: each is either full or dry. Volumes are those of pores without throats.
template <int dim>
class PoreInfiltration
{
public:
  PoreInfiltration(const InfiltrationParameters &parameters, const CellStack<dim> &stack,
                   const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                   const std::array<bool, dim> &periodic);

  /// Sets the filling of pores and throats. Throws InputError.
  InfiltrationResult fill(std::vector<Pore<dim>> &pores) const;

private:
  struct Passage
  {
    double radius;
    std::size_t to;
  };
  struct Network
  {
    std::vector<double> entrances; ///< radius of the opening of each pore at the wetted face
    std::vector<std::vector<Passage>> passages;
  };

  double entrance(const Ellipsoid<dim> &shape) const;
  double passage(const Ellipsoid<dim> &a, const Ellipsoid<dim> &b) const;
  Network network(const std::vector<Pore<dim>> &pores) const;
  /// Which pores the liquid reaches through throats from `least` radius on, until `volume` of them is full.
  std::vector<bool> invade(const std::vector<Pore<dim>> &pores, const Network &network, double least,
                           double volume) const;

  const InfiltrationParameters parameters_;
  const CellStack<dim> &stack_;
  const dealii::Point<dim> lower_, upper_;
  const std::array<bool, dim> periodic_;
  const std::vector<dealii::Tensor<1, dim>> shifts_; ///< to the images of a pore
};
} // namespace lithoclase
