#include "base/file_lock.h"

#include <optional>

#include "base/temp_dir.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(FileLockTest, IsHeldByOneAndFreeAfterwards) {
  TempDir dir;
  const std::string path = dir.File("lock");
  std::optional<FileLock> first = FileLock::Acquire(path).value();
  EXPECT_EQ(FileLock::Acquire(path).status().code(), absl::StatusCode::kFailedPrecondition);
  FileLock moved = *std::move(first);
  first.reset();
  EXPECT_FALSE(FileLock::Acquire(path).ok());
  {
    FileLock last = std::move(moved);
  }
  EXPECT_TRUE(FileLock::Acquire(path).ok());
}

TEST(FileLockTest, NamesAFileThatCannotBeMade) {
  const absl::Status status = FileLock::Acquire("/nowhere/at/all").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace roster
