#include "event-log/tool/copy_command.h"

#include <unistd.h>

#include <iostream>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/progress_bar.h"
#include "base/steady_time.h"
#include "event-log/tool/exit_code.h"

namespace roster::event_log::tool {
namespace {

// The name of each phase, and on a terminal a bar under it.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(bool bars) : bars_(bars) {}

  void Show(const CopyProgress& progress) {
    if (phase_ != progress.phase) {
      phase_ = progress.phase;
      bar_.reset();
      std::cerr << phase_ << "\n";
      bar_.emplace(std::cerr, bars_, "records");
      first_ = progress.records;
    }
    std::optional<double> part;
    // What an earlier run had copied says nothing about how fast this one is.
    const int64_t to_do = progress.total - first_;
    if (to_do > 0) part = static_cast<double>(progress.records - first_) / static_cast<double>(to_do);
    bar_->Update(progress.records - first_, part);
  }

 private:
  const bool bars_;
  std::string phase_;
  int64_t first_ = 0;
  std::optional<ProgressBar> bar_;
};

void Print(const LogOptions& from, const LogOptions& to, const CopyResult& result, absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  std::cout << "source    " << from.log << ", log " << result.source.log_id << "\n"
            << "target    " << to.log << ", log " << result.target.log_id << ", " << result.target.partitions
            << (result.target.partitions == 1 ? " partition\n" : " partitions\n") << "records   " << result.copied
            << " copied, " << result.already_there.value_or(0) << " were there, " << result.verified
            << " compared and equal\n"
            << absl::StrFormat("took      %.1f s\n", seconds);
}

}  // namespace

CopyCommand::CopyCommand(CLI::App& app)
    : command_(app.add_subcommand(
          "copy",
          "Copy all records of one log into another, empty one, or go on with a copy that was cut off; compares both "
          "at "
          "the end. Exit codes: 1: it could not be done; 3: the target holds something else; 4: all that was there is "
          "copied, but the source is still written to")) {
  DeclareLogOptions(*command_, from_, LogFlag{"from", "The log to copy", /*may_be_new=*/false});
  DeclareLogOptions(*command_, to_, LogFlag{"to", "The log to copy it into: empty, or what an earlier run has left"});
  command_->get_option("--from")->required();
  command_->get_option("--to")->required();
  command_
      ->add_option("--batch-records", options_.batch_records,
                   "Records that are appended at a time at most; fewer where the target refuses large batches")
      ->capture_default_str()
      ->configurable(false)
      ->check(CLI::Range(1, 100'000));
  command_
      ->add_option_function<int>(
          "--lead-timeout-ms", [this](const int& value) { options_.election_patience = absl::Milliseconds(value); },
          "Milliseconds to wait until nobody else leads; more than the session timeout of a copy that was killed")
      ->default_str("20000")
      ->configurable(false)
      ->check(CLI::Range(1, 600'000));
}

absl::StatusOr<int> CopyCommand::Run() {
  ROSTER_ASSIGN_OR_RETURN(const auto source, OpenEventLog(from_, SystemClock()));
  ROSTER_ASSIGN_OR_RETURN(const auto target, OpenEventLog(to_, SystemClock()));
  absl::StatusOr<CopyResult> result;
  const absl::Time start = SteadyNow();
  {
    ProgressDisplay display(isatty(STDERR_FILENO) == 1);
    options_.on_progress = [&](const CopyProgress& progress) { display.Show(progress); };
    result = LogCopier(*source, *target, options_).Run();
  }
  if (!result.ok()) return result.status();
  if (result->foreign) {
    std::cerr
        << "roster-log: the target holds something else than the source: the record of partition "
        << result->foreign->partition << ", offset " << result->foreign->offset
        << " is not the next one of the source. Copy into an empty log; look at the record with roster-log show\n";
    return kLogsDiffer;
  }
  Print(from_, to_, *result, SteadyNow() - start);
  if (!result->source_not_held.empty()) {
    std::cerr << "roster-log: the source may still be written to (" << result->source_not_held
              << "). Stop its command services, then run the same command again for the rest\n";
    return kSourceNotHeld;
  }
  std::cout << "complete: nobody wrote to the source meanwhile. Keep it from being written to again, and start all "
               "programs with --log="
            << to_.log << ", a new write model and a new read model\n";
  return kDone;
}

}  // namespace roster::event_log::tool
