#ifndef ROSTER_PROJECTOR_LOG_FOR_TEST_H_
#define ROSTER_PROJECTOR_LOG_FOR_TEST_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "event-log/event_log.h"
#include "event-log/genesis.h"
#include "user-event/write_record.h"

namespace roster::projector {

// A log in memory, with any number of partitions, that tests write into as outsiders can, and that fails when told to.
//
// Thread safety: safe from any thread.
class LogForTest : public event_log::EventLog {
 public:
  struct StoredRecord {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<event_log::Header> headers;
    bool compacted = false;
  };

  static constexpr char kLogId[] = "0190a0a0-0000-7000-8000-000000000001";

  explicit LogForTest(const Clock& clock, int partitions = 1, std::string log_id = kLogId)
      : clock_(clock), log_id_(std::move(log_id)), partitions_(partitions) {}

  void AddGenesis() {
    const event_log::Record record =
        event_log::MakeGenesisRecord({log_id_, static_cast<int>(partitions_.size())}, clock_.Now());
    Add(0, {record.key, record.value, record.headers});
  }

  int64_t Add(int partition, StoredRecord record) {
    absl::MutexLock lock(&mutex_);
    partitions_[partition].push_back(std::move(record));
    ++changes_;
    return static_cast<int64_t>(partitions_[partition].size()) - 1;
  }

  int64_t Add(const v1::UserEvent& event, int partition = 0) {
    const event_log::Record record = user_event::WriteRecord(event, "");
    return Add(partition, {record.key, record.value, record.headers});
  }

  // Lets a record vanish, as compaction does: its offset stays without one.
  void Compact(int partition, int64_t offset) {
    absl::MutexLock lock(&mutex_);
    partitions_[partition][offset].compacted = true;
  }

  // Lets the next calls of Poll fail.
  void FailPolls(int count, absl::Status status) {
    absl::MutexLock lock(&mutex_);
    failing_polls_ = count;
    poll_failure_ = std::move(status);
    ++changes_;
  }
  void FailOpens(int count) {
    absl::MutexLock lock(&mutex_);
    failing_opens_ = count;
  }
  void FailCopies(int count) {
    absl::MutexLock lock(&mutex_);
    failing_copies_ = count;
  }
  std::vector<event_log::Record> copies() {
    absl::MutexLock lock(&mutex_);
    return copies_;
  }
  Position reported() {
    absl::MutexLock lock(&mutex_);
    return reported_;
  }

  absl::StatusOr<std::optional<event_log::LogIdentity>> ReadIdentity() override {
    absl::MutexLock lock(&mutex_);
    if (partitions_[0].empty()) return std::nullopt;
    return event_log::LogIdentity{log_id_, static_cast<int>(partitions_.size())};
  }

  absl::StatusOr<std::unique_ptr<event_log::Appender>> Lead(absl::FunctionRef<bool()>) override {
    return absl::UnimplementedError("tests add records themselves");
  }

  absl::StatusOr<std::vector<int64_t>> ReadEndOffsets() override { return absl::UnimplementedError("for tools"); }
  absl::StatusOr<std::unique_ptr<event_log::Reader>> OpenPartitionReader(const std::string&,
                                                                         event_log::RecordLocation) override {
    return absl::UnimplementedError("for tools");
  }
  absl::StatusOr<std::unique_ptr<event_log::Reader>> OpenReader(const Checkpoint& from) override {
    absl::MutexLock lock(&mutex_);
    if (failing_opens_ > 0) {
      --failing_opens_;
      return absl::UnavailableError("no broker");
    }
    if (!from.position.empty() && from.position.log_id != log_id_) return absl::FailedPreconditionError("another log");
    std::vector<int64_t> next = from.position.next_offsets;
    next.resize(partitions_.size());
    return std::make_unique<MemoryReader>(*this, std::move(next));
  }

  absl::Status CopyToDeadLetterTopic(const event_log::Record& record) override {
    absl::MutexLock lock(&mutex_);
    if (failing_copies_ > 0) {
      --failing_copies_;
      return absl::UnavailableError("no broker");
    }
    copies_.push_back(record);
    return absl::OkStatus();
  }

 private:
  class MemoryReader : public event_log::Reader {
   public:
    MemoryReader(LogForTest& log, std::vector<int64_t> next) : log_(log), next_(std::move(next)) {}

    absl::StatusOr<event_log::PollResult> Poll(int max_records, absl::Duration timeout,
                                               RecordHandler handler) override {
      absl::MutexLock lock(&log_.mutex_);
      const auto wanted = [this]() {
        return log_.failing_polls_ > 0 || HasRecords() || interrupted_ || !std::exchange(told_end_, true);
      };
      log_.mutex_.AwaitWithTimeout(absl::Condition(&wanted), timeout);
      interrupted_ = false;
      if (log_.failing_polls_ > 0) {
        --log_.failing_polls_;
        return log_.poll_failure_;
      }
      event_log::PollResult result;
      for (size_t partition = 0; partition < next_.size(); ++partition) {
        while (result.records < max_records && next_[partition] < std::ssize(log_.partitions_[partition])) {
          Hand(static_cast<int32_t>(partition), handler);
          ++result.records;
        }
      }
      if (!HasRecords() && !log_.partitions_[0].empty()) result.complete_as_of = log_.clock_.Now();
      return result;
    }

    void Interrupt() override {
      absl::MutexLock lock(&log_.mutex_);
      interrupted_ = true;
    }

    void ReportProgress(const Position& position) override {
      absl::MutexLock lock(&log_.mutex_);
      log_.reported_ = position;
    }

   private:
    bool HasRecords() const {
      for (size_t i = 0; i < next_.size(); ++i) {
        if (next_[i] < std::ssize(log_.partitions_[i])) return true;
      }
      return false;
    }

    void Hand(int32_t partition, RecordHandler handler) {
      const StoredRecord& stored = log_.partitions_[partition][next_[partition]];
      if (stored.compacted) {
        ++next_[partition];
        return;
      }
      std::vector<event_log::HeaderView> headers;
      for (const event_log::Header& header : stored.headers) headers.push_back({header.key, header.value});
      event_log::RecordView view;
      view.location = {partition, next_[partition]++};
      if (stored.key) view.key = *stored.key;
      if (stored.value) view.value = *stored.value;
      view.headers = headers;
      handler(view);
    }

    LogForTest& log_;
    std::vector<int64_t> next_;
    bool interrupted_ = false;
    bool told_end_ = false;
  };

  const Clock& clock_;
  const std::string log_id_;
  absl::Mutex mutex_;
  int64_t changes_ = 0;
  int failing_polls_ = 0;
  absl::Status poll_failure_;
  int failing_opens_ = 0;
  int failing_copies_ = 0;
  std::vector<std::vector<StoredRecord>> partitions_;
  std::vector<event_log::Record> copies_;
  Position reported_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_LOG_FOR_TEST_H_
