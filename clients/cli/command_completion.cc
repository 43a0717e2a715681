#include "clients/cli/command.h"
#include "clients/cli/completion.h"

namespace roster::cli {
namespace {

class CompletionCommandLine : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    app_ = &app;
    CLI::App* command = AddCommand(app, "completion", "Print a script that completes rosterctl's commands in a shell",
                                   "source <(rosterctl completion bash)\n"
                                   "rosterctl completion zsh > ~/.zfunc/_rosterctl\n"
                                   "rosterctl completion fish > ~/.config/fish/completions/rosterctl.fish");
    command->add_option("SHELL", shell_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    return OnlyInCommandLine(command);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    const auto model = CompletionModel(*app_);
    session.out() << (shell_ == "bash"  ? BashCompletion(model)
                      : shell_ == "zsh" ? ZshCompletion(model)
                                        : FishCompletion(model));
    if (const absl::Status status = session.FlushOutput(); !status.ok()) return status;
    return ExitCode::kOk;
  }

 private:
  const CLI::App* app_ = nullptr;
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> MakeCompletionCommand() { return std::make_unique<CompletionCommandLine>(); }

}  // namespace roster::cli
