// A command service that is elected, or not: over gRPC, on an embedded log behind an election that a test decides.
#include <thread>

#include "absl/time/clock.h"
#include "base/eventually.h"
#include "base/temp_dir.h"
#include "command-service/command_service.h"
#include "command-service/faulty_log_for_test.h"
#include "event-log/embedded/embedded_log.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "rpc-server/error_details_for_test.h"
#include "user-event/event_for_test.h"
#include "user-event/write_record.h"

namespace roster::command {
namespace {

using Fault = FaultyLog::Fault;

constexpr absl::Duration kDeadline = absl::Seconds(30);

struct Outcome {
  grpc::Status status;
  v1::SignUpUserResponse response;
  std::string reason;
  std::string leader;
};

class ElectionTest : public testing::Test {
 protected:
  void Start() {
    options_.server.listen = "127.0.0.1:0";
    options_.write_model = dir_.File("write-model.db");
    auto service = CommandService::Start(options_, log_, SystemClock());
    ASSERT_TRUE(service.ok()) << service.status();
    service_ = *std::move(service);
    stub_ =
        v1::UserCommandService::NewStub(grpc::CreateChannel(service_->address(), grpc::InsecureChannelCredentials()));
  }

  Outcome SignUp(const std::string& email, const std::string& request_id) {
    Outcome outcome;
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
    v1::SignUpUserRequest request;
    request.set_email(email);
    request.set_request_id(request_id);
    outcome.status = stub_->SignUpUser(&context, request, &outcome.response);
    if (const auto info = rpc::DetailOf<google::rpc::ErrorInfo>(outcome.status)) {
      outcome.reason = info->reason();
      if (info->metadata().contains("leader")) outcome.leader = info->metadata().at("leader");
    }
    return outcome;
  }
  // Repeats the sign-up until it is not refused for `reason`.
  Outcome SignUpOnceNot(const std::string& reason, const std::string& email, const std::string& request_id) {
    Outcome outcome;
    EXPECT_TRUE(Eventually([&] { return (outcome = SignUp(email, request_id)).reason != reason; }));
    return outcome;
  }

  Outcome SignUpOnceDecided(const std::string& email, const std::string& request_id) {
    Outcome outcome;
    EXPECT_TRUE(Eventually([&] {
      outcome = SignUp(email, request_id);
      return outcome.reason != "NOT_READY" && outcome.reason != "NOT_LEADER";
    }));
    return outcome;
  }

  TempDir dir_;
  CommandServiceOptions options_;
  std::unique_ptr<event_log::EventLog> embedded_ = event_log::OpenEmbeddedLog(dir_.File("log.db"), SystemClock());
  FaultyLog log_{*embedded_};
  std::unique_ptr<CommandService> service_;
  std::unique_ptr<v1::UserCommandService::Stub> stub_;
};

TEST_F(ElectionTest, StandbyNamesTheLeaderAndLeadsOnceItIsElected) {
  log_.Elect(false, "other:50051");
  Start();
  const Outcome refused = SignUpOnceNot("NOT_READY", "ada@example.com", "request-1");
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(refused.reason, "NOT_LEADER");
  EXPECT_EQ(refused.leader, "other:50051");
  // The other one's work, while it leads.
  {
    auto leader = embedded_->Lead([] { return true; }).value();
    const v1::UserEvent event = user_event::SignUpEventForTest("taken", "taken@example.com");
    ASSERT_TRUE(leader->Append({user_event::WriteRecord(event, "")}, [] {}).ok());
  }
  EXPECT_EQ(SignUp("taken@example.com", "request-2").reason, "NOT_LEADER");
  log_.Elect(true);
  EXPECT_EQ(SignUpOnceDecided("taken@example.com", "request-2").reason, "EMAIL_TAKEN");
  EXPECT_TRUE(SignUp("ada@example.com", "request-1").status.ok());
}

TEST_F(ElectionTest, LeaderThatIsNoLongerElectedStandsByAndLeadsAgain) {
  Start();
  EXPECT_TRUE(SignUpOnceNot("NOT_READY", "ada@example.com", "request-1").status.ok());
  for (int i = 0; i < 3; ++i) {
    log_.Elect(false, "other:50051");
    EXPECT_TRUE(Eventually([&] { return SignUp("ada@example.com", "request-1").leader == "other:50051"; }));
    log_.Elect(true);
    EXPECT_TRUE(SignUpOnceDecided("ada@example.com", "request-1").status.ok());
  }
}

TEST_F(ElectionTest, WhoLosesTheLeadWithItsAppendDoesNotKnowTheOutcome) {
  Start();
  EXPECT_TRUE(SignUpOnceNot("NOT_READY", "ada@example.com", "request-1").status.ok());
  log_.Hold(/*appends=*/true, /*lead=*/false);
  log_.Inject({Fault::kAnswerLost});
  Outcome outcome;
  std::thread caller([&] { outcome = SignUp("bea@example.com", "request-2"); });
  EXPECT_TRUE(Eventually([&] { return log_.appending(); }));
  log_.Elect(false, "other:50051");
  log_.Hold(false, false);
  caller.join();
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(outcome.reason, "OUTCOME_UNKNOWN");
  // Repeated at whoever leads, it gives the true answer.
  log_.Elect(true);
  const Outcome again = SignUpOnceDecided("bea@example.com", "request-2");
  EXPECT_TRUE(again.status.ok()) << again.status.error_message();
  EXPECT_EQ(again.response.offset(), 2);
}

TEST_F(ElectionTest, WhoLosesTheLeadWithARefusalDoesNotSendIt) {
  Start();
  EXPECT_TRUE(SignUpOnceNot("NOT_READY", "ada@example.com", "request-1").status.ok());
  log_.Inject({Fault::kFenced});
  log_.Hold(/*appends=*/false, /*lead=*/true);
  Outcome outcome;
  std::thread caller([&] { outcome = SignUp("ada@example.com", "request-2"); });
  // Fenced, it asks for the lead again, and hears that it is another's.
  EXPECT_TRUE(Eventually([&] { return log_.leading(); }));
  log_.Elect(false, "other:50051");
  caller.join();
  log_.Hold(false, false);
  EXPECT_EQ(outcome.reason, "NOT_LEADER");
  EXPECT_EQ(outcome.leader, "other:50051");
}

TEST_F(ElectionTest, StandbyStops) {
  log_.Elect(false, "other:50051");
  Start();
  EXPECT_EQ(SignUpOnceNot("NOT_READY", "ada@example.com", "").reason, "NOT_LEADER");
  EXPECT_TRUE(service_->Stop().ok());
}

}  // namespace
}  // namespace roster::command
