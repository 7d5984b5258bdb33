#pragma once

#include "core/observables.h"
#include "core/output_fields.h"
#include "core/state.h"

#include <deal.II/base/symmetric_tensor.h>

#include <string>
#include <vector>

namespace lithoclase
{
/// Stress and energy density at quadrature points, with all six components also in plane strain: for probes
/// and lines as fields stress_xx, ..., hydrostatic_pressure, first_principal_stress, strain_energy_density;
/// in the output the stress as one tensor and its three principal values, both as means over cells.
template <int dim>
class StressFields
{
public:
  explicit StressFields(State<dim> &state);

  /// Stores the values at one point of QGauss(2); `dof` is its number in the quadrature space.
  void set(dealii::types::global_dof_index dof, const dealii::SymmetricTensor<2, 3> &stress, double energy);
  const Space<dim> &space() const { return pressure_.space; }

  void
  add_observables(ObservableRow &row) const; ///< means over the box; largest principal stress. Collective.
  void add_output(OutputFields<dim> &output) const;

private:
  dealii::SymmetricTensor<2, 3> stress_at(dealii::types::global_dof_index dof) const;

  std::vector<Field<dim> *> components_; ///< [Pa]
  Field<dim> &pressure_;                 ///< -tr sigma/3 [Pa]
  Field<dim> &principal_;                ///< the largest [Pa]
  Field<dim> &energy_;                   ///< [J/m^3]
};
} // namespace lithoclase
