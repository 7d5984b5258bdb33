#pragma once

#include "core/parameter_section.h"
#include "materials/composite_bounds.h"
#include "materials/stress_law.h"
#include "microstructure/microstructure.h"

#include <deal.II/base/function_parser.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Elastic constants and strains without stress (eigenstrains) as functions of position.
///
/// Phases are mixed by volume (index s solid, l ionic liquid, v void, Li lithium; xi lithium, chi the
/// others):
///     C     = (1-xi) [ chi_s f C_s + chi_l C_l + chi_v C_v ] + xi C_Li
///     eps*  = [ (1-xi) (chi_s e_s + chi_l e_l) + xi e_Li ] 1 + eps*_given
/// The void keeps r K_s and r G_s. The liquid has its bulk modulus and a small shear modulus r_l G_s: without
/// any the equations would be singular, and far below they are hard to solve.
///
/// symbol  name               unit
/// C_s     stiffness          Pa    cubic, turned with its grain, or isotropic
/// f       stiffness factor   1     a formula, for holes and gradients beside the microstructure
/// r, r_l  void ratio, liquid shear ratio   1
/// e       eigenstrain        1     linear
namespace lithoclase
{
class MaterialDatabase;

/// A symmetric tensor of strains by formulas; empty: zero.
struct StrainExpressions
{
  std::array<Expression, 6> components; ///< xx, yy, zz, xy, xz, yz

  bool empty() const;
  void declare(ParameterSection &section, const std::string &help);
};

struct EigenstrainParameters
{
  Expression solid, lithium, liquid; ///< linear strain, the same in all directions
  StrainExpressions everywhere;

  bool empty() const;
  void declare(ParameterSection &section);
};

/// What the user may say about stiffness; what is not given comes from the material files.
struct ElasticParameters
{
  enum class Symmetry
  {
    isotropic,
    cubic
  };
  Symmetry symmetry = Symmetry::isotropic;
  std::optional<double> youngs_modulus, poisson_ratio; ///< of the electrolyte [Pa], [1]
  std::optional<double> c11, c12, c44;                 ///< likewise [Pa]
  std::optional<double> lithium_youngs_modulus, lithium_poisson_ratio;
  std::optional<double> liquid_bulk_modulus; ///< [Pa]
  double void_ratio = 1e-6;
  double liquid_shear_ratio = 1e-3;
  Expression stiffness_factor;
  EigenstrainParameters eigenstrain;

  void declare(ParameterSection &section);
};

/// Lithium whose pressure is an unknown of its own keeps the stiffness of what that pressure does not bear.
struct DrainedLithium
{
  double shear_ratio = 1e-2; ///< of its elastic shear modulus: it yields at about 1 MPa
  double bulk_ratio = 1e-2;  ///< of its bulk modulus, a floor

  void declare(ParameterSection &section);
};

/// Functions of place and time for the components of a strain.
template <int dim>
class StrainFunction
{
public:
  explicit StrainFunction(const StrainExpressions &expressions);
  void set_time(double time);
  dealii::SymmetricTensor<2, 3> value(const dealii::Point<dim> &point) const;

private:
  std::array<std::unique_ptr<dealii::FunctionParser<dim>>, 6> functions_; ///< null: zero
};

/// What does not change at one point as long as the mesh stays.
struct ElasticPoint
{
  unsigned int grain = 0;
  double solid = 1., liquid = 0.; ///< chi_s, chi_l
  double solid_stiffness = 1.;    ///< chi_s f
  IsotropicModuli others{0., 0.}; ///< of liquid and void by their volumes [Pa]

  bool operator==(const ElasticPoint &other) const
  {
    return grain == other.grain && solid == other.solid && liquid == other.liquid &&
           solid_stiffness == other.solid_stiffness && others.lambda == other.others.lambda &&
           others.shear == other.others.shear;
  }

  /// The share of the matter that can break: neither lithium nor liquid.
  double breakable(const double lithium) const
  {
    return (1. - lithium) * (liquid > 0. ? solid / (solid + liquid) : 1.);
  }
};

template <int dim>
class ElasticProperties
{
public:
  /// Throws InputError where a material is not stable.
  ElasticProperties(const ElasticParameters &parameters, MaterialDatabase &materials,
                    const std::string &electrolyte, const std::string &liquid,
                    const Microstructure<dim> &microstructure,
                    const DrainedLithium &drained_lithium = {1., 1.});

  /// Of the solid as a polycrystal without texture.
  const IsotropicModuli &solid() const { return solid_; }
  /// K_Li of lithium that is not drained [Pa].
  double lithium_bulk_modulus() const { return lithium_bulk_modulus_; }

  ElasticPoint at(const dealii::Point<dim> &point) const;

  /// C where the lithium has the volume fraction `lithium`; `d` = 3 for all components in plane strain.
  template <int d = dim>
  Stiffness<d> stiffness(const ElasticPoint &point, double lithium) const;

  bool isotropic() const { return symmetry_ == ElasticParameters::Symmetry::isotropic; }
  /// Whether elements need the mean dilatation there: shear stiffness far below the bulk modulus.
  bool nearly_incompressible(const ElasticPoint &point, double lithium) const;

  /// Phases by their volumes: one solid per grain (isotropic: one), liquid, void. None where a formula
  /// changes the stiffness from place to place.
  std::vector<ElasticPhase<dim>> phases(const std::vector<double> &grains, double liquid, double empty) const;
  unsigned int n_solids() const { return grains_.size(); } ///< tensors of the solid

  bool has_eigenstrain() const { return has_eigenstrain_; }
  void set_time(double time);
  /// eps* at the time set.
  dealii::SymmetricTensor<2, 3> eigenstrain(const dealii::Point<dim> &place, const ElasticPoint &point,
                                            double lithium) const;

private:
  double mixed(double solid, double others, double metal, const ElasticPoint &point, double lithium) const;

  const Microstructure<dim> &microstructure_;
  ElasticParameters::Symmetry symmetry_;
  IsotropicModuli solid_{0., 0.};                 ///< of a polycrystal of the solid
  double lowest_shear_ = 0., highest_shear_ = 0.; ///< of the crystal [Pa]
  double lithium_bulk_modulus_ = 0.;
  IsotropicModuli lithium_{0., 0.}, liquid_{0., 0.}, void_{0., 0.};
  std::vector<dealii::SymmetricTensor<4, dim>> grains_; ///< stiffness per grain; isotropic: one
  std::vector<dealii::SymmetricTensor<4, 3>> full_grains_;
  std::unique_ptr<dealii::FunctionParser<dim>> stiffness_factor_;
  bool has_eigenstrain_;
  std::array<std::unique_ptr<dealii::FunctionParser<dim>>, 3> phase_eigenstrains_; ///< solid, lithium, liquid
  StrainFunction<dim> eigenstrain_;
};

/// The strain in the plane that makes the same stress in the plane as `strain` does with its component normal
/// to the plane; `strain` itself in three dimensions.
template <int dim>
dealii::SymmetricTensor<2, dim> equivalent_in_plane(const dealii::SymmetricTensor<2, 3> &strain,
                                                    const dealii::SymmetricTensor<4, 3> &stiffness);
} // namespace lithoclase
