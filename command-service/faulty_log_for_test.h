#ifndef ROSTER_COMMAND_SERVICE_FAULTY_LOG_FOR_TEST_H_
#define ROSTER_COMMAND_SERVICE_FAULTY_LOG_FOR_TEST_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/error.h"
#include "event-log/event_log.h"

namespace roster::command {

// A log whose appends go wrong as a test says, over a real one.
//
// Thread safety: safe from any thread.
class FaultyLog final : public event_log::EventLog {
 public:
  enum class Fault {
    kNone,
    // The append succeeds, and its answer is lost.
    kAnswerLost,
    // Nothing is appended, and whether it was is not told.
    kLostUnknown,
    kFenced,
    kUnavailable,
    kTooLarge,
  };

  explicit FaultyLog(event_log::EventLog& log) : log_(log) {}

  // The next appends (and proofs of lead) go wrong so, one after another.
  void Inject(std::vector<Fault> faults) {
    absl::MutexLock lock(&mutex_);
    faults_.assign(faults.begin(), faults.end());
  }
  // While set, appends, and with `lead` the taking of the lead, wait.
  void Hold(bool appends, bool lead) {
    absl::MutexLock lock(&mutex_);
    hold_appends_ = appends;
    hold_lead_ = lead;
  }
  // While set, nobody can open a reader: the call blocks.
  void HoldReaders(bool hold) {
    absl::MutexLock lock(&mutex_);
    hold_readers_ = hold;
  }
  // The next reader fails once after so many records.
  void FailNextReaderAfter(int records) {
    absl::MutexLock lock(&mutex_);
    fail_reader_after_ = records;
  }
  // Whether the one who stands is elected, and who leads where it is not. From the start it is elected.
  void Elect(bool elected, const std::string& leader = "") {
    std::function<void()> on_change;
    {
      absl::MutexLock lock(&mutex_);
      elected_ = elected;
      leader_ = leader;
      on_change = on_change_;
    }
    if (on_change) on_change();
  }
  bool appending() { return Held(appending_); }
  // Whether somebody stands for the lead.
  bool has_candidate() { return Held(has_candidate_); }
  // Whether the lead is being asked for while it is held.
  bool leading() { return Held(leading_); }

  absl::StatusOr<std::optional<event_log::LogIdentity>> ReadIdentity() override { return log_.ReadIdentity(); }
  absl::StatusOr<std::vector<int64_t>> ReadEndOffsets() override { return absl::UnimplementedError("for tools"); }
  absl::StatusOr<std::unique_ptr<event_log::Reader>> OpenPartitionReader(const std::string&,
                                                                         event_log::RecordLocation) override {
    return absl::UnimplementedError("for tools");
  }
  absl::StatusOr<std::unique_ptr<event_log::Reader>> OpenReader(const Checkpoint& from) override {
    ROSTER_ASSIGN_OR_RETURN(auto reader, log_.OpenReader(from));
    const auto may_open = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !hold_readers_; };
    absl::MutexLock lock(&mutex_, absl::Condition(&may_open));
    const std::optional<int> fail_after = std::exchange(fail_reader_after_, std::nullopt);
    if (!fail_after) return reader;
    return std::unique_ptr<event_log::Reader>(std::make_unique<FaultyReader>(std::move(reader), *fail_after));
  }

  absl::StatusOr<std::unique_ptr<event_log::Candidacy>> Stand(const event_log::CandidacyOptions& options,
                                                              absl::FunctionRef<bool()>) override {
    absl::MutexLock lock(&mutex_);
    on_change_ = options.on_change;
    has_candidate_ = true;
    return std::make_unique<ElectedAsTold>(*this);
  }

  absl::StatusOr<std::unique_ptr<event_log::Appender>> Lead(absl::FunctionRef<bool()> keep_waiting) override {
    while (Held(hold_lead_)) {
      SetLeading(true);
      if (!keep_waiting()) return absl::CancelledError("gave up");
    }
    SetLeading(false);
    ROSTER_ASSIGN_OR_RETURN(auto appender, log_.Lead(keep_waiting));
    return std::unique_ptr<event_log::Appender>(std::make_unique<FaultyAppender>(*this, std::move(appender)));
  }

 private:
  class ElectedAsTold final : public event_log::Candidacy {
   public:
    explicit ElectedAsTold(FaultyLog& log) : log_(log) {}
    ~ElectedAsTold() override {
      absl::MutexLock lock(&log_.mutex_);
      log_.on_change_ = nullptr;
      log_.has_candidate_ = false;
    }
    bool Elected() const override { return log_.Held(log_.elected_); }
    std::string Leader() const override {
      absl::MutexLock lock(&log_.mutex_);
      return log_.leader_;
    }
    absl::Status Problem() const override { return absl::OkStatus(); }
    absl::StatusOr<std::unique_ptr<event_log::Appender>> Lead(absl::FunctionRef<bool()> keep_waiting) override {
      return log_.Lead(keep_waiting);
    }

   private:
    FaultyLog& log_;
  };
  class FaultyReader final : public event_log::Reader {
   public:
    FaultyReader(std::unique_ptr<event_log::Reader> reader, int fail_after)
        : reader_(std::move(reader)), left_(fail_after) {}

    absl::StatusOr<event_log::PollResult> Poll(int max_records, absl::Duration timeout,
                                               RecordHandler handler) override {
      if (left_ <= 0) return absl::UnavailableError("away");
      auto result = reader_->Poll(max_records, timeout, handler);
      if (result.ok()) left_ -= result->records;
      return result;
    }
    void Interrupt() override { reader_->Interrupt(); }

   private:
    std::unique_ptr<event_log::Reader> reader_;
    int left_;
  };
  class FaultyAppender final : public event_log::Appender {
   public:
    FaultyAppender(FaultyLog& log, std::unique_ptr<event_log::Appender> appender)
        : log_(log), appender_(std::move(appender)) {}

    absl::StatusOr<std::vector<event_log::RecordLocation>> Append(absl::Span<const event_log::Record> records,
                                                                  absl::FunctionRef<void()> while_waiting) override {
      log_.SetAppending(true);
      while (log_.Held(log_.hold_appends_)) while_waiting();
      log_.SetAppending(false);
      const Fault fault = log_.NextFault();
      if (fault != Fault::kNone && fault != Fault::kAnswerLost) return ErrorOf(fault);
      auto locations = appender_->Append(records, while_waiting);
      if (fault == Fault::kAnswerLost) return ErrorOf(fault);
      return locations;
    }
    absl::Status ProveLead(absl::FunctionRef<void()> while_waiting) override {
      const Fault fault = log_.NextFault();
      return fault == Fault::kNone ? appender_->ProveLead(while_waiting) : ErrorOf(fault);
    }

   private:
    static absl::Status ErrorOf(Fault fault) {
      switch (fault) {
        case Fault::kFenced:
          return absl::AbortedError("fenced");
        case Fault::kUnavailable:
          return absl::UnavailableError("away");
        case Fault::kTooLarge:
          return absl::ResourceExhaustedError("too large");
        default:
          return absl::UnknownError("lost");
      }
    }
    FaultyLog& log_;
    std::unique_ptr<event_log::Appender> appender_;
  };

  bool Held(const bool& flag) {
    absl::MutexLock lock(&mutex_);
    return flag;
  }
  void SetAppending(bool appending) {
    absl::MutexLock lock(&mutex_);
    appending_ = appending;
  }
  void SetLeading(bool leading) {
    absl::MutexLock lock(&mutex_);
    leading_ = leading;
  }
  Fault NextFault() {
    absl::MutexLock lock(&mutex_);
    if (faults_.empty()) return Fault::kNone;
    const Fault fault = faults_.front();
    faults_.pop_front();
    return fault;
  }

  event_log::EventLog& log_;
  absl::Mutex mutex_;
  std::deque<Fault> faults_;
  std::optional<int> fail_reader_after_;
  bool hold_appends_ = false;
  bool hold_lead_ = false;
  bool hold_readers_ = false;
  bool has_candidate_ ABSL_GUARDED_BY(mutex_) = false;
  bool appending_ = false;
  bool leading_ = false;
  bool elected_ = true;
  std::string leader_;
  std::function<void()> on_change_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_FAULTY_LOG_FOR_TEST_H_
