// Random batches of commands, decided one after another as the sequencer does it: each sees the events of its batch
// over the write model. Some batches fail, and leave nothing; the write model is rolled back, and reopened, at random.
#include <deque>
#include <memory>
#include <vector>

#include "base/temp_dir.h"
#include "command-service/batch_state.h"
#include "command-service/command_service_for_test.h"
#include "command-service/decide.h"
#include "command-service/write_model.h"
#include "event-log/genesis.h"
#include "rpc-server/rpc_status.h"
#include "tests/property/command_source.h"
#include "tests/property/folds.h"
#include "tests/property/rounds.h"
#include "tests/property/shuffled_log.h"
#include "tests/property/user_model.h"
#include "user-event/write_record.h"

namespace roster::command {
namespace {

using test::CommandOutcome;
using test::CommandRequest;
using test::Random;
using test::UserModel;

constexpr int kRounds = 6;
constexpr int kBatches = 40;
constexpr char kBootId[] = "boot";
const event_log::LogIdentity kIdentity{.log_id = "0190a0a0-0000-7000-8000-000000000001"};

class Round {
 public:
  explicit Round(Random& random) : random_(random), source_(random, model_) {
    Open();
    write_model_->SetIdentity(kIdentity);
    write_model_->Advance({0, 0}, 0);
    EXPECT_TRUE(write_model_->Commit().ok());
  }

  void Run() {
    for (int batch = 0; batch < kBatches && !testing::Test::HasFailure(); ++batch) {
      RunBatch();
      if (random_.OneIn(8)) LoseUncommitted();
    }
    ASSERT_TRUE(write_model_->Close().ok());
    test::ExpectWriteModelFile(path_, model_, true);
    ExpectReplay();
  }

 private:
  void Open() { write_model_ = WriteModel::Open(path_, kBootId).value(); }

  void RunBatch() {
    const UserModel before = model_;
    BatchState state(*write_model_);
    std::deque<v1::UserEvent> batch;
    for (int commands = 1 + random_.Below(12); commands > 0; --commands) {
      const CommandRequest request = source_.Next();
      const std::string problem = model_.Take(request, DecideOne(request, state, batch));
      ASSERT_EQ(problem, "") << std::visit([](const auto& r) { return r.ShortDebugString(); }, request);
    }
    if (random_.OneIn(6)) {
      // The append failed: nothing was decided.
      model_ = before;
      return;
    }
    for (v1::UserEvent& event : batch) events_.push_back(std::move(event));
    ApplyNew();
    if (random_.OneIn(4)) {
      ASSERT_TRUE(write_model_->Commit().ok());
    }
  }

  CommandOutcome DecideOne(const CommandRequest& request, BatchState& state, std::deque<v1::UserEvent>& batch) {
    const int64_t next = static_cast<int64_t>(events_.size() + batch.size()) + 1;
    const Stamp stamp{.event_id = absl::StrCat("event-", ++ids_),
                      .new_user_id = absl::StrCat("new-", ids_),
                      .sequence = next,
                      .occurred_at = absl::FromUnixSeconds(1'700'000'000 + next)};
    const Command command = std::visit([](const auto& r) { return Command(&r); }, request);
    absl::StatusOr<Decision> decision = Decide(command, state, stamp);
    if (!decision.ok()) return {.reason = rpc::ReasonOf(rpc::ToRpcStatus(decision.status()))};
    if (const auto* repeated = std::get_if<Repeated>(&*decision)) {
      return {.user = repeated->first.user,
              .event_id = repeated->first.event_id,
              .location = repeated->first.location.value_or(LocationOf(repeated->first.event_id, batch))};
    }
    v1::UserEvent& event = std::get<Accepted>(*decision).event;
    if (IsValidateOnly(command)) return {.user = event.user()};
    batch.push_back(std::move(event));
    state.Add(batch.back());
    return {.user = batch.back().user(), .event_id = batch.back().event_id(), .location = {0, next}};
  }

  event_log::RecordLocation LocationOf(const std::string& event_id, const std::deque<v1::UserEvent>& batch) {
    for (const v1::UserEvent& event : batch) {
      if (event.event_id() == event_id) return {0, event.sequence()};
    }
    return {};
  }

  // The events that the write model lacks.
  void ApplyNew() {
    for (int64_t offset = write_model_->checkpoint().position.next_offsets.at(0); offset <= std::ssize(events_);
         ++offset) {
      EXPECT_EQ(write_model_->Apply(events_[offset - 1], {0, offset}).value(), WriteModel::Applied::kYes);
      write_model_->Advance({0, offset}, 0);
    }
  }

  // As after a failed append, or the end of the process: what was not committed is folded once more.
  void LoseUncommitted() {
    if (random_.OneIn(2)) {
      ASSERT_TRUE(write_model_->Rollback().ok());
    } else {
      write_model_.reset();
      Open();
    }
    ApplyNew();
  }

  void ExpectReplay() {
    const event_log::Record genesis = event_log::MakeGenesisRecord(kIdentity, absl::UnixEpoch());
    std::vector<test::PlacedRecord> records = {{{0, 0}, genesis}};
    for (const v1::UserEvent& event : events_) {
      records.push_back({{0, event.sequence()}, user_event::WriteRecord(event, "")});
    }
    test::ShuffledLog log(test::Interleave(test::SplitByKey(records, 6), random_));
    test::ExpectWriteModel(log, model_, true, random_);
    test::ExpectReadModel(log, model_, random_);
  }

  const TempDir dir_;
  const std::string path_ = dir_.File("write-model.db");
  Random& random_;
  UserModel model_;
  test::CommandSource source_;
  std::unique_ptr<WriteModel> write_model_;
  std::vector<v1::UserEvent> events_;
  int ids_ = 0;
};

TEST(BatchProperty, EachCommandOfABatchSeesThoseBeforeIt) {
  test::ForEachSeed(kRounds, [](Random& random) { Round(random).Run(); });
}

}  // namespace
}  // namespace roster::command
