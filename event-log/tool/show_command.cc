#include "event-log/tool/show_command.h"

#include <iostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "event-log/tool/partition_stream.h"
#include "event-log/tool/record_text.h"

namespace roster::event_log::tool {

ShowCommand::ShowCommand(CLI::App& app)
    : command_(app.add_subcommand("show", "Show the records of a log, in the order of each partition in turn")) {
  DeclareLogOptions(*command_, log_, LogFlag{"log", "The log to show", /*may_be_new=*/false});
  command_->add_option("--partition", partition_, "Only this partition")
      ->configurable(false)
      ->check(CLI::NonNegativeNumber);
  command_->add_option("--from", from_, "Only records from this offset of each partition on")
      ->configurable(false)
      ->check(CLI::NonNegativeNumber);
  command_->add_option("--limit", limit_, "This many records at most; 0: all")
      ->configurable(false)
      ->check(CLI::NonNegativeNumber);
  command_->add_option("--output,--format", output_, "text, or json: one object a line")
      ->capture_default_str()
      ->configurable(false)
      ->check(CLI::IsMember({"text", "json"}));
  command_
      ->add_flag("--with-personal-data", with_personal_data_,
                 "Show addresses, names, labels and request ids too, and the bytes of what is no user event")
      ->configurable(false);
}

absl::Status ShowCommand::Run() {
  ROSTER_ASSIGN_OR_RETURN(const auto log, OpenEventLog(log_, SystemClock()));
  ROSTER_ASSIGN_OR_RETURN(const auto identity, log->ReadIdentity());
  if (!identity) return absl::NotFoundError(absl::StrCat(log_.log, " holds no log yet"));
  ROSTER_ASSIGN_OR_RETURN(const std::vector<int64_t> ends, log->ReadEndOffsets());
  const auto partitions = static_cast<int32_t>(ends.size());
  if (partition_ >= partitions) {
    return absl::NotFoundError(absl::StrCat("there is no partition ", partition_, ": the log has ", partitions));
  }
  const RecordTextOptions text{.json = output_ == "json", .with_personal_data = with_personal_data_};
  int64_t left = limit_ == 0 ? INT64_MAX : limit_;
  for (int32_t partition = 0; partition < partitions && left > 0; ++partition) {
    if ((partition_ >= 0 && partition != partition_) || from_ >= ends[partition]) continue;
    ROSTER_ASSIGN_OR_RETURN(const auto stream, PartitionStream::Open(*log, identity->log_id, {partition, from_},
                                                                     PartitionStream::Genesis::kIncluded));
    for (; left > 0; --left) {
      ROSTER_ASSIGN_OR_RETURN(const StoredRecord* const record, stream->Head());
      if (record == nullptr) break;
      std::cout << RecordText(*record, text);
      stream->Pop();
    }
  }
  return absl::OkStatus();
}

}  // namespace roster::event_log::tool
