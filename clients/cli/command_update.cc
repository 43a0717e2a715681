#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "clients/cli/command.h"
#include "clients/cli/write_result.h"

namespace roster::cli {
namespace {

class UpdateCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    command_ = AddCommand(app, "update", "Change a user: only what is given",
                          "rosterctl update 0190a6e2-7c1d-7b9e-8c55-1f2a3b4c5d6e --status inactive\n"
                          "rosterctl update u-17 --name 'Ann Lee' --label team=red --remove-label trial");
    command_->add_option("ID", user_.id, "Whom to change")->required();
    command_->add_option("--status", user_.status, "active or inactive")->check(CLI::IsMember({"active", "inactive"}));
    command_->add_option("--email", user_.email, "New address");
    command_->add_option("--name", user_.name, "New name to show; may be empty");
    command_->add_option("--label", user_.labels, "Set a label; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    command_->add_option("--remove-label", user_.removed_labels, "Remove a label; may be repeated")
        ->type_name("KEY")
        ->allow_extra_args(false);
    command_->add_option("--etag", user_.etag,
                         "Fail with exit code 4 if the user has changed since this etag was read");
    AddRequestIdOption(*command_, user_.request_id);
    AddValidateOnlyFlag(*command_, user_.validate_only);
    return OnlyInCommandLine(command_);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    ROSTER_RETURN_IF_ERROR(RefuseCsv(session));
    ROSTER_ASSIGN_OR_RETURN(const v1::UpdateUserRequest request, MakeRequest());
    ROSTER_ASSIGN_OR_RETURN(const v1::UpdateUserResponse response, session.commands().UpdateUser(request));
    return FinishWrite(session, response);
  }

 private:
  bool Given(const std::string& option) const { return command_->count(option) > 0; }

  // The mask names what was given, also where it was given as empty.
  absl::StatusOr<v1::UpdateUserRequest> MakeRequest() const {
    v1::UpdateUserRequest request;
    v1::User& user = *request.mutable_user();
    auto& mask = *request.mutable_update_mask();
    user.set_user_id(user_.id);
    user.set_etag(user_.etag);
    user.set_email(user_.email);
    user.set_display_name(user_.name);
    if (Given("--email")) mask.add_paths("email");
    if (Given("--name")) mask.add_paths("display_name");
    if (Given("--status")) {
      ROSTER_ASSIGN_OR_RETURN(const v1::UserStatus status, ParseStatus(user_.status));
      user.set_status(status);
      mask.add_paths("status");
    }
    ROSTER_RETURN_IF_ERROR(AddLabels(request));
    if (mask.paths().empty()) {
      return absl::InvalidArgumentError("nothing to change: give --status, --email, --name, --label or --remove-label");
    }
    request.set_request_id(user_.request_id);
    request.set_validate_only(user_.validate_only);
    return request;
  }

  absl::Status AddLabels(v1::UpdateUserRequest& request) const {
    auto& labels = *request.mutable_user()->mutable_labels();
    for (const std::string& text : user_.labels) {
      ROSTER_ASSIGN_OR_RETURN(const auto label, ParseLabel(text));
      if (!labels.contains(label.first)) request.mutable_update_mask()->add_paths(absl::StrCat("labels.", label.first));
      labels[label.first] = label.second;
    }
    for (const std::string& key : user_.removed_labels) {
      if (labels.contains(key)) {
        return absl::InvalidArgumentError(absl::StrCat("--remove-label: '", key, "' is also set with --label"));
      }
      request.mutable_update_mask()->add_paths(absl::StrCat("labels.", key));
    }
    return absl::OkStatus();
  }

  CLI::App* command_ = nullptr;
  struct {
    std::string id;
    std::string status;
    std::string email;
    std::string name;
    std::vector<std::string> labels;
    std::vector<std::string> removed_labels;
    std::string etag;
    std::string request_id;
    bool validate_only = false;
  } user_;
};

}  // namespace

std::unique_ptr<Command> MakeUpdateCommand() { return std::make_unique<UpdateCommand>(); }

}  // namespace roster::cli
