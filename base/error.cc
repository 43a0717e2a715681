#include "base/error.h"

#include "absl/strings/cord.h"
#include "base/token.h"

namespace roster {
namespace {

constexpr absl::string_view kPayloadType = "roster/ErrorDetails";

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view message, const ErrorDetails& details) {
  TokenWriter writer;
  writer.String(details.reason);
  writer.Int(details.metadata.size());
  for (const auto& [key, value] : details.metadata) {
    writer.String(key);
    writer.String(value);
  }
  writer.Int(details.field_violations.size());
  for (const FieldViolation& violation : details.field_violations) {
    writer.String(violation.field);
    writer.String(violation.description);
  }
  writer.Int(details.retry_delay.has_value());
  if (details.retry_delay) writer.Int(static_cast<uint64_t>(absl::ToInt64Microseconds(*details.retry_delay)));
  absl::Status status(code, message);
  status.SetPayload(kPayloadType, absl::Cord(writer.Take()));
  return status;
}

std::optional<ErrorDetails> GetErrorDetails(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadType);
  if (!payload) return std::nullopt;
  const std::string bytes(*payload);
  TokenReader reader(bytes);
  ErrorDetails details;
  details.reason = reader.String();
  for (uint64_t left = reader.Int(); left > 0 && reader.ok(); --left) {
    std::string key = reader.String();
    details.metadata[key] = reader.String();
  }
  for (uint64_t left = reader.Int(); left > 0 && reader.ok(); --left) {
    std::string field = reader.String();
    details.field_violations.push_back({std::move(field), reader.String()});
  }
  if (reader.Int() != 0) details.retry_delay = absl::Microseconds(static_cast<int64_t>(reader.Int()));
  if (!reader.Finished()) return std::nullopt;
  return details;
}

}  // namespace roster
