#include "command-service/dirty_marker.h"

#include "base/temp_dir.h"
#include "gtest/gtest.h"

namespace roster::command {
namespace {

TEST(DirtyMarkerTest, DatabaseIsTrustedWhenCleanOrOfTheSameBoot) {
  TempDir dir;
  DirtyMarker marker(dir.File("state"), "boot-1");
  EXPECT_FALSE(marker.DatabaseIsTrusted());
  ASSERT_TRUE(marker.MarkDirty().ok());
  EXPECT_TRUE(marker.DatabaseIsTrusted());
  EXPECT_FALSE(DirtyMarker(dir.File("state"), "boot-2").DatabaseIsTrusted());
  ASSERT_TRUE(marker.MarkClean().ok());
  EXPECT_TRUE(DirtyMarker(dir.File("state"), "boot-2").DatabaseIsTrusted());
  ASSERT_TRUE(marker.MarkDamaged().ok());
  EXPECT_FALSE(marker.DatabaseIsTrusted());
}

TEST(DirtyMarkerTest, MachineWithoutABootIdIsNeverTheSame) {
  TempDir dir;
  DirtyMarker marker(dir.File("state"), "");
  ASSERT_TRUE(marker.MarkDirty().ok());
  EXPECT_FALSE(marker.DatabaseIsTrusted());
}

}  // namespace
}  // namespace roster::command
