#include "projector/operator_commands.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "event-log/open_event_log.h"
#include "projector/operator_output.h"
#include "projector/settle_client.h"
#include "read-model/backup.h"
#include "read-model/folder.h"
#include "read-model/inspector.h"

namespace roster::projector {
namespace {

constexpr int kPageRows = 1000;
// What `status` counts of the lag at most, and how long it waits for the log.
constexpr int64_t kMaxCountedLag = 200'000;
constexpr absl::Duration kMaxLagTime = absl::Seconds(5);

}  // namespace

OperatorCommands::OperatorCommands(CLI::App& app, const ProjectorOptions& options) : options_(options) {
  // So that --read-model may stand after a subcommand too.
  app.fallthrough();
  DeclareDeadLetters(app);
  status_ =
      app.add_subcommand("status", "Show how far the read model is: position, lag, freshness, users, dead letters");
  digest_ =
      app.add_subcommand("digest", "Show a digest over all users and the position, to compare two read models by");
  AddOutput(*status_);
  AddOutput(*digest_);
  rebuild_.emplace(app);
  backup_ = app.add_subcommand("backup", "Write the read model as it stands into a file; the projector may run");
  restore_ = app.add_subcommand("restore", "Make a backup the read model; the projector must not run");
  for (CLI::App* command : {backup_, restore_}) command->add_option("FILE", file_, "The backup")->required();
}

void OperatorCommands::DeclareDeadLetters(CLI::App& app) {
  CLI::App* letters =
      app.add_subcommand("dead-letters", "Records that could not be folded: list, show, redrive, discard");
  letters->require_subcommand(1);
  list_ = letters->add_subcommand("list", "List the open ones in order of partition and offset");
  list_->add_flag("--all", all_, "List the redriven and discarded ones too");
  show_ = letters->add_subcommand("show", "Show one with headers, key and value, and the event where it can be read");
  redrive_ = letters->add_subcommand("redrive",
                                     "Try again with this version of the program; watches must list again after it");
  discard_ = letters->add_subcommand("discard", "Mark as of no concern; the bytes stay");
  for (CLI::App* command : {list_, show_, redrive_, discard_}) AddOutput(*command);
  AddId(*show_, /*all_allowed=*/false);
  AddId(*redrive_, /*all_allowed=*/true);
  AddId(*discard_, /*all_allowed=*/true);
}

void OperatorCommands::AddOutput(CLI::App& command) { AddOutputOption(command, output_); }

void OperatorCommands::AddId(CLI::App& command, bool all_allowed) {
  CLI::Option* partition =
      command.add_option("PARTITION", partition_, "Partition of the record")->check(CLI::NonNegativeNumber);
  CLI::Option* offset = command.add_option("OFFSET", offset_, "Offset of the record")->check(CLI::NonNegativeNumber);
  partition->needs(offset);
  if (all_allowed) {
    command.add_flag("--all", all_, "All open ones")->configurable(false)->excludes(partition);
  } else {
    partition->required();
  }
}

std::optional<int> OperatorCommands::RunIfAsked() {
  absl::Status status;
  int exit_code = 0;
  if (list_->parsed()) {
    status = List();
  } else if (show_->parsed()) {
    status = Show();
  } else if (redrive_->parsed()) {
    status = Settle(/*redrive=*/true);
  } else if (discard_->parsed()) {
    status = Settle(/*redrive=*/false);
  } else if (status_->parsed()) {
    status = Status();
  } else if (digest_->parsed()) {
    status = Digest();
  } else if (backup_->parsed()) {
    status = BackUp();
  } else if (restore_->parsed()) {
    status = Restore();
  } else if (rebuild_->parsed()) {
    const absl::StatusOr<int> result = rebuild_->Run(options_);
    status = result.status();
    exit_code = result.value_or(1);
  } else {
    return std::nullopt;
  }
  std::cout.flush();
  if (status.ok()) return exit_code;
  std::cerr << "roster-projector: " << status.message() << "\n";
  return 1;
}

absl::Status OperatorCommands::List() {
  ROSTER_ASSIGN_OR_RETURN(const auto inspector, read_model::Inspector::Open(read_model::Folder(options_.read_model)));
  if (!json()) std::cout << DeadLetterTableHead();
  std::optional<read_model::DeadLetterId> after;
  for (;;) {
    ROSTER_ASSIGN_OR_RETURN(const auto rows, inspector->ListDeadLetters(/*only_open=*/!all_, after, kPageRows));
    if (rows.empty()) return absl::OkStatus();
    for (const read_model::DeadLetterRow& row : rows) {
      const control::DeadLetterSummary summary = ToProto(row);
      std::cout << (json() ? ToJsonLine(summary) : ToTableRow(summary));
    }
    after = rows.back().id;
  }
}

absl::Status OperatorCommands::Show() {
  ROSTER_ASSIGN_OR_RETURN(const auto inspector, read_model::Inspector::Open(read_model::Folder(options_.read_model)));
  ROSTER_ASSIGN_OR_RETURN(const auto stored, inspector->ReadDeadLetter({partition_, offset_}));
  if (!stored)
    return absl::NotFoundError(absl::StrCat("there is no dead letter of partition ", partition_, ", offset ", offset_));
  const control::DeadLetterDetails details = ToProto(*stored);
  std::cout << (json() ? ToJsonLine(details) : ToText(details));
  return absl::OkStatus();
}

absl::Status OperatorCommands::Settle(bool redrive) {
  if (!all_ && partition_ < 0) return absl::InvalidArgumentError("name a record, PARTITION OFFSET, or --all");
  const read_model::Folder folder(options_.read_model);
  control::SettleDeadLettersRequest request;
  if (!all_) {
    request.mutable_id()->set_partition(partition_);
    request.mutable_id()->set_offset(offset_);
  }
  int64_t still_open = 0;
  for (;;) {
    ROSTER_ASSIGN_OR_RETURN(
        const control::SettleDeadLettersResponse response,
        SettleDeadLetters(folder, redrive ? Settlement::kRedrive : Settlement::kDiscard, request, SystemClock()));
    for (const control::DeadLetterOutcome& outcome : response.outcomes()) {
      if (outcome.outcome() == "STILL_OPEN") ++still_open;
      std::cout << (json() ? ToJsonLine(outcome) : ToTableRow(outcome));
    }
    if (!response.has_last()) break;
    *request.mutable_after() = response.last();
  }
  if (still_open == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(still_open, " still cannot be folded and stay open"));
}

absl::Status OperatorCommands::Status() {
  const read_model::Folder folder(options_.read_model);
  ROSTER_ASSIGN_OR_RETURN(const auto inspector, read_model::Inspector::Open(folder));
  ROSTER_ASSIGN_OR_RETURN(const read_model::Summary summary, inspector->Summarize());
  control::ReadModelStatus status = ToProto(summary, SystemClock().Now());
  status.set_projector(ProbeProjector(folder));
  const absl::StatusOr<Lag> lag = FindLag(summary.checkpoint);
  if (lag.ok()) {
    AddLag(*lag, SystemClock().Now(), status);
  } else {
    status.set_lag_unknown(std::string(lag.status().message()));
  }
  std::cout << (json() ? ToJsonLine(status) : ToText(status));
  return absl::OkStatus();
}

absl::StatusOr<Lag> OperatorCommands::FindLag(const Checkpoint& checkpoint) const {
  if (checkpoint.position.empty()) return absl::UnavailableError("the log was not read yet");
  ROSTER_ASSIGN_OR_RETURN(const auto log, event_log::OpenEventLog(options_.log, SystemClock()));
  return MeasureLag(*log, checkpoint, kMaxCountedLag, kMaxLagTime);
}

absl::Status OperatorCommands::BackUp() {
  const read_model::Folder folder(options_.read_model);
  ROSTER_ASSIGN_OR_RETURN(const Position position, read_model::BackUp(folder, file_));
  std::cout << "wrote " << file_ << ", as of next offsets " << absl::StrJoin(position.next_offsets, ",") << "\n";
  return absl::OkStatus();
}

absl::Status OperatorCommands::Restore() {
  const read_model::Folder folder(options_.read_model);
  std::error_code error;
  std::filesystem::create_directories(folder.path(), error);
  const absl::StatusOr<FileLock> lock = FileLock::Acquire(folder.LockPath());
  if (absl::IsFailedPrecondition(lock.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("a roster-projector writes the read model in ", folder.path(), ": stop it first"));
  }
  ROSTER_RETURN_IF_ERROR(lock.status());
  ROSTER_ASSIGN_OR_RETURN(const Position position, read_model::Restore(file_, folder));
  std::cout << "restored " << folder.path() << " as of next offsets " << absl::StrJoin(position.next_offsets, ",")
            << "; start roster-projector, which folds the rest\n";
  return absl::OkStatus();
}

absl::Status OperatorCommands::Digest() {
  ROSTER_ASSIGN_OR_RETURN(const auto inspector, read_model::Inspector::Open(read_model::Folder(options_.read_model)));
  ROSTER_ASSIGN_OR_RETURN(const read_model::Digest digest, inspector->ComputeDigest());
  const control::ReadModelDigest message = ToProto(digest);
  std::cout << (json() ? ToJsonLine(message) : ToText(message));
  return absl::OkStatus();
}

}  // namespace roster::projector
