#include "base/error.h"
#include "clients/cli/command.h"
#include "clients/cli/user_format.h"
#include "clients/cli/user_printer.h"

namespace roster::cli {
namespace {

class GetCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = AddCommand(app, "get", "Show one user, by id or by address",
                                   "rosterctl get 0190a6e2-7c1d-7b9e-8c55-1f2a3b4c5d6e\n"
                                   "rosterctl get --email ann@example.com --output json");
    CLI::Option* id = command->add_option("ID", user_id_, "Whose id it is");
    CLI::Option* email = command->add_option("--email", email_, "Find the live user who has this address");
    CLI::Option* show_deleted = command->add_flag("--show-deleted", show_deleted_, "Show a deleted user too");
    id->excludes(email);
    show_deleted->excludes(email);
    AddReadAfterOption(*command, read_after_);
    return OnlyInCommandLine(command);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    if (user_id_.empty() && email_.empty()) {
      return absl::InvalidArgumentError("get: whom? Give an ID, or --email ADDRESS");
    }
    v1::GetUserRequest request;
    if (email_.empty()) {
      request.set_user_id(user_id_);
    } else {
      request.set_email(email_);
    }
    request.set_show_deleted(show_deleted_);
    v1::GetUserResponse response;
    ROSTER_RETURN_IF_ERROR(session.Read(read_after_, [&](const std::string& token) -> absl::Status {
      request.set_read_after(token);
      ROSTER_ASSIGN_OR_RETURN(response, session.queries().GetUser(request));
      return absl::OkStatus();
    }));
    Print(session, response.user());
    ROSTER_RETURN_IF_ERROR(session.FlushOutput());
    return ExitCode::kOk;
  }

 private:
  static void Print(Session& session, const v1::User& user) {
    if (session.format() == OutputFormat::kTable) {
      session.out() << FormatRows(UserRows(user));
      return;
    }
    const auto printer = MakeUserPrinter(session.format(), session.out(), session.streams().out_is_terminal);
    printer->Print(user);
    printer->Finish();
  }

  std::string user_id_;
  std::string email_;
  bool show_deleted_ = false;
  ReadAfter read_after_;
};

}  // namespace

std::unique_ptr<Command> MakeGetCommand() { return std::make_unique<GetCommand>(); }

}  // namespace roster::cli
