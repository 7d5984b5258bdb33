#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

#include <iostream>

namespace
{
/// On all ranks but the first: silent, except for failures, which name the rank.
class FailuresOnly : public testing::EmptyTestEventListener
{
public:
  explicit FailuresOnly(unsigned int rank) : rank(rank) {}

  void OnTestPartResult(const testing::TestPartResult &result) override
  {
    if (!result.failed())
      return;
    const testing::TestInfo *test = testing::UnitTest::GetInstance()->current_test_info();
    std::cerr << "[rank " << rank << "] " << (test ? test->test_suite_name() : "") << "."
              << (test ? test->name() : "") << " at " << (result.file_name() ? result.file_name() : "?")
              << ":" << result.line_number() << "\n"
              << result.message() << std::endl;
  }

private:
  unsigned int rank;
};
} // namespace

int main(int argc, char **argv)
{
  dealii::Utilities::MPI::MPI_InitFinalize mpi(argc, argv, 1);
  testing::InitGoogleTest(&argc, argv);
  testing::GTEST_FLAG(throw_on_failure) = false;
  // With several ranks an exception on one would leave the others waiting; uncaught it ends them all.
  if (dealii::Utilities::MPI::n_mpi_processes(MPI_COMM_WORLD) > 1)
    testing::GTEST_FLAG(catch_exceptions) = false;

  const unsigned int rank = dealii::Utilities::MPI::this_mpi_process(MPI_COMM_WORLD);
  if (rank != 0) {
    auto &listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailuresOnly(rank));
  }
  return dealii::Utilities::MPI::max(RUN_ALL_TESTS(), MPI_COMM_WORLD);
}
