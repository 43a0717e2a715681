#include "event-log/event_log.h"

#include "base/siphash.h"

namespace roster::event_log {
namespace {

// Of a log that has one writer by a lock: whoever holds it need not be elected.
class OnlyCandidate final : public Candidacy {
 public:
  explicit OnlyCandidate(EventLog& log) : log_(log) {}

  bool Elected() const override { return true; }
  std::string Leader() const override { return ""; }
  absl::Status Problem() const override { return absl::OkStatus(); }
  absl::StatusOr<std::unique_ptr<Appender>> Lead(absl::FunctionRef<bool()> keep_waiting) override {
    return log_.Lead(keep_waiting);
  }

 private:
  EventLog& log_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Candidacy>> EventLog::Stand(const CandidacyOptions&, absl::FunctionRef<bool()>) {
  return std::make_unique<OnlyCandidate>(*this);
}

uint64_t RecordChecksum(std::optional<absl::string_view> key, std::optional<absl::string_view> value) {
  // The hash of the key is the key of the value's hash; the two numbers tell an absent field from an empty one.
  const uint64_t key_hash = SipHash({1, key.has_value()}, key.value_or(""));
  return SipHash({key_hash, value.has_value()}, value.value_or(""));
}

AppendFailure FailureOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kAborted:
      return AppendFailure::kFenced;
    case absl::StatusCode::kUnavailable:
      return AppendFailure::kUnavailable;
    case absl::StatusCode::kResourceExhausted:
      return AppendFailure::kTooLarge;
    default:
      return AppendFailure::kUnknown;
  }
}

}  // namespace roster::event_log
