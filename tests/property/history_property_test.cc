// Random histories of commands, through a command service in process on an embedded log, which is restarted and whose
// log goes wrong now and then. A model in a few maps predicts the outcome of each command; and at the end the fold of
// the log, the write model, the read model and every replay of the log are what the model holds.
#include <algorithm>
#include <numeric>
#include <thread>
#include <vector>

#include "command-service/command_service_for_test.h"
#include "event-log/read_records_for_test.h"
#include "tests/property/command_source.h"
#include "tests/property/folds.h"
#include "tests/property/rounds.h"
#include "tests/property/shuffled_log.h"
#include "tests/property/user_model.h"
#include "tests/support/history.h"

namespace roster::command {
namespace {

using test::CommandOutcome;
using test::CommandRequest;
using test::CommandSource;
using test::PlacedRecord;
using test::Random;
using test::ShuffledLog;
using test::UserModel;
using Fault = FaultyLog::Fault;

constexpr int kRounds = 4;
constexpr int kSteps = 120;

template <typename Response>
CommandOutcome OutcomeOf(const grpc::Status& status, const Response& response) {
  if (!status.ok()) return {.reason = rpc::ReasonOf(status)};
  return {
      .user = response.user(), .event_id = response.event_id(), .location = {response.partition(), response.offset()}};
}

class HistoryPropertyTest : public CommandServiceTest {
 protected:
  // Each round has a service, a log and a model of its own.
  void RunRound(Random& random);

 private:
  CommandOutcome Call(const CommandRequest& request);
  void Take(const CommandRequest& request, const CommandOutcome& outcome);
  void SendOne(Random& random, CommandSource& source);
  void SendAtOnce(Random& random, CommandSource& source);
  void SendImport(Random& random, CommandSource& source);
  void RestartSomehow(Random& random);
  std::vector<PlacedRecord> ReadLog();
  void ExpectReplays(Random& random);

  UserModel model_;
  test::History history_;
};

CommandOutcome HistoryPropertyTest::Call(const CommandRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
  if (const auto* sign_up = std::get_if<v1::SignUpUserRequest>(&request)) {
    v1::SignUpUserResponse response;
    const grpc::Status status = stub_->SignUpUser(&context, *sign_up, &response);
    return OutcomeOf(status, response);
  }
  if (const auto* update = std::get_if<v1::UpdateUserRequest>(&request)) {
    v1::UpdateUserResponse response;
    const grpc::Status status = stub_->UpdateUser(&context, *update, &response);
    return OutcomeOf(status, response);
  }
  v1::DeleteUserResponse response;
  const grpc::Status status = stub_->DeleteUser(&context, std::get<v1::DeleteUserRequest>(request), &response);
  return OutcomeOf(status, response);
}

void HistoryPropertyTest::Take(const CommandRequest& request, const CommandOutcome& outcome) {
  const std::string problem = model_.Take(request, outcome);
  EXPECT_EQ(problem, "") << std::visit([](const auto& r) { return r.ShortDebugString(); }, request);
  if (outcome.event_id.empty()) return;
  const std::string request_id = std::visit([](const auto& r) { return r.request_id(); }, request);
  history_.AddAcknowledged({request_id, outcome.event_id, outcome.location, outcome.user});
}

// One command; now and then its append goes wrong.
void HistoryPropertyTest::SendOne(Random& random, CommandSource& source) {
  static const std::vector<Fault> kFaults = {Fault::kAnswerLost, Fault::kLostUnknown, Fault::kFenced,
                                             Fault::kUnavailable};
  const bool fault = random.OneIn(15);
  if (fault) log_.Inject({random.Of(kFaults)});
  const CommandRequest request = source.Next();
  const CommandOutcome outcome = Call(request);
  if (fault) log_.Inject({});
  if (fault && outcome.reason == "LOG_UNAVAILABLE") return;
  Take(request, outcome);
}

// Several at once: some order of them must explain all outcomes.
void HistoryPropertyTest::SendAtOnce(Random& random, CommandSource& source) {
  std::vector<CommandRequest> requests;
  for (int i = 2 + random.Below(3); i > 0; --i) requests.push_back(source.Next());
  std::vector<CommandOutcome> outcomes(requests.size());
  std::vector<std::thread> callers;
  for (size_t i = 0; i < requests.size(); ++i) callers.emplace_back([&, i] { outcomes[i] = Call(requests[i]); });
  for (std::thread& caller : callers) caller.join();
  std::vector<size_t> order(requests.size());
  std::iota(order.begin(), order.end(), 0);
  do {
    UserModel model = model_;
    if (std::all_of(order.begin(), order.end(),
                    [&](size_t i) { return model.Take(requests[i], outcomes[i]).empty(); })) {
      for (const size_t i : order) Take(requests[i], outcomes[i]);
      return;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  ADD_FAILURE() << "no order explains the outcomes of " << requests.size() << " commands at once";
}

void HistoryPropertyTest::SendImport(Random& random, CommandSource& source) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
  v1::ImportUsersRequest request;
  for (int rows = 1 + random.Below(12); rows > 0; --rows) *request.add_rows() = source.NextSignUp();
  auto stream = stub_->ImportUsers(&context);
  v1::ImportUsersResponse response;
  ASSERT_TRUE(stream->Write(request) && stream->WritesDone() && stream->Read(&response));
  ASSERT_TRUE(stream->Finish().ok());
  ASSERT_EQ(response.results_size(), request.rows_size());
  for (int i = 0; i < request.rows_size(); ++i) {
    const v1::ImportUsersResult& result = response.results(i);
    Take(request.rows(i), result.has_error() ? CommandOutcome{.reason = rpc::ReasonOf(result.error())}
                                             : OutcomeOf(grpc::Status::OK, result.signed_up()));
  }
}

// The write model stays, is lost, or is an older one.
void HistoryPropertyTest::RestartSomehow(Random& random) {
  EXPECT_TRUE(service_->Stop().ok());
  service_.reset();
  const std::string copy = dir_.File("copy");
  switch (random.Below(3)) {
    case 0:
      std::filesystem::create_directories(dir_.File("empty"));
      test::PutFilesBack(dir_.File("empty"), options_.write_model);
      break;
    case 1:
      if (std::filesystem::exists(copy)) test::PutFilesBack(copy, options_.write_model);
      break;
    default:
      test::CopyFiles(options_.write_model, copy);
  }
  StartServing();
}

std::vector<PlacedRecord> HistoryPropertyTest::ReadLog() {
  std::vector<PlacedRecord> records;
  event_log::ReadRecords(*embedded_, [&](const event_log::RecordView& record) {
    records.push_back({record.location, {std::string(*record.key), std::string(*record.value), {}}});
  });
  return records;
}

// What another log may hold of the same history, and in what order it may be read.
void HistoryPropertyTest::ExpectReplays(Random& random) {
  const std::vector<PlacedRecord> records = ReadLog();
  const std::vector<PlacedRecord> split = test::SplitByKey(records, 6);
  const int all = static_cast<int>(records.size());
  std::vector<std::pair<std::vector<PlacedRecord>, bool>> replays = {
      {test::Duplicate(records, random), true},
      {test::Compact(records, all), false},
      {test::Compact(records, random.Below(all)), false},
      {test::Duplicate(test::Compact(records, all), random), false},
      {test::Interleave(split, random), true},
      {test::Interleave(test::Duplicate(split, random), random), true},
      {test::Interleave(test::Compact(split, random.Below(all)), random), false},
      {test::Interleave(test::Compact(split, all), random), false},
  };
  for (size_t i = 0; i < replays.size(); ++i) {
    SCOPED_TRACE("replay " + std::to_string(i));
    ShuffledLog log(replays[i].first);
    test::ExpectWriteModel(log, model_, replays[i].second, random);
    test::ExpectReadModel(log, model_, random);
  }
}

void HistoryPropertyTest::RunRound(Random& random) {
  options_.sequencer.commit_events = 1 + random.Below(50);
  options_.sequencer.max_batch_commands = 1 + random.Below(16);
  CommandSource source(random, model_);
  StartServing();
  for (int step = 0; step < kSteps && !HasFailure(); ++step) {
    if (random.OneIn(40)) {
      RestartSomehow(random);
    } else if (random.OneIn(8)) {
      SendImport(random, source);
    } else if (random.OneIn(4)) {
      SendAtOnce(random, source);
    } else {
      SendOne(random, source);
    }
  }
  EXPECT_TRUE(service_->Stop().ok());
  service_.reset();
  test::ExpectWriteModelFile(options_.write_model, model_, true);
  const std::vector<test::LoggedEvent> events = test::ReadEvents(*embedded_);
  EXPECT_EQ(events.size(), static_cast<size_t>(model_.events()));
  EXPECT_EQ(test::CheckLog(events, history_), std::vector<std::string>());
  EXPECT_EQ(test::CompareUsers(test::FoldUsers(events), model_.users()), std::vector<std::string>());
  test::ExpectReadModel(*embedded_, model_, random);
  ExpectReplays(random);
}

// A fixture for each round.
class Round : public HistoryPropertyTest {
 public:
  void TestBody() override {}
  void Run(Random& random) { RunRound(random); }
};

TEST(HistoryProperty, FoldsOfTheLogAreWhatTheOutcomesSay) {
  test::ForEachSeed(kRounds, [](Random& random) { Round().Run(random); });
}

}  // namespace
}  // namespace roster::command
