#include "clients/cpp/query_client.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "clients/cpp/stall_guard.h"

namespace roster::client {
namespace {

using Service = v1::UserQueryService;
using Channel = std::shared_ptr<grpc::Channel>;

// A watch hears something every few seconds; this long without is a server that hangs.
constexpr absl::Duration kWatchSilence = absl::Seconds(60);

// What a stream ended with: the server's status, or what the caller's function returned.
struct StreamEnd {
  absl::Status status;
  bool stopped_by_caller = false;
};

// Reads one stream to its end. `on_message` returns OK to go on. A stream as a whole has a deadline only where the
// server has to wait for `read_after`: from the deadline it knows when to say that it waited in vain.
template <class Message, class Start, class OnMessage>
StreamEnd ReadStream(absl::Duration silence, absl::Time deadline, Start start, OnMessage on_message) {
  grpc::ClientContext context;
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
  StallGuard guard(context);
  guard.Arm(silence);
  auto reader = start(&context);
  Message message;
  StreamEnd end;
  while (reader->Read(&message)) {
    // The caller may take its time, at a pipe that is full for instance.
    guard.Disarm();
    end.status = on_message(message);
    if (!end.status.ok()) {
      context.TryCancel();
      end.stopped_by_caller = true;
      break;
    }
    guard.Arm(silence);
  }
  const absl::Status status = ToStatus(reader->Finish());
  if (!end.stopped_by_caller) end.status = guard.Explain(status);
  return end;
}

// A cut that the transport reports under another code than UNAVAILABLE, a proxy's for instance.
bool IsCut(const absl::Status& status) {
  if (IsRetryable(status)) return true;
  const bool odd = absl::IsCancelled(status) || absl::IsInternal(status) || absl::IsUnknown(status);
  return odd && !GetErrorDetails(status);
}

}  // namespace

QueryClient::QueryClient(Endpoints& endpoints, CallOptions options)
    : endpoints_(endpoints), options_(std::move(options)) {}

absl::StatusOr<v1::GetUserResponse> QueryClient::GetUser(const v1::GetUserRequest& request) {
  return CallWithRetry<v1::GetUserResponse>(endpoints_, options_,
                                            [&](const Channel& channel, grpc::ClientContext* context, auto* response) {
                                              return Service::NewStub(channel)->GetUser(context, request, response);
                                            });
}

absl::StatusOr<v1::GetReadModelStatusResponse> QueryClient::GetReadModelStatus() {
  return CallWithRetry<v1::GetReadModelStatusResponse>(
      endpoints_, options_, [&](const Channel& channel, grpc::ClientContext* context, auto* response) {
        return Service::NewStub(channel)->GetReadModelStatus(context, {}, response);
      });
}

absl::Status QueryClient::ListUsers(v1::ListUsersRequest request, const OnPage& on_page) {
  Retrier retrier(endpoints_, options_);
  const bool limited = request.limit() > 0;
  bool complete = false;
  for (;;) {
    const auto start = [&](grpc::ClientContext* context) {
      return Service::NewStub(retrier.endpoint().channel)->ListUsers(context, request);
    };
    const bool waits = !request.read_after().empty() && request.page_token().empty();
    const absl::Time deadline = waits ? retrier.AttemptDeadline() : absl::InfiniteFuture();
    const StreamEnd end = ReadStream<v1::ListUsersResponse>(options_.timeout, deadline, start, [&](const auto& page) {
      ROSTER_RETURN_IF_ERROR(on_page(page));
      request.set_page_token(page.next_page_token());
      if (limited) request.set_limit(std::max<int64_t>(0, request.limit() - page.users_size()));
      complete = page.next_page_token().empty() || (limited && request.limit() == 0);
      retrier.Progress();
      return absl::OkStatus();
    });
    // A limit of 0 would mean none: a stream cut after its last row is not asked to go on.
    if (end.status.ok() || end.stopped_by_caller || complete)
      return end.stopped_by_caller ? end.status : absl::OkStatus();
    // The deadline was for the wait, which is over: what is left of a long list comes on a stream without one.
    if (waits && !request.page_token().empty() && absl::IsDeadlineExceeded(end.status)) continue;
    ROSTER_RETURN_IF_ERROR(retrier.AfterFailure(end.status));
  }
}

absl::Status QueryClient::WatchUsers(v1::WatchUsersRequest request, const OnMessage& on_message) {
  Retrier retrier(endpoints_, options_);
  bool connected = false;
  for (;;) {
    const auto start = [&](grpc::ClientContext* context) {
      return Service::NewStub(retrier.endpoint().channel)->WatchUsers(context, request);
    };
    const absl::Duration silence = connected ? kWatchSilence : std::min(kWatchSilence, options_.timeout);
    const bool waits = !request.read_after().empty();
    const absl::Time deadline = waits ? retrier.AttemptDeadline() : absl::InfiniteFuture();
    StreamEnd end = ReadStream<v1::WatchUsersResponse>(silence, deadline, start, [&](const auto& message) {
      ROSTER_RETURN_IF_ERROR(on_message(message));
      request.set_resume_token(message.resume_token());
      request.clear_read_after();
      connected = true;
      retrier.Progress();
      retrier.RetryForEver();
      return absl::OkStatus();
    });
    if (end.stopped_by_caller) return end.status;
    // As in ListUsers.
    if (waits && connected && absl::IsDeadlineExceeded(end.status)) continue;
    // A server that ends a watch without an error has stopped it all the same.
    if (end.status.ok() || IsCut(end.status)) {
      const auto details = GetErrorDetails(end.status);
      if (!details) end.status = absl::UnavailableError(absl::StrCat("the watch was cut: ", end.status.message()));
    }
    ROSTER_RETURN_IF_ERROR(retrier.AfterFailure(end.status));
  }
}

}  // namespace roster::client
