#include "read-model/folder.h"

#include <fstream>

#include "base/temp_dir.h"
#include "gtest/gtest.h"

namespace roster::read_model {
namespace {

TEST(FolderTest, HasNoGenerationAtFirst) {
  TempDir dir;
  const auto generation = Folder(dir.path()).CurrentGeneration();
  ASSERT_TRUE(generation.ok()) << generation.status();
  EXPECT_FALSE(generation->has_value());
}

TEST(FolderTest, RemembersTheLiveGeneration) {
  TempDir dir;
  const Folder folder(dir.path());
  ASSERT_TRUE(folder.SetCurrentGeneration(1).ok());
  ASSERT_TRUE(folder.SetCurrentGeneration(12).ok());
  const auto generation = folder.CurrentGeneration();
  ASSERT_TRUE(generation.ok()) << generation.status();
  EXPECT_EQ(**generation, 12);
  EXPECT_EQ(folder.DatabasePath(**generation), dir.File("12.db"));
}

TEST(FolderTest, DamagedCurrentFileIsDataLoss) {
  TempDir dir;
  for (const std::string content : {"", "x\n", "0\n"}) {
    std::ofstream(dir.File("current"), std::ios::trunc) << content;
    EXPECT_EQ(Folder(dir.path()).CurrentGeneration().status().code(), absl::StatusCode::kDataLoss) << content;
  }
}

}  // namespace
}  // namespace roster::read_model
