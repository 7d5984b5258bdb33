#include "physics/salt_transport.h"

#include "materials/material_database.h"
#include "physics/charge_transport.h"

#include <gtest/gtest.h>

using namespace lithoclase;

namespace
{
/// Solid with liquid in its middle, metal and potentials as waves: everything that makes the problem coupled.
template <int dim>
struct WetCell
{
  WetCell()
  {
    MeshParameters mesh_parameters;
    mesh_parameters.size.assign(dim, 4e-6);
    mesh_parameters.coarse_cells = dim == 2 ? "1, 1" : "1, 1, 1";
    mesh_parameters.minimum_level = mesh_parameters.maximum_level = dim == 2 ? 4 : 3;
    mesh = std::make_unique<Mesh<dim>>(MPI_COMM_WORLD, mesh_parameters);
    MicrostructureParameters structure;
    structure.phases.liquid = Expression{"1.2*um - abs(x - 2*um)"};
    microstructure =
        std::make_unique<Microstructure<dim>>(structure, mesh->lower(), mesh->upper(), mesh->finest_cell());
    database = std::make_unique<MaterialDatabase>(MaterialParameters(), MPI_COMM_WORLD);
    transport.liquid_contact_resistance = 1e-4;
    data = std::make_unique<TransportData>(transport, *database);
    properties = std::make_unique<TransportProperties<dim>>(transport, *data, *microstructure);
    protocol = std::make_unique<Protocol>(ProtocolParameters());
    state = std::make_unique<State<dim>>(*mesh);
    lithium = &state->add_field("lithium", "1", SpaceKind::nodal);
    const auto add = [&](const char *name) {
      return &state->add_field(name, "1", SpaceKind::quadrature, Transfer::recompute);
    };
    const ReactionFields<dim> reaction{add("surface"), add("nucleation"), add("overpotential")};
    fields = SaltTransport<dim>::make_fields(*state, salt_data(parameters, transport, *database));
    CounterElectrodeParameters counter_electrode;
    counter_electrode.electrons = CounterElectrodeParameters::Electrons::connected;
    charge = std::make_unique<ChargeTransport<dim>>(
        ChargeTransportParameters(), counter_electrode, BoundaryConditionList(), *protocol, *properties,
        0.5e-6, *state, *lithium, reaction, nullptr, CrackFields<dim>(), nullptr, fields);
    salt = std::make_unique<SaltTransport<dim>>(parameters, fields, *microstructure, *state, *lithium, 1e-6);
    state->reinit();
    set(*lithium, 0.5, 0.4, 12.9898);
    for (Field<dim> &field : state->fields())
      if (field.unit == "V")
        set(field, 0., 0.02, 78.233);
    salt->set_initial_conditions();
    charge->reinit();
    salt->reinit();
  }

  void set(Field<dim> &field, const double mean, const double amplitude, const double frequency)
  {
    field.values.zero_out_ghost_values();
    for (unsigned int i = 0; i < field.values.locally_owned_size(); ++i) {
      const double node = field.values.get_partitioner()->local_to_global(i) + 1.;
      field.values.local_element(i) = mean + amplitude * std::sin(frequency * node);
    }
    field.update();
  }

  double observed(PhysicsModule<dim> &module, const Step &step, const std::string &name)
  {
    ObservableRow row;
    module.add_observables(step, row);
    for (const Observable &observable : row.entries())
      if (observable.name == name)
        return observable.value;
    ADD_FAILURE() << name;
    return 0.;
  }

  TransportParameters transport;
  SaltTransportParameters parameters;
  std::unique_ptr<Mesh<dim>> mesh;
  std::unique_ptr<Microstructure<dim>> microstructure;
  std::unique_ptr<MaterialDatabase> database;
  std::unique_ptr<TransportData> data;
  std::unique_ptr<TransportProperties<dim>> properties;
  std::unique_ptr<Protocol> protocol;
  std::unique_ptr<State<dim>> state;
  Field<dim> *lithium = nullptr;
  SaltFields<dim> fields;
  std::unique_ptr<ChargeTransport<dim>> charge;
  std::unique_ptr<SaltTransport<dim>> salt;
};

/// As in charge_transport_test.cc: the central difference and rounding are below 1e-8, jumps of curvature in
/// the kinetics below 1e-6.
template <int dim>
void check_jacobian()
{
  WetCell<dim> cell;
  cell.set(*cell.fields.concentration, 300., 250., 43.37);
  EXPECT_LT(jacobian_error(*cell.charge, 1e-6, 7), 1e-6);
}

/// Whatever the currents, and while metal comes and goes: the anions only move. The limit is that of rounding
/// and of the linear solver, 1e-11 of what moves.
template <int dim>
void check_conservation()
{
  WetCell<dim> cell;
  const Step step{1, 0., 1e-5};
  cell.charge->assemble(); // writes the currents of these potentials
  EXPECT_GT(cell.fields.ionic_current[0]->values.linfty_norm(), 10.);
  cell.state->store();
  cell.set(*cell.lithium, 0.4, 0.3, 5.1);
  cell.salt->prepare_step(step);
  for (unsigned int turn = 0; turn < 4; ++turn)
    cell.salt->solve(step);
  cell.salt->accept_step(step);
  EXPECT_GT(cell.observed(*cell.salt, step, "salt_concentration_max"), 348.);
  EXPECT_LT(cell.observed(*cell.salt, step, "salt_concentration_min"), 346.);
  EXPECT_LT(std::abs(cell.observed(*cell.salt, step, "salt_balance_error")), 1e-10);
}
} // namespace

TEST(SaltTransport, JacobianOfChargeTransportAgreesWithDifferences)
{
  check_jacobian<2>();
  check_jacobian<3>();
}

TEST(SaltTransport, SaltIsConserved)
{
  check_conservation<2>();
  check_conservation<3>();
}

/// A negative transference number is as good as any; 1 or more is not.
TEST(SaltTransport, TransferenceNumber)
{
  MaterialDatabase database;
  SaltTransportParameters parameters;
  parameters.transference_number = -0.5;
  const SaltData data = salt_data(parameters, TransportParameters(), database);
  EXPECT_NEAR(data.potential_per_logarithm(), 1.5 * 0.0256926, 1e-6); // nu = 1 in the material file
  parameters.transference_number = 1.;
  EXPECT_THROW(salt_data(parameters, TransportParameters(), database), InputError);
}

/// Arrhenius: 0.3 eV between 25 and 60 C, exp(-0.3/k (1/333.15 - 1/298.15)); a diffusivity given by hand
/// stays.
TEST(SaltTransport, DiffusivityFollowsTemperature)
{
  MaterialDatabase database;
  TransportParameters transport;
  transport.temperature = 333.15;
  SaltTransportParameters parameters;
  EXPECT_NEAR(salt_data(parameters, transport, database).diffusivity, 3.410e-11, 0.005e-11);
  parameters.diffusivity = 2e-11;
  EXPECT_EQ(salt_data(parameters, transport, database).diffusivity, 2e-11);
}
