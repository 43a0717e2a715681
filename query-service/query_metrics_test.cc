#include "query-service/query_metrics.h"

#include "base/consistency_token.h"
#include "base/eventually.h"
#include "metrics/value_for_test.h"
#include "query-service/query_service_for_test.h"

namespace roster::query_service {
namespace {

using metrics::ValueOf;

using QueryMetricsTest = QueryServiceTest;

TEST_F(QueryMetricsTest, ShowsWhatIsInTheReadModel) {
  Serve();
  // There is none yet.
  EXPECT_EQ(ValueOf(service_->metrics(), "roster_read_model_fresh_timestamp_seconds"), -1);
  MakeProjector();
  projector_->Commit([&] {
    projector_->Put("ada", "ada@example.com");
    projector_->Put("ben", "ben@example.com");
    projector_->Delete("ben");
    projector_->PutDeadLetter("cyn");
  });
  EXPECT_EQ(ValueOf(service_->metrics(), "roster_read_model_users", {{"status", "active"}}), 1);
  EXPECT_EQ(ValueOf(service_->metrics(), "roster_read_model_users", {{"status", "deleted"}}), 1);
  EXPECT_EQ(ValueOf(service_->metrics(), "roster_read_model_open_dead_letters"), 1);
  EXPECT_EQ(ValueOf(service_->metrics(), "roster_read_model_fresh_timestamp_seconds"),
            absl::ToUnixSeconds(kStart) + projector_->next_sequence() - 1);
}

TEST_F(QueryMetricsTest, ShowsWhoWaitsAndWatches) {
  ServeReady();
  const metrics::Registry& registry = service_->metrics();
  Position ahead = projector_->position();
  ++ahead.next_offsets[0];
  std::thread reader([&] {
    v1::GetUserResponse response;
    EXPECT_TRUE(GetUser(ById("ada", EncodeConsistencyToken(ahead)), &response).ok());
  });
  EXPECT_TRUE(Eventually([&] { return ValueOf(registry, "roster_query_waiting_reads") == 1; }));
  grpc::ClientContext context;
  auto watch = stub_->WatchUsers(&context, {});
  v1::WatchUsersResponse message;
  ASSERT_TRUE(watch->Read(&message));
  EXPECT_EQ(ValueOf(registry, "roster_query_open_watches"), 1);
  projector_->Commit([&] { projector_->Put("ada", "ada@example.com"); });
  reader.join();
  EXPECT_TRUE(Eventually([&] { return ValueOf(registry, "roster_query_read_wait_seconds") == 1; }));
  EXPECT_EQ(ValueOf(registry, "roster_query_waiting_reads"), 0);
  context.TryCancel();
  EXPECT_FALSE(watch->Finish().ok());
  EXPECT_TRUE(Eventually([&] { return ValueOf(registry, "roster_query_open_watches") == 0; }));
  EXPECT_EQ(
      ValueOf(registry, "roster_rpc_calls_total", {{"method", "roster.v1.UserQueryService/GetUser"}, {"code", "OK"}}),
      1);
}

}  // namespace
}  // namespace roster::query_service
