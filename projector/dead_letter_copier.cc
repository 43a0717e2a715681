#include "projector/dead_letter_copier.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"

namespace roster::projector {
namespace {

constexpr int kPageRows = 256;
constexpr absl::Duration kRetryInitial = absl::Milliseconds(200);
constexpr absl::Duration kRetryMax = absl::Seconds(30);

}  // namespace

event_log::Record DeadLetterRecord(const std::string& topic, const read_model::DeadLetter& letter) {
  event_log::Record record;
  record.key = letter.key;
  record.value = letter.value;
  for (const auto& [key, value] : letter.headers) record.headers.push_back({key, value});
  const std::string partition = absl::StrCat(letter.id.partition);
  const std::string offset = absl::StrCat(letter.id.offset);
  const std::string error = absl::StrCat(letter.reason, ": ", letter.message);
  for (auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"__connect.errors.topic", topic},
           {"__connect.errors.partition", partition},
           {"__connect.errors.offset", offset},
           {"__connect.errors.exception.class.name", letter.reason},
           {"__connect.errors.exception.message", error},
           {"x-original-topic", topic},
           {"x-original-partition", partition},
           {"x-original-offset", offset},
           {"x-error", error},
       }) {
    record.headers.push_back({std::move(key), std::move(value)});
  }
  return record;
}

DeadLetterCopier::DeadLetterCopier(event_log::EventLog& log, read_model::Folder folder, std::string topic)
    : log_(log), folder_(std::move(folder)), topic_(std::move(topic)), thread_([this] { Run(); }) {}

DeadLetterCopier::~DeadLetterCopier() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  pause_.End();
  thread_.join();
}

void DeadLetterCopier::LookAgain() {
  absl::MutexLock lock(&mutex_);
  look_ = true;
}

std::vector<read_model::DeadLetterId> DeadLetterCopier::TakeCopied() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(copied_, {});
}

void DeadLetterCopier::StartOver() {
  absl::MutexLock lock(&mutex_);
  handled_.clear();
  copied_.clear();
  look_ = true;
}

void DeadLetterCopier::Run() {
  Backoff backoff(kRetryInitial, kRetryMax);
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      const auto wanted = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return look_ || stopping_; };
      mutex_.Await(absl::Condition(&wanted));
      if (stopping_) return;
      look_ = false;
    }
    const absl::Status status = CopyAll();
    if (status.ok()) {
      backoff.Reset();
      continue;
    }
    Log(LogLevel::kWarning, "cannot copy dead letters to the dead-letter topic: trying again", {{"error", status}});
    pause_.For(backoff.Next());
    LookAgain();
  }
}

absl::Status DeadLetterCopier::CopyAll() {
  absl::StatusOr<std::unique_ptr<read_model::Inspector>> inspector = read_model::Inspector::Open(folder_);
  if (absl::IsNotFound(inspector.status())) return absl::OkStatus();
  if (!inspector.ok()) return inspector.status();
  std::optional<read_model::DeadLetterId> after;
  for (;;) {
    ROSTER_ASSIGN_OR_RETURN(const std::vector<read_model::DeadLetterId> page,
                            (*inspector)->ListUncopiedDeadLetters(after, kPageRows));
    if (page.empty()) return absl::OkStatus();
    for (const read_model::DeadLetterId id : page) {
      if (!IsHandled(id)) ROSTER_RETURN_IF_ERROR(Copy(**inspector, id));
      absl::MutexLock lock(&mutex_);
      if (stopping_) return absl::OkStatus();
    }
    after = page.back();
  }
}

bool DeadLetterCopier::IsHandled(read_model::DeadLetterId id) {
  absl::MutexLock lock(&mutex_);
  return handled_.count(id) > 0;
}

absl::Status DeadLetterCopier::Copy(read_model::Inspector& inspector, read_model::DeadLetterId id) {
  ROSTER_ASSIGN_OR_RETURN(const std::optional<read_model::StoredDeadLetter> stored, inspector.ReadDeadLetter(id));
  if (!stored) return absl::OkStatus();
  const absl::Status status = log_.CopyToDeadLetterTopic(DeadLetterRecord(topic_, stored->letter));
  const bool refused = absl::IsResourceExhausted(status);
  if (!status.ok() && !refused) return status;
  if (refused) {
    Log(LogLevel::kWarning, "the dead-letter topic takes no record of this size: it is kept in the read model alone",
        {{"partition", id.partition}, {"offset", id.offset}, {"error", status}});
  }
  absl::MutexLock lock(&mutex_);
  handled_.insert(id);
  if (!refused) copied_.push_back(id);
  return absl::OkStatus();
}

}  // namespace roster::projector
