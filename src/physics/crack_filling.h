#pragma once

#include "physics/filled_cracks.h"
#include "physics/nucleated_lithium.h"
#include "physics/physics_module.h"

/// Filling of cracks: which of them hold lithium.
///
/// A crack is filled (S = 1) as far as it hangs together with metal. Cells are open to lithium where they are
/// broken (a vertex with d > 0.9) or metal (mean xi > 1/2); those joined over their faces to metal, or to an
/// initial crack that holds lithium, or to a broken site of nucleation (a cell with a mean z + y above 1e-4,
/// which clamped in LLZO presses with some 20 MPa), are filled, and S = 1 in the band around them
/// (filled_cracks.h). A filled crack has the reacting surface
///     A_flank = 2 gamma S (1-xi),     gamma = (2 l/c_w) |grad d|^2
/// per volume of solid: both flanks; the flanks of a crack are electrolyte, so that it is multiplied by the
/// share of solid chi_s. Damaged voids and pores with liquid are no cracks: they are closed to lithium until
/// metal has grown into them, which stops a filled crack there. (In the profile of a crack both terms of the
/// energy, w(d)/l and l |grad d|^2, are the same. The second one alone integrates to one also across a crack
/// with full layers, where the first one has 3h/8l more per layer, and lies where ions can get to.) There is
/// no dry tip: lithium follows a crack at once, its volume does not (see lithium_pressure.h).
///
/// symbol   name              unit
/// S        crack_filling     1     0 or 1 at vertices
/// A_flank  flank_area        1/m   at quadrature points
/// d, xi    damage, lithium   1     frozen here
namespace lithoclase
{
template <int dim>
class CrackFilling : public PhysicsModule<dim>
{
public:
  CrackFilling(const CrackBands &bands, const Microstructure<dim> &microstructure, State<dim> &state,
               const Field<dim> &lithium, const Field<dim> &damage,
               const NucleatedLithium<dim> *nucleated = nullptr);

  std::string name() const override { return "crack filling"; }
  void reinit() override { cracks_.reinit(); }
  void prepare_step(const Step &) override { update(); }
  SolveReport solve(const Step &step) override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override { output.add(filling()); }
  std::string end_reason(const Step &step) override;

  const FilledCracks<dim> &cracks() const { return cracks_; }
  const Field<dim> &filling() const { return cracks_.filling(); }
  const Field<dim> &flank_area() const { return flank_area_; }

private:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  void update();
  void fill();
  bool nucleated_in(const typename dealii::Triangulation<dim>::active_cell_iterator &cell)
      const; ///< enough lithium to fill a crack there
  void compute_flank_area();
  bool short_circuit() const; ///< filled cracks and metal join anode and counter electrode

  const CrackBands bands_;
  State<dim> &state_;
  const Field<dim> &lithium_, &damage_;
  const NucleatedLithium<dim> *nucleated_; ///< that joins cracks, or null
  InitialCracks<dim> sources_;             ///< initial cracks that hold lithium
  FilledCracks<dim> cracks_;
  Field<dim> &flank_area_;
  double total_flank_area_ = 0.; ///< INT A_flank [m], in 3-D [m^2]
  double filled_length_ = 0.;    ///< INT gamma S (1-xi), with gamma of crack_length [m], in 3-D [m^2]
};
} // namespace lithoclase
