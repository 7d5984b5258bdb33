#include "microstructure/laguerre_fit.h"

#include <deal.II/lac/dynamic_sparsity_pattern.h>
#include <deal.II/lac/precondition.h>
#include <deal.II/lac/solver_cg.h>
#include <deal.II/lac/sparse_matrix.h>
#include <deal.II/lac/vector.h>

#include <algorithm>
#include <cmath>

namespace lithoclase
{
template <int dim>
GrainVolumes<dim>::GrainVolumes(const GrainSeeds<dim> &seeds, const dealii::Point<dim> &lower,
                                const dealii::Point<dim> &upper, const std::array<bool, dim> &periodic)
    : volumes(seeds.points.size(), 0.), centres(seeds.points.size())
{
  const PowerDiagram<dim> diagram(seeds, lower, upper, periodic, 0.);
  const std::vector<std::vector<unsigned int>> others = diagram.possible_neighbours();
  for (unsigned int a = 0; a < others.size(); ++a) {
    const dealii::Point<dim> &apex = diagram.seeds()[a].point;
    const unsigned int grain = diagram.seeds()[a].grain;
    const dealii::Tensor<1, dim> shift = apex - seeds.points[grain]; // of a periodic image
    // A cell is the sum of the pyramids from the seed to its facets, with a sign: the seed may lie outside.
    const auto add_pyramid = [&](const std::vector<dealii::Point<dim>> &base, double height) {
      const double area = facet_area(base);
      if (area == 0.)
        return 0.;
      const double volume = area * height / dim;
      volumes[grain] += volume;
      centres[grain] +=
          volume * (apex + dim / (dim + 1.) * (facet_centre(base) - apex) - shift - dealii::Point<dim>());
      return area;
    };
    for (const unsigned int b : others[a]) {
      const auto plane = diagram.bisector(a, b);
      const double area = add_pyramid(diagram.facet(a, b, others[a]), plane.offset - plane.normal * apex);
      if (area > 0. && a < b && diagram.seeds()[b].grain != grain)
        contacts.push_back({grain, diagram.seeds()[b].grain, area / (2. * plane.length)});
    }
    for (unsigned int side = 0; side < 2 * dim; ++side) {
      const unsigned int i = side / 2;
      add_pyramid(diagram.side_facet(a, side, others[a]),
                  side % 2 == 0 ? apex[i] - lower[i] : upper[i] - apex[i]);
    }
  }
  for (unsigned int grain = 0; grain < volumes.size(); ++grain)
    if (volumes[grain] > 0.)
      centres[grain] /= volumes[grain];
}

namespace
{
using WeightVector = dealii::Vector<double>;

template <int dim>
double largest_error(const GrainVolumes<dim> &grains, const std::vector<double> &targets)
{
  double largest = 0.;
  for (unsigned int i = 0; i < targets.size(); ++i)
    largest = std::max(largest, std::abs(grains.volumes[i] / targets[i] - 1.));
  return largest;
}

template <int dim>
WeightVector missing_volumes(const GrainVolumes<dim> &grains, const std::vector<double> &targets)
{
  WeightVector missing(targets.size());
  for (unsigned int i = 0; i < targets.size(); ++i)
    missing[i] = targets[i] - grains.volumes[i];
  missing.add(-missing.mean_value()); // round-off: the constant is outside of the matrix's range
  return missing;
}

/// The change of weights that would bring the missing volumes if facets kept their areas.
template <int dim>
WeightVector newton_step(const GrainVolumes<dim> &grains, const WeightVector &missing)
{
  const unsigned int n = missing.size();
  dealii::DynamicSparsityPattern entries(n);
  for (unsigned int i = 0; i < n; ++i)
    entries.add(i, i);
  for (const auto &contact : grains.contacts) {
    entries.add(contact.a, contact.b);
    entries.add(contact.b, contact.a);
  }
  dealii::SparsityPattern pattern;
  pattern.copy_from(entries);
  dealii::SparseMatrix<double> matrix(pattern);
  for (const auto &contact : grains.contacts) {
    matrix.add(contact.a, contact.a, contact.rate);
    matrix.add(contact.b, contact.b, contact.rate);
    matrix.add(contact.a, contact.b, -contact.rate);
    matrix.add(contact.b, contact.a, -contact.rate);
  }
  dealii::PreconditionJacobi<dealii::SparseMatrix<double>> preconditioner;
  preconditioner.initialize(matrix);
  dealii::IterationNumberControl control(20 * n + 100, 1e-8 * missing.l2_norm());
  dealii::SolverCG<WeightVector> solver(control);
  WeightVector step(n);
  solver.solve(matrix, step, missing, preconditioner);
  return step;
}

/// Weights for seeds that stay where they are; from zero if a grain has vanished. Returns the grains.
template <int dim>
GrainVolumes<dim> fit_weights(GrainSeeds<dim> &seeds, const std::vector<double> &targets,
                              const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                              const std::array<bool, dim> &periodic, double tolerance)
{
  const auto smallest = [](const std::vector<double> &values) {
    return *std::min_element(values.begin(), values.end());
  };
  GrainVolumes<dim> grains(seeds, lower, upper, periodic);
  if (smallest(grains.volumes) <= 0.) {
    seeds.weights.assign(targets.size(), 0.);
    grains = GrainVolumes<dim>(seeds, lower, upper, periodic);
  }
  const double least_volume = 0.5 * std::min(smallest(grains.volumes), smallest(targets));
  for (unsigned int iteration = 0; iteration < 100 && largest_error(grains, targets) > tolerance;
       ++iteration) {
    const WeightVector missing = missing_volumes(grains, targets);
    const WeightVector step = newton_step(grains, missing);
    const std::vector<double> start = seeds.weights;
    double share = 1.;
    for (; share > 1e-6; share *= 0.5) {
      for (unsigned int i = 0; i < targets.size(); ++i)
        seeds.weights[i] = start[i] + share * step[i];
      GrainVolumes<dim> trial(seeds, lower, upper, periodic);
      if (smallest(trial.volumes) >= least_volume &&
          missing_volumes(trial, targets).l2_norm() <= (1. - 0.5 * share) * missing.l2_norm()) {
        grains = std::move(trial);
        break;
      }
    }
    if (share <= 1e-6) {
      seeds.weights = start;
      break;
    }
  }
  return grains;
}
} // namespace

template <int dim>
double fit_volumes(GrainSeeds<dim> &seeds, const std::vector<double> &targets,
                   const dealii::Point<dim> &lower, const dealii::Point<dim> &upper,
                   const std::array<bool, dim> &periodic, double tolerance)
{
  constexpr unsigned int n_moves = 8; // beyond, grains hardly change any more
  seeds.weights.assign(targets.size(), 0.);
  for (unsigned int move = 0; move < n_moves; ++move) {
    const GrainVolumes<dim> grains = fit_weights<dim>(seeds, targets, lower, upper, periodic, 0.1);
    for (unsigned int i = 0; i < targets.size(); ++i) {
      seeds.points[i] = grains.centres[i];
      for (unsigned int a = 0; a + 1 < dim; ++a)
        if (periodic[a]) {
          const double length = upper[a] - lower[a];
          seeds.points[i][a] -= length * std::floor((seeds.points[i][a] - lower[a]) / length);
        }
    }
  }
  return largest_error(fit_weights<dim>(seeds, targets, lower, upper, periodic, tolerance), targets);
}

template struct GrainVolumes<2>;
template struct GrainVolumes<3>;
template double fit_volumes<2>(GrainSeeds<2> &, const std::vector<double> &, const dealii::Point<2> &,
                               const dealii::Point<2> &, const std::array<bool, 2> &, double);
template double fit_volumes<3>(GrainSeeds<3> &, const std::vector<double> &, const dealii::Point<3> &,
                               const dealii::Point<3> &, const std::array<bool, 3> &, double);
} // namespace lithoclase
