// Imports, as their callers see them.
#include <atomic>
#include <string>
#include <thread>

#include <sqlite3.h>

#include "base/consistency_token.h"
#include "command-service/command_service_for_test.h"
#include "sqlite/faulty_disk_for_test.h"

namespace roster::command {
namespace {

using ImportTest = CommandServiceTest;

TEST_F(ImportTest, ImportAnswersEveryRowInOrder) {
  StartServing();
  ASSERT_TRUE(SignUp("taken@example.com").ok());
  grpc::ClientContext context;
  auto stream = stub_->ImportUsers(&context);
  for (int batch = 0; batch < 5; ++batch) {
    v1::ImportUsersRequest request;
    for (int row = 0; row < 300; ++row) {
      *request.add_rows() = SignUpRequest("u" + std::to_string(batch * 300 + row) + "@example.com",
                                          "r" + std::to_string(batch * 300 + row));
    }
    *request.add_rows() = SignUpRequest("taken@example.com");
    *request.add_rows() = SignUpRequest("");
    ASSERT_TRUE(stream->Write(request));
  }
  ASSERT_TRUE(stream->WritesDone());
  std::string token;
  for (int batch = 0; batch < 5; ++batch) {
    v1::ImportUsersResponse response;
    ASSERT_TRUE(stream->Read(&response));
    ASSERT_EQ(response.results_size(), 302);
    for (int row = 0; row < 300; ++row) {
      EXPECT_EQ(response.results(row).signed_up().user().email(),
                "u" + std::to_string(batch * 300 + row) + "@example.com");
    }
    EXPECT_EQ(rpc::ReasonOf(response.results(300).error()), "EMAIL_TAKEN");
    EXPECT_EQ(rpc::ReasonOf(response.results(301).error()), "INVALID_FIELD");
    token = response.consistency_token();
  }
  v1::ImportUsersResponse end;
  EXPECT_FALSE(stream->Read(&end));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(DecodeConsistencyToken(token)->next_offsets, std::vector<int64_t>{1502});
  EXPECT_EQ(EventsOnTheLog().size(), 1501u);
}

// A batch of this size is folded beside its answers.
TEST_F(ImportTest, NextBatchKnowsWhatTheLastOneRecorded) {
  StartServing();
  grpc::ClientContext context;
  auto stream = stub_->ImportUsers(&context);
  const auto import = [&](const std::string& prefix, const std::string& request_id) {
    v1::ImportUsersRequest request;
    for (int i = 0; i < 100; ++i) {
      const std::string row = std::to_string(i);
      *request.add_rows() = SignUpRequest(prefix + row + "@example.com", request_id.empty() ? "" : request_id + row);
    }
    EXPECT_TRUE(stream->Write(request));
    v1::ImportUsersResponse response;
    EXPECT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.results_size(), 100);
    return response;
  };
  const v1::ImportUsersResponse first = import("a", "request-");
  const v1::ImportUsersResponse repeated = import("a", "request-");
  const v1::ImportUsersResponse taken = import("A", "");
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(first.results(i).has_signed_up());
    EXPECT_EQ(repeated.results(i).signed_up().event_id(), first.results(i).signed_up().event_id());
    EXPECT_EQ(rpc::ReasonOf(taken.results(i).error()), "EMAIL_TAKEN");
  }
  EXPECT_EQ(EventsOnTheLog().size(), 100u);
  EXPECT_TRUE(stream->WritesDone());
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ImportTest, WriteModelThatFailsBesideTheAnswersIsFoldedAgain) {
  options_.sequencer.commit_events = 50;
  sqlite::FaultyDisk disk(options_.write_model);
  StartServing();
  const auto import = [&] {
    grpc::ClientContext context;
    auto stream = stub_->ImportUsers(&context);
    v1::ImportUsersRequest request;
    for (int i = 0; i < 100; ++i) *request.add_rows() = SignUpRequest("u" + std::to_string(i) + "@example.com");
    EXPECT_TRUE(stream->Write(request));
    v1::ImportUsersResponse response;
    EXPECT_TRUE(stream->Read(&response));
    EXPECT_TRUE(stream->WritesDone());
    EXPECT_TRUE(stream->Finish().ok());
    return response;
  };
  disk.FailAfter(0, SQLITE_FULL);
  const v1::ImportUsersResponse recorded = import();
  ASSERT_TRUE(Eventually([&] { return disk.has_failed(); }));
  disk.Heal();
  const v1::ImportUsersResponse refused = import();
  ASSERT_EQ(recorded.results_size(), 100);
  ASSERT_EQ(refused.results_size(), 100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(recorded.results(i).has_signed_up());
    EXPECT_EQ(rpc::ReasonOf(refused.results(i).error()), "EMAIL_TAKEN");
  }
  EXPECT_EQ(EventsOnTheLog().size(), 100u);
}

// Two rows of one batch ask for one address: the second is refused because of the first one's event, which is not on
// the log yet.
TEST_F(ImportTest, RefusalThatRestsOnAnEventOfItsBatchStandsAndFallsWithIt) {
  StartServing();
  grpc::ClientContext context;
  auto stream = stub_->ImportUsers(&context);
  const auto ask_twice = [&](FaultyLog::Fault fault, const std::string& email) {
    log_.Inject({fault});
    v1::ImportUsersRequest request;
    for (int i = 0; i < 2; ++i) *request.add_rows() = SignUpRequest(email);
    EXPECT_TRUE(stream->Write(request));
    v1::ImportUsersResponse response;
    EXPECT_TRUE(stream->Read(&response));
    std::vector<std::string> answers;
    for (const v1::ImportUsersResult& result : response.results())
      answers.push_back(result.has_signed_up() ? "OK" : rpc::ReasonOf(result.error()));
    return answers;
  };
  using Answers = std::vector<std::string>;
  EXPECT_EQ(ask_twice(FaultyLog::Fault::kUnavailable, "ada@example.com"),
            (Answers{"LOG_UNAVAILABLE", "LOG_UNAVAILABLE"}));
  // Not recorded, and decided anew.
  EXPECT_EQ(ask_twice(FaultyLog::Fault::kFenced, "bob@example.com"), (Answers{"OK", "EMAIL_TAKEN"}));
  EXPECT_EQ(ask_twice(FaultyLog::Fault::kLostUnknown, "cyd@example.com"), (Answers{"OK", "EMAIL_TAKEN"}));
  // Recorded, but the answer was lost.
  EXPECT_EQ(ask_twice(FaultyLog::Fault::kAnswerLost, "dan@example.com"), (Answers{"OK", "EMAIL_TAKEN"}));
  EXPECT_EQ(EventsOnTheLog().size(), 3u);
  EXPECT_TRUE(stream->WritesDone());
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ImportTest, ImportOfTooManyRowsAtOnceIsRefusedWhole) {
  StartServing();
  grpc::ClientContext context;
  auto stream = stub_->ImportUsers(&context);
  v1::ImportUsersRequest request;
  for (int row = 0; row <= 1000; ++row) *request.add_rows() = SignUpRequest("u" + std::to_string(row) + "@example.com");
  stream->Write(request);
  v1::ImportUsersResponse response;
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(rpc::ReasonOf(status), "INVALID_FIELD");
  EXPECT_TRUE(EventsOnTheLog().empty());
}

TEST_F(ImportTest, ImportOfTooManyBytesAtOnceIsRefusedWhole) {
  StartServing();
  grpc::ClientContext context;
  auto stream = stub_->ImportUsers(&context);
  v1::ImportUsersRequest request;
  for (int row = 0; row < 9; ++row) {
    v1::SignUpUserRequest& added = *request.add_rows();
    added = SignUpRequest("u" + std::to_string(row) + "@example.com");
    added.set_display_name(std::string(256 << 10, 'x'));
  }
  stream->Write(request);
  v1::ImportUsersResponse response;
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(rpc::ReasonOf(status), "INVALID_FIELD");
  EXPECT_NE(status.error_message().find("the limits are"), std::string::npos) << status.error_message();
}

TEST_F(ImportTest, ImportStreamsAreLimitedAndEndWithTheServer) {
  options_.max_import_streams = 1;
  StartServing();
  grpc::ClientContext first_context, second_context;
  auto first = stub_->ImportUsers(&first_context);
  v1::ImportUsersRequest request;
  *request.add_rows() = SignUpRequest("ada@example.com");
  v1::ImportUsersResponse response;
  ASSERT_TRUE(first->Write(request));
  ASSERT_TRUE(first->Read(&response));
  auto second = stub_->ImportUsers(&second_context);
  EXPECT_FALSE(second->Read(&response));
  EXPECT_EQ(rpc::ReasonOf(second->Finish()), "OVERLOADED");
  EXPECT_TRUE(service_->Stop().ok());
  EXPECT_FALSE(first->Read(&response));
  EXPECT_EQ(rpc::ReasonOf(first->Finish()), "SHUTTING_DOWN");
}

TEST_F(ImportTest, ImportThatIsCutLeavesTheServiceAlive) {
  StartServing();
  for (int round = 0; round < 20; ++round) {
    grpc::ClientContext context;
    auto stream = stub_->ImportUsers(&context);
    v1::ImportUsersRequest request;
    for (int row = 0; row < 500; ++row)
      *request.add_rows() = SignUpRequest(std::to_string(round) + "-" + std::to_string(row) + "@example.com");
    stream->Write(request);
    if (round % 2 == 0) stream->Write(request);
    context.TryCancel();
    EXPECT_FALSE(stream->Finish().ok());
  }
  EXPECT_TRUE(SignUp("ada@example.com").ok());
}

TEST_F(ImportTest, StopEndsAnImportWhoseCallerIsSlowToRead) {
  constexpr int kRows = 120;
  StartServing();
  grpc::ClientContext context;
  auto stream = stub_->ImportUsers(&context);
  v1::ImportUsersRequest request;
  for (int row = 0; row < kRows; ++row) {
    v1::SignUpUserRequest& added = *request.add_rows();
    added = SignUpRequest(std::to_string(row) + "@example.com");
    for (int label = 0; label < 60; ++label) (*added.mutable_labels())[std::to_string(label)] = std::string(256, 'v');
  }
  // The answer is too large to leave before it is read.
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(Eventually([&] { return EventsOnTheLog().size() == kRows; }));
  std::thread stop([&] { EXPECT_TRUE(service_->Stop().ok()); });
  ASSERT_TRUE(Eventually([&] { return !Validate().ok(); }));
  v1::ImportUsersResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.results_size(), kRows);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(rpc::ReasonOf(stream->Finish()), "SHUTTING_DOWN");
  stop.join();
}

}  // namespace
}  // namespace roster::command
