#ifndef ROSTER_EVENT_LOG_EMBEDDED_RECORD_TABLE_H_
#define ROSTER_EVENT_LOG_EMBEDDED_RECORD_TABLE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/file_identity.h"
#include "event-log/event_log.h"

namespace roster::event_log {

// The one table of an embedded log, through one connection.
//
// Thread safety: one thread.
class RecordTable {
 public:
  enum class Mode { kRead, kWrite };

  // For kWrite makes the file and the table where there are none. For kRead NOT_FOUND where there is no file, or none
  // with the table in it yet.
  static absl::StatusOr<std::unique_ptr<RecordTable>> Open(const std::string& path, Mode mode);

  // Whether the path still names the file that is open: neither removed nor replaced.
  bool InPlace() const;

  // One past the last record's offset.
  absl::StatusOr<int64_t> End();
  // Hands the records from `offset` on to `handler`, at most `max_records`. Returns how many. DATA_LOSS names the
  // offset whose record is missing or damaged.
  absl::StatusOr<int> Read(int64_t offset, int max_records, Reader::RecordHandler handler);
  // Adds `records` from `offset` on, in one durable transaction. Where `*committing` is set on failure, the failure
  // came at commit, and whether the records are there is not known; else they are not.
  absl::Status Append(int64_t offset, absl::Span<const Record> records, bool* committing);
  // Writes the records that are only in the WAL into the file itself, durably.
  absl::Status Checkpoint();

 private:
  RecordTable(const std::string& path, int flags);
  void Prepare();
  absl::Status HandleRow(int64_t expected_offset, Reader::RecordHandler handler);

  const std::string path_;
  // That is open.
  std::optional<FileIdentity> file_;
  SQLite::Database database_;
  std::optional<SQLite::Statement> end_;
  std::optional<SQLite::Statement> read_;
  std::optional<SQLite::Statement> insert_;
  std::vector<HeaderView> headers_;
};

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_EMBEDDED_RECORD_TABLE_H_
