#ifndef ROSTER_CLIENTS_CLI_WRITE_RESULT_H_
#define ROSTER_CLIENTS_CLI_WRITE_RESULT_H_

#include <ostream>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/session.h"
#include "clients/cli/user_format.h"

namespace roster::cli {

// INVALID_ARGUMENT where the output is to be CSV, which only lists of users have.
absl::Status RefuseCsv(const Session& session);

// Prints what a command recorded, and saves its token. `Response`: of SignUpUser, UpdateUser or DeleteUser.
template <class Response>
absl::StatusOr<ExitCode> FinishWrite(Session& session, const Response& response) {
  session.SaveToken(response.consistency_token());
  if (session.format() == OutputFormat::kJson) {
    session.out() << ToJson(response) << '\n';
  } else {
    Rows rows = UserRows(response.user());
    // Nothing is recorded with --validate-only.
    if (response.event_id().empty()) {
      rows.emplace_back("recorded", "nothing (only validated)");
    } else {
      rows.emplace_back("event_id", response.event_id());
      rows.emplace_back("partition", absl::StrCat(response.partition()));
      rows.emplace_back("offset", absl::StrCat(response.offset()));
    }
    session.out() << FormatRows(rows);
  }
  if (const absl::Status status = session.FlushOutput(); !status.ok()) return status;
  return ExitCode::kOk;
}

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_WRITE_RESULT_H_
