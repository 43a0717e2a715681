#include "event-log/embedded/embedded_log.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/uuid.h"
#include "event-log/embedded/embedded_appender.h"
#include "event-log/embedded/embedded_reader.h"
#include "event-log/embedded/record_table.h"
#include "event-log/genesis.h"

namespace roster::event_log {
namespace {

class EmbeddedLog final : public EventLog {
 public:
  EmbeddedLog(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}

  absl::StatusOr<std::optional<LogIdentity>> ReadIdentity() override { return ReadEmbeddedIdentity(path_); }

  absl::StatusOr<std::unique_ptr<Appender>> Lead(absl::FunctionRef<bool()>) override {
    ROSTER_ASSIGN_OR_RETURN(auto appender, EmbeddedAppender::Open(path_));
    ROSTER_ASSIGN_OR_RETURN(const auto identity, ReadEmbeddedIdentity(path_));
    if (!identity) {
      const Record genesis =
          MakeGenesisRecord({.log_id = UuidV7Generator(clock_).Next(), .partitions = 1}, clock_.Now());
      ROSTER_RETURN_IF_ERROR(appender->Append({genesis}, [] {}).status());
    }
    return appender;
  }

  absl::StatusOr<std::unique_ptr<Reader>> OpenReader(const Checkpoint& from) override {
    return EmbeddedReader::Open(path_, clock_, from);
  }

  absl::StatusOr<std::vector<int64_t>> ReadEndOffsets() override {
    absl::StatusOr<std::unique_ptr<RecordTable>> table = RecordTable::Open(path_, RecordTable::Mode::kRead);
    if (absl::IsNotFound(table.status())) return std::vector<int64_t>();
    if (!table.ok()) return table.status();
    ROSTER_ASSIGN_OR_RETURN(const int64_t end, (*table)->End());
    return std::vector<int64_t>{end};
  }

  std::string DatabasePath() const override { return path_; }

  // What stands before `from` is not known, and not compared.
  absl::StatusOr<std::unique_ptr<Reader>> OpenPartitionReader(const std::string& log_id, RecordLocation from) override {
    if (from.partition != 0 || from.offset < 0) {
      return absl::InvalidArgumentError(absl::StrCat("the log ", path_,
                                                     " has one partition, 0, and no record at offset ", from.offset,
                                                     " of partition ", from.partition));
    }
    return EmbeddedReader::Open(path_, clock_, {.position = {log_id, {from.offset}}});
  }

 private:
  const std::string path_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<EventLog> OpenEmbeddedLog(const std::string& path, const Clock& clock) {
  return std::make_unique<EmbeddedLog>(path, clock);
}

}  // namespace roster::event_log
