#include "physics/elastic_properties.h"

#include "core/failure.h"
#include "materials/material_database.h"

#include <algorithm>

namespace lithoclase
{
using namespace dealii;

namespace
{
const std::array<std::string, 6> component_names{{"xx", "yy", "zz", "xy", "xz", "yz"}};
const std::array<TableIndices<2>, 6> component_indices{{TableIndices<2>(0, 0), TableIndices<2>(1, 1),
                                                        TableIndices<2>(2, 2), TableIndices<2>(0, 1),
                                                        TableIndices<2>(0, 2), TableIndices<2>(1, 2)}};
// Shear stiffness by bulk modulus below which elements of first order lock in volume; that of solids is above
// 0.1.
constexpr double incompressible_ratio = 0.05;

template <int dim>
std::unique_ptr<FunctionParser<dim>> function_of(const Expression &expression)
{
  return expression.empty() ? nullptr : expression.function<dim>();
}
} // namespace

bool StrainExpressions::empty() const
{
  for (const Expression &component : components)
    if (!component.empty())
      return false;
  return true;
}

void StrainExpressions::declare(ParameterSection &s, const std::string &help)
{
  for (unsigned int i = 0; i < 6; ++i)
    s.expression(component_names[i], components[i], "1", help + "; empty: 0. xz and yz in 3-D only");
}

bool EigenstrainParameters::empty() const
{
  return solid.empty() && lithium.empty() && liquid.empty() && everywhere.empty();
}

void EigenstrainParameters::declare(ParameterSection &s)
{
  s.expression("electrolyte", solid, "1", "linear strain without stress of the electrolyte, e.g. 1e-5*20");
  s.expression("lithium", lithium, "1", "likewise, of the metal");
  s.expression("ionic liquid", liquid, "1", "likewise, of the liquid in pores");
  everywhere.declare(s, "strain without stress, in addition, at every point");
}

void ElasticParameters::declare(ParameterSection &s)
{
  const std::string material = "from material";
  s.choice("symmetry", symmetry, {{"isotropic", Symmetry::isotropic}, {"cubic", Symmetry::cubic}},
           "of the electrolyte; cubic: C11, C12, C44 along the axes of each grain");
  s.optional_quantity("youngs modulus", youngs_modulus, "GPa", Range::positive(), "of the electrolyte",
                      material);
  s.optional_quantity("poisson ratio", poisson_ratio, "1", Range::any(), "of the electrolyte", material);
  s.optional_quantity("c11", c11, "GPa", Range::positive(), "of the electrolyte's crystal", material);
  s.optional_quantity("c12", c12, "GPa", Range::any(), "of the electrolyte's crystal", material);
  s.optional_quantity("c44", c44, "GPa", Range::positive(), "of the electrolyte's crystal", material);
  s.optional_quantity("lithium youngs modulus", lithium_youngs_modulus, "GPa", Range::positive(), "",
                      material);
  s.optional_quantity("lithium poisson ratio", lithium_poisson_ratio, "1", Range::any(), "", material);
  s.optional_quantity("ionic liquid bulk modulus", liquid_bulk_modulus, "GPa", Range::positive(), "",
                      material);
  s.number("void ratio", void_ratio, Range::closed(1e-9, 1e-2),
           "stiffness that voids keep, by that of the electrolyte");
  s.number(
      "ionic liquid shear ratio", liquid_shear_ratio, Range::closed(1e-9, 1.),
      "shear modulus of the liquid by that of the electrolyte; small enough to bear nothing, large enough "
      "for the linear solver");
  s.expression("stiffness factor", stiffness_factor, "1",
               "multiplies the electrolyte's stiffness; empty: 1. A hole: if(x^2+y^2<um^2, 1e-6, 1)");
  s.subsection("Eigenstrain", eigenstrain, "strains without stress");
  const bool cubic = symmetry == Symmetry::cubic;
  for (const char *const name : {"c11", "c12", "c44"})
    if (!cubic && s.given(name))
      throw InputError(s.where(name) + " is given, but the symmetry is isotropic");
  for (const char *const name : {"youngs modulus", "poisson ratio"})
    if (cubic && s.given(name))
      throw InputError(s.where(name) + " is given, but the symmetry is cubic");
}

void DrainedLithium::declare(ParameterSection &s)
{
  s.number("lithium shear ratio", shear_ratio, Range::closed(1e-6, 1.),
           "shear modulus of the metal by its elastic one: lithium yields at about 1 MPa");
  s.number("lithium bulk ratio", bulk_ratio, Range::closed(1e-6, 1.),
           "bulk modulus of the metal beside its pressure, by the elastic one");
}

template <int dim>
StrainFunction<dim>::StrainFunction(const StrainExpressions &expressions)
{
  for (unsigned int i = 0; i < 6; ++i) {
    const Expression &component = expressions.components[i];
    if (dim == 2 && i > 3 && !component.empty())
      throw InputError(component.origin +
                       " is given, but in two dimensions there is no shear out of the plane");
    functions_[i] = function_of<dim>(component);
  }
}

template <int dim>
void StrainFunction<dim>::set_time(const double time)
{
  for (auto &function : functions_)
    if (function)
      function->set_time(time);
}

template <int dim>
SymmetricTensor<2, 3> StrainFunction<dim>::value(const Point<dim> &point) const
{
  SymmetricTensor<2, 3> strain;
  for (unsigned int i = 0; i < 6; ++i)
    if (functions_[i])
      strain[component_indices[i]] = functions_[i]->value(point);
  return strain;
}

template <int dim>
ElasticProperties<dim>::ElasticProperties(const ElasticParameters &p, MaterialDatabase &materials,
                                          const std::string &electrolyte, const std::string &liquid,
                                          const Microstructure<dim> &microstructure,
                                          const DrainedLithium &drained_lithium)
    : microstructure_(microstructure), symmetry_(p.symmetry),
      stiffness_factor_(function_of<dim>(p.stiffness_factor)),
      has_eigenstrain_(!p.eigenstrain.empty()), phase_eigenstrains_{{function_of<dim>(p.eigenstrain.solid),
                                                                     function_of<dim>(p.eigenstrain.lithium),
                                                                     function_of<dim>(p.eigenstrain.liquid)}},
      eigenstrain_(p.eigenstrain.everywhere)
{
  const auto value = [&](const std::optional<double> &given, const std::string &material,
                         const std::string &property) {
    return given ? *given : materials.material(material).get(property);
  };
  if (isotropic()) {
    const double modulus = value(p.youngs_modulus, electrolyte, "youngs_modulus");
    const double ratio = value(p.poisson_ratio, electrolyte, "poisson_ratio");
    check_stability(modulus, ratio, "the electrolyte");
    solid_ = IsotropicModuli::from_youngs(modulus, ratio);
    lowest_shear_ = highest_shear_ = solid_.shear;
    grains_ = {isotropic_stiffness<dim>(solid_)};
    full_grains_ = {isotropic_stiffness<3>(solid_)};
  } else {
    const CubicConstants crystal{value(p.c11, electrolyte, "c11"), value(p.c12, electrolyte, "c12"),
                                 value(p.c44, electrolyte, "c44")};
    check_stability(crystal, "the electrolyte");
    solid_ = IsotropicModuli::from_bulk(crystal.bulk(), crystal.hill_shear());
    lowest_shear_ = std::min(crystal.c44, 0.5 * (crystal.c11 - crystal.c12));
    highest_shear_ = std::max(crystal.c44, 0.5 * (crystal.c11 - crystal.c12));
    for (unsigned int grain = 0; grain < microstructure.n_grains(); ++grain) {
      grains_.push_back(cubic_stiffness<dim>(crystal, microstructure.orientation(grain)));
      full_grains_.push_back(cubic_stiffness<3>(crystal, microstructure.orientation(grain)));
    }
  }
  const double lithium_modulus = value(p.lithium_youngs_modulus, "lithium", "youngs_modulus");
  const double lithium_ratio = value(p.lithium_poisson_ratio, "lithium", "poisson_ratio");
  check_stability(lithium_modulus, lithium_ratio, "lithium");
  lithium_ = IsotropicModuli::from_youngs(lithium_modulus, lithium_ratio);
  lithium_bulk_modulus_ = lithium_.bulk();
  lithium_ = IsotropicModuli::from_bulk(drained_lithium.bulk_ratio * lithium_.bulk(),
                                        drained_lithium.shear_ratio * lithium_.shear);
  void_ = IsotropicModuli::from_bulk(p.void_ratio * solid_.bulk(), p.void_ratio * solid_.shear);
  if (microstructure.has_phase(PoreFilling::liquid))
    liquid_ = IsotropicModuli::from_bulk(value(p.liquid_bulk_modulus, liquid, "bulk_modulus"),
                                         p.liquid_shear_ratio * solid_.shear);
}

template <int dim>
ElasticPoint ElasticProperties<dim>::at(const Point<dim> &place) const
{
  const PointStructure<dim> structure = microstructure_.evaluate(place);
  ElasticPoint point;
  point.grain = isotropic() ? 0 : structure.grain;
  point.solid = point.solid_stiffness = structure.solid;
  point.liquid = structure.liquid;
  point.others = {structure.liquid * liquid_.lambda + structure.empty * void_.lambda,
                  structure.liquid * liquid_.shear + structure.empty * void_.shear};
  if (stiffness_factor_) {
    const double factor = stiffness_factor_->value(place);
    if (!(factor > 0.))
      throw InputError("parameter 'Mechanics/Elasticity/stiffness factor' is " + std::to_string(factor) +
                       " at a point of the box, but must be positive everywhere");
    point.solid_stiffness *= factor;
  }
  return point;
}

template <int dim>
double ElasticProperties<dim>::mixed(const double solid, const double others, const double metal,
                                     const ElasticPoint &point, const double lithium) const
{
  return (1. - lithium) * (point.solid_stiffness * solid + others) + lithium * metal;
}

template <int dim>
template <int d>
Stiffness<d> ElasticProperties<dim>::stiffness(const ElasticPoint &point, const double lithium) const
{
  Stiffness<d> result;
  result.bulk_modulus = mixed(solid_.bulk(), point.others.bulk(), lithium_.bulk(), point, lithium);
  result.isotropic = isotropic();
  if (isotropic()) {
    result.moduli = {mixed(solid_.lambda, point.others.lambda, lithium_.lambda, point, lithium),
                     mixed(solid_.shear, point.others.shear, lithium_.shear, point, lithium)};
    result.tensor = isotropic_stiffness<d>(result.moduli);
    return result;
  }
  if constexpr (d == dim)
    result.tensor = grains_[point.grain];
  else
    result.tensor = full_grains_[point.grain];
  result.tensor *= (1. - lithium) * point.solid_stiffness;
  const IsotropicModuli rest{mixed(0., point.others.lambda, lithium_.lambda, point, lithium),
                             mixed(0., point.others.shear, lithium_.shear, point, lithium)};
  if (rest.shear != 0.)
    result.tensor += isotropic_stiffness<d>(rest);
  return result;
}

template <int dim>
bool ElasticProperties<dim>::nearly_incompressible(const ElasticPoint &point, const double lithium) const
{
  return mixed(solid_.shear, point.others.shear, lithium_.shear, point, lithium) <
         incompressible_ratio * mixed(solid_.bulk(), point.others.bulk(), lithium_.bulk(), point, lithium);
}

template <int dim>
std::vector<ElasticPhase<dim>> ElasticProperties<dim>::phases(const std::vector<double> &grains,
                                                              const double liquid, const double empty) const
{
  if (stiffness_factor_)
    return {};
  std::vector<ElasticPhase<dim>> list;
  for (unsigned int grain = 0; grain < n_solids(); ++grain)
    list.push_back({grains[grain], grains_[grain], solid_.bulk(), lowest_shear_, highest_shear_});
  list.push_back({liquid, isotropic_stiffness<dim>(liquid_), liquid_.bulk(), liquid_.shear, liquid_.shear});
  list.push_back({empty, SymmetricTensor<4, dim>(), 0., 0., 0.});
  return list;
}

template <int dim>
void ElasticProperties<dim>::set_time(const double time)
{
  for (auto &function : phase_eigenstrains_)
    if (function)
      function->set_time(time);
  eigenstrain_.set_time(time);
}

template <int dim>
SymmetricTensor<2, 3> ElasticProperties<dim>::eigenstrain(const Point<dim> &place, const ElasticPoint &point,
                                                          const double lithium) const
{
  const std::array<double, 3> weights{{(1. - lithium) * point.solid, lithium, (1. - lithium) * point.liquid}};
  double linear = 0.;
  for (unsigned int i = 0; i < 3; ++i)
    if (phase_eigenstrains_[i])
      linear += weights[i] * phase_eigenstrains_[i]->value(place);
  return eigenstrain_.value(place) + linear * unit_symmetric_tensor<3>();
}

template <int dim>
SymmetricTensor<2, dim> equivalent_in_plane(const SymmetricTensor<2, 3> &strain,
                                            const SymmetricTensor<4, 3> &stiffness)
{
  if constexpr (dim == 3)
    return strain;
  else {
    SymmetricTensor<2, 2> result, coupling;
    for (unsigned int i = 0; i < 2; ++i)
      for (unsigned int j = i; j < 2; ++j) {
        result[i][j] = strain[i][j];
        coupling[i][j] = stiffness[i][j][2][2];
      }
    if (strain[2][2] != 0.)
      result += strain[2][2] * (invert(plane_strain(stiffness)) * coupling);
    return result;
  }
}

template class StrainFunction<2>;
template class StrainFunction<3>;
template class ElasticProperties<2>;
template class ElasticProperties<3>;
template Stiffness<2> ElasticProperties<2>::stiffness<2>(const ElasticPoint &, double) const;
template Stiffness<3> ElasticProperties<2>::stiffness<3>(const ElasticPoint &, double) const;
template Stiffness<3> ElasticProperties<3>::stiffness<3>(const ElasticPoint &, double) const;
template SymmetricTensor<2, 2> equivalent_in_plane<2>(const SymmetricTensor<2, 3> &,
                                                      const SymmetricTensor<4, 3> &);
template SymmetricTensor<2, 3> equivalent_in_plane<3>(const SymmetricTensor<2, 3> &,
                                                      const SymmetricTensor<4, 3> &);
} // namespace lithoclase
