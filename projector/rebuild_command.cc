#include "projector/rebuild_command.h"

#include <unistd.h>

#include <iostream>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/progress_bar.h"
#include "projector/operator_output.h"
#include "projector/rebuild_client.h"

namespace roster::projector {
namespace {

// Shows a rebuild on a terminal: a bar for what can be counted, and the name of each further phase.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(bool enabled) : enabled_(enabled) {}

  void Show(const control::RebuildProgress& progress) {
    if (!enabled_) return;
    if (progress.phase() != phase_) {
      phase_ = progress.phase();
      bar_.reset();
      std::cerr << phase_ << "\n";
      bar_.emplace(std::cerr, /*enabled=*/true, "records");
    }
    if (progress.records() == 0) return;
    std::optional<double> fraction;
    if (progress.total_records() > 0) {
      fraction = static_cast<double>(progress.records()) / static_cast<double>(progress.total_records());
    }
    bar_->Update(progress.records(), fraction);
  }
  void Finish() { bar_.reset(); }

 private:
  const bool enabled_;
  std::string phase_;
  std::optional<ProgressBar> bar_;
};

std::string ToText(const control::RebuildResult& result) {
  std::string text;
  if (result.not_compared().empty()) {
    absl::StrAppend(&text, "users         ", result.users_live(), " live, ", result.users_new(), " new, ",
                    result.differing_users(), " differ\n");
  } else {
    absl::StrAppend(&text, "users         not compared: ", result.not_compared(), "\n");
  }
  for (const control::UserDifference& difference : result.differences()) {
    absl::StrAppend(&text, "  ", difference.user_id(), "  ", difference.kind());
    if (difference.columns_size() > 0) absl::StrAppend(&text, ": ", absl::StrJoin(difference.columns(), ", "));
    absl::StrAppend(&text, "\n");
  }
  if (result.differing_users() > result.differences_size()) {
    absl::StrAppend(&text, "  and ", result.differing_users() - result.differences_size(), " more\n");
  }
  absl::StrAppend(&text, "next offsets  ", absl::StrJoin(result.next_offsets(), ","), "\n");
  absl::StrAppendFormat(&text, "took          %.1f s\n", result.elapsed_seconds());
  if (result.switched()) absl::StrAppend(&text, "switched      generation ", result.generation(), " is live now\n");
  return text;
}

}  // namespace

RebuildCommand::RebuildCommand(CLI::App& app)
    : rebuild_(
          app.add_subcommand("rebuild",
                             "Make the read model anew from the log beside the live one, compare the users, and let "
                             "it take the live one's place; exit code 3: users differ, nothing was changed")),
      verify_(
          app.add_subcommand("verify",
                             "Make the read model anew beside the live one and compare the users; exit code 3: they "
                             "differ")) {
  rebuild_->add_flag("--accept", accept_, "Take its place also where users differ, or the live one cannot be read")
      ->configurable(false);
  for (CLI::App* command : {rebuild_, verify_}) AddOutputOption(*command, output_);
}

absl::StatusOr<int> RebuildCommand::Run(const ProjectorOptions& options) {
  const bool json = output_ == "json";
  control::RebuildReadModelRequest request;
  request.set_verify_only(verify_->parsed());
  request.set_accept(accept_);
  ProgressDisplay display(!json && isatty(STDERR_FILENO) == 1);
  const auto on_progress = [&](const control::RebuildProgress& progress) {
    if (json) {
      control::RebuildReadModelResponse news;
      *news.mutable_progress() = progress;
      std::cout << ToJsonLine(news) << std::flush;
    }
    display.Show(progress);
  };
  ROSTER_ASSIGN_OR_RETURN(const control::RebuildResult result,
                          RebuildReadModel(options, request, on_progress, SystemClock()));
  display.Finish();
  control::RebuildReadModelResponse news;
  *news.mutable_result() = result;
  std::cout << (json ? ToJsonLine(news) : ToText(result));
  if (result.switched()) return 0;
  if (!result.not_compared().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is nothing to compare with: ", result.not_compared(),
                     request.verify_only() ? "" : "; rebuild --accept puts the new generation in its place"));
  }
  if (result.differing_users() == 0) return 0;
  if (!request.verify_only()) {
    std::cerr << "roster-projector: users differ, and the live read model stays; rebuild --accept takes what the log "
                 "says\n";
  }
  return kUsersDiffer;
}

}  // namespace roster::projector
