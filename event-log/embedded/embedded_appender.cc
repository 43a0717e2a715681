#include "event-log/embedded/embedded_appender.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "event-log/embedded/embedded_log.h"

namespace roster::event_log {
namespace {

// From how many records on the caller is left free to do something else meanwhile: for fewer, waking another thread
// takes longer than it spares.
constexpr size_t kManyRecords = 16;

absl::Status CheckSize(absl::Span<const Record> records) {
  if (records.size() > kMaxBatchRecords) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a batch of ", records.size(), " records; the limit is ", kMaxBatchRecords));
  }
  for (const Record& record : records) {
    size_t bytes = record.key.value_or("").size() + record.value.value_or("").size();
    for (const Header& header : record.headers) bytes += header.key.size() + header.value.size();
    if (bytes > kMaxRecordBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("a record of ", bytes, " bytes; the limit is ", kMaxRecordBytes));
    }
  }
  return absl::OkStatus();
}

}  // namespace

EmbeddedAppender::EmbeddedAppender(FileLock lock, std::unique_ptr<RecordTable> table,
                                   std::unique_ptr<Doorbell> doorbell, int64_t end, std::string path)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      table_(std::move(table)),
      doorbell_(std::move(doorbell)),
      end_(end) {}

absl::StatusOr<std::unique_ptr<EmbeddedAppender>> EmbeddedAppender::Open(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  absl::StatusOr<FileLock> lock = FileLock::Acquire(path + ".lock");
  if (absl::IsFailedPrecondition(lock.status())) {
    return absl::FailedPreconditionError(absl::StrCat("the log ", path,
                                                      " is being written by another process: an embedded log "
                                                      "has one command service. Stop the other one first"));
  }
  if (!lock.ok()) return lock.status();
  ROSTER_ASSIGN_OR_RETURN(auto table, RecordTable::Open(path, RecordTable::Mode::kWrite));
  // After a failed fsync the kernel may have dropped what it could not write, and a later fsync would not tell. What
  // the WAL is read to hold now counts from here on, so it is written once more.
  ROSTER_RETURN_IF_ERROR(table->Checkpoint());
  ROSTER_ASSIGN_OR_RETURN(auto doorbell, Doorbell::Open(path + ".doorbell"));
  ROSTER_ASSIGN_OR_RETURN(const int64_t end, table->End());
  return std::unique_ptr<EmbeddedAppender>(
      new EmbeddedAppender(*std::move(lock), std::move(table), std::move(doorbell), end, path));
}

absl::StatusOr<std::vector<RecordLocation>> EmbeddedAppender::Append(absl::Span<const Record> records,
                                                                     absl::FunctionRef<void()> while_waiting) {
  if (spent_) return absl::UnknownError("an earlier commit to the log failed");
  ROSTER_RETURN_IF_ERROR(CheckSize(records));
  std::vector<RecordLocation> locations;
  for (size_t i = 0; i < records.size(); ++i) locations.push_back({0, end_ + static_cast<int64_t>(i)});
  absl::Status status;
  const auto append = [&] { status = table_->Append(end_, records, &spent_); };
  if (records.size() < kManyRecords) {
    append();
  } else {
    helper_.Run(append, while_waiting);
  }
  if (!status.ok()) return spent_ ? absl::UnknownError(status.message()) : absl::UnavailableError(status.message());
  spent_ = false;
  ROSTER_RETURN_IF_ERROR(CheckInPlace());
  end_ += static_cast<int64_t>(records.size());
  doorbell_->Ring();
  return locations;
}

absl::Status EmbeddedAppender::ProveLead(absl::FunctionRef<void()>) {
  return spent_ ? absl::UnknownError("an earlier commit to the log failed") : CheckInPlace();
}

absl::Status EmbeddedAppender::CheckInPlace() {
  spent_ = !table_->InPlace();
  return spent_ ? absl::UnknownError(absl::StrCat("the log ", path_, " was removed or replaced")) : absl::OkStatus();
}

}  // namespace roster::event_log
