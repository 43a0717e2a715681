#include "bench/load/watch_message.h"

#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "roster/v1/user_query_service.pb.h"

namespace roster::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

grpc::ByteBuffer Bytes(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

TEST(WatchMessageTest, HasTheTimeOfEachUserAndWhetherAllWasSent) {
  v1::WatchUsersResponse response;
  response.set_resume_token("token");
  for (int i = 1; i <= 2; ++i) {
    v1::User& user = *response.add_users();
    user.set_user_id("someone");
    user.mutable_create_time()->set_seconds(7);
    user.mutable_update_time()->set_seconds(i);
    user.mutable_update_time()->set_nanos(500);
  }
  WatchMessage message;
  grpc::ByteBuffer bytes = Bytes(response.SerializeAsString());
  ASSERT_TRUE(ReadWatchMessage(bytes, message));
  EXPECT_THAT(message.update_times, ElementsAre(absl::FromUnixSeconds(1) + absl::Nanoseconds(500),
                                                absl::FromUnixSeconds(2) + absl::Nanoseconds(500)));
  EXPECT_FALSE(message.synced);

  response.clear_users();
  response.mutable_synced();
  bytes = Bytes(response.SerializeAsString());
  ASSERT_TRUE(ReadWatchMessage(bytes, message));
  EXPECT_THAT(message.update_times, IsEmpty());
  EXPECT_TRUE(message.synced);
}

TEST(WatchMessageTest, OtherBytesAreNone) {
  WatchMessage message;
  grpc::ByteBuffer bytes = Bytes("\x12\x7fnothing of the kind");
  EXPECT_FALSE(ReadWatchMessage(bytes, message));
}

}  // namespace
}  // namespace roster::bench
