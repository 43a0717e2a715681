#include "query-service/list_users.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/steady_time.h"
#include "query-service/list_page_token.h"
#include "query-service/list_request.h"
#include "query-service/raw_message.h"
#include "query-service/read_after.h"

namespace roster::query_service {
namespace {

using Page = v1::ListUsersResponse;

// Rows looked at in one turn: a filter that few users match must not hold up the worker's other calls. A few
// milliseconds.
constexpr int kMaxExamined = 4096;
// A page ends beyond this, so that it stays below the 4 MiB that clients take unless told otherwise.
constexpr size_t kMaxPageBytes = 1 << 20;

class ListUsersHandler final : public RawStreamCall::Handler, public Waiter {
 public:
  ListUsersHandler(Worker& worker, RawStreamCall& call) : Waiter(worker), call_(call) {}
  ~ListUsersHandler() override {
    if (counted_) worker().state().lists.Leave();
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
  void Finish(const absl::Status& status) {
    ready_ = false;
    StopWaiting();
    call_.Finish(status);
  }

  void Advance() {
    if (!request_) {
      if (absl::Status begun = BeginList(); !begun.ok()) return Finish(begun);
    }
    if (at_end_) return Finish(absl::OkStatus());
    if (absl::Status status = ReadPage(); !status.ok()) Finish(ReadModelError(status));
  }

  absl::Status BeginList() {
    if (worker().stopping()) return ShuttingDown();
    v1::ListUsersRequest request;
    ROSTER_RETURN_IF_ERROR(ParseRequest(call_.request(), request));
    ROSTER_ASSIGN_OR_RETURN(request_, CheckListRequest(request));
    if (!worker().state().lists.Enter()) return Overloaded("lists");
    counted_ = true;
    from_ = std::move(request_->from);
    return absl::OkStatus();
  }

  // Reads and sends the next page, or waits until there may be one.
  absl::Status ReadPage() {
    absl::StatusOr<read_model::Snapshot> snapshot = BeginRead(worker().reader());
    if (!snapshot.ok()) {
      worker().state().on_not_ready();
      return snapshot.status();
    }
    ROSTER_ASSIGN_OR_RETURN(const bool recent, IsRecentEnough(*snapshot));
    if (!recent) return WaitForPosition();
    wait_limit_.reset();
    RawMessage message;
    int64_t users = 0;
    const int64_t most = std::min<int64_t>(request_->page_size, request_->limit - sent_);
    const auto take = [&](const read_model::UserRow& row) {
      if (users == most || message.size_bytes() >= kMaxPageBytes) return false;
      if (users == 0) message.Reserve(page_bytes_);
      message.Bytes(Page::kUsersFieldNumber, row.user);
      ++users;
      return true;
    };
    ROSTER_ASSIGN_OR_RETURN(std::optional<read_model::UserKey> next,
                            snapshot->ScanUsers(request_->scan, from_, kMaxExamined, take));
    from_ = std::move(next);
    sent_ += users;
    at_end_ = !from_ || sent_ == request_->limit;
    if (users == 0 && !at_end_) {
      Yield();
      return absl::OkStatus();
    }
    Send(message, *snapshot);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> IsRecentEnough(read_model::Snapshot& snapshot) {
    if (sent_first_) {
      // Whatever became of the read model since, no page is older than the one before.
      ROSTER_RETURN_IF_ERROR(CheckSameLog(snapshot.head(), request_->not_before));
      return snapshot.head().position.Reaches(request_->not_before);
    }
    ROSTER_ASSIGN_OR_RETURN(const bool includes, Includes(snapshot, {.position = request_->read_after}));
    ROSTER_RETURN_IF_ERROR(CheckSameLog(snapshot.head(), request_->not_before));
    return includes && snapshot.head().position.Reaches(request_->not_before);
  }

  absl::Status WaitForPosition() {
    if (worker().stopping()) return ShuttingDown();
    const absl::Time now = SteadyNow();
    if (!wait_limit_)
      wait_limit_ = WaitLimit(now, call_.deadline(), absl::Milliseconds(worker().state().options.max_wait_ms));
    if (now >= *wait_limit_) return NotYetVisible();
    WaitUntil(*wait_limit_);
    return absl::OkStatus();
  }

  void Send(RawMessage& message, const read_model::Snapshot& snapshot) {
    request_->not_before = snapshot.head().position;
    if (from_) {
      message.Bytes(Page::kNextPageTokenFieldNumber,
                    EncodePageToken(request_->scan, {.position = request_->not_before, .next = *from_}));
    }
    message.Bytes(Page::kConsistencyTokenFieldNumber, snapshot.consistency_token());
    message.Timestamp(Page::kFreshAsOfFieldNumber, *snapshot.head().fresh_as_of);
    sent_first_ = true;
    ready_ = false;
    page_bytes_ = message.size_bytes();
    StopWaiting();
    call_.Write(message.Take());
  }

  RawStreamCall& call_;
  std::optional<ListRequest> request_;
  std::optional<read_model::UserKey> from_;
  int64_t sent_ = 0;
  // Of the last page: the next will be much like it.
  size_t page_bytes_ = 0;
  bool counted_ = false;
  bool sent_first_ = false;
  bool at_end_ = false;
  // Whether the next message may be written.
  bool ready_ = false;
  // Since the present wait began.
  std::optional<absl::Time> wait_limit_;
};

}  // namespace

std::unique_ptr<RawStreamCall::Handler> MakeListUsersHandler(Worker& worker, RawStreamCall& call) {
  return std::make_unique<ListUsersHandler>(worker, call);
}

}  // namespace roster::query_service
