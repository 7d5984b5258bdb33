#pragma once

#include "core/bounded_solver.h"
#include "core/cell_assembly.h"
#include "core/state.h"
#include "materials/fracture_energy.h"
#include "microstructure/microstructure.h"
#include "physics/crack_census.h"
#include "physics/embrittlement.h"
#include "physics/initial_cracks.h"
#include "physics/physics_module.h"

#include <optional>
#include <string>
#include <vector>

/// Fracture: damage that minimises the elastic energy and that of cracks.
///
/// Strong form:  -div( (2 l G_c/c_w) grad d ) + (G_c/(c_w l)) w'(d) + g'(d) Psi >= 0,   d >= d_old (E8)
///     with equality where d grows; Psi is the driving energy, frozen here (see mechanics.h).
/// Weak form:    E(d) = INT g(d) Psi + (G_c/c_w) [ w(d)/l + l |grad d|^2 ] is the least of all d with
///     d_low <= d <= 1. E is quadratic in d.
///     Bound: d_low = d_old, damage at the beginning of the step. History: d_low = 0 and the largest Psi so
///     far in place of Psi, for comparison with the literature. Initial cracks keep d = 1 in both.
/// Discretisation: Q1, 2^dim Gauss points, primal-dual active set. Initial cracks are broken cells; their
///     profile is the solution without load (Psi = 0).
/// Toughness: G_c(x) = G [1 + (r - 1) min(1, SUM b_k)] chi_s f(x), multiplied by the numerical correction
///     1/(1 + 3h/8l) (AT1) or 1/(1 + h/2l) (AT2) on request. r makes a crack along a band of any width w_s
///     cost the toughness of the boundary (see band_toughness.h). Cracks in voids cost next to nothing. Where
///     current is dense G_c may be smaller (see embrittlement.h).
///
/// symbol  name                unit
/// d       damage              1      0 intact, 1 broken
/// l       crack width         m
/// G_c     toughness           J/m^2
/// Psi     driving energy      J/m^3
/// gamma   crack density       1/m    (1/c_w) [w(d)/l + l |grad d|^2]/(1 + 3h/8l): integrates to crack length
/// References: Bourdin, Francfort, Marigo, J. Elasticity 91 (2008) 5, doi:10.1007/s10659-007-9107-3; Pham et
/// al., Int. J. Damage Mech. 20 (2011) 618, doi:10.1177/1056789510386852; Miehe, Hofacker, Welschinger,
/// Comput. Methods Appl. Mech. Eng. 199 (2010) 2765, doi:10.1016/j.cma.2010.04.011 (history).
namespace lithoclase
{
struct FractureParameters
{
  enum class Irreversibility
  {
    bound,
    history
  };

  CrackModel model = CrackModel::at1;
  EnergySplit split = EnergySplit::volumetric_deviatoric;
  Irreversibility irreversibility = Irreversibility::bound;
  double crack_width = 1e-6;                           ///< l [m]
  std::optional<double> toughness, boundary_toughness; ///< [J/m^2]
  Expression toughness_factor;                         ///< f
  bool toughness_correction = true;
  double residual_stiffness = 1e-8;        ///< k in g(d) = (1-d)^2 + k
  double damage_tolerance = 1e-7;          ///< of the damage solve
  double maximum_front_motion = 1.;        ///< per step, in crack widths
  std::optional<double> snap_through_step; ///< [s]
  InitialCrackList initial_cracks;
  EmbrittlementParameters embrittlement;

  void declare(ParameterSection &section);
};

/// Toughness of grains and grain boundaries [J/m^2].
struct Toughness
{
  double grain = 1.;
  double boundary = 1.;
};

template <int dim>
class Fracture : public PhysicsModule<dim>
{
public:
  /// `displacement` and `driving_energy` belong to mechanics and are frozen during a solve, likewise
  /// `ionic_current` (|i_i| at quadrature points [A/m^2]), which embrittlement needs.
  Fracture(const FractureParameters &parameters, const Toughness &toughness,
           const Microstructure<dim> &microstructure, State<dim> &state, Field<dim> &damage,
           const Field<dim> &displacement, const Field<dim> &driving_energy, FirstCrack<dim> &first_crack,
           const Field<dim> *ionic_current = nullptr);

  std::string name() const override { return "fracture"; }
  void reinit() override;
  void set_initial_conditions() override;
  SolveReport solve(const Step &step) override;
  void accept_step(const Step &step) override;
  double max_next_time_step(const Step &step) override;
  void add_refinement_request(std::vector<unsigned char> &wanted_level) const override;
  void add_observables(const Step &step, ObservableRow &row) override;
  void add_output(OutputFields<dim> &output) override;

  // The two halves of solve(), between which an alternate minimisation looks at the energy.
  void assemble(); ///< the problem at the present driving energy, and energy() of the present damage
  BoundedSolver::Result minimise();

  Field<dim> &damage() { return damage_; }
  const Vector &lower_bound() const { return lower_; } ///< of the last minimise()
  double energy() const { return energy_; }            ///< of cracks at the last assemble() [J], in 2-D [J/m]
  double crack_length() const { return crack_length_; } ///< likewise, INT gamma [m], in 3-D the area [m^2]
  /// How far the crack has grown in this step, in crack widths (3-D: area over the width squared).
  double front_motion() const;
  double linear_solve_time() const { return solver_.seconds(); } ///< so far [s]
  const FractureParameters &parameters() const { return parameters_; }

  /// Whether damage has grown in cells that are coarser than those the crack needs. Collective.
  bool front_in_coarse_cells() const;

private:
  using Cell = typename dealii::DoFHandler<dim>::active_cell_iterator;
  struct CellWork;
  bool needs_finest(const Cell &cell) const;
  void cache_toughness();
  void set_band_ratios();
  double toughness_at(const dealii::Point<dim> &point) const;
  void set_lower_bound();
  void assemble_cell(CellWork &work);
  void compute_densities();

  const FractureParameters parameters_;
  const Toughness toughness_;
  const Microstructure<dim> &microstructure_;
  State<dim> &state_;
  Field<dim> &damage_;
  const Field<dim> &displacement_;
  const Field<dim> &driving_energy_;
  const Field<dim> *ionic_current_; ///< null without embrittlement
  Field<dim> &seed_;                ///< 1 at the vertices of initial cracks, else 0
  Field<dim> *history_ = nullptr;   ///< largest driving energy so far, with that irreversibility only
  Field<dim> &crack_density_;       ///< gamma
  Field<dim> &opening_density_;     ///< -u . grad d, integrates to the opening volume
  Scalar &length_;                  ///< crack length at the end of the last step
  InitialCracks<dim> initial_cracks_;
  CrackCensus<dim> census_;
  std::unique_ptr<dealii::FunctionParser<dim>> toughness_factor_;
  std::vector<double> band_ratios_; ///< r of each boundary

  BoundedSolver solver_;
  CellAssembly<dim> assembly_;
  std::vector<double> toughness_of_point_; ///< G_c with all factors but h, per active cell and point
  Vector right_hand_side_, lower_;
  bool load_free_ = false; ///< the driving energy counts as zero
  double energy_ = 0., crack_length_ = 0., opening_volume_ = 0.;
  double crack_speed_ = 0.; ///< of the last step [m/s], in 3-D [m^2/s]
};
} // namespace lithoclase
