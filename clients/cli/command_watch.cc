#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "clients/cli/command.h"
#include "clients/cli/terminal_text.h"
#include "clients/cli/user_format.h"

namespace roster::cli {
namespace {

constexpr int64_t kUsersAFlush = 256;

// Ends the stream from within, when what was asked for has been seen.
absl::Status SeenEnough() { return absl::CancelledError("seen enough"); }

std::string KindOf(const v1::User& user, bool synced) {
  if (user.status() == v1::USER_STATUS_DELETED) return "deleted";
  if (!synced) return "present";
  return user.version() == 1 ? "signed up" : "updated";
}

class WatchCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = AddCommand(app, "watch",
                                   "Print the present users, then every change as it comes, until it is stopped. "
                                   "Goes on by itself after a cut",
                                   "rosterctl watch\n"
                                   "rosterctl watch --output json --resume-token TOKEN");
    command
        ->add_option("--resume-token", resume_token_,
                     "Go on after the message that had this resumeToken (--output json), instead of from the start")
        ->type_name("TOKEN");
    command->add_flag("--until-synced", until_synced_, "Stop once all that existed at the start was printed");
    AddReadAfterOption(*command, read_after_);
    return OnlyInCommandLine(command);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    if (session.format() == OutputFormat::kCsv) return absl::InvalidArgumentError("--output csv: give table or json");
    if (!resume_token_.empty()) {
      if (!read_after_.value.empty() && read_after_.value != "none") {
        return absl::InvalidArgumentError("--read-after: not together with --resume-token, which says where to begin");
      }
      read_after_.value = "none";
    }
    const absl::Status status = session.Read(read_after_, [&](const std::string& token) {
      v1::WatchUsersRequest request;
      request.set_resume_token(resume_token_);
      request.set_read_after(token);
      return session.queries().WatchUsers(
          request, [&](const v1::WatchUsersResponse& message) { return Print(session, message); });
    });
    ROSTER_RETURN_IF_ERROR(session.FlushOutput());
    if (status != SeenEnough()) return status;
    return ExitCode::kOk;
  }

 private:
  absl::Status Print(Session& session, const v1::WatchUsersResponse& message) {
    session.EndOfWaiting();
    if (session.format() == OutputFormat::kJson) {
      session.out() << ToJson(message) << '\n';
    } else if (message.users_size() > 0) {
      for (const v1::User& user : message.users()) session.out() << Line(user) << '\n';
    } else if (message.has_synced() && !synced_) {
      session.out() << "-- synced: everything up to here was there already; changes follow\n";
    }
    synced_ = synced_ || message.has_synced();
    // Changes are wanted at once, the many users before them fast.
    unflushed_ += message.users_size();
    if (synced_ || unflushed_ >= kUsersAFlush) {
      unflushed_ = 0;
      ROSTER_RETURN_IF_ERROR(session.FlushOutput());
    }
    return message.has_synced() && until_synced_ ? SeenEnough() : absl::OkStatus();
  }

  std::string Line(const v1::User& user) const {
    const std::string labels = FormatLabels(user);
    return absl::StrCat(Fit(FormatTime(user.update_time()), 20, false), "  ", Fit(KindOf(user, synced_), 9, false),
                        "  ", Printable(user.user_id()), "  ", Printable(user.email()), "  ", StatusName(user.status()),
                        "  v", user.version(), user.display_name().empty() ? "" : "  ", Printable(user.display_name()),
                        labels.empty() ? "" : "  ", Printable(labels));
  }

  std::string resume_token_;
  bool until_synced_ = false;
  ReadAfter read_after_;
  // Whether the first listing, or what was missed since the resume token, is over.
  bool synced_ = false;
  int64_t unflushed_ = 0;
};

}  // namespace

std::unique_ptr<Command> MakeWatchCommand() { return std::make_unique<WatchCommand>(); }

}  // namespace roster::cli
