#include "base/error.h"
#include "clients/cli/command.h"
#include "clients/cli/write_result.h"

namespace roster::cli {
namespace {

class SignUpCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = AddCommand(app, "signup", "Sign a user up",
                                   "rosterctl signup --email ann@example.com --name 'Ann Lee' --label team=blue");
    command->add_option("--email", request_.email, "Address; no other live user has it")->required();
    command->add_option("--name", request_.name, "Name to show to people");
    command->add_option("--label", request_.labels, "A mark of your own; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    command->add_option("--id", request_.id, "Choose the user_id. Default: a new UUID");
    AddRequestIdOption(*command, request_.request_id);
    AddValidateOnlyFlag(*command, request_.validate_only);
    return OnlyInCommandLine(command);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    ROSTER_RETURN_IF_ERROR(RefuseCsv(session));
    v1::SignUpUserRequest request;
    request.set_email(request_.email);
    request.set_display_name(request_.name);
    for (const std::string& text : request_.labels) {
      ROSTER_ASSIGN_OR_RETURN(const auto label, ParseLabel(text));
      (*request.mutable_labels())[label.first] = label.second;
    }
    request.set_user_id(request_.id);
    request.set_request_id(request_.request_id);
    request.set_validate_only(request_.validate_only);
    ROSTER_ASSIGN_OR_RETURN(const v1::SignUpUserResponse response, session.commands().SignUpUser(request));
    return FinishWrite(session, response);
  }

 private:
  struct {
    std::string email;
    std::string name;
    std::vector<std::string> labels;
    std::string id;
    std::string request_id;
    bool validate_only = false;
  } request_;
};

}  // namespace

std::unique_ptr<Command> MakeSignUpCommand() { return std::make_unique<SignUpCommand>(); }

}  // namespace roster::cli
