#include <deal.II/base/mpi.h>

#include <gtest/gtest.h>

#include <iostream>
#include <string>

namespace
{
/// On all ranks but the first: silent, except for failures, which name the rank.
class FailuresOnly : public testing::EmptyTestEventListener
{
public:
  explicit FailuresOnly(unsigned int rank) : rank(rank) {}

  void OnTestStart(const testing::TestInfo &test) override
  {
    name = std::string(test.test_suite_name()) + "." + test.name();
  }

  void OnTestPartResult(const testing::TestPartResult &result) override
  {
    if (!result.failed())
      return;
    std::cerr << "[rank " << rank << "] " << name << " at " << (result.file_name() ? result.file_name() : "?")
              << ":" << result.line_number() << "\n"
              << result.message() << std::endl;
  }

private:
  unsigned int rank;
  std::string name; // of the test; GoogleTest cannot be asked while it reports
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
