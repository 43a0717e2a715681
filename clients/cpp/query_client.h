#ifndef ROSTER_CLIENTS_CPP_QUERY_CLIENT_H_
#define ROSTER_CLIENTS_CPP_QUERY_CLIENT_H_

#include <functional>

#include "absl/status/statusor.h"
#include "clients/cpp/endpoints.h"
#include "clients/cpp/retry.h"
#include "roster/v1/user_query_service.grpc.pb.h"

namespace roster::client {

// Asks the query service. What is UNAVAILABLE or unanswered is asked again within the timeout, also at other addresses.
// Errors have ErrorDetails (base/error.h).
//
// Thread safety: safe from any thread. The functions given to streams are called in the calling thread.
class QueryClient {
 public:
  // `endpoints` must outlive it.
  QueryClient(Endpoints& endpoints, CallOptions options);

  absl::StatusOr<v1::GetUserResponse> GetUser(const v1::GetUserRequest& request);
  absl::StatusOr<v1::GetReadModelStatusResponse> GetReadModelStatus();

  // Gives `on_page` each page in order. A stream that is cut goes on after the last page given, so every user comes as
  // often as on an uncut one. Returns once all were given, with an error, or with what `on_page` returned when that is
  // not OK. Reads no faster than `on_page` returns, and holds one page.
  using OnPage = std::function<absl::Status(const v1::ListUsersResponse& page)>;
  absl::Status ListUsers(v1::ListUsersRequest request, const OnPage& on_page);

  // Gives `on_message` each message in order. Once a message has come, a cut is followed by watching again from its
  // resume_token, for as long as it takes; before that, within the timeout. So it returns only with an error that
  // repeating cannot cure, or with what `on_message` returned when that is not OK.
  using OnMessage = std::function<absl::Status(const v1::WatchUsersResponse& message)>;
  absl::Status WatchUsers(v1::WatchUsersRequest request, const OnMessage& on_message);

 private:
  Endpoints& endpoints_;
  const CallOptions options_;
};

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_QUERY_CLIENT_H_
