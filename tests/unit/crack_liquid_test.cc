#include "materials/material_database.h"
#include "physics/charge_transport.h"
#include "physics/crack_filling.h"
#include "physics/crack_liquid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

using namespace lithoclase;
using dealii::Point;

namespace
{
constexpr double cell_size = 1. / 64;

/// A square of 1 m of 1 S/m between sides at 1 V and 0 V, with pores, cracks and metal by hand.
struct WetCase
{
  explicit WetCase(const double liquid_conductivity = 2., const double crack_width = 8. * cell_size)
  {
    PetscOptionsClear(nullptr);
    mesh_parameters.size = {1., 1.};
    mesh_parameters.minimum_level = mesh_parameters.maximum_level = 6;
    transport.ionic_conductivity = 1.;
    transport.liquid_ionic_conductivity = liquid_conductivity;
    bands.width = crack_width;
  }

  /// A layer of broken cells with the profile of AT1 around it.
  void add_crack(const Point<2> &lower, const Point<2> &upper) { boxes.emplace_back(lower, upper); }

  void add_pore(const Point<2> &centre, const double radius)
  {
    SinglePoreParameters pore;
    pore.centre = {centre[0], centre[1]};
    pore.semi_axes = {radius};
    pore.filling = PoreFilling::liquid;
    structure.pores.single_pores.emplace_back("pore" + std::to_string(structure.pores.single_pores.size()),
                                              pore);
  }

  double profile(const Point<2> &p) const
  {
    double nearest = 2. * bands.width;
    for (const auto &[lower, upper] : boxes) {
      double square = 0.;
      for (unsigned int d = 0; d < 2; ++d)
        square += std::pow(std::max({0., lower[d] - p[d], p[d] - upper[d]}), 2);
      nearest = std::min(nearest, std::sqrt(square));
    }
    return std::pow(1. - 0.5 * nearest / bands.width, 2);
  }

  /// Metal lies below `metal`; lithium fills cracks if `filling` is wanted. The current flows along `axis`.
  void make(const unsigned int axis = 0, const double metal = 0., const bool wants_filling = false)
  {
    mesh = std::make_unique<Mesh<2>>(MPI_COMM_WORLD, mesh_parameters);
    microstructure =
        std::make_unique<Microstructure<2>>(structure, mesh->lower(), mesh->upper(), mesh->finest_cell());
    database = std::make_unique<MaterialDatabase>(MaterialParameters(), MPI_COMM_WORLD);
    data = std::make_unique<TransportData>(transport, *database);
    properties = std::make_unique<TransportProperties<2>>(transport, *data, *microstructure);
    state = std::make_unique<State<2>>(*mesh);
    lithium = &state->add_field("lithium", "1", SpaceKind::nodal);
    damage = &state->add_field("damage", "1", SpaceKind::nodal);
    if (wants_filling)
      filling = std::make_unique<CrackFilling<2>>(bands, *microstructure, *state, *lithium, *damage);
    liquid = std::make_unique<CrackLiquid<2>>(bands, *microstructure, *state, *lithium, *damage,
                                              filling ? &filling->cracks() : nullptr);
    make_charge(axis);
    state->reinit();
    set(*lithium, [&](const Point<2> &p) { return metal > 0. && p[1] <= metal + 1e-9 ? 1. : 0.; });
    set(*damage, [&](const Point<2> &p) { return boxes.empty() ? 0. : profile(p); });
    if (filling) {
      filling->reinit();
      filling->prepare_step(step);
    }
    liquid->reinit();
    liquid->prepare_step(step);
    charge->reinit();
  }

  void make_charge(const unsigned int axis)
  {
    ProtocolParameters protocol_parameters;
    protocol_parameters.control = ProtocolParameters::Control::none;
    protocol = std::make_unique<Protocol>(protocol_parameters);
    BoundaryConditionList conditions;
    for (const bool high : {false, true}) {
      BoundaryConditionParameters condition;
      condition.field = "ionic_potential";
      condition.boundary = axis == 0 ? (high ? "right" : "left") : (high ? "top" : "bottom");
      condition.value = Expression{high ? "0" : "1"};
      conditions.emplace_back(condition.boundary, condition);
    }
    const auto add = [&](const char *name) {
      return &state->add_field(name, "1", SpaceKind::quadrature, Transfer::recompute);
    };
    const ReactionFields<2> reaction{add("surface"), add("nucleation"), add("overpotential")};
    ChargeTransportParameters parameters;
    parameters.reaction = false;
    parameters.newton.relative_tolerance = 1e-9;
    CrackFields<2> cracks;
    cracks.damage = damage;
    cracks.liquid = &liquid->filling();
    cracks.width = bands.width;
    charge = std::make_unique<ChargeTransport<2>>(parameters, CounterElectrodeParameters(), conditions,
                                                  *protocol, *properties, 2. * cell_size, *state, *lithium,
                                                  reaction, nullptr, cracks);
  }

  static void set(Field<2> &field, const std::function<double(const Point<2> &)> &f)
  {
    field.values.zero_out_ghost_values();
    for (const auto &cell : field.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices())
          if (field.space.owned.is_element(cell->vertex_dof_index(v, 0)))
            field.values(cell->vertex_dof_index(v, 0)) = f(cell->vertex(v));
    field.update();
  }

  /// Current through the square [A/m] per volt: the mean of its density.
  double conductance(const unsigned int axis)
  {
    charge->prepare_step(step);
    charge->solve(step);
    std::vector<FluxDensity<2>> densities;
    charge->add_flux_densities(densities);
    std::vector<dealii::Tensor<1, 2>> density(4);
    std::vector<double> divergence(4);
    double sum = 0.;
    for (const auto &cell : mesh->triangulation.active_cell_iterators())
      if (cell->is_locally_owned()) {
        densities[0].evaluate(cell, density, divergence);
        for (const auto &current : density)
          sum += 0.25 * cell_size * cell_size * current[axis];
      }
    return dealii::Utilities::MPI::sum(sum, MPI_COMM_WORLD);
  }

  /// f(sigma_i) integrated across a wet crack and the square of 1 m that it lies in, in fine steps.
  double integral(const std::function<double(double)> &f) const
  {
    constexpr unsigned int n = 10000;
    double sum = 0.;
    for (unsigned int k = 0; k < n; ++k) {
      const double d = profile(Point<2>(0.5, (k + 0.5) / n)), open = 1. - (1. - d) * (1. - d);
      sum += f(1. + open * open * open * (*transport.liquid_ionic_conductivity - 1.)) / n;
    }
    return sum;
  }

  /// Number of vertices, those between cells counted more than once, where f is wrong.
  unsigned int wrong(const std::function<bool(const Point<2> &, double S, double S_L)> &right) const
  {
    unsigned int result = 0;
    const Field<2> &S_L = liquid->filling();
    for (const auto &cell : S_L.space.dof_handler.active_cell_iterators())
      if (cell->is_locally_owned())
        for (const unsigned int v : cell->vertex_indices()) {
          const auto node = cell->vertex_dof_index(v, 0);
          result += !right(cell->vertex(v), filling ? filling->filling().values(node) : 0., S_L.values(node));
        }
    return dealii::Utilities::MPI::sum(result, MPI_COMM_WORLD);
  }

  double length()
  {
    ObservableRow row;
    liquid->add_observables(step, row);
    return row.entries().front().value;
  }

  const Step step{1, 0., 1.};
  MeshParameters mesh_parameters;
  MicrostructureParameters structure;
  TransportParameters transport;
  CrackBands bands;
  std::vector<std::pair<Point<2>, Point<2>>> boxes;
  std::unique_ptr<Mesh<2>> mesh;
  std::unique_ptr<Microstructure<2>> microstructure;
  std::unique_ptr<MaterialDatabase> database;
  std::unique_ptr<TransportData> data;
  std::unique_ptr<TransportProperties<2>> properties;
  std::unique_ptr<Protocol> protocol;
  std::unique_ptr<State<2>> state;
  Field<2> *lithium = nullptr, *damage = nullptr;
  std::unique_ptr<CrackFilling<2>> filling;
  std::unique_ptr<CrackLiquid<2>> liquid;
  std::unique_ptr<ChargeTransport<2>> charge;
};

/// A crack through the whole square at half of its height, wetted by a pore in its middle that conducts like
/// the electrolyte: sigma_i depends on y alone.
struct Layered : WetCase
{
  Layered(const unsigned int axis, const double liquid_conductivity, const bool with_pore)
      : WetCase(liquid_conductivity)
  {
    transport.ionic_conductivity_field = Expression{"1"};
    add_crack({0., 0.5}, {1., 0.5 + cell_size});
    if (with_pore)
      add_pore({0.5, 0.5}, 0.125);
    make(axis);
  }
};
} // namespace

TEST(CrackLiquid, wet_crack_along_the_current_conducts_in_parallel)
{
  for (const double liquid : {20., 0.1}) {
    Layered cell(0, liquid, true);
    // INT I^3 dn = 4 l (8/7 - 12/9 + 6/11 - 1/13) beside the broken cells. Steps of l/8 in d: 0.2 %.
    const double film = cell_size + 4. * cell.bands.width * (8. / 7 - 12. / 9 + 6. / 11 - 1. / 13);
    const double expected = 1. + film * (liquid - 1.);
    EXPECT_NEAR(cell.integral([](const double sigma) { return sigma; }), expected, 1e-4 * expected);
    EXPECT_NEAR(cell.conductance(0), expected, 5e-3 * expected);
  }
}

TEST(CrackLiquid, wet_crack_across_the_current_conducts_in_series)
{
  for (const double liquid : {20., 0.1}) {
    Layered cell(1, liquid, true);
    const double expected = 1. / cell.integral([](const double sigma) { return 1. / sigma; });
    EXPECT_NEAR(cell.conductance(1), expected, 1e-2 * expected);
  }
}

TEST(CrackLiquid, empty_crack_across_the_current_blocks)
{
  Layered cell(1, 20., false);
  EXPECT_EQ(cell.length(), 0.);
  EXPECT_LT(cell.conductance(1), 1e-5);
  EXPECT_GT(cell.conductance(1), 0.);
}

TEST(CrackLiquid, crack_from_pore_to_pore)
{
  WetCase cell(20., 4. * cell_size);
  cell.structure.phases.liquid = Expression{"abs(x-0.5)-0.25"};
  cell.add_crack({0., 0.5}, {1., 0.5 + cell_size});
  cell.make(0);
  // Half of the way through liquid, half along the film. Bounds: no current turns aside, and none need to go
  // far aside because the walls of the pores are each at one potential; 2 % for the mesh.
  const double aside = cell.integral([](const double sigma) { return 1. / (0.5 / 20. + 0.5 / sigma); });
  const double walls = 1. / (0.5 / 20. + 0.5 / cell.integral([](const double sigma) { return sigma; }));
  const double dry = 1. / (0.5 / 20. + 0.5);
  ASSERT_GT(aside, 1.3 * dry);
  ASSERT_GT(walls, aside);
  const double conductance = cell.conductance(0);
  EXPECT_GT(conductance, 0.98 * aside);
  EXPECT_LT(conductance, 1.02 * walls);
}

TEST(CrackLiquid, wets_what_hangs_together_with_a_pore)
{
  constexpr double l = 4. * cell_size;
  WetCase cell(2., l);
  cell.structure.phases.liquid = Expression{"0.125-y"};
  cell.add_crack({0.25, 0.0625}, {0.25 + cell_size, 0.625});
  cell.add_crack({0.75, 0.375}, {0.75 + cell_size, 0.75});
  cell.make();
  EXPECT_EQ(cell.wrong([&](const Point<2> &p, double, const double S_L) {
    // A cell is open if one of its vertices is broken: that is one layer more around the crack.
    const double dx = std::max({0., 0.25 - cell_size - p[0], p[0] - 0.25 - 2. * cell_size});
    const double nearest =
        std::min(std::max(0., p[1] - 0.125), std::hypot(dx, std::max(0., p[1] - 0.625 - cell_size)));
    return S_L == (nearest <= 2. * l * (1. + 1e-9) ? 1. : 0.);
  }),
            0u);
  // From the wall of the pore to the tip, whose profile goes on by pi l/4.
  EXPECT_NEAR(cell.length(), 0.5 + 0.25 * M_PI * l, 0.03);
}

TEST(CrackLiquid, lithium_goes_first)
{
  const auto make = [](WetCase &cell, const bool lithium) {
    cell.structure.phases.liquid = Expression{"y-0.75"};
    cell.add_crack({0.25, 0.0625}, {0.25 + cell_size, 0.8125}); // from the metal to the pore
    cell.add_crack({0.75, 0.5}, {0.75 + cell_size, 0.8125});    // from the pore into the electrolyte
    cell.make(0, 0.125, lithium);
  };
  WetCase wet(2., 4. * cell_size), filled(2., 4. * cell_size);
  make(wet, false);
  make(filled, true);
  EXPECT_NEAR(wet.length(), 0.625 + 0.25 + 0.25 * M_PI * 4. * cell_size, 0.05);
  EXPECT_NEAR(filled.length(), 0.25 + 0.25 * M_PI * 4. * cell_size, 0.03);
  EXPECT_EQ(filled.wrong([](const Point<2> &p, const double S, const double S_L) {
    const bool lithium = std::abs(p[0] - 0.25) < 1.5 * cell_size && p[1] < 0.75,
               liquid = std::abs(p[0] - 0.75) < 1.5 * cell_size && p[1] > 0.5;
    return S * S_L == 0. && (!lithium || S == 1.) && (!liquid || S_L == 1.);
  }),
            0u);
}

TEST(CrackLiquid, metal_that_grows_into_the_pore_displaces_it)
{
  WetCase cell(2., 4. * cell_size);
  cell.structure.phases.liquid = Expression{"y-0.75"};
  cell.add_crack({0.75, 0.5}, {0.75 + cell_size, 0.8125});
  cell.make();
  EXPECT_GT(cell.length(), 0.2);
  WetCase::set(*cell.lithium, [](const Point<2> &p) { return p[1] >= 0.75 - 1e-9 ? 1. : 0.; });
  EXPECT_GT(cell.liquid->solve(cell.step).increment, 0.5);
  EXPECT_EQ(cell.liquid->solve(cell.step).increment, 0.) << "nothing more changes";
  EXPECT_EQ(cell.length(), 0.);
}
