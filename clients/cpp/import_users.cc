#include "clients/cpp/import_users.h"

#include <deque>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/error.h"
#include "clients/cpp/rpc_error.h"
#include "clients/cpp/stall_guard.h"
#include "roster/v1/user_command_service.grpc.pb.h"

namespace roster::client {
namespace {

using Stream = grpc::ClientReaderWriter<v1::ImportUsersRequest, v1::ImportUsersResponse>;

// The batches that are not yet answered, over all streams of one import. A stream's writing thread takes them to send,
// its reading thread takes out the answered ones.
//
// Thread safety: safe from any thread.
class Window {
 public:
  Window(int size, const NextImportBatch& next) : size_(static_cast<size_t>(size)), next_(next) {}

  // A new stream begins: everything unanswered is to be sent again.
  void StartStream() {
    absl::MutexLock lock(&mutex_);
    sent_ = 0;
    stream_ended_ = false;
  }

  // Waits for room. Null when there is nothing more to send, or the stream has ended.
  std::shared_ptr<const ImportBatch> TakeToSend() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Window::MaySend));
    if (stream_ended_) return nullptr;
    if (sent_ == unanswered_.size() && !FetchLocked()) return nullptr;
    return unanswered_[sent_++];
  }

  // The oldest batch sent, or null where none waits for an answer.
  std::shared_ptr<const ImportBatch> Oldest() {
    absl::MutexLock lock(&mutex_);
    return sent_ == 0 ? nullptr : unanswered_.front();
  }

  // The oldest was answered. Returns whether another one waits for its answer.
  bool Answered() {
    absl::MutexLock lock(&mutex_);
    unanswered_.pop_front();
    return --sent_ > 0;
  }

  void EndStream() {
    absl::MutexLock lock(&mutex_);
    stream_ended_ = true;
  }

  // Whether the source has no more and everything was answered.
  bool Finished() {
    absl::MutexLock lock(&mutex_);
    return source_ended_ && unanswered_.empty();
  }

  absl::Status source_error() {
    absl::MutexLock lock(&mutex_);
    return source_error_;
  }

 private:
  bool MaySend() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stream_ended_ || sent_ < unanswered_.size() || source_ended_ || unanswered_.size() < size_;
  }

  // Reads the next batch from the source, without the lock meanwhile: answers may come. Only the writing thread adds.
  bool FetchLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (source_ended_) return false;
    mutex_.Unlock();
    absl::StatusOr<std::optional<ImportBatch>> batch = next_();
    mutex_.Lock();
    source_ended_ = !batch.ok() || !batch->has_value();
    if (!batch.ok()) source_error_ = batch.status();
    if (source_ended_) return false;
    unanswered_.push_back(std::make_shared<const ImportBatch>(**std::move(batch)));
    return !stream_ended_;
  }

  const size_t size_;
  const NextImportBatch& next_;
  absl::Mutex mutex_;
  std::deque<std::shared_ptr<const ImportBatch>> unanswered_ ABSL_GUARDED_BY(mutex_);
  // How many of them, from the front, were sent on the present stream.
  size_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stream_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool source_ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status source_error_ ABSL_GUARDED_BY(mutex_);
};

void SendAll(Stream& stream, Window& window, StallGuard& guard, absl::Duration timeout) {
  while (const auto batch = window.TakeToSend()) {
    guard.Arm(timeout);
    if (!stream.Write(batch->request)) return;
  }
  stream.WritesDone();
}

// The first row that was refused for a reason that passes.
absl::Status PassingFailure(const v1::ImportUsersResponse& response) {
  for (const v1::ImportUsersResult& result : response.results()) {
    if (!result.has_error()) continue;
    const absl::Status status = ToStatus(result.error());
    if (IsRetryable(status)) return status;
  }
  return absl::OkStatus();
}

// OK when `response` is the answer to `batch` and may be given to the caller.
absl::Status CheckAnswer(const ImportBatch* batch, const v1::ImportUsersResponse& response) {
  if (batch == nullptr || response.results_size() != batch->request.rows_size()) {
    return absl::InternalError("the command service answered other rows than it was sent");
  }
  return PassingFailure(response);
}

absl::Status RunStream(Retrier& retrier, Window& window, const ImportOptions& options,
                       const OnImportAnswer& on_answer) {
  grpc::ClientContext context;
  StallGuard guard(context);
  const auto stream = v1::UserCommandService::NewStub(retrier.endpoint().channel)->ImportUsers(&context);
  window.StartStream();
  std::thread writer([&] { SendAll(*stream, window, guard, options.call.timeout); });
  absl::Status failure;
  v1::ImportUsersResponse response;
  while (stream->Read(&response)) {
    const auto batch = window.Oldest();
    failure = CheckAnswer(batch.get(), response);
    if (!failure.ok()) break;
    on_answer(*batch, response);
    if (window.Answered()) {
      guard.Arm(options.call.timeout);
    } else {
      // The source may take its time, a person at a terminal for instance.
      guard.Disarm();
    }
    retrier.Progress();
  }
  window.EndStream();
  if (!failure.ok()) context.TryCancel();
  writer.join();
  const absl::Status status = guard.Explain(ToStatus(stream->Finish()));
  if (!failure.ok() || !status.ok()) return failure.ok() ? status : failure;
  return window.Finished() ? absl::OkStatus()
                           : absl::UnavailableError("the stream ended before all rows were answered");
}

}  // namespace

absl::Status ImportUsers(Endpoints& endpoints, const ImportOptions& options, const NextImportBatch& next,
                         const OnImportAnswer& on_answer) {
  Window window(options.window, next);
  Retrier retrier(endpoints, options.call);
  for (;;) {
    const absl::Status status = RunStream(retrier, window, options, on_answer);
    if (window.Finished()) return window.source_error();
    ROSTER_RETURN_IF_ERROR(retrier.AfterFailure(status));
  }
}

}  // namespace roster::client
