#include "physics/allen_cahn.h"

#include "adaptive_case.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace lithoclase;

namespace
{
/// Uneven lithium between 0.1 and 0.9 under an uneven overpotential of up to 20 mV, on a mesh with hanging
/// nodes, after two steps, so that BDF2 has its history.
template <int dim>
struct UnevenFront
{
  explicit UnevenFront(const ElectrodepositionParameters::TimeScheme scheme)
      : lithium(adaptive.state.add_field("lithium", "1", SpaceKind::nodal)),
        overpotential(adaptive.state.add_field("overpotential", "V", SpaceKind::quadrature))
  {
    parameters.time_scheme = scheme;
    parameters.front_width = 3e-6;
    front = std::make_unique<AllenCahn<dim>>(parameters, 30., ButlerVolmer(0.3), adaptive.state, lithium,
                                             &overpotential);
    adaptive.state.reinit();
    adaptive.refine();
    fill(lithium, 0.5, 0.4);
    fill(overpotential, 0., 0.02);
    adaptive.state.store();
    front->reinit(BoundaryConditions<dim>({}, "lithium"));
    accessibility.assign(adaptive.mesh.triangulation.n_active_cells() << dim, 0.7);
    for (unsigned int number = 1; number <= 2; ++number) {
      const Step step{number, 0., number * 100.};
      front->solve(step, accessibility, nullptr);
      front->accept_step(step);
      adaptive.state.store();
    }
    fill(lithium, 0.5, 0.4);
  }

  static void fill(Field<dim> &field, const double mean, const double amplitude)
  {
    for (unsigned int i = 0; i < field.values.locally_owned_size(); ++i) {
      const double number = field.values.get_partitioner()->local_to_global(i) + 1;
      field.values.local_element(i) = mean + amplitude * std::sin(12.9898 * number);
    }
    field.update();
  }

  AdaptiveCase<dim> adaptive{MPI_COMM_WORLD};
  ElectrodepositionParameters parameters;
  Field<dim> &lithium, &overpotential;
  std::vector<double> accessibility;
  std::unique_ptr<AllenCahn<dim>> front;
};
} // namespace

/// The residual is a polynomial of degree four in xi: the central difference of step s is off by s^2 times
/// its third derivative over the first, about 10, and by rounding of 1e-16/s, so both are below 1e-9 with s =
/// 1e-6.
TEST(AllenCahn, JacobianAgreesWithDifferences)
{
  for (const auto scheme :
       {ElectrodepositionParameters::TimeScheme::euler, ElectrodepositionParameters::TimeScheme::bdf2}) {
    UnevenFront<2> plane(scheme);
    EXPECT_LT(jacobian_error(*plane.front, 1e-6, 7), 1e-9);
  }
  UnevenFront<3> space(ElectrodepositionParameters::TimeScheme::bdf2);
  EXPECT_LT(jacobian_error(*space.front, 1e-6, 7), 1e-9);
}
