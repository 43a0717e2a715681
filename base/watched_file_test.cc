#include "base/watched_file.h"

#include <filesystem>
#include <fstream>

#include "base/temp_dir.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

void WriteFile(const std::string& path, const std::string& content) { std::ofstream(path) << content; }

TEST(WatchedFileTest, ReplacedFileHasChangedOnce) {
  TempDir dir;
  WriteFile(dir.File("a"), "one");
  WatchedFile file(dir.File("a"));
  EXPECT_FALSE(file.Changed());
  WriteFile(dir.File("b"), "two");
  std::filesystem::rename(dir.File("b"), dir.File("a"));
  EXPECT_TRUE(file.Changed());
  EXPECT_FALSE(file.Changed());
}

TEST(WatchedFileTest, RemovedAndNewFilesHaveChanged) {
  TempDir dir;
  WatchedFile file(dir.File("a"));
  EXPECT_FALSE(file.Changed());
  WriteFile(dir.File("a"), "one");
  EXPECT_TRUE(file.Changed());
  std::filesystem::remove(dir.File("a"));
  EXPECT_TRUE(file.Changed());
}

TEST(WatchedFileTest, FolderBehindASymbolicLinkCanBeReplaced) {
  TempDir dir;
  std::filesystem::create_directory(dir.File("1"));
  std::filesystem::create_directory(dir.File("2"));
  WriteFile(dir.File("1/key"), "one");
  WriteFile(dir.File("2/key"), "two");
  std::filesystem::create_symlink("1", dir.File("now"));
  WatchedFile file(dir.File("now/key"));
  std::filesystem::create_symlink("2", dir.File("new"));
  std::filesystem::rename(dir.File("new"), dir.File("now"));
  EXPECT_TRUE(file.Changed());
}

TEST(ReadWholeFileTest, ErrorsNameTheFileAndTheCause) {
  TempDir dir;
  EXPECT_NE(ReadWholeFile(dir.File("none"), 10).status().message().find("No such file"), absl::string_view::npos);
  EXPECT_FALSE(ReadWholeFile(dir.path(), 10).ok());
  WriteFile(dir.File("a"), "0123456789");
  EXPECT_EQ(ReadWholeFile(dir.File("a"), 10).value(), "0123456789");
  EXPECT_NE(ReadWholeFile(dir.File("a"), 9).status().message().find("larger"), absl::string_view::npos);
}

}  // namespace
}  // namespace roster
