#include "bench/ceilings/import_parts.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "base/temp_dir.h"
#include "command-service/dirty_marker.h"
#include "command-service/write_model.h"
#include "user-event/sort_record.h"

namespace roster::bench {
namespace {

constexpr int kAppended = 500;
// As command-service/sequencer.h has it.
constexpr int kEventsPerCommit = 5000;

struct Event {
  event_log::Record record;
  event_log::RecordLocation location;
  v1::UserEvent event;
};

// Hands `use` all events of the log, `count` at a time, and returns how many there were for each second that it took.
absl::StatusOr<Sample> EventsPerSecond(event_log::EventLog& log, int count,
                                       absl::FunctionRef<absl::Status(const std::vector<Event>&)> use) {
  ROSTER_ASSIGN_OR_RETURN(const auto reader, log.OpenReader({}));
  int64_t events = 0;
  absl::Duration used;
  for (bool at_end = false; !at_end;) {
    std::vector<Event> some;
    const auto take = [&](const event_log::RecordView& record) {
      user_event::SortedRecord sorted = user_event::SortRecord(record);
      if (!std::holds_alternative<v1::UserEvent>(sorted)) return;
      event_log::Record copy{std::string(*record.key), std::string(*record.value), {}};
      for (const event_log::HeaderView& header : record.headers) {
        copy.headers.push_back({std::string(header.key), std::string(header.value)});
      }
      some.push_back({std::move(copy), record.location, std::get<v1::UserEvent>(std::move(sorted))});
    };
    ROSTER_ASSIGN_OR_RETURN(const auto result, reader->Poll(count, absl::Seconds(5), take));
    at_end = result.complete_as_of.has_value();
    const absl::Time begin = absl::Now();
    ROSTER_RETURN_IF_ERROR(use(some));
    used += absl::Now() - begin;
    events += static_cast<int64_t>(some.size());
  }
  return Sample{static_cast<double>(events) / absl::ToDoubleSeconds(used)};
}

absl::Status Apply(command::WriteModel& write_model, const Event& event) {
  ROSTER_RETURN_IF_ERROR(write_model.FindRequest(event.event.request_id()).status());
  ROSTER_RETURN_IF_ERROR(write_model.FindUser(event.event.user_id()).status());
  ROSTER_RETURN_IF_ERROR(write_model.FindEmailOwner(absl::AsciiStrToLower(event.event.user().email())).status());
  ROSTER_RETURN_IF_ERROR(write_model.Apply(event.event, event.location).status());
  write_model.Advance(event.location, 0);
  return write_model.uncommitted() < kEventsPerCommit ? absl::OkStatus() : write_model.Commit();
}

}  // namespace

absl::StatusOr<Sample> LogAlone(event_log::EventLog& events, event_log::EventLog& target) {
  ROSTER_ASSIGN_OR_RETURN(const auto appender, target.Lead([] { return true; }));
  return EventsPerSecond(events, kAppended, [&](const std::vector<Event>& some) -> absl::Status {
    if (some.empty()) return absl::OkStatus();
    std::vector<event_log::Record> records;
    for (const Event& event : some) records.push_back(event.record);
    return appender->Append(records, [] {}).status();
  });
}

absl::StatusOr<Sample> WriteModelAlone(event_log::EventLog& events) {
  const TempDir files;
  ROSTER_ASSIGN_OR_RETURN(const auto identity, events.ReadIdentity());
  ROSTER_ASSIGN_OR_RETURN(const auto write_model,
                          command::WriteModel::Open(files.File("write-model.db"), command::BootId()));
  if (identity) write_model->SetIdentity(*identity);
  return EventsPerSecond(events, kEventsPerCommit, [&](const std::vector<Event>& some) -> absl::Status {
    for (const Event& event : some) ROSTER_RETURN_IF_ERROR(Apply(*write_model, event));
    return absl::OkStatus();
  });
}

}  // namespace roster::bench
