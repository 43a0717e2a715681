#include "read-model/folder.h"

#include <filesystem>
#include <fstream>
#include <set>

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

TEST(FolderTest, OtherGenerationsAreRemovedWithAllTheirFiles) {
  TempDir dir;
  const Folder folder(dir.path());
  for (const char* name : {"1.db", "1.db-wal", "1.db-shm", "2.db", "2.db-wal", "11.db-shm", "doorbell", "x.db"}) {
    std::ofstream(dir.File(name)) << "x";
  }
  ASSERT_TRUE(folder.SetCurrentGeneration(2).ok());
  ASSERT_TRUE(folder.RemoveOtherGenerations().ok());
  std::set<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) left.insert(entry.path().filename());
  EXPECT_EQ(left, (std::set<std::string>{"2.db", "2.db-wal", "current", "doorbell", "x.db"}));
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
