#ifndef ROSTER_CLIENTS_CPP_RETRY_H_
#define ROSTER_CLIENTS_CPP_RETRY_H_

#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "clients/cpp/endpoints.h"
#include "clients/cpp/rpc_error.h"
#include "grpcpp/client_context.h"

namespace roster::client {

// How long a call may take and how it is repeated.
struct CallOptions {
  // For a call with all its repeats; for a stream, the longest time without progress.
  absl::Duration timeout = absl::Seconds(10);
  // Waits between repeats, once every address was tried; a longer RetryInfo of the server's goes before them.
  absl::Duration first_delay = absl::Milliseconds(50);
  absl::Duration max_delay = absl::Seconds(2);
  // Hears of each failure that is followed by a repeat: to tell a person why it takes long. May be empty.
  std::function<void(const absl::Status& failure, const std::string& address)> on_retry;
  // For tests. An empty `wait` waits, but not longer than until an address that could not be reached can be.
  const Clock* clock = &SystemClock();
  std::function<void(absl::Duration)> wait;
};

// Whether the same call may succeed later: unreachable or not ready, overloaded, not yet visible, outcome unknown,
// or cut off by a server that ended.
bool IsRetryable(const absl::Status& status);

// The attempts of one call: which address, how long, and after a failure whether there is another one.
//
// An address that cannot be reached, or does not serve, is left for the next one at once; NOT_LEADER leads to the
// address it names. Once each was tried, or where the same address is to be asked again, it waits.
//
// Thread safety: none.
class Retrier {
 public:
  // Both must outlive it.
  Retrier(Endpoints& endpoints, const CallOptions& options);

  const Endpoints::Endpoint& endpoint() const { return endpoint_; }

  // For the attempt about to be made. With several addresses no attempt gets all the time left, nor more than 5 s, so
  // that one which swallows calls does not keep the others from being tried.
  absl::Time AttemptDeadline() const;

  // After a failed attempt: OK when another is to be made now; otherwise what to tell the caller.
  absl::Status AfterFailure(const absl::Status& failure);

  // To be called when a stream got on: what follows has the whole timeout again.
  void Progress();
  // From now on there is no last attempt.
  void RetryForEver() { deadline_ = absl::InfiniteFuture(); }

 private:
  bool ChooseAddress(const absl::Status& failure);
  void Wait(absl::Duration delay) const;
  absl::Status Final(const absl::Status& failure) const;

  Endpoints& endpoints_;
  const CallOptions& options_;
  absl::Time deadline_;
  Backoff backoff_;
  Endpoints::Endpoint endpoint_;
  // Addresses tried since the last wait.
  std::set<std::string> tried_;
};

// Makes a unary call, repeating it as Retrier says. The call must be safe to repeat: a read, or a command with a
// request_id. `call`: grpc::Status(const std::shared_ptr<grpc::Channel>&, grpc::ClientContext*, Response*).
template <class Response, class Call>
absl::StatusOr<Response> CallWithRetry(Endpoints& endpoints, const CallOptions& options, Call call) {
  Retrier retrier(endpoints, options);
  for (;;) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(retrier.AttemptDeadline()));
    Response response;
    const absl::Status status = ToStatus(call(retrier.endpoint().channel, &context, &response));
    if (status.ok()) return response;
    if (absl::Status final = retrier.AfterFailure(status); !final.ok()) return final;
  }
}

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_RETRY_H_
