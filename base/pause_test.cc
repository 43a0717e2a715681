#include "base/pause.h"

#include <thread>

#include "base/steady_time.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(PauseTest, LastsAsLongAsItIsTold) {
  Pause pause;
  const absl::Time start = SteadyNow();
  pause.For(absl::Milliseconds(20));
  EXPECT_GE(SteadyNow() - start, absl::Milliseconds(20));
}

TEST(PauseTest, IsEndedByAnotherThread) {
  Pause pause;
  std::thread other([&] { pause.End(); });
  const absl::Time start = SteadyNow();
  pause.For(absl::Hours(1));
  EXPECT_LT(SteadyNow() - start, absl::Hours(1));
  other.join();
}

TEST(PauseTest, EndBeforeItEndsTheNextOneOnly) {
  Pause pause;
  pause.End();
  pause.For(absl::Hours(1));
  const absl::Time start = SteadyNow();
  pause.For(absl::Milliseconds(20));
  EXPECT_GE(SteadyNow() - start, absl::Milliseconds(20));
}

}  // namespace
}  // namespace roster
