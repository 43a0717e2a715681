#ifndef ROSTER_CLIENTS_CPP_HEALTH_H_
#define ROSTER_CLIENTS_CPP_HEALTH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cpp/endpoints.h"

namespace roster::client {

// Full names of the services, as their health is asked for.
inline constexpr char kCommandServiceName[] = "roster.v1.UserCommandService";
inline constexpr char kQueryServiceName[] = "roster.v1.UserQueryService";

// What one server says of a service's health: "SERVING", "NOT_SERVING" or "SERVICE_UNKNOWN"; an error where it did not
// say within `timeout`.
absl::StatusOr<std::string> CheckHealth(const Endpoints::Endpoint& endpoint, absl::string_view service,
                                        absl::Duration timeout);

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_HEALTH_H_
