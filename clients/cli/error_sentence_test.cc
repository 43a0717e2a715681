#include "clients/cli/error_sentence.h"

#include "base/error.h"
#include "clients/cli/exit_code.h"
#include "clients/cpp/rpc_error.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "roster/v1/error_reason.pb.h"

namespace roster::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Status Failure(absl::StatusCode code, const std::string& message, const std::string& reason,
                     std::map<std::string, std::string> metadata = {}) {
  return MakeError(code, message, {reason, std::move(metadata), {}, std::nullopt});
}

TEST(ErrorSentenceTest, EachBadFieldIsASentenceWithItsReason) {
  const absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, "bad",
                                        {"INVALID_FIELD", {}, {{"email", "no '@'."}, {"labels.X", "upper case"}}, {}});
  EXPECT_THAT(ErrorSentences(status),
              ElementsAre("email: no '@' (INVALID_FIELD)", "labels.X: upper case (INVALID_FIELD)"));
  EXPECT_EQ(ErrorLine(status), "email: no '@' (INVALID_FIELD); labels.X: upper case (INVALID_FIELD)");
}

TEST(ErrorSentenceTest, AnOverlongTextOfTheServersCannotDriveTheTerminal) {
  EXPECT_THAT(ErrorLine(Failure(absl::StatusCode::kAlreadyExists, "\x1b]0;title\x07 taken", "EMAIL_TAKEN")),
              Not(HasSubstr("\x1b")));
}

TEST(ErrorSentenceTest, EveryReasonOfTheContractHasARemedyOrNamesAField) {
  const auto* reasons = google::protobuf::GetEnumDescriptor<v1::ErrorReason>();
  for (int i = 1; i < reasons->value_count(); ++i) {
    const std::string reason = reasons->value(i)->name().substr(sizeof("ERROR_REASON_") - 1);
    if (reason == "INVALID_FIELD") continue;
    const std::string line = ErrorLine(Failure(absl::StatusCode::kUnavailable, "why.", reason));
    EXPECT_GT(line.size(), ("why (" + reason + ").").size()) << reason << ": " << line;
    EXPECT_THAT(line, HasSubstr("why (" + reason + "). "));
  }
}

TEST(ErrorSentenceTest, AnUnreachableServiceIsNamedWithAddressFlagAndProgram) {
  const std::string line =
      ErrorLine(Failure(absl::StatusCode::kUnavailable,
                        "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Connection refused",
                        client::kUnreachable, {{"service", "command service"}, {"addresses", "127.0.0.1:1"}}));
  EXPECT_EQ(line,
            "the command service at 127.0.0.1:1 does not answer (Connection refused). Start it with "
            "`roster-command-service`, or all with `./dev run`; --command-service says where it is.");
}

TEST(ErrorSentenceTest, SilenceIsNotTakenForAServiceThatDoesNotRun) {
  EXPECT_EQ(ErrorLine(Failure(absl::StatusCode::kDeadlineExceeded, "Deadline Exceeded", client::kUnreachable,
                              {{"service", "command service"}, {"addresses", "127.0.0.1:1"}})),
            "the command service at 127.0.0.1:1 gave no answer in time. `rosterctl status` shows its health, and its "
            "log what it waits for; --timeout waits longer.");
}

TEST(ErrorSentenceTest, WhatRosterctlFoundItselfIsSaidAsItIs) {
  EXPECT_EQ(ErrorLine(absl::InvalidArgumentError("--label: no '='")), "--label: no '='");
  EXPECT_EQ(ErrorLine(absl::UnknownError("")), "UNKNOWN");
}

TEST(ExitCodeTest, EachKindOfFailureHasItsOwn) {
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), ExitCode::kOk);
  EXPECT_EQ(ExitCodeFor(absl::InvalidArgumentError("")), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeFor(absl::NotFoundError("")), ExitCode::kNotFound);
  EXPECT_EQ(ExitCodeFor(absl::AlreadyExistsError("")), ExitCode::kConflict);
  EXPECT_EQ(ExitCodeFor(absl::AbortedError("")), ExitCode::kConflict);
  EXPECT_EQ(ExitCodeFor(absl::UnavailableError("")), ExitCode::kTryAgain);
  EXPECT_EQ(ExitCodeFor(absl::DeadlineExceededError("")), ExitCode::kTryAgain);
  EXPECT_EQ(ExitCodeFor(absl::ResourceExhaustedError("")), ExitCode::kTryAgain);
  EXPECT_EQ(ExitCodeFor(absl::InternalError("")), ExitCode::kFailure);
  EXPECT_EQ(ExitCodeFor(absl::FailedPreconditionError("")), ExitCode::kFailure);
  EXPECT_EQ(ExitCodeFor(absl::OutOfRangeError("")), ExitCode::kFailure);
}

}  // namespace
}  // namespace roster::cli
