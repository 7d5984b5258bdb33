#include "core/build_info.h"

#include <gtest/gtest.h>

using namespace lithoclase;

TEST(BuildInfo, names_a_revision_and_the_data_folder)
{
  EXPECT_FALSE(source_revision().empty());
  const std::string folder = data_directory();
  ASSERT_GE(folder.size(), 6u);
  EXPECT_EQ(folder.substr(folder.size() - 6), "/input");
}
