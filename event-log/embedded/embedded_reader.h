#ifndef ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_READER_H_
#define ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_READER_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/doorbell.h"
#include "event-log/embedded/record_table.h"
#include "event-log/event_log.h"

namespace roster::event_log {

// What the genesis record of the file says; absent where there is no file or no record.
absl::StatusOr<std::optional<LogIdentity>> ReadEmbeddedIdentity(const std::string& path);

// Reads an embedded log. See Reader and EmbeddedLog.
class EmbeddedReader final : public Reader {
 public:
  // Where `from` has no checksums, the record before it is not compared.
  static absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& path, const Clock& clock,
                                                      const Checkpoint& from);

  absl::StatusOr<PollResult> Poll(int max_records, absl::Duration timeout, RecordHandler handler) override;
  void Interrupt() override { listener_->Interrupt(); }
  std::vector<int64_t> KnownEndOffsets() override;

 private:
  EmbeddedReader(std::string path, const Clock& clock, std::unique_ptr<DoorbellListener> listener, int64_t next_offset)
      : path_(std::move(path)), clock_(clock), listener_(std::move(listener)), next_offset_(next_offset) {}

  absl::StatusOr<PollResult> Look(int max_records, RecordHandler handler);
  // Opens the file once it is there; false while it is not.
  absl::StatusOr<bool> EnsureOpen();
  // FAILED_PRECONDITION where another file has taken the place of the one being read.
  absl::Status CheckSameFile();

  const std::string path_;
  const Clock& clock_;
  std::unique_ptr<DoorbellListener> listener_;
  std::unique_ptr<RecordTable> table_;
  int64_t next_offset_;
  // Whether the end at next_offset_ was told already.
  bool told_end_ = false;
};

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_READER_H_
