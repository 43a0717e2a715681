#ifndef ROSTER_EVENT_LOG_TOOL_LOG_COPIER_H_
#define ROSTER_EVENT_LOG_TOOL_LOG_COPIER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "event-log/event_log.h"
#include "event-log/tool/lead_holder.h"
#include "event-log/tool/log_matcher.h"

namespace roster::event_log::tool {

struct CopyProgress {
  // "comparing what is there", "copying", "verifying".
  const char* phase = "";
  int64_t records = 0;
  // About how many there will be.
  int64_t total = 0;
};

struct CopyOptions {
  int batch_records = 5000;
  int64_t batch_bytes = 4 << 20;
  // How long to wait for the lead of a log that another program may be about to lay down.
  absl::Duration election_patience = absl::Seconds(20);
  std::function<void(const CopyProgress&)> on_progress = [](const CopyProgress&) {};
};

struct CopyResult {
  LogIdentity source;
  LogIdentity target;
  // Found in the target, from an earlier run.
  std::optional<int64_t> already_there;
  int64_t copied = 0;
  // Compared with the source after the last one was copied: the sum of both, unless `foreign` is set.
  int64_t verified = 0;
  // A record of the target that the source does not have there: it is another log, or somebody else wrote to it.
  std::optional<RecordLocation> foreign;
  // Why the source may hold more records by now. Empty: nobody could write to it since the copy began.
  std::string source_not_held;

  int64_t total() const { return already_there.value_or(0) + copied; }
};

// Copies all records of one log into another: key, value and headers byte for byte, in the order in which they were
// written. The target is a log of its own: its own genesis record and identity, its own partitions and offsets. So
// tokens of the source do not hold there, and models are folded from it anew.
//
// - Cut off at any moment, it goes on: each run compares what the target holds with the source, and copies the rest.
//   Nothing but the target says how far it is. Batches are appended in order, each all or nothing.
// - It takes the lead of the target, so that no second copy and no command service writes there meanwhile; and that of
//   the source, where nobody has it, so that what was copied is all there is.
// - At the end both logs are read anew, from their first records, and compared.
//
// Thread safety: one thread.
class LogCopier {
 public:
  // All must outlive it.
  LogCopier(EventLog& source, EventLog& target, const CopyOptions& options)
      : source_(source), target_(target), options_(options) {}

  // UNAVAILABLE: a log was away for too long; run it again. FAILED_PRECONDITION says what to do.
  absl::StatusOr<CopyResult> Run();

 private:
  absl::Status Prepare();
  absl::Status HoldSource();
  absl::Status LeadTarget();
  // One attempt to copy what is missing; sets `again` where the lead of the target must be taken anew.
  absl::Status CopyRest(bool& again);
  absl::Status AppendAll(const PartitionStreams& source, bool& again);
  absl::Status Append(const std::vector<Record>& batch);
  absl::Status Verify();
  absl::StatusOr<Match> MatchFromStart(const char* phase, PartitionStreams& source);
  void Tell(const char* phase, int64_t records) const;

  EventLog& source_;
  EventLog& target_;
  const CopyOptions options_;
  CopyResult result_;
  int source_partitions_ = 0;
  int64_t total_ = 0;
  std::optional<LeadHolder> source_lead_;
  std::optional<LeadHolder> target_lead_;
};

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_LOG_COPIER_H_
