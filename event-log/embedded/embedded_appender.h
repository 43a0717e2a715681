#ifndef ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_APPENDER_H_
#define ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_APPENDER_H_

#include <memory>
#include <string>
#include <vector>

#include "base/doorbell.h"
#include "base/file_lock.h"
#include "base/helper_thread.h"
#include "event-log/embedded/record_table.h"
#include "event-log/event_log.h"

namespace roster::event_log {

// The one writer of an embedded log: holds its lock from Open on.
//
// Thread safety: one thread.
class EmbeddedAppender final : public Appender {
 public:
  // Makes the file where there is none. FAILED_PRECONDITION where another process holds the lock.
  static absl::StatusOr<std::unique_ptr<EmbeddedAppender>> Open(const std::string& path);

  absl::StatusOr<std::vector<RecordLocation>> Append(absl::Span<const Record> records,
                                                     absl::FunctionRef<void()> while_waiting) override;
  // The lock is the proof, for as long as the file is in its place.
  absl::Status ProveLead(absl::FunctionRef<void()> while_waiting) override;

 private:
  // UNKNOWN where the file is not the log any more: whatever was written to it, nobody else will read.
  absl::Status CheckInPlace();

  EmbeddedAppender(FileLock lock, std::unique_ptr<RecordTable> table, std::unique_ptr<Doorbell> doorbell, int64_t end,
                   std::string path);

  const std::string path_;
  FileLock lock_;
  std::unique_ptr<RecordTable> table_;
  std::unique_ptr<Doorbell> doorbell_;
  int64_t end_;
  // Set once a commit has failed, or the file was lost: what the file holds is not known until it is opened anew.
  bool spent_ = false;
  // For appends that are worth it.
  HelperThread helper_;
};

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_APPENDER_H_
