#include "core/linear_solver.h"

#include <deal.II/base/utilities.h>

#include <gtest/gtest.h>

using namespace lithoclase;
namespace Utilities = dealii::Utilities;

namespace
{
/// -u'' on a line of 30 points, each rank with its share.
struct Line
{
  static constexpr unsigned int n = 30;

  Line()
      : owned(Utilities::MPI::create_evenly_distributed_partitioning(MPI_COMM_WORLD, n)),
        load(owned, MPI_COMM_WORLD), solution(owned, MPI_COMM_WORLD)
  {
    dealii::DynamicSparsityPattern sparsity(n, n, owned);
    for (const auto row : owned)
      for (const auto column : neighbours(row))
        sparsity.add(row, column);
    solver.reinit(owned, sparsity, MPI_COMM_WORLD);
    for (const auto row : owned) {
      for (const auto column : neighbours(row))
        solver.matrix().set(row, column, row == column ? 2. : -1.);
      load(row) = 1e-9;
    }
    solver.matrix().compress(dealii::VectorOperation::insert);
  }

  static std::vector<dealii::types::global_dof_index> neighbours(const dealii::types::global_dof_index row)
  {
    std::vector<dealii::types::global_dof_index> result{row};
    if (row > 0)
      result.push_back(row - 1);
    if (row + 1 < n)
      result.push_back(row + 1);
    return result;
  }

  /// The exact solution is load (i + 1)(n - i)/2.
  double error() const
  {
    double largest = 0.;
    for (const auto i : owned)
      largest = std::max(largest, std::abs(solution(i) / (0.5e-9 * (i + 1.) * (n - i)) - 1.));
    return Utilities::MPI::max(largest, MPI_COMM_WORLD);
  }

  dealii::IndexSet owned;
  LinearSolver solver{"line", LinearSolver::Method::cg, LinearSolver::Preconditioner::jacobi, 1, 2};
  Vector load, solution;
};
} // namespace

TEST(LinearSolver, AGuessFarOffIsNoReasonToFail)
{
  for (const double guess : {0., 1e-9, 1e3}) // the last one has a residual 1e12 times the load
  {
    Line line;
    for (const auto i : line.owned)
      line.solution(i) = guess * (i % 3);
    line.solver.solve(line.solution, line.load, 1e-10, true);
    EXPECT_LT(line.error(), 1e-7) << "from " << guess;
    // Again, with the preconditioner that is there.
    for (const auto i : line.owned)
      line.solution(i) = guess * (i % 3);
    line.solver.solve(line.solution, line.load, 1e-10, true);
    EXPECT_LT(line.error(), 1e-7) << "once more from " << guess;
  }
}
