#ifndef ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_APPENDER_H_
#define ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_APPENDER_H_

#include <memory>
#include <string>
#include <vector>

#include "base/doorbell.h"
#include "base/file_lock.h"
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
  // The lock is the proof.
  absl::Status ProveLead(absl::FunctionRef<void()> while_waiting) override;

 private:
  EmbeddedAppender(FileLock lock, std::unique_ptr<RecordTable> table, std::unique_ptr<Doorbell> doorbell, int64_t end);

  FileLock lock_;
  std::unique_ptr<RecordTable> table_;
  std::unique_ptr<Doorbell> doorbell_;
  int64_t end_;
  // Set once a commit has failed: what the file holds is not known until it is opened anew.
  bool spent_ = false;
};

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_APPENDER_H_
