#pragma once

#include "physics/filled_cracks.h"
#include "physics/physics_module.h"

/// Ionic liquid in cracks: which of them a pore full of it has wetted.
///
/// Assumed: capillarity fills a crack at once, as far as it hangs together with a pore full of liquid, and no
/// pore runs out of it (a crack's opening is small beside a pore). Cells are open to liquid where they are
/// broken (a vertex with d > 0.9) or hold it from the start (mean chi_IL of at least 1/2); those
/// joined over their faces to the latter are wetted, and S_L = 1 in the band around them (filled_cracks.h).
/// Lithium displaces it: cells in metal or in cracks filled with lithium (crack_filling.h) are closed, and
/// S_L = 0 wherever S = 1. A dry crack blocks ions across it, a wetted one lets them pass and conducts:
///     sigma_i = (1 - S_L I^3) [ sigma_SE - (1-S_L) I (sigma_SE n)(sigma_SE n)/(n.sigma_SE n) ]
///               + S_L I^3 sigma_L 1,     I = 1-(1-d)^2.
/// That is a film of liquid as wide as INT I^3 dn = 1.11 l (AT1; 1.4 l with AT2) and the full layers of the
/// crack, not as its opening: how much more current flows along a wetted crack depends on l.
///
/// symbol   name              unit
/// S_L      crack_liquid      1     0 or 1 at vertices
/// S        crack_filling     1     the same of lithium, frozen here
/// d, xi    damage, lithium   1     frozen here
/// Reference: Washburn, Phys. Rev. 17 (1921) 273, doi:10.1103/PhysRev.17.273 (into a slot of width w liquid
/// runs by sqrt(gamma w t/(3 mu)): 10 um in 0.02 s for 50 nm, 35 mN/m and 0.1 Pa s).
namespace lithoclase
{
template <int dim>
class CrackLiquid : public PhysicsModule<dim>
{
public:
  /// `with_lithium`: the cracks that lithium fills, up to date; null: there are none.
  CrackLiquid(const CrackBands &bands, const Microstructure<dim> &microstructure, State<dim> &state,
              const Field<dim> &lithium, const Field<dim> &damage, const FilledCracks<dim> *with_lithium);

  std::string name() const override { return "liquid in cracks"; }
  void reinit() override;
  void prepare_step(const Step &) override { update(); }
  SolveReport solve(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override { output.add(filling()); }

  const Field<dim> &filling() const { return cracks_.filling(); }

private:
  void update();

  const Microstructure<dim> &microstructure_;
  const State<dim> &state_;
  const Field<dim> &lithium_;
  const FilledCracks<dim> *with_lithium_;
  FilledCracks<dim> cracks_;
  std::vector<bool> pore_; ///< per active cell: full of liquid from the start
  double length_ = 0.;     ///< INT gamma S_L (1-xi), with gamma of crack_length [m], in 3-D [m^2]
};
} // namespace lithoclase
