#include "base/error.h"
#include "clients/cli/command.h"
#include "clients/cli/write_result.h"

namespace roster::cli {
namespace {

class DeleteCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = AddCommand(app, "delete", "Delete a user; the address is free at once, the id never again",
                                   "rosterctl delete 0190a6e2-7c1d-7b9e-8c55-1f2a3b4c5d6e");
    command->add_option("ID", user_id_, "Whom to delete")->required();
    command->add_option("--etag", etag_, "Fail with exit code 4 if the user has changed since this etag was read");
    AddRequestIdOption(*command, request_id_);
    AddValidateOnlyFlag(*command, validate_only_);
    return OnlyInCommandLine(command);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    ROSTER_RETURN_IF_ERROR(RefuseCsv(session));
    v1::DeleteUserRequest request;
    request.set_user_id(user_id_);
    request.set_etag(etag_);
    request.set_request_id(request_id_);
    request.set_validate_only(validate_only_);
    ROSTER_ASSIGN_OR_RETURN(const v1::DeleteUserResponse response, session.commands().DeleteUser(request));
    return FinishWrite(session, response);
  }

 private:
  std::string user_id_;
  std::string etag_;
  std::string request_id_;
  bool validate_only_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeDeleteCommand() { return std::make_unique<DeleteCommand>(); }

}  // namespace roster::cli
