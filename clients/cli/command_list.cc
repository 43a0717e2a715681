#include "base/error.h"
#include "clients/cli/command.h"
#include "clients/cli/list_filter.h"
#include "clients/cli/user_printer.h"

namespace roster::cli {
namespace {

class ListCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = AddCommand(app, "list", "List users, row by row as they come",
                                   "rosterctl list --status active --created-after 2026-01-01 --order-by email\n"
                                   "rosterctl list --output json | head -n 3");
    filter_.AddOptions(*command);
    AddReadAfterOption(*command, read_after_);
    return OnlyInCommandLine(command);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    ROSTER_ASSIGN_OR_RETURN(v1::ListUsersRequest request, filter_.MakeRequest());
    const auto printer = MakeUserPrinter(session.format(), session.out(), session.streams().out_is_terminal);
    ROSTER_RETURN_IF_ERROR(session.Read(read_after_, [&](const std::string& token) {
      request.set_read_after(token);
      return session.queries().ListUsers(request, [&](const v1::ListUsersResponse& page) {
        for (const v1::User& user : page.users()) printer->Print(user);
        printer->EndOfPage();
        return session.FlushOutput();
      });
    }));
    printer->Finish();
    ROSTER_RETURN_IF_ERROR(session.FlushOutput());
    return ExitCode::kOk;
  }

 private:
  ListFilter filter_;
  ReadAfter read_after_;
};

}  // namespace

std::unique_ptr<Command> MakeListCommand() { return std::make_unique<ListCommand>(); }

}  // namespace roster::cli
