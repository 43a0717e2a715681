// The command service as its callers see it.
#include "command-service/command_service.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/consistency_token.h"
#include "command-service/command_service_for_test.h"
#include "metrics/value_for_test.h"
#include "user-event/event_for_test.h"
#include "user-event/write_record.h"

namespace roster::command {
namespace {

using Fault = FaultyLog::Fault;

// Goes back by a second whenever it is looked at.
class ClockThatGoesBack final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'700'000'000 - looks_++); }

 private:
  mutable std::atomic<int64_t> looks_ = 0;
};

int64_t MicrosOf(const v1::UserEvent& event) {
  return event.occurred_at().seconds() * 1'000'000 + event.occurred_at().nanos() / 1000;
}

TEST_F(CommandServiceTest, SignUpIsOnTheLogWhenItIsAnswered) {
  StartServing();
  const Outcome outcome = SignUp("ada@example.com");
  ASSERT_TRUE(outcome.ok()) << outcome.status.error_message();
  EXPECT_EQ(outcome.response.partition(), 0);
  EXPECT_EQ(outcome.response.offset(), 1);
  EXPECT_EQ(outcome.response.user().version(), 1);
  const std::vector<v1::UserEvent> events = EventsOnTheLog();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event_id(), outcome.response.event_id());
  EXPECT_EQ(events[0].user().email(), "ada@example.com");
  EXPECT_EQ(DecodeConsistencyToken(outcome.response.consistency_token())->next_offsets, std::vector<int64_t>{2});
}

TEST_F(CommandServiceTest, CountsWhatItDecidesAndAppends) {
  StartServing();
  const metrics::Registry& registry = service_->metrics();
  const double before = metrics::ValueOf(registry, "roster_command_decided_total");
  ASSERT_TRUE(SignUp("ada@example.com").ok());
  EXPECT_EQ(SignUp("ada@example.com").reason(), "EMAIL_TAKEN");
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_decided_total"), before + 2);
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_wait_seconds"), before + 2);
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_batch_commands"), before + 2);
  // Counted once a batch's answers are out.
  EXPECT_TRUE(Eventually([&] { return metrics::ValueOf(registry, "roster_command_refused_total") == 1; }));
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_events_total"), 1);
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_log_write_seconds", {{"operation", "append"}}), 1);
  EXPECT_GE(metrics::ValueOf(registry, "roster_command_log_write_seconds", {{"operation", "prove_lead"}}), 1);
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_leader"), 1);
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_waiting_commands", {{"kind", "command"}}), 0);
  EXPECT_GT(metrics::ValueOf(registry, "roster_database_bytes", {{"file", "write_model"}}), 0);
}

TEST_F(CommandServiceTest, ShowsThatItDoesNotLeadAndWhatFails) {
  StartServing();
  log_.Inject({Fault::kUnavailable});
  EXPECT_EQ(SignUp("ada@example.com").reason(), "LOG_UNAVAILABLE");
  const metrics::Registry& registry = service_->metrics();
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_log_write_failures_total", {{"failure", "unavailable"}}), 1);
  EXPECT_TRUE(service_->Stop().ok());
  EXPECT_EQ(metrics::ValueOf(registry, "roster_command_leader"), 0);
}

TEST_F(CommandServiceTest, UpdateAndDeleteGoOverTheWire) {
  StartServing();
  const v1::User ada = SignUp("ada@example.com").response.user();
  grpc::ClientContext update_context, stale_context, delete_context;
  v1::UpdateUserRequest update;
  v1::UpdateUserResponse updated;
  update.mutable_user()->set_user_id(ada.user_id());
  update.mutable_user()->set_etag(ada.etag());
  update.mutable_user()->set_status(v1::USER_STATUS_INACTIVE);
  update.mutable_update_mask()->add_paths("status");
  ASSERT_TRUE(stub_->UpdateUser(&update_context, update, &updated).ok());
  EXPECT_EQ(updated.user().status(), v1::USER_STATUS_INACTIVE);
  EXPECT_EQ(updated.offset(), 2);
  const grpc::Status stale = stub_->UpdateUser(&stale_context, update, &updated);
  EXPECT_EQ(stale.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(rpc::ReasonOf(stale), "ETAG_MISMATCH");
  v1::DeleteUserRequest remove;
  v1::DeleteUserResponse removed;
  remove.set_user_id(ada.user_id());
  ASSERT_TRUE(stub_->DeleteUser(&delete_context, remove, &removed).ok());
  EXPECT_EQ(removed.user().version(), 3);
  EXPECT_TRUE(SignUp("ada@example.com").ok());
}

TEST_F(CommandServiceTest, ValidateOnlyRecordsNothing) {
  StartServing();
  const Outcome outcome = Validate();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.response.user().email(), "somebody@example.com");
  EXPECT_EQ(outcome.response.event_id(), "");
  EXPECT_EQ(outcome.response.consistency_token(), "");
  EXPECT_TRUE(EventsOnTheLog().empty());
}

TEST_F(CommandServiceTest, ManyClientsForTheSameAddressesSucceedOnceEach) {
  StartServing();
  constexpr int kClients = 64;
  constexpr int kAddresses = 50;
  std::atomic<int> succeeded = 0;
  std::atomic<int> taken = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&] {
      for (int i = 0; i < kAddresses; ++i) {
        const Outcome outcome = SignUp("user" + std::to_string(i) + "@example.com");
        succeeded += outcome.ok();
        taken += outcome.reason() == "EMAIL_TAKEN";
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(succeeded, kAddresses);
  EXPECT_EQ(taken, (kClients - 1) * kAddresses);
  EXPECT_EQ(EventsOnTheLog().size(), static_cast<size_t>(kAddresses));
}

TEST_F(CommandServiceTest, RepeatedRequestIsAnsweredAsAtFirstAlsoAfterRestartAndWithoutTheWriteModel) {
  StartServing();
  const Outcome first = SignUp("ada@example.com", "request-1");
  ASSERT_TRUE(first.ok());
  const auto expect_first_answer = [&] {
    const Outcome again = SignUp("ada@example.com", "request-1");
    ASSERT_TRUE(again.ok()) << again.status.error_message();
    EXPECT_EQ(again.response.event_id(), first.response.event_id());
    EXPECT_EQ(again.response.offset(), first.response.offset());
    EXPECT_EQ(again.response.user().DebugString(), first.response.user().DebugString());
    EXPECT_EQ(SignUp("other@example.com", "request-1").reason(), "REQUEST_ID_REUSED");
  };
  expect_first_answer();
  Restart();
  expect_first_answer();
  EXPECT_TRUE(service_->Stop().ok());
  service_.reset();
  for (const char* suffix : {"", "-wal", "-shm", ".state"}) std::filesystem::remove(options_.write_model + suffix);
  StartServing();
  expect_first_answer();
  EXPECT_EQ(EventsOnTheLog().size(), 1u);
}

TEST_F(CommandServiceTest, LostAnswerOfARecordedAppendIsSettledByTheLog) {
  StartServing();
  log_.Inject({Fault::kAnswerLost});
  const Outcome outcome = SignUp("ada@example.com");
  ASSERT_TRUE(outcome.ok()) << outcome.status.error_message();
  const std::vector<v1::UserEvent> events = EventsOnTheLog();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event_id(), outcome.response.event_id());
  EXPECT_EQ(outcome.response.offset(), 1);
  EXPECT_EQ(SignUp("ada@example.com").reason(), "EMAIL_TAKEN");
}

TEST_F(CommandServiceTest, AppendThatWasNotRecordedIsDecidedAnew) {
  StartServing();
  for (const Fault fault : {Fault::kLostUnknown, Fault::kFenced}) {
    log_.Inject({fault, fault});
    const Outcome outcome = SignUp(std::to_string(static_cast<int>(fault)) + "@example.com");
    ASSERT_TRUE(outcome.ok()) << outcome.status.error_message();
  }
  EXPECT_EQ(EventsOnTheLog().size(), 2u);
}

TEST_F(CommandServiceTest, RefusalIsOnlySentWhenTheLeadIsProved) {
  StartServing();
  ASSERT_TRUE(SignUp("ada@example.com").ok());
  log_.Inject({Fault::kFenced});
  EXPECT_EQ(SignUp("ada@example.com").reason(), "EMAIL_TAKEN");
  log_.Inject({Fault::kUnavailable});
  EXPECT_EQ(SignUp("ada@example.com").reason(), "LOG_UNAVAILABLE");
}

TEST_F(CommandServiceTest, UnavailableLogRecordsNothing) {
  StartServing();
  log_.Inject({Fault::kUnavailable});
  const Outcome outcome = SignUp("ada@example.com");
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(outcome.reason(), "LOG_UNAVAILABLE");
  EXPECT_TRUE(EventsOnTheLog().empty());
  EXPECT_TRUE(SignUp("ada@example.com").ok());
}

TEST_F(CommandServiceTest, OutcomeIsUnknownOnlyWhereTheLogStaysAway) {
  options_.sequencer.max_wait = absl::Milliseconds(100);
  StartServing();
  log_.Inject({Fault::kAnswerLost});
  log_.Hold(/*appends=*/false, /*lead=*/true);
  EXPECT_EQ(SignUp("ada@example.com", "request-1").reason(), "OUTCOME_UNKNOWN");
  EXPECT_EQ(SignUp("bob@example.com", "request-2").reason(), "LOG_UNAVAILABLE");
  log_.Hold(false, false);
  Outcome again;
  ASSERT_TRUE(Eventually([&] { return (again = SignUp("ada@example.com", "request-1")).ok(); }));
  EXPECT_EQ(again.response.event_id(), EventsOnTheLog().at(0).event_id());
  EXPECT_EQ(EventsOnTheLog().size(), 1u);
}

TEST_F(CommandServiceTest, CallersAreAnsweredWhileAReaderCannotBeOpened) {
  options_.sequencer.max_wait = absl::Milliseconds(100);
  StartServing();
  log_.Inject({Fault::kAnswerLost});
  log_.HoldReaders(true);
  EXPECT_EQ(SignUp("ada@example.com", "request-1").reason(), "OUTCOME_UNKNOWN");
  EXPECT_EQ(SignUp("bob@example.com", "request-2").reason(), "LOG_UNAVAILABLE");
  log_.HoldReaders(false);
  EXPECT_TRUE(Eventually([&] { return SignUp("ada@example.com", "request-1").ok(); }));
}

TEST_F(CommandServiceTest, ElectedOneThatIsKeptFromLeadingLetsAnotherLead) {
  options_.sequencer.max_wait = absl::Milliseconds(100);
  options_.sequencer.pass_on_after = absl::Milliseconds(100);
  StartServing();
  log_.Inject({Fault::kAnswerLost});
  log_.HoldReaders(true);
  EXPECT_EQ(SignUp("ada@example.com", "request-1").reason(), "OUTCOME_UNKNOWN");
  EXPECT_TRUE(Eventually([&] { return !log_.has_candidate(); }));
  EXPECT_EQ(SignUp("bob@example.com", "request-2").reason(), "LOG_UNAVAILABLE");
  // It stands again once it can go on.
  log_.HoldReaders(false);
  EXPECT_TRUE(Eventually([&] { return SignUp("ada@example.com", "request-1").ok(); }));
  EXPECT_EQ(EventsOnTheLog().size(), 1u);
}

TEST_F(CommandServiceTest, IsNotReadyBeforeItHasCaughtUp) {
  log_.Hold(false, true);
  Start();
  EXPECT_EQ(SignUp("ada@example.com").reason(), "NOT_READY");
  log_.Hold(false, false);
  EXPECT_TRUE(Eventually([&] { return SignUp("ada@example.com").ok(); }));
}

TEST_F(CommandServiceTest, QueueIsBoundedAndPassedDeadlinesAreNotExecuted) {
  options_.sequencer.max_waiting_commands = 1;
  StartServing();
  log_.Hold(true, false);
  std::thread first([&] { EXPECT_TRUE(SignUp("first@example.com").ok()); });
  ASSERT_TRUE(Eventually([&] { return log_.appending(); }));
  // One takes the only place in the queue, until its deadline; whoever comes meanwhile is refused.
  std::atomic<int> overloaded = 0;
  std::atomic<int> timed_out = 0;
  std::vector<std::thread> others;
  for (int i = 0; i < 8; ++i) {
    others.emplace_back([&, i] {
      const Outcome outcome =
          Send(SignUpRequest("other" + std::to_string(i) + "@example.com"), absl::Milliseconds(500));
      overloaded +=
          outcome.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED && outcome.reason() == "OVERLOADED";
      timed_out += outcome.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
    });
  }
  for (std::thread& other : others) other.join();
  EXPECT_EQ(overloaded + timed_out, 8);
  EXPECT_GE(timed_out, 1);
  EXPECT_GE(overloaded, 1);
  // The server's view of a deadline may end a moment after the caller's: wait until it has given the place away.
  v1::SignUpUserRequest probe = SignUpRequest("probe@example.com");
  probe.set_validate_only(true);
  ASSERT_TRUE(Eventually([&] { return Send(probe, absl::Milliseconds(200)).reason() != "OVERLOADED"; }));
  log_.Hold(false, false);
  first.join();
  // What waited beyond its deadline gives up its place when the sequencer comes to it.
  ASSERT_TRUE(Eventually([&] { return SignUp("last@example.com").ok(); }));
  const std::vector<v1::UserEvent> events = EventsOnTheLog();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].user().email(), "first@example.com");
  EXPECT_EQ(events[1].user().email(), "last@example.com");
}

TEST_F(CommandServiceTest, AllBadFieldsAreNamed) {
  StartServing();
  v1::SignUpUserRequest request = SignUpRequest("no address");
  request.set_user_id("no blanks");
  const Outcome outcome = Send(request);
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto bad_request = rpc::DetailOf<google::rpc::BadRequest>(outcome.status);
  ASSERT_TRUE(bad_request.has_value());
  EXPECT_EQ(bad_request->field_violations_size(), 2);
}

TEST_F(CommandServiceTest, StopFinishesWhatWasAccepted) {
  StartServing();
  std::atomic<bool> stop = false;
  std::atomic<int> acknowledged = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; !stop; ++i) {
        const Outcome outcome = SignUp(std::to_string(client) + "-" + std::to_string(i) + "@example.com");
        if (!outcome.ok()) return;
        ++acknowledged;
      }
    });
  }
  ASSERT_TRUE(Eventually([&] { return acknowledged > 100; }));
  EXPECT_TRUE(service_->Stop().ok());
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(EventsOnTheLog().size(), static_cast<size_t>(acknowledged));
}

TEST_F(CommandServiceTest, EventsCountUpAndNeverGoBackInTime) {
  StartServing();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(SignUp(std::to_string(i) + "@example.com").ok());
  Restart();
  for (int i = 20; i < 40; ++i) ASSERT_TRUE(SignUp(std::to_string(i) + "@example.com").ok());
  const std::vector<v1::UserEvent> events = EventsOnTheLog();
  ASSERT_EQ(events.size(), 40u);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence(), static_cast<int64_t>(i + 1));
    if (i == 0) continue;
    EXPECT_GE(MicrosOf(events[i]), MicrosOf(events[i - 1]));
  }
}

TEST_F(CommandServiceTest, EventsOfOneBatchDoNotGoBackInTimeWithTheClock) {
  const ClockThatGoesBack clock;
  clock_ = &clock;
  StartServing();
  grpc::ClientContext context;
  auto stream = stub_->ImportUsers(&context);
  v1::ImportUsersRequest request;
  v1::ImportUsersResponse response;
  for (int row = 0; row < 20; ++row) *request.add_rows() = SignUpRequest(std::to_string(row) + "@example.com");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  const std::vector<v1::UserEvent> events = EventsOnTheLog();
  ASSERT_EQ(events.size(), 20u);
  for (size_t i = 1; i < events.size(); ++i) EXPECT_GE(MicrosOf(events[i]), MicrosOf(events[i - 1]));
  context.TryCancel();
  EXPECT_TRUE(service_->Stop().ok());
}

TEST_F(CommandServiceTest, LostAnswerIsSettledThoughReadingTheLogIsInterrupted) {
  options_.sequencer.max_wait = absl::Seconds(60);
  StartServing();
  log_.Inject({Fault::kAnswerLost});
  log_.Hold(/*appends=*/false, /*lead=*/true);
  Outcome outcome;
  std::thread client([&] { outcome = SignUp("ada@example.com"); });
  // Another program leads meanwhile, and writes so much that the fold commits on its way to the end, past the event in
  // doubt.
  constexpr int kEvents = 24'000;
  std::unique_ptr<event_log::Appender> other;
  ASSERT_TRUE(Eventually([&] {
    if (EventsOnTheLog().empty()) return false;
    auto lead = embedded_->Lead([] { return true; });
    if (lead.ok()) other = *std::move(lead);
    return other != nullptr;
  }));
  std::vector<event_log::Record> records;
  for (int i = 0; i < kEvents; ++i) {
    const std::string id = "other" + std::to_string(i);
    records.push_back(user_event::WriteRecord(user_event::SignUpEventForTest(id, id + "@example.com", i + 2), ""));
  }
  ASSERT_TRUE(other->Append(records, [] {}).ok());
  other.reset();
  log_.FailNextReaderAfter(22'000);
  log_.Hold(false, false);
  client.join();
  ASSERT_TRUE(outcome.ok()) << outcome.status.error_message();
  EXPECT_EQ(outcome.response.offset(), 1);
  EXPECT_EQ(EventsOnTheLog().size(), kEvents + 1u);
}

TEST_F(CommandServiceTest, ErrorWithManyBadFieldsReachesTheCaller) {
  StartServing();
  grpc::ClientContext context;
  v1::UpdateUserRequest update;
  v1::UpdateUserResponse updated;
  update.mutable_user()->set_user_id("u");
  for (int i = 0; i < 128; ++i) update.mutable_update_mask()->add_paths("labels.Not A Key " + std::to_string(i));
  for (int i = 0; i < 64; ++i) (*update.mutable_user()->mutable_labels())["Not A Key " + std::to_string(i)] = "v";
  update.mutable_update_mask()->add_paths("no_such_field");
  update.mutable_update_mask()->mutable_paths()->SwapElements(0, 128);
  update.mutable_update_mask()->mutable_paths()->RemoveLast();
  const grpc::Status status = stub_->UpdateUser(&context, update, &updated);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  EXPECT_EQ(rpc::ReasonOf(status), "INVALID_FIELD");
  EXPECT_NE(status.error_message().find("no_such_field"), std::string::npos);
}

TEST_F(CommandServiceTest, FailureThatCameFirstIsToldToo) {
  auto other = embedded_->Lead([] { return true; });
  ASSERT_TRUE(other.ok());
  Start();
  ASSERT_TRUE(Eventually([&] { return SignUp("ada@example.com").reason() == "LOG_UNAVAILABLE"; }));
  std::atomic<bool> failed = false;
  service_->OnFailure([&] { failed = true; });
  EXPECT_TRUE(Eventually([&] { return failed.load(); }));
  EXPECT_EQ(service_->Stop().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(CommandServiceTest, WriteModelOfAnotherLogIsAnErrorThatSaysWhatToDo) {
  StartServing();
  ASSERT_TRUE(SignUp("ada@example.com").ok());
  EXPECT_TRUE(service_->Stop().ok());
  service_.reset();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(dir_.File("log.db") + suffix);
  std::atomic<bool> failed = false;
  Start();
  service_->OnFailure([&] { failed = true; });
  ASSERT_TRUE(Eventually([&] {
    return failed || Send(SignUpRequest("x@example.com"), absl::Milliseconds(100)).reason() == "LOG_UNAVAILABLE";
  }));
  const absl::Status outcome = service_->Stop();
  EXPECT_EQ(outcome.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(outcome.message().find("remove"), std::string::npos) << outcome;
}

TEST_F(CommandServiceTest, LogThatIsRemovedUnderTheLeaderIsNotReplacedByANewOne) {
  // What would tell later which log it was is not committed with the events either.
  options_.sequencer.idle_commit = absl::Hours(1);
  StartServing();
  ASSERT_TRUE(SignUp("ada@example.com").ok());
  std::atomic<bool> failed = false;
  service_->OnFailure([&] { failed = true; });
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(dir_.File("log.db") + suffix);
  EXPECT_EQ(SignUp("bob@example.com").reason(), "OUTCOME_UNKNOWN");
  EXPECT_TRUE(Eventually([&] { return failed.load(); }));
  EXPECT_EQ(service_->Stop().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace roster::command
