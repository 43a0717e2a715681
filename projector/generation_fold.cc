#include "projector/generation_fold.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/backoff.h"
#include "base/error.h"
#include "base/steady_time.h"
#include "projector/applier.h"

namespace roster::projector {
namespace {

constexpr int kChunkRecords = 1000;
// What one transaction takes: nobody waits to see it.
constexpr int kBatchRecords = 50'000;
constexpr int64_t kBatchBytes = 64 << 20;
// How long one look at the log waits, and so how late keep_going is heard of.
constexpr absl::Duration kPollTime = absl::Milliseconds(200);

int64_t RecordsBefore(const Position& position) {
  return std::accumulate(position.next_offsets.begin(), position.next_offsets.end(), int64_t{0});
}

}  // namespace

// One fold from where a writer stands to a target.
class GenerationFold::Run {
 public:
  // `target`: empty means the log's end.
  Run(GenerationFold& fold, read_model::Writer& writer, Checkpoint target)
      : log_(fold.log_), clock_(fold.clock_), settings_(fold.settings_), writer_(writer), target_(std::move(target)) {}

  absl::Status ToTarget() {
    ROSTER_ASSIGN_OR_RETURN(checkpoint_, writer_.ReadCheckpoint());
    if (checkpoint_.position.empty()) ROSTER_RETURN_IF_ERROR(Begin());
    if (checkpoint_.position.empty() || HasReachedTarget()) return absl::OkStatus();
    passed_.assign(checkpoint_.position.next_offsets.size(), false);
    ROSTER_RETURN_IF_ERROR(OpenReader());
    started_at_ = RecordsBefore(checkpoint_.position);
    Tell();
    while (!HasReachedTarget()) {
      ROSTER_RETURN_IF_ERROR(FoldBatch());
      Tell();
    }
    return absl::OkStatus();
  }

 private:
  bool to_end() const { return target_.position.empty(); }
  bool HasReachedTarget() const {
    return to_end() ? complete_as_of_.has_value() : checkpoint_.position == target_.position;
  }

  // Before the first record: the log's identity is that of the target, or asked for.
  absl::Status Begin() {
    std::optional<event_log::LogIdentity> identity;
    if (to_end()) {
      ROSTER_ASSIGN_OR_RETURN(identity, log_.ReadIdentity());
      // A log without any record: there is nothing to fold.
      if (!identity) return absl::OkStatus();
    } else {
      identity = {target_.position.log_id, static_cast<int>(target_.position.next_offsets.size())};
    }
    checkpoint_.position = StartOf(identity->log_id, identity->partitions);
    checkpoint_.last_checksums.assign(identity->partitions, 0);
    return absl::OkStatus();
  }

  // With the same patience as for reading.
  absl::Status OpenReader() {
    while (true) {
      absl::StatusOr<std::unique_ptr<event_log::Reader>> reader = log_.OpenReader(checkpoint_);
      if (reader.ok()) {
        reader_ = *std::move(reader);
        LogIsThere();
        return absl::OkStatus();
      }
      if (!settings_.keep_going()) return absl::CancelledError("stopped while folding");
      ROSTER_RETURN_IF_ERROR(WaitForLog(reader.status()));
    }
  }

  // Reads and commits one transaction.
  absl::Status FoldBatch() {
    ROSTER_RETURN_IF_ERROR(writer_.Begin());
    Applier applier(writer_, checkpoint_, clock_);
    absl::Status written;
    const auto handler = [&](const event_log::RecordView& record) {
      if (written.ok()) written = Fold(record, applier);
    };
    do {
      if (!settings_.keep_going()) return absl::CancelledError("stopped while folding");
      const absl::StatusOr<event_log::PollResult> polled = reader_->Poll(kChunkRecords, kPollTime, handler);
      ROSTER_RETURN_IF_ERROR(written);
      if (!polled.ok()) {
        ROSTER_RETURN_IF_ERROR(WaitForLog(polled.status()));
        continue;
      }
      if (polled->complete_as_of) NoteEnd(*polled->complete_as_of);
    } while (!IsFull(applier) && !IsPast(applier.checkpoint()));
    checkpoint_ = applier.checkpoint();
    PassOn();
    ROSTER_RETURN_IF_ERROR(writer_.SetCheckpoint(checkpoint_));
    if (complete_as_of_ && to_end()) ROSTER_RETURN_IF_ERROR(writer_.SetFreshAsOf(*complete_as_of_));
    return writer_.Commit();
  }

  absl::Status Fold(const event_log::RecordView& record, Applier& applier) {
    LogIsThere();
    const auto [partition, offset] = record.location;
    if (!to_end() && partition >= 0 && static_cast<size_t>(partition) < passed_.size() &&
        offset >= target_.position.next_offsets[partition]) {
      passed_[partition] = true;
      return absl::OkStatus();
    }
    return applier.Apply(record);
  }

  void NoteEnd(absl::Time complete_as_of) {
    complete_as_of_ = complete_as_of;
    passed_.assign(passed_.size(), true);
  }

  bool IsFull(const Applier& applier) const {
    return applier.records() >= kBatchRecords || applier.bytes() >= kBatchBytes;
  }

  // Whether nothing before the target is left to read.
  bool IsPast(const Checkpoint& checkpoint) const {
    if (to_end()) return complete_as_of_.has_value();
    for (size_t i = 0; i < passed_.size(); ++i) {
      if (!passed_[i] && checkpoint.position.next_offsets[i] < target_.position.next_offsets[i]) return false;
    }
    return true;
  }

  // Where records before the target are no longer on the log, compacted away, it is reached by what comes after them.
  void PassOn() {
    if (to_end() || !IsPast(checkpoint_)) return;
    checkpoint_ = target_;
  }

  void LogIsThere() {
    failing_since_ = absl::InfiniteFuture();
    backoff_.Reset();
  }

  // `failure` of the log: OK once it is time to look again.
  absl::Status WaitForLog(const absl::Status& failure) {
    if (!absl::IsUnavailable(failure)) return failure;
    const absl::Time now = SteadyNow();
    failing_since_ = std::min(failing_since_, now);
    if (now - failing_since_ >= settings_.patience) return failure;
    absl::SleepFor(backoff_.Next());
    return absl::OkStatus();
  }

  void Tell() const {
    if (!settings_.on_progress) return;
    const int64_t total = to_end() ? 0 : RecordsBefore(target_.position) - started_at_;
    settings_.on_progress(RecordsBefore(checkpoint_.position) - started_at_, total);
  }

  event_log::EventLog& log_;
  const Clock& clock_;
  const Settings& settings_;
  read_model::Writer& writer_;
  const Checkpoint target_;
  Checkpoint checkpoint_;
  std::unique_ptr<event_log::Reader> reader_;
  int64_t started_at_ = 0;
  // Whether records at or past the target have come, one a partition.
  std::vector<bool> passed_;
  std::optional<absl::Time> complete_as_of_;
  absl::Time failing_since_ = absl::InfiniteFuture();
  Backoff backoff_{absl::Milliseconds(20), absl::Milliseconds(500)};
};

GenerationFold::GenerationFold(event_log::EventLog& log, const Clock& clock, Settings settings)
    : log_(log), clock_(clock), settings_(std::move(settings)) {}

absl::Status GenerationFold::FoldTo(read_model::Writer& writer, const Checkpoint& target) {
  if (target.position.empty()) return absl::OkStatus();
  const absl::Status folded = Run(*this, writer, target).ToTarget();
  if (!folded.ok()) writer.Rollback();
  return folded;
}

absl::Status GenerationFold::FoldToEnd(read_model::Writer& writer) {
  const absl::Status folded = Run(*this, writer, {}).ToTarget();
  if (!folded.ok()) writer.Rollback();
  return folded;
}

}  // namespace roster::projector
