#pragma once

#include "core/log.h"
#include "coupling.h"
#include "materials/material_database.h"
#include "microstructure/microstructure.h"
#include "parameters.h"
#include "physics/crack_filling.h"
#include "physics/crack_liquid.h"
#include "physics/nucleated_lithium.h"

#include <memory>

namespace lithoclase
{
/// The modules of a case, in the order in which a sweep solves them, with the fields and data that they
/// share.
///
/// The only place that knows all of them: which are active, and what each is given of the others' fields.
template <int dim>
class Model
{
public:
  /// Adds the fields to `state`. The arguments must outlive the model. Throws InputError for what does not go
  /// together.
  Model(const Parameters &parameters, const Mesh<dim> &mesh, const Microstructure<dim> &microstructure,
        MaterialDatabase &materials, const Protocol &protocol, State<dim> &state, Log &log);
  ~Model();

  typename Coupling<dim>::Modules &modules() { return modules_; }
  const typename Coupling<dim>::Modules &modules() const { return modules_; }
  Field<dim> &lithium() { return lithium_; }
  /// With fracture only, else none.
  Field<dim> *damage() { return damage_; }
  FirstCrack<dim> *first_crack() { return first_crack_.get(); }
  /// With a module that moves charge only, else none.
  const TransportData *transport_data() const { return transport_data_.get(); }
  /// Any module needs conductivities and kinetics.
  bool moves_charge() const;

private:
  void make_modules();
  void make_elasticity(const DrainedLithium &lithium);
  void make_effective_properties();
  void make_nucleated_lithium();
  void make_crack_fields();
  void make_crack_liquid();
  void make_reaction();
  CrackFields<dim> crack_fields() const;
  void make_mechanics();
  std::unique_ptr<LithiumPressure<dim>> make_lithium_pressure(const Mechanics<dim> &mechanics);

  const Parameters &parameters_;
  const Microstructure<dim> &microstructure_;
  MaterialDatabase &materials_;
  const Protocol &protocol_;
  State<dim> &state_;
  Log &log_;
  Field<dim> &lithium_;
  std::unique_ptr<const TransportData> transport_data_;       ///< with a module that moves charge only
  std::unique_ptr<const TransportProperties<dim>> transport_; ///< likewise
  std::unique_ptr<ElasticProperties<dim>> elasticity_;        ///< with mechanics only
  ReactionFields<dim> reaction_;
  std::unique_ptr<FirstCrack<dim>> first_crack_; ///< with fracture only
  Field<dim> *damage_ = nullptr;                 ///< with fracture only
  Field<dim> *lithium_pressure_ = nullptr;       ///< with lithium pressure only
  Field<dim> *normal_pressure_ = nullptr; ///< of metal surfaces, with mechanics and charge transport only
  Scalar *confined_stored_ = nullptr, *confined_drained_ = nullptr; ///< with lithium pressure only
  std::unique_ptr<NucleatedLithium<dim>> nucleated_;                ///< with electrodeposition only
  const CrackFilling<dim> *filling_ = nullptr; ///< with lithium pressure only, owned by the list of modules
  const CrackLiquid<dim> *liquid_ = nullptr;   ///< with cracks that can hold it only, owned likewise
  typename Coupling<dim>::Modules modules_;
};
} // namespace lithoclase
