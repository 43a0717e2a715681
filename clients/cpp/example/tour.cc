// What a caller of Roster meets, from sign-up to watching.
//
// ROSTER_COMMAND_SERVICE and ROSTER_QUERY_SERVICE name the services, by default those of ./dev run. For empty services;
// what it makes stays there.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/uuid.h"
#include "clients/cpp/command_client.h"
#include "clients/cpp/credentials.h"
#include "clients/cpp/endpoints.h"
#include "clients/cpp/query_client.h"

namespace {

using roster::client::CommandClient;
using roster::client::Endpoints;
using roster::client::QueryClient;
namespace v1 = roster::v1;

// Why a call failed, for programs: the name of a roster.v1.ErrorReason, such as "EMAIL_TAKEN".
std::string Reason(const absl::Status& status) {
  const auto details = roster::GetErrorDetails(status);
  return details ? details->reason : "";
}

absl::StatusOr<v1::SignUpUserResponse> SignUp(CommandClient& commands) {
  // Keep the request_id with what you are about to do: whatever happens to this process, the same request with the same
  // id takes effect once. The client repeats it by itself for as long as the timeout allows.
  v1::SignUpUserRequest request;
  request.set_email("ann@example.com");
  request.set_display_name("Ann Lee");
  request.set_request_id(roster::UuidV7Generator(roster::SystemClock()).Next());
  ROSTER_ASSIGN_OR_RETURN(const auto first, commands.SignUpUser(request));
  std::cout << "signed up " << first.user().email() << ", version " << first.user().version() << "\n";

  ROSTER_ASSIGN_OR_RETURN(const auto repeated, commands.SignUpUser(request));
  std::cout << "repeated the request: the same event is " << std::boolalpha << (repeated.event_id() == first.event_id())
            << "\n";
  return first;
}

absl::StatusOr<v1::User> GetUser(QueryClient& queries, const std::string& user_id, const std::string& last_write) {
  v1::GetUserRequest request;
  request.set_user_id(user_id);
  request.set_read_after(last_write);
  ROSTER_ASSIGN_OR_RETURN(const auto answer, queries.GetUser(request));
  return answer.user();
}

absl::Status MeetTakenAddress(CommandClient& commands) {
  v1::SignUpUserRequest request;
  request.set_email("Ann@example.com");
  const absl::Status status = commands.SignUpUser(request).status();
  if (Reason(status) != "EMAIL_TAKEN") return status;
  std::cout << "Ann@example.com is taken\n";
  return absl::OkStatus();
}

// Changes the name of the user as `seen`; where they have changed since, reads them again first.
absl::StatusOr<v1::UpdateUserResponse> Rename(CommandClient& commands, QueryClient& queries, const v1::User& seen,
                                              const std::string& name, const std::string& last_write) {
  v1::UpdateUserRequest request;
  request.mutable_user()->set_user_id(seen.user_id());
  request.mutable_user()->set_etag(seen.etag());
  request.mutable_user()->set_display_name(name);
  request.mutable_update_mask()->add_paths("display_name");
  auto answer = commands.UpdateUser(request);
  if (Reason(answer.status()) != "ETAG_MISMATCH") return answer;
  std::cout << seen.display_name() << " has changed since version " << seen.version() << ": reading again\n";
  ROSTER_ASSIGN_OR_RETURN(const v1::User now, GetUser(queries, seen.user_id(), last_write));
  return Rename(commands, queries, now, name, last_write);
}

absl::Status ListUsers(QueryClient& queries, const std::string& last_write) {
  v1::ListUsersRequest request;
  request.set_order_by("email");
  request.set_read_after(last_write);
  return queries.ListUsers(request, [](const v1::ListUsersResponse& page) {
    for (const v1::User& user : page.users()) {
      std::cout << "listed " << user.email() << ", " << user.display_name() << "\n";
    }
    return absl::OkStatus();
  });
}

// Follows the users until one has that version. Returns the token to go on with, also in another process.
absl::StatusOr<std::string> Watch(QueryClient& queries, int64_t until_version) {
  std::string resume_token;
  bool seen = false;
  const absl::Status status = queries.WatchUsers({}, [&](const v1::WatchUsersResponse& message) {
    resume_token = message.resume_token();
    for (const v1::User& user : message.users()) {
      std::cout << "watched " << user.email() << ", version " << user.version() << "\n";
      seen |= user.version() >= until_version;
    }
    // Any status but OK ends the watch.
    return seen ? absl::CancelledError("seen") : absl::OkStatus();
  });
  if (!seen) return status;
  return resume_token;
}

absl::Status Tour(CommandClient& commands, QueryClient& queries) {
  ROSTER_ASSIGN_OR_RETURN(const auto ann, SignUp(commands));
  ROSTER_ASSIGN_OR_RETURN(const auto read, GetUser(queries, ann.user().user_id(), ann.consistency_token()));
  std::cout << "read my own write: " << read.display_name() << "\n";
  ROSTER_RETURN_IF_ERROR(MeetTakenAddress(commands));
  ROSTER_ASSIGN_OR_RETURN(auto write, Rename(commands, queries, ann.user(), "Ann Moor", ann.consistency_token()));
  ROSTER_ASSIGN_OR_RETURN(write, Rename(commands, queries, ann.user(), "Ann Ruiz", write.consistency_token()));
  std::cout << "renamed to " << write.user().display_name() << ", version " << write.user().version() << "\n";
  ROSTER_RETURN_IF_ERROR(ListUsers(queries, write.consistency_token()));
  return Watch(queries, write.user().version()).status();
}

std::vector<std::string> Addresses(const char* variable, const char* standard) {
  const char* given = std::getenv(variable);
  const auto addresses = roster::client::ParseAddresses(given != nullptr ? given : standard);
  if (addresses.ok()) return *addresses;
  std::cerr << variable << ": " << addresses.status() << "\n";
  std::exit(2);
}

}  // namespace

int main() {
  // TLS and a bearer token, where the services ask for them: CredentialOptions.
  const auto credentials = roster::client::Credentials::Create({});
  if (!credentials.ok()) return 2;
  // Several addresses, separated by commas: the client finds the command service that leads.
  Endpoints command_service("command service", Addresses("ROSTER_COMMAND_SERVICE", "127.0.0.1:50051"), *credentials);
  Endpoints query_service("query service", Addresses("ROSTER_QUERY_SERVICE", "127.0.0.1:50052"), *credentials);
  CommandClient commands(command_service, {});
  QueryClient queries(query_service, {});
  const absl::Status status = Tour(commands, queries);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
