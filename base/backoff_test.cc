#include "base/backoff.h"

#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(BackoffTest, DoublesUpToItsMaximumAndStartsAnewAfterReset) {
  Backoff backoff(absl::Milliseconds(100), absl::Milliseconds(400));
  for (const int ceiling_ms : {100, 200, 400, 400}) {
    const absl::Duration wait = backoff.Next();
    EXPECT_GE(wait, absl::Milliseconds(ceiling_ms) / 2);
    EXPECT_LE(wait, absl::Milliseconds(ceiling_ms));
  }
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(100));
}

}  // namespace
}  // namespace roster
