#include "projector/fold_step.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/log.h"
#include "base/steady_time.h"

namespace roster::projector {
namespace {

constexpr int kMaxChunkRecords = 1000;
constexpr absl::Duration kMinBatchTime = absl::Milliseconds(1);
constexpr absl::Duration kProgressInterval = absl::Seconds(1);
constexpr absl::Duration kPruneInterval = absl::Seconds(10);
// Few enough that dropping them delays no batch by more than some milliseconds.
constexpr int kPruneRows = 5000;
// Readers follow to another generation within milliseconds.
constexpr absl::Duration kKeepFormer = absl::Seconds(5);

}  // namespace

FoldStep::FoldStep(const FoldOptions& options, event_log::EventLog& log, const read_model::Folder& folder,
                   const Clock& clock, DeadLetterCopier* copier, FoldMetrics& metrics)
    : options_(options), log_(log), folder_(folder), clock_(clock), copier_(copier), metrics_(metrics) {}

absl::StatusOr<read_model::Writer*> FoldStep::OpenWriter() {
  if (writer_ != nullptr) {
    ROSTER_RETURN_IF_ERROR(CheckInPlace());
    return writer_.get();
  }
  if (doorbell_ == nullptr) {
    ROSTER_ASSIGN_OR_RETURN(doorbell_, Doorbell::Open(folder_.DoorbellPath()));
  }
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> current, folder_.CurrentGeneration());
  const int64_t generation = current.value_or(1);
  ROSTER_ASSIGN_OR_RETURN(auto writer, read_model::Writer::Open(folder_.DatabasePath(generation)));
  if (!current) {
    ROSTER_RETURN_IF_ERROR(folder_.SetCurrentGeneration(generation));
    Ring();
  }
  writer_ = std::move(writer);
  generation_ = generation;
  file_ = IdentifyFile(folder_.DatabasePath(generation));
  // The file may be younger than what was reached before, where somebody removed it.
  caught_up_ = false;
  return writer_.get();
}

absl::Status FoldStep::CheckInPlace() const {
  if (IdentifyFile(folder_.DatabasePath(generation_)) == file_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the read model in ", folder_.path(),
                   " was removed or replaced while it was written; start roster-projector again: it is made anew"));
}

absl::Status FoldStep::FollowGeneration() {
  const bool caught_up = caught_up_;
  const int64_t former = generation_;
  if (writer_ != nullptr) writer_->Rollback();
  writer_.reset();
  ROSTER_ASSIGN_OR_RETURN(read_model::Writer * writer, OpenWriter());
  if (generation_ != former) RemoveSoon(former);
  ROSTER_ASSIGN_OR_RETURN(const Checkpoint checkpoint, writer->ReadCheckpoint());
  if (reader_ != nullptr && checkpoint == checkpoint_) {
    caught_up_ = caught_up;
  } else {
    SetReader(nullptr);
  }
  Ring();
  if (copier_ != nullptr) copier_->LookAgain();
  return absl::OkStatus();
}

void FoldStep::RemoveSoon(int64_t former_generation) {
  former_generation_ = former_generation;
  remove_former_at_ = SteadyNow() + kKeepFormer;
}

void FoldStep::RemoveFormerGeneration() {
  if (!former_generation_ || SteadyNow() < remove_former_at_) return;
  if (absl::Status removed = folder_.RemoveGeneration(*former_generation_); !removed.ok()) {
    Log(LogLevel::kWarning, "cannot remove the former generation of the read model", {{"error", removed}});
  }
  former_generation_.reset();
}

absl::Status FoldStep::OpenReader() {
  if (reader_ != nullptr) return absl::OkStatus();
  ROSTER_ASSIGN_OR_RETURN(checkpoint_, writer_->ReadCheckpoint());
  if (checkpoint_.position.empty()) {
    // Records of other partitions may be read before the genesis record, so the identity is asked for first.
    ROSTER_ASSIGN_OR_RETURN(const std::optional<event_log::LogIdentity> identity, log_.ReadIdentity());
    if (identity) {
      checkpoint_.position = StartOf(identity->log_id, identity->partitions);
      checkpoint_.last_checksums.assign(identity->partitions, 0);
    }
  }
  ROSTER_ASSIGN_OR_RETURN(std::unique_ptr<event_log::Reader> reader, log_.OpenReader(checkpoint_));
  SetReader(std::move(reader));
  reported_position_ = {};
  return absl::OkStatus();
}

absl::Status FoldStep::Run() {
  ROSTER_ASSIGN_OR_RETURN(read_model::Writer * writer, OpenWriter());
  absl::Status status = OpenReader();
  if (status.ok()) {
    Batch batch = ReadBatch(*writer);
    if (batch.write_error.ok()) batch.write_error = Commit(*writer, batch);
    status = AfterBatch(batch);
  }
  interrupted_ = false;
  return status;
}

// Reads until the log's end, as far as one transaction goes. The transaction begins with the first record.
FoldStep::Batch FoldStep::ReadBatch(read_model::Writer& writer) {
  Batch batch;
  const absl::Time began = SteadyNow();
  absl::Duration wait = interrupted_ ? absl::ZeroDuration() : IdleTime();
  do {
    const auto handler = [&](const event_log::RecordView& record) {
      if (batch.write_error.ok()) batch.write_error = Fold(writer, record, batch);
    };
    const absl::StatusOr<event_log::PollResult> polled = reader_->Poll(ChunkRecords(batch), wait, handler);
    if (!polled.ok()) {
      batch.read_error = polled.status();
      break;
    }
    batch.complete_as_of = polled->complete_as_of;
    if (polled->records == 0 || polled->complete_as_of) break;
    wait = absl::ZeroDuration();
  } while (batch.write_error.ok() && !IsFull(batch, began));
  return batch;
}

absl::Status FoldStep::Fold(read_model::Writer& writer, const event_log::RecordView& record, Batch& batch) {
  if (checkpoint_.position.empty()) {
    // The first record of a log that had none: begin again, now that its identity can be read.
    return absl::AbortedError("the log has its genesis record now");
  }
  if (!batch.applier) {
    ROSTER_RETURN_IF_ERROR(writer.Begin());
    batch.applier.emplace(writer, checkpoint_, clock_);
    batch.traces.emplace(options_.log_tracer, clock_);
  }
  Applier& applier = *batch.applier;
  const int records_before = applier.records();
  const int dead_letters_before = applier.dead_letters();
  batch.traces->Begin(record);
  ROSTER_RETURN_IF_ERROR(applier.Apply(record));
  if (applier.records() == records_before) batch.traces->PassOver(record);
  if (applier.dead_letters() > dead_letters_before) batch.traces->PutAside(record);
  return absl::OkStatus();
}

absl::Status FoldStep::Commit(read_model::Writer& writer, const Batch& batch) {
  const bool fresh = batch.complete_as_of && (batch.applier || FreshIsDue());
  if (!batch.applier && !fresh) return absl::OkStatus();
  if (batch.applier) {
    ROSTER_RETURN_IF_ERROR(writer.SetCheckpoint(batch.applier->checkpoint()));
  } else {
    ROSTER_RETURN_IF_ERROR(writer.Begin());
    // An empty log's identity is worth keeping too.
    ROSTER_RETURN_IF_ERROR(writer.SetCheckpoint(checkpoint_));
  }
  if (batch.complete_as_of) ROSTER_RETURN_IF_ERROR(writer.SetFreshAsOf(*batch.complete_as_of));
  ROSTER_RETURN_IF_ERROR(WriteUpkeep(writer));
  const absl::Time began = SteadyNow();
  ROSTER_RETURN_IF_ERROR(writer.Commit());
  Measure(batch, SteadyNow() - began);
  NoteCommitted(batch);
  return absl::OkStatus();
}

void FoldStep::Measure(const Batch& batch, absl::Duration commit_took) {
  const Position& position = batch.applier ? batch.applier->checkpoint().position : checkpoint_.position;
  metrics_.BatchCommitted(batch.applier ? batch.applier->records() : 0,
                          batch.applier ? batch.applier->dead_letters() : 0, commit_took);
  // At the end of the log only what is no record, Kafka's commit markers, may lie between.
  metrics_.SetPosition(position.next_offsets,
                       batch.complete_as_of ? position.next_offsets : reader_->KnownEndOffsets());
  metrics_.SetAsOf(batch.complete_as_of.value_or(batch.applier ? batch.applier->newest_event_at() : absl::UnixEpoch()));
}

absl::Status FoldStep::WriteUpkeep(read_model::Writer& writer) {
  if (copier_ != nullptr) {
    for (const read_model::DeadLetterId& id : copier_->TakeCopied()) {
      ROSTER_RETURN_IF_ERROR(writer.MarkDeadLetterCopied(id));
    }
  }
  const absl::Time now = clock_.Now();
  if (now - pruned_at_ < kPruneInterval) return absl::OkStatus();
  ROSTER_ASSIGN_OR_RETURN(const int pruned, writer.PruneChanges(now - options_.changes_retention, kPruneRows));
  // Where there is more to drop, go on with the next batch.
  if (pruned < kPruneRows) pruned_at_ = now;
  return absl::OkStatus();
}

void FoldStep::NoteCommitted(const Batch& batch) {
  if (batch.applier) checkpoint_ = batch.applier->checkpoint();
  if (batch.complete_as_of) {
    fresh_written_at_ = clock_.Now();
    caught_up_ = true;
  }
  Ring();
  if (batch.traces) batch.traces->Committed();
  if (batch.applier && batch.applier->dead_letters() > 0) {
    Log(LogLevel::kWarning, "kept records that cannot be folded as dead letters",
        {{"dead_letters", batch.applier->dead_letters()}, {"first", batch.applier->first_dead_letter()}});
    if (copier_ != nullptr) copier_->LookAgain();
  }
}

absl::Status FoldStep::AfterBatch(Batch& batch) {
  if (!batch.write_error.ok()) {
    Close();
    return absl::IsAborted(batch.write_error) ? absl::OkStatus() : batch.write_error;
  }
  if (batch.complete_as_of) end_reached_at_ = SteadyNow();
  RemoveFormerGeneration();
  heard_from_log_ = batch.applier || batch.complete_as_of;
  if (!batch.read_error.ok()) {
    // Any other error has left the reader of no use.
    if (!absl::IsUnavailable(batch.read_error)) SetReader(nullptr);
    return batch.read_error;
  }
  if (clock_.Now() - progress_reported_at_ >= kProgressInterval) ReportProgress();
  return absl::OkStatus();
}

void FoldStep::ReportProgress() {
  if (reader_ == nullptr || checkpoint_.position == reported_position_) return;
  reader_->ReportProgress(checkpoint_.position);
  reported_position_ = checkpoint_.position;
  progress_reported_at_ = clock_.Now();
}

bool FoldStep::IsFull(const Batch& batch, absl::Time began) const {
  if (!batch.applier || interrupted_) return true;
  return batch.applier->records() >= options_.batch_records || batch.applier->bytes() >= options_.batch_bytes ||
         SteadyNow() - began >= BatchTime();
}

// The longer the log's end is out of sight, the longer a transaction may take: what is behind by seconds wants
// throughput, what keeps up wants each record to be seen at once.
absl::Duration FoldStep::BatchTime() const {
  return std::clamp((SteadyNow() - end_reached_at_) / 10, kMinBatchTime, std::max(options_.batch_time, kMinBatchTime));
}

// How many records to ask for: so many that huge ones, one after another, do not go far beyond the batch's bytes.
int FoldStep::ChunkRecords(const Batch& batch) const {
  if (!batch.applier || batch.applier->records() == 0) return std::min(kMaxChunkRecords, options_.batch_records);
  const int64_t average = batch.applier->bytes() / batch.applier->records() + 1;
  const int64_t by_bytes = (options_.batch_bytes - batch.applier->bytes()) / average;
  const int64_t by_records = options_.batch_records - batch.applier->records();
  return static_cast<int>(std::clamp<int64_t>(std::min(by_bytes, by_records), 1, kMaxChunkRecords));
}

bool FoldStep::FreshIsDue() const { return !caught_up_ || clock_.Now() - fresh_written_at_ >= options_.fresh_interval; }

absl::Duration FoldStep::IdleTime() const {
  const bool unreported = checkpoint_.position != reported_position_;
  return unreported ? std::min(options_.fresh_interval, kProgressInterval) : options_.fresh_interval;
}

void FoldStep::Rollback() {
  if (writer_ != nullptr) writer_->Rollback();
}

void FoldStep::Interrupt() {
  interrupted_ = true;
  absl::MutexLock lock(&reader_mutex_);
  if (reader_ != nullptr) reader_->Interrupt();
}

void FoldStep::SetReader(std::unique_ptr<event_log::Reader> reader) {
  absl::MutexLock lock(&reader_mutex_);
  std::swap(reader_, reader);
}

void FoldStep::Close() {
  if (writer_ != nullptr) writer_->Rollback();
  writer_.reset();
  SetReader(nullptr);
  // Marks that were rolled back are made again, after another copy: at least once.
  if (copier_ != nullptr) copier_->StartOver();
}

void FoldStep::Ring() {
  if (doorbell_ != nullptr) doorbell_->Ring();
}

void FoldStep::Finish() {
  ReportProgress();
  if (writer_ == nullptr || copier_ == nullptr) return;
  // Only spares the next start some second copies, so an error changes nothing.
  const absl::Status status = [&]() -> absl::Status {
    ROSTER_RETURN_IF_ERROR(writer_->Begin());
    ROSTER_RETURN_IF_ERROR(WriteUpkeep(*writer_));
    return writer_->Commit();
  }();
  if (!status.ok()) writer_->Rollback();
}

}  // namespace roster::projector
