#include "base/error.h"

#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(ErrorTest, CarriesItsDetails) {
  const ErrorDetails details{.reason = "INVALID_FIELD",
                             .metadata = {{"a", "1"}, {"b", ""}},
                             .field_violations = {{"user.email", "is empty"}, {"user.labels", "too many"}},
                             .retry_delay = absl::Milliseconds(250)};
  const absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, "no", details);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "no");
  EXPECT_EQ(GetErrorDetails(status), details);
}

TEST(ErrorTest, PlainStatusHasNoDetails) { EXPECT_EQ(GetErrorDetails(absl::InternalError("x")), std::nullopt); }

absl::StatusOr<int> Half(int n) {
  if (n % 2 != 0) return absl::InvalidArgumentError("odd");
  return n / 2;
}

absl::StatusOr<int> Quarter(int n) {
  ROSTER_ASSIGN_OR_RETURN(const int half, Half(n));
  ROSTER_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

TEST(ErrorTest, AssignOrReturnPassesErrorsOn) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

}  // namespace
}  // namespace roster
