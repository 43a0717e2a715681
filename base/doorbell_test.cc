#include "base/doorbell.h"

#include <thread>

#include "absl/time/clock.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

constexpr absl::Duration kLong = absl::Seconds(60);

absl::Duration TimeOf(const std::function<void()>& action) {
  const absl::Time start = absl::Now();
  action();
  return absl::Now() - start;
}

TEST(DoorbellTest, RingBeforeTheWaitIsNotMissed) {
  TempDir dir;
  auto listener = DoorbellListener::Open(dir.File("bell")).value();
  auto bell = Doorbell::Open(dir.File("bell")).value();
  bell->Ring();
  EXPECT_LT(TimeOf([&] { listener->Wait(kLong); }), kLong);
}

TEST(DoorbellTest, RingWakesAWaitingListener) {
  TempDir dir;
  auto bell = Doorbell::Open(dir.File("bell")).value();
  auto listener = DoorbellListener::Open(dir.File("bell")).value();
  std::thread ringer([&] { bell->Ring(); });
  EXPECT_LT(TimeOf([&] { listener->Wait(kLong); }), kLong);
  ringer.join();
}

TEST(DoorbellTest, OtherFilesInTheFolderDoNotRing) {
  TempDir dir;
  auto listener = DoorbellListener::Open(dir.File("bell")).value();
  auto other = Doorbell::Open(dir.File("other")).value();
  other->Ring();
  EXPECT_GE(TimeOf([&] { listener->Wait(absl::Milliseconds(20)); }), absl::Milliseconds(20));
}

TEST(DoorbellTest, InterruptEndsTheWait) {
  TempDir dir;
  auto listener = DoorbellListener::Open(dir.File("bell")).value();
  listener->Interrupt();
  EXPECT_TRUE(listener->Wait(absl::InfiniteDuration()));
}

TEST(DoorbellTest, FolderMustBeThere) {
  const absl::Status status = DoorbellListener::Open("/nowhere/bell").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace roster
