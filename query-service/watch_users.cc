#include "query-service/watch_users.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "base/steady_time.h"
#include "query-service/raw_message.h"
#include "query-service/read_after.h"
#include "query-service/resume_token.h"
#include "query-service/watch_feed.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

using Message = v1::WatchUsersResponse;

// Below it is not worth a timer.
constexpr absl::Duration kShortestPace = absl::Milliseconds(1);

// When a watch that sends changes now may send the next. All watches keep the same times, so that they send the same
// changes, and the last to be served gets no older ones than the first.
absl::Time NextTick(const ServiceState& state) {
  const absl::Duration pace = state.options.watch_pace * state.watches.open();
  const absl::Time now = SteadyNow();
  if (pace < kShortestPace) return now;
  return now + pace - (now - absl::UnixEpoch()) % pace;
}

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
    if (IsSyncedDue()) {
      SendSynced();
    } else if (SteadyNow() < next_send_) {
      SleepUntil(next_send_);
    } else {
      ROSTER_ASSIGN_OR_RETURN(const WatchFeed::SharedBatch next, NextBatch());
      Take(*next);
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
    from_number_ = worker().watch_feed().last_number() + 1;
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

  absl::StatusOr<WatchFeed::SharedBatch> NextBatch() {
    WatchFeed& feed = worker().watch_feed();
    if (WatchFeed::SharedBatch found = feed.Find(*place_, from_number_)) return found;
    ROSTER_ASSIGN_OR_RETURN(read_model::Snapshot snapshot, BeginSnapshot());
    return feed.Read(snapshot, *place_);
  }

  void Take(const WatchFeed::NumberedBatch& next) {
    const WatchBatch& batch = next.batch;
    from_number_ = next.number;
    fresh_as_of_ = batch.fresh_as_of;
    place_ = batch.end;
    has_read_ = true;
    if (batch.users > 0) {
      SetNextSend(batch);
      Send(batch.message);
    } else if (IsSyncedDue()) {
      SendSynced();
    } else if (batch.more) {
      Yield();
    } else if (SteadyNow() >= idle_at_) {
      SendIdle();
    } else {
      WaitUntil(idle_at_);
    }
  }

  // After changes: not while there are more that were read, or sent to others, already.
  void SetNextSend(const WatchBatch& batch) {
    if (place_->listing || batch.more || worker().watch_feed().IsBehind(*place_)) return;
    next_send_ = NextTick(worker().state());
  }

  // All that existed when this call began has been sent once the listing is over and the changes up to then are.
  bool IsSyncedDue() const { return !synced_ && has_read_ && !place_->listing && place_->position.Reaches(target_); }

  void SendSynced() {
    synced_ = true;
    SendEvent(Message::kSyncedFieldNumber, v1::WatchUsersSynced());
  }

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
    Send(message.Take());
  }

  void Send(const grpc::ByteBuffer& message) {
    PostponeIdle();
    ready_ = false;
    StopWaiting();
    call_.Write(message);
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
  bool has_read_ = false;
  // The first read that is late enough for this watch (WatchFeed).
  int64_t from_number_ = 0;
  // No changes are sent before.
  absl::Time next_send_ = absl::InfinitePast();
  absl::Time fresh_as_of_;
  absl::Time idle_at_;
};

}  // namespace

std::unique_ptr<RawStreamCall::Handler> MakeWatchUsersHandler(Worker& worker, RawStreamCall& call) {
  return std::make_unique<WatchUsersHandler>(worker, call);
}

}  // namespace roster::query_service
