#ifndef ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_LOG_H_
#define ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_LOG_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "event-log/event_log.h"

namespace roster::event_log {

// The embedded adapter: a log of one partition in one SQLite file, with no broker to run.
//
// Durability: an Append is on the disk (WAL, synchronous=FULL) before it returns.
// Writers: one process, by a lock on `<path>.lock`. Readers: any number of processes, also while none writes, woken by
// the doorbell `<path>.doorbell`.
// Damage: each record carries a checksum, and offsets have no gaps; what does not fit is DATA_LOSS and names the
// offset. A batch holds at most kMaxBatchRecords records, a record at most kMaxRecordBytes; more is kTooLarge.
//
// The file need not be there yet: it is made by the first Lead. Its folder must be writable for Lead, and there for a
// reader. `clock` must outlive the log.
std::unique_ptr<EventLog> OpenEmbeddedLog(const std::string& path, const Clock& clock);

inline constexpr size_t kMaxRecordBytes = 1 << 20;
inline constexpr size_t kMaxBatchRecords = 100'000;

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_EMBEDDED_EMBEDDED_LOG_H_
