#include "query-service/watch_users.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "base/steady_time.h"
#include "query-service/raw_message.h"
#include "query-service/read_after.h"
#include "query-service/resume_token.h"
#include "query-service/watch_batch.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

using Message = v1::WatchUsersResponse;

class WatchUsersHandler final : public RawStreamCall::Handler, public Waiter {
 public:
  WatchUsersHandler(Worker& worker, RawStreamCall& call) : Waiter(worker), call_(call) {}
  ~WatchUsersHandler() override {
    if (counted_) worker().state().watches.Leave();
  }

  void OnReady() override {
    ready_ = true;
    Advance();
  }
  void OnDone() override {
    ready_ = false;
    StopWaiting();
  }
  void Look() override {
    if (ready_) Advance();
  }

 private:
  void Advance() {
    if (absl::Status status = TryAdvance(); !status.ok()) {
      ready_ = false;
      StopWaiting();
      call_.Finish(ReadModelError(status));
    }
  }

  // Does the next step: sends one message, or waits.
  absl::Status TryAdvance() {
    if (!accepted_) ROSTER_RETURN_IF_ERROR(Accept());
    if (worker().stopping()) return End();
    if (!place_) ROSTER_RETURN_IF_ERROR(Begin());
    if (!place_) return absl::OkStatus();
    if (batch_.users.empty()) ROSTER_RETURN_IF_ERROR(ReadBatch());
    if (!batch_.users.empty()) {
      SendUser();
    } else if (!synced_ && synced_due_) {
      synced_ = true;
      SendEvent(Message::kSyncedFieldNumber, v1::WatchUsersSynced());
    } else if (batch_.more) {
      Yield();
    } else if (SteadyNow() >= idle_at_) {
      SendIdle();
    } else {
      WaitUntil(idle_at_);
    }
    return absl::OkStatus();
  }

  absl::Status Accept() {
    v1::WatchUsersRequest request;
    ROSTER_RETURN_IF_ERROR(ParseRequest(call_.request(), request));
    if (!request.resume_token().empty() && !request.read_after().empty()) {
      return rpc::InvalidFields({{"read_after", "must not be set with resume_token, which says where to go on"}});
    }
    ROSTER_ASSIGN_OR_RETURN(read_after_.position, ParseReadAfter(request.read_after()));
    if (!request.resume_token().empty()) {
      ROSTER_ASSIGN_OR_RETURN(resume_from_, DecodeResumeToken(request.resume_token()));
    }
    if (!worker().state().watches.Enter()) return Overloaded("watches");
    counted_ = true;
    accepted_ = true;
    PostponeIdle();
    return absl::OkStatus();
  }

  // Sets where the watch starts; without a resume token that may have to wait for read_after.
  absl::Status Begin() {
    ROSTER_ASSIGN_OR_RETURN(read_model::Snapshot snapshot, BeginSnapshot());
    fresh_as_of_ = *snapshot.head().fresh_as_of;
    if (resume_from_) {
      place_ = std::move(resume_from_);
      target_ = snapshot.head().position;
      return absl::OkStatus();
    }
    ROSTER_ASSIGN_OR_RETURN(const bool includes, Includes(snapshot, read_after_));
    if (!includes) {
      const absl::Time now = SteadyNow();
      if (!wait_limit_)
        wait_limit_ = WaitLimit(now, call_.deadline(), absl::Milliseconds(worker().state().options.max_wait_ms));
      if (now >= *wait_limit_) return NotYetVisible();
      WaitUntil(*wait_limit_);
      return absl::OkStatus();
    }
    target_ = snapshot.head().position;
    place_ =
        WatchPlace{.position = target_, .listing = true, .older_applied_at_us = snapshot.head().older_applied_at_us};
    return absl::OkStatus();
  }

  absl::StatusOr<read_model::Snapshot> BeginSnapshot() {
    absl::StatusOr<read_model::Snapshot> snapshot = BeginRead(worker().reader());
    if (!snapshot.ok()) worker().state().on_not_ready();
    return snapshot;
  }

  absl::Status ReadBatch() {
    ROSTER_ASSIGN_OR_RETURN(read_model::Snapshot snapshot, BeginSnapshot());
    ROSTER_ASSIGN_OR_RETURN(batch_, ReadWatchBatch(snapshot, *place_));
    fresh_as_of_ = *snapshot.head().fresh_as_of;
    if (batch_.users.empty()) place_ = batch_.end;
    // All that existed when this call began has been sent once the listing is over and the changes up to then are.
    synced_due_ = batch_.users.empty() && !place_->listing && place_->position.Reaches(target_);
    return absl::OkStatus();
  }

  void SendUser() {
    WatchedUser next = std::move(batch_.users.front());
    batch_.users.pop_front();
    if (batch_.users.empty()) {
      place_ = batch_.end;
    } else if (place_->listing) {
      // No user_id has a NUL in it, so this is the first place after that user.
      place_->next_user_id = next.user_id + '\0';
    } else {
      if (place_->position.empty()) place_->position = StartOf(batch_.end.position.log_id, PartitionCount());
      place_->position.next_offsets[next.partition] = next.next_offset;
    }
    RawMessage message;
    message.Bytes(Message::kResumeTokenFieldNumber, EncodeResumeToken(*place_));
    message.Bytes(Message::kUserFieldNumber, next.user);
    Send(message);
  }

  int PartitionCount() const { return static_cast<int>(batch_.end.position.next_offsets.size()); }

  void SendIdle() {
    v1::WatchUsersIdle idle;
    const timespec time = absl::ToTimespec(fresh_as_of_);
    idle.mutable_fresh_as_of()->set_seconds(time.tv_sec);
    idle.mutable_fresh_as_of()->set_nanos(static_cast<int32_t>(time.tv_nsec));
    SendEvent(Message::kIdleFieldNumber, idle);
  }

  void SendEvent(int field, const google::protobuf::MessageLite& event) {
    RawMessage message;
    message.Bytes(Message::kResumeTokenFieldNumber, EncodeResumeToken(*place_));
    message.Message(field, event);
    Send(message);
  }

  void Send(RawMessage& message) {
    PostponeIdle();
    ready_ = false;
    StopWaiting();
    call_.Write(message.Take());
  }

  void PostponeIdle() { idle_at_ = SteadyNow() + absl::Milliseconds(worker().state().options.watch_idle_ms); }

  // The service is to end: says where to go on, then ends.
  absl::Status End() {
    if (!place_ || said_goodbye_) return ShuttingDown();
    said_goodbye_ = true;
    SendIdle();
    return absl::OkStatus();
  }

  RawStreamCall& call_;
  bool accepted_ = false;
  bool counted_ = false;
  bool said_goodbye_ = false;
  // Whether the next message may be written.
  bool ready_ = false;
  ReadAfter read_after_;
  std::optional<WatchPlace> resume_from_;
  std::optional<absl::Time> wait_limit_;

  // After the last message sent.
  std::optional<WatchPlace> place_;
  // Position at which this call began.
  Position target_;
  bool synced_ = false;
  bool synced_due_ = false;
  // Read, and not sent yet.
  WatchBatch batch_;
  absl::Time fresh_as_of_;
  absl::Time idle_at_;
};

}  // namespace

std::unique_ptr<RawStreamCall::Handler> MakeWatchUsersHandler(Worker& worker, RawStreamCall& call) {
  return std::make_unique<WatchUsersHandler>(worker, call);
}

}  // namespace roster::query_service
