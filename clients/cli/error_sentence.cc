#include "clients/cli/error_sentence.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "clients/cli/terminal_text.h"
#include "clients/cpp/rpc_error.h"

namespace roster::cli {
namespace {

// What to do, by reason. A message of the service's may say it too; these name rosterctl's own commands and flags.
const std::map<std::string, std::string>& Remedies() {
  static const auto* const kRemedies = new std::map<std::string, std::string>{
      {"EMAIL_TAKEN", "`rosterctl get --email ADDRESS` shows whose it is."},
      {"USER_ID_TAKEN", "Choose another --id, or leave it out: an id is never given twice."},
      {"USER_NOT_FOUND",
       "`rosterctl list` shows who is there; a deleted user is shown by `rosterctl get ID --show-deleted`."},
      {"ETAG_MISMATCH", "`rosterctl get ID` shows the user as they are now."},
      {"REQUEST_ID_REUSED", "Give another --request-id, or leave it out."},
      {"INVALID_TOKEN", "Tokens are printed with --output json."},
      {"OVERLOADED", "Try again, or raise --timeout."},
      {"SHUTTING_DOWN", "Try again, or name more addresses."},
      {"NOT_READY", "Try again, or raise --timeout."},
      {"INTERNAL", "A command may be repeated with the same --request-id."},
      {"HELD_BY_DEAD_LETTER", "`roster-projector dead-letters list` shows it; `--read-after none` reads without it."},
      {"NOT_LEADER", "Name all command services in --command-service."},
      {"LOG_UNAVAILABLE", "See whether the log's disk or broker is well, and try again."},
      {"OUTCOME_UNKNOWN", "A repeat with the same --request-id gives the true answer."},
      {"NOT_YET_VISIBLE",
       "Is roster-projector running? `rosterctl status` shows how far it is; `--read-after none` reads without "
       "waiting."},
      {"FOREIGN_TOKEN", "`--read-after none` reads without the token."},
      {"CREDENTIALS_MISSING", "Give --token-file, or --tls-cert and --tls-key."},
      {"CREDENTIALS_INVALID", "--token-file must hold a token for these services."},
      {"CREDENTIALS_EXPIRED", "Put a new one into the file of --token-file."},
      {"ROLE_REQUIRED", "Who runs the services gives roles, by name (--auth-roles) or in the token."},
      {"CALLER_OVER_LIMIT", "Call less often, or ask who runs the services for higher limits."},
      {"RESUME_TOKEN_TOO_OLD", "Watch again without --resume-token: that begins with the present users."},
  };
  return *kRemedies;
}

std::string Remedy(const std::string& reason) {
  const auto found = Remedies().find(reason);
  return found == Remedies().end() ? "" : absl::StrCat(" ", found->second);
}

// "Taken by another." and "taken by another" both come out as "taken by another": more follows.
std::string WithoutFullStop(absl::string_view text) {
  return std::string(absl::StripSuffix(absl::StripTrailingAsciiWhitespace(text), "."));
}

std::string Value(const ErrorDetails& details, const std::string& key) {
  const auto found = details.metadata.find(key);
  return found == details.metadata.end() ? "" : found->second;
}

// gRPC says "failed to connect to all addresses; last error: ... : Connection refused": its end is the news.
std::string Cause(absl::string_view message) {
  const size_t last = message.rfind(": ");
  const bool chained = absl::StartsWith(message, "failed to connect") && last != absl::string_view::npos;
  return WithoutFullStop(chained ? message.substr(last + 2) : message);
}

std::string Unreachable(const absl::Status& status, const ErrorDetails& details) {
  const std::string service = Value(details, "service");
  const std::string flag = absl::StrContains(service, "query") ? "--query-service" : "--command-service";
  const std::string program = absl::StrContains(service, "query") ? "roster-query-service" : "roster-command-service";
  const std::string subject = absl::StrCat("the ", service, " at ", Value(details, "addresses"));
  if (absl::IsDeadlineExceeded(status)) {
    return absl::StrCat(subject, " gave no answer in time. `rosterctl status` shows its health, and its log what it ",
                        "waits for; --timeout waits longer.");
  }
  const std::string cause = Cause(status.message());
  // What is there, but not as it was called.
  if (absl::StrContains(cause, "Socket closed") || absl::StrContains(status.message(), "handshake failed")) {
    return absl::StrCat(subject, " does not take the connection (", cause,
                        "). Over TLS, --tls-ca must name the "
                        "authority of its certificate, and --tls-cert and --tls-key your own where it asks for one.");
  }
  return absl::StrCat(subject, " does not answer (", cause, "). Start it with `", program,
                      "`, or all with `./dev run`; ", flag, " says where it is.");
}

std::string Sentence(const absl::Status& status, const ErrorDetails& details) {
  if (details.reason == client::kUnreachable) return Unreachable(status, details);
  const std::string reason = ReasonOf(status);
  const std::string etag = Value(details, "current_etag");
  return absl::StrCat(WithoutFullStop(status.message()), " (", reason, ").", Remedy(reason),
                      etag.empty() ? "" : absl::StrCat(" Its etag is now ", etag, "."));
}

}  // namespace

std::string ReasonOf(const absl::Status& status) {
  const auto details = GetErrorDetails(status);
  return details && !details->reason.empty() ? details->reason : absl::StatusCodeToString(status.code());
}

std::vector<std::string> ErrorSentences(const absl::Status& status) {
  const ErrorDetails details = GetErrorDetails(status).value_or(ErrorDetails{});
  std::vector<std::string> sentences;
  for (const FieldViolation& violation : details.field_violations) {
    sentences.push_back(Printable(
        absl::StrCat(violation.field, ": ", WithoutFullStop(violation.description), " (", ReasonOf(status), ")")));
  }
  // What rosterctl itself found wrong says all there is to say.
  const bool local = details.reason.empty() && sentences.empty();
  if (local) return {Printable(status.message().empty() ? ReasonOf(status) : std::string(status.message()))};
  if (sentences.empty()) sentences.push_back(Printable(Sentence(status, details)));
  return sentences;
}

std::string ErrorLine(const absl::Status& status) { return absl::StrJoin(ErrorSentences(status), "; "); }

}  // namespace roster::cli
