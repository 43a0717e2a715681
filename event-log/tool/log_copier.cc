#include "event-log/tool/log_copier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/backoff.h"
#include "base/error.h"
#include "base/steady_time.h"
#include "event-log/tool/merged_source.h"

namespace roster::event_log::tool {
namespace {

// How often the lead is taken anew before the operator is asked.
constexpr int kAttempts = 5;
constexpr absl::Duration kAppendPatience = absl::Minutes(1);

absl::Status With(absl::string_view log, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(log, ": ", status.message()));
}

size_t BytesOf(const Record& record) {
  size_t bytes = record.key.value_or("").size() + record.value.value_or("").size();
  for (const Header& header : record.headers) bytes += header.key.size() + header.value.size();
  return bytes;
}

}  // namespace

absl::StatusOr<CopyResult> LogCopier::Run() {
  ROSTER_RETURN_IF_ERROR(Prepare());
  bool again = true;
  for (int attempt = 0; again && attempt < kAttempts; ++attempt) ROSTER_RETURN_IF_ERROR(CopyRest(again));
  if (again)
    return absl::UnavailableError("the lead of the target was lost again and again; run the same command again");
  if (!result_.foreign) ROSTER_RETURN_IF_ERROR(Verify());
  return result_;
}

absl::Status LogCopier::Prepare() {
  const auto source = source_.ReadIdentity();
  if (!source.ok()) return With("the source", source.status());
  if (!*source) return absl::FailedPreconditionError("the source holds no log: there is nothing to copy");
  result_.source = **source;
  ROSTER_RETURN_IF_ERROR(HoldSource());
  // Before anything is written: an identity that the two share means that they are one log.
  const auto target = target_.ReadIdentity();
  if (!target.ok()) return With("the target", target.status());
  if (*target && (*target)->log_id == result_.source.log_id) {
    return absl::FailedPreconditionError(
        absl::StrCat("source and target are the same log, ", result_.source.log_id, ", or a copy of its file"));
  }
  return LeadTarget();
}

absl::Status LogCopier::HoldSource() {
  const auto ends = source_.ReadEndOffsets();
  if (!ends.ok()) return With("the source", ends.status());
  source_partitions_ = static_cast<int>(ends->size());
  total_ = 0;
  for (const int64_t end : *ends) total_ += end;
  // With partitions added nobody can lead it any more, and copying is the way out.
  if (source_partitions_ > result_.source.partitions) return absl::OkStatus();
  auto lead = LeadHolder::Take(source_, options_.election_patience);
  if (lead.ok()) {
    source_lead_.emplace(*std::move(lead));
    return absl::OkStatus();
  }
  result_.source_not_held = std::string(lead.status().message());
  if (source_partitions_ == 1) return absl::OkStatus();
  // While partitions grow, none of them tells what the others are yet to hold, so the order would not be certain.
  return absl::FailedPreconditionError(
      absl::StrCat("the source has ", source_partitions_,
                   " partitions and can be copied only while nobody writes to it: ", lead.status().message()));
}

absl::Status LogCopier::LeadTarget() {
  auto lead = LeadHolder::Take(target_, options_.election_patience);
  if (!lead.ok()) return With("the target", lead.status());
  target_lead_.emplace(*std::move(lead));
  const auto target = target_.ReadIdentity();
  if (!target.ok()) return With("the target", target.status());
  if (!*target) return absl::UnavailableError("the target: its genesis record cannot be read yet; run it again");
  result_.target = **target;
  return absl::OkStatus();
}

void LogCopier::Tell(const char* phase, int64_t records) const { options_.on_progress({phase, records, total_}); }

absl::StatusOr<Match> LogCopier::MatchFromStart(const char* phase, PartitionStreams& source) {
  ROSTER_ASSIGN_OR_RETURN(source, OpenPartitions(source_, result_.source.log_id, source_partitions_));
  ROSTER_ASSIGN_OR_RETURN(const PartitionStreams target,
                          OpenPartitions(target_, result_.target.log_id, result_.target.partitions));
  Tell(phase, 0);
  return MatchLogs(source, target, [&](int64_t records) { Tell(phase, records); });
}

absl::Status LogCopier::CopyRest(bool& again) {
  again = false;
  PartitionStreams source;
  ROSTER_ASSIGN_OR_RETURN(const Match match, MatchFromStart("comparing what is there", source));
  if (!result_.already_there) result_.already_there = match.records;
  // Of a last batch whose outcome was unknown.
  result_.copied = match.records - *result_.already_there;
  result_.foreign = match.foreign;
  if (match.foreign) return absl::OkStatus();
  const absl::Status status = AppendAll(source, again);
  if (!again) return status;
  const absl::Status led = target_lead_->TakeAgain();
  return led.ok() ? led : With("the target", led);
}

absl::Status LogCopier::AppendAll(const PartitionStreams& streams, bool& again) {
  MergedSource source(streams);
  Tell("copying", result_.total());
  for (bool at_end = false; !at_end;) {
    std::vector<Record> batch;
    size_t bytes = 0;
    while (static_cast<int>(batch.size()) < options_.batch_records &&
           static_cast<int64_t>(bytes) < options_.batch_bytes) {
      ROSTER_ASSIGN_OR_RETURN(const StoredRecord* const head, source.Head());
      at_end = head == nullptr;
      if (at_end) break;
      bytes += BytesOf(head->record);
      batch.push_back(head->record);
      source.Pop();
    }
    const absl::Status status = Append(batch);
    const AppendFailure failure = FailureOf(status);
    again = !status.ok() && (failure == AppendFailure::kFenced || failure == AppendFailure::kUnknown);
    if (!status.ok()) return With("the target", status);
    result_.copied += static_cast<int64_t>(batch.size());
    Tell("copying", result_.total());
  }
  return absl::OkStatus();
}

absl::Status LogCopier::Append(const std::vector<Record>& batch) {
  if (batch.empty()) return absl::OkStatus();
  Backoff backoff(absl::Milliseconds(200), absl::Seconds(5));
  const absl::Time deadline = SteadyNow() + kAppendPatience;
  for (;;) {
    const absl::Status status = target_lead_->appender().Append(batch, [] {}).status();
    if (status.ok() || FailureOf(status) != AppendFailure::kUnavailable || SteadyNow() > deadline) return status;
    absl::SleepFor(backoff.Next());
  }
}

absl::Status LogCopier::Verify() {
  PartitionStreams source;
  total_ = result_.total();
  ROSTER_ASSIGN_OR_RETURN(const Match match, MatchFromStart("verifying", source));
  result_.verified = match.records;
  result_.foreign = match.foreign;
  if (match.foreign) return absl::OkStatus();
  bool all = match.records == total_;
  // Of a source that is still written to there may be more by now.
  for (const auto& partition : source) {
    ROSTER_ASSIGN_OR_RETURN(const StoredRecord* const left, partition->Head());
    all = all && (left == nullptr || !result_.source_not_held.empty());
  }
  if (all) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("of ", total_, " records that were copied the target holds ", match.records,
                                          " in the source's order; look at it with roster-log show"));
}

}  // namespace roster::event_log::tool
