#ifndef ROSTER_QUERY_SERVICE_RESUME_TOKEN_H_
#define ROSTER_QUERY_SERVICE_RESUME_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/position.h"

namespace roster::query_service {

// How far a watch is. Names log positions and a user_id, nothing of one file, so it is good at any replica.
struct WatchPlace {
  // Changes before it were sent, or were there when the listing began.
  Position position;
  // Whether the present users are still being listed: by user_id, those before `next_user_id` were sent.
  bool listing = false;
  std::string next_user_id;
  // Head::older_applied_at_us of what was seen.
  int64_t older_applied_at_us = 0;

  friend bool operator==(const WatchPlace&, const WatchPlace&) = default;
};

std::string EncodeResumeToken(const WatchPlace& place);

// INVALID_TOKEN where `token` is none.
absl::StatusOr<WatchPlace> DecodeResumeToken(absl::string_view token);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_RESUME_TOKEN_H_
