#ifndef ROSTER_QUERY_SERVICE_FIELDS_H_
#define ROSTER_QUERY_SERVICE_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/error.h"
#include "google/protobuf/timestamp.pb.h"

namespace roster::query_service {

// Checks of request fields. Each adds what is wrong to `violations`, under the field's name.

void CheckUserId(const std::string& field, absl::string_view user_id, std::vector<FieldViolation>& violations);
void CheckEmail(const std::string& field, absl::string_view email, std::vector<FieldViolation>& violations);
// The first microsecond that is not before `time`; 0 where it is malformed.
int64_t CheckTime(const std::string& field, const google::protobuf::Timestamp& time,
                  std::vector<FieldViolation>& violations);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_FIELDS_H_
