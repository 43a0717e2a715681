#include "base/helper_thread.h"

#include <string>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(HelperThreadTest, JoinWaitsForTheCall) {
  HelperThread helper;
  std::string said;
  for (int i = 0; i < 1000; ++i) {
    helper.Start([&] { said += "a"; });
    helper.Join([] {});
    said += "b";
  }
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(said.substr(2 * i, 2), "ab");
}

TEST(HelperThreadTest, JoinWithoutACallReturnsAtOnce) {
  HelperThread helper;
  helper.Join([] {});
  helper.Start([] {});
  helper.Join([] {});
  helper.Join([] {});
}

TEST(HelperThreadTest, OwnerGoesOnMeanwhile) {
  HelperThread helper;
  absl::Notification go_on;
  bool ended = false;
  helper.Start([&] {
    go_on.WaitForNotification();
    ended = true;
  });
  go_on.Notify();
  helper.Join([] {});
  EXPECT_TRUE(ended);
}

TEST(HelperThreadTest, RunsWhatTheOwnerDoesWhileItWaits) {
  HelperThread helper;
  absl::Notification waited;
  helper.Run([&] { waited.WaitForNotification(); },
             [&] {
               if (!waited.HasBeenNotified()) waited.Notify();
             });
}

TEST(HelperThreadTest, EndsAfterTheCallUnderWay) {
  bool ended = false;
  {
    HelperThread helper;
    helper.Start([&] { ended = true; });
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace roster
