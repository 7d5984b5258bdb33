#include "physics/charge_transport.h"

#include "materials/material_database.h"

#include <gtest/gtest.h>

using namespace lithoclase;

namespace
{
/// A small cell with an anode, two grains and everything that makes the problem nonlinear.
template <int dim>
struct SmallCell
{
  SmallCell(const CounterElectrodeParameters &counter_electrode, const double voltage_range,
            const bool stalls = false)
  {
    MeshParameters mesh_parameters;
    mesh_parameters.size.assign(dim, 4e-6);
    mesh_parameters.coarse_cells = dim == 2 ? "1, 1" : "1, 1, 1";
    mesh_parameters.minimum_level = 3;
    mesh_parameters.maximum_level = 4;
    mesh = std::make_unique<Mesh<dim>>(MPI_COMM_WORLD, mesh_parameters);
    std::vector<unsigned char> wanted = mesh->no_request();
    for (const auto &cell : mesh->triangulation.active_cell_iterators())
      if (cell->is_locally_owned() && cell->center()[dim - 1] < 2e-6) // hanging nodes half-way up
        wanted[cell->active_cell_index()] = 4;
    mesh->flag(wanted);
    mesh->triangulation.execute_coarsening_and_refinement();
    MicrostructureParameters structure;
    structure.anode.thickness = 1e-6;
    structure.grains.number = 3;
    microstructure =
        std::make_unique<Microstructure<dim>>(structure, mesh->lower(), mesh->upper(), mesh->finest_cell());
    TransportParameters transport;
    transport.curvature = true;
    transport.nucleation_barrier = 1e-3;
    database = std::make_unique<MaterialDatabase>(MaterialParameters(), MPI_COMM_WORLD);
    data = std::make_unique<TransportData>(transport, *database);
    properties = std::make_unique<TransportProperties<dim>>(transport, *data, *microstructure);
    protocol = std::make_unique<Protocol>(ProtocolParameters());
    state = std::make_unique<State<dim>>(*mesh);
    Field<dim> &lithium = state->add_field("lithium", "1", SpaceKind::nodal);
    const auto add = [&](const char *name) {
      return &state->add_field(name, "1", SpaceKind::quadrature, Transfer::recompute);
    };
    const ReactionFields<dim> reaction{add("surface"), add("nucleation"), add("overpotential")};
    const double front_width = 0.5e-6;
    using Effect = typename NucleatedLithium<dim>::Effect;
    nucleated = std::make_unique<NucleatedLithium<dim>>(*microstructure, *state, lithium,
                                                        stalls ? Effect::presses : Effect::none);
    ChargeTransportParameters parameters;
    parameters.newton.relative_tolerance = 1e-10;
    charge = std::make_unique<ChargeTransport<dim>>(parameters, counter_electrode, BoundaryConditionList(),
                                                    *protocol, *properties, front_width, *state, lithium,
                                                    reaction, nullptr, CrackFields<dim>(), nucleated.get());
    state->reinit();
    for (Field<dim> &field : state->fields())
      if (field.space.kind() == SpaceKind::nodal)
        for (unsigned int i = 0; i < field.values.locally_owned_size(); ++i) {
          const double wave = std::sin(12.9898 * (field.values.get_partitioner()->local_to_global(i) + 1));
          field.values.local_element(i) = field.name == "lithium" ? 0.5 + 0.4 * wave : voltage_range * wave;
        }
    for (Field<dim> &field : state->fields())
      field.update();
    charge->reinit();
    nucleated->reinit(std::vector<double>(mesh->triangulation.n_active_cells() << dim, 0.3));
    if (stalls) {
      const Space<dim> &points = nucleated->space();
      for (const auto dof : points.owned)
        nucleated->set_pressure(dof, 1e7 * std::sin(1. * dof), 2e11);
    }
  }

  std::unique_ptr<Mesh<dim>> mesh;
  std::unique_ptr<Microstructure<dim>> microstructure;
  std::unique_ptr<MaterialDatabase> database;
  std::unique_ptr<TransportData> data;
  std::unique_ptr<TransportProperties<dim>> properties;
  std::unique_ptr<Protocol> protocol;
  std::unique_ptr<State<dim>> state;
  std::unique_ptr<NucleatedLithium<dim>> nucleated;
  std::unique_ptr<ChargeTransport<dim>> charge;
};

/// The central difference of step s is off by s^2 and rounding by 1e-16/s: with s = 1e-6 V on a scale of 25
/// mV both are below 1e-8; kinks do not exist (all laws are C1), but their curvature jumps, hence 1e-6.
template <int dim>
void check_jacobian(const CounterElectrodeParameters::Kinetics kinetics)
{
  CounterElectrodeParameters counter_electrode;
  counter_electrode.kinetics = kinetics;
  counter_electrode.exchange_current_density = 20.;
  counter_electrode.electrons = CounterElectrodeParameters::Electrons::connected;
  SmallCell<dim> cell(counter_electrode, 0.02);
  EXPECT_LT(jacobian_error(*cell.charge, 1e-6, 7), 1e-6);
}
} // namespace

TEST(ChargeTransport, JacobianAgreesWithDifferences)
{
  check_jacobian<2>(CounterElectrodeParameters::Kinetics::uniform_flux);
  check_jacobian<2>(CounterElectrodeParameters::Kinetics::butler_volmer);
  check_jacobian<3>(CounterElectrodeParameters::Kinetics::butler_volmer);
}

/// With nucleation that stalls itself, as strongly as it would grow without.
TEST(ChargeTransport, JacobianWithStallAgreesWithDifferences)
{
  SmallCell<2> cell(CounterElectrodeParameters(), 0.02, true);
  const Step step{1, 0., 10.};
  cell.charge->prepare_step(step);
  EXPECT_LT(jacobian_error(*cell.charge, 1e-6, 7), 1e-6);
}

/// Whatever the fields, the current that enters is the one prescribed once Newton's method has converged,
/// with each kind of counter electrode. The Newton tolerance is 1e-10 of the currents between the random
/// fields, which are a thousand times that current.
TEST(ChargeTransport, PassesThePrescribedCurrent)
{
  for (const auto kinetics : {CounterElectrodeParameters::Kinetics::uniform_flux,
                              CounterElectrodeParameters::Kinetics::butler_volmer})
    for (const auto electrons : {CounterElectrodeParameters::Electrons::blocking,
                                 CounterElectrodeParameters::Electrons::connected}) {
      CounterElectrodeParameters counter_electrode;
      counter_electrode.kinetics = kinetics;
      counter_electrode.electrons = electrons;
      counter_electrode.exchange_current_density = 20.;
      SmallCell<2> cell(counter_electrode, 0.);
      Step step;
      step.number = 1;
      step.size = 1.;
      cell.charge->prepare_step(step);
      cell.charge->solve(step);
      cell.charge->accept_step(step);
      ObservableRow row;
      cell.charge->add_observables(step, row);
      for (const Observable &observable : row.entries()) {
        if (observable.name == "current_density") {
          EXPECT_NEAR(observable.value, 100., 1e-5);
        }
        if (observable.name == "charge_balance_error") {
          EXPECT_NEAR(observable.value, 0., 1e-7);
        }
      }
    }
}

/// Newton's method fails with boundaries that insulate entirely, hence the documented floor of 1e-5.
TEST(ChargeTransport, AnInsulatingBoundaryKeepsAFractionOfTheGrains)
{
  MaterialDatabase database(MaterialParameters(), MPI_COMM_WORLD);
  TransportParameters parameters;
  parameters.electronic_conductivity = 2e-6;
  parameters.boundary_electronic_conductivity = 0.;
  EXPECT_DOUBLE_EQ(TransportData(parameters, database).boundary_electronic_conductivity, 2e-11);
  parameters.boundary_electronic_conductivity = 4e-6;
  EXPECT_DOUBLE_EQ(TransportData(parameters, database).boundary_electronic_conductivity, 4e-6);
}
