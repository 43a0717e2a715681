#ifndef ROSTER_COMMAND_SERVICE_COMMAND_SERVICE_FOR_TEST_H_
#define ROSTER_COMMAND_SERVICE_COMMAND_SERVICE_FOR_TEST_H_

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/clock.h"
#include "base/eventually.h"
#include "base/temp_dir.h"
#include "command-service/command_service.h"
#include "command-service/faulty_log_for_test.h"
#include "event-log/embedded/embedded_log.h"
#include "event-log/read_records_for_test.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "rpc-server/error_details_for_test.h"
#include "user-event/sort_record.h"

namespace roster::command {

inline constexpr absl::Duration kDeadline = absl::Seconds(30);

inline v1::SignUpUserRequest SignUpRequest(const std::string& email, const std::string& request_id = "") {
  v1::SignUpUserRequest request;
  request.set_email(email);
  request.set_request_id(request_id);
  return request;
}

struct Outcome {
  grpc::Status status;
  v1::SignUpUserResponse response;

  bool ok() const { return status.ok(); }
  std::string reason() const { return rpc::ReasonOf(status); }
};

// The service in process, over gRPC, on an embedded log that goes wrong where a test says so.
class CommandServiceTest : public testing::Test {
 protected:
  CommandServiceTest() {
    options_.server.listen = "127.0.0.1:0";
    options_.server.drain_timeout_ms = 5000;
    options_.write_model = dir_.File("write-model.db");
  }

  void Start() {
    auto service = CommandService::Start(options_, log_, *clock_);
    ASSERT_TRUE(service.ok()) << service.status();
    service_ = *std::move(service);
    channel_ = grpc::CreateCustomChannel(service_->address(), grpc::InsecureChannelCredentials(), {});
    stub_ = v1::UserCommandService::NewStub(channel_);
  }
  // Start, and wait until commands are decided.
  void StartServing() {
    Start();
    ASSERT_TRUE(Eventually([&] { return Validate().reason() != "NOT_READY"; }));
  }
  void Restart() {
    EXPECT_TRUE(service_->Stop().ok());
    service_.reset();
    StartServing();
  }

  Outcome Send(const v1::SignUpUserRequest& request, absl::Duration timeout = kDeadline) {
    Outcome outcome;
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    outcome.status = stub_->SignUpUser(&context, request, &outcome.response);
    return outcome;
  }
  Outcome SignUp(const std::string& email, const std::string& request_id = "") {
    return Send(SignUpRequest(email, request_id));
  }
  Outcome Validate() {
    v1::SignUpUserRequest request = SignUpRequest("somebody@example.com");
    request.set_validate_only(true);
    return Send(request);
  }

  std::vector<v1::UserEvent> EventsOnTheLog() {
    std::vector<v1::UserEvent> events;
    event_log::ReadRecords(*embedded_, [&](const event_log::RecordView& record) {
      auto sorted = user_event::SortRecord(record);
      if (auto* event = std::get_if<v1::UserEvent>(&sorted)) events.push_back(*event);
    });
    return events;
  }

  TempDir dir_;
  CommandServiceOptions options_;
  const Clock* clock_ = &SystemClock();
  std::unique_ptr<event_log::EventLog> embedded_ = event_log::OpenEmbeddedLog(dir_.File("log.db"), SystemClock());
  FaultyLog log_{*embedded_};
  std::unique_ptr<CommandService> service_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::UserCommandService::Stub> stub_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_COMMAND_SERVICE_FOR_TEST_H_
