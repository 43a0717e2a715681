#include "query-service/query_metrics.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "roster/v1/user.pb.h"

namespace roster::query_service {
namespace {

using metrics::Kind;
using metrics::Registry;

// "active" for USER_STATUS_ACTIVE.
std::string StatusName(int status) {
  const std::string& name = v1::UserStatus_Name(static_cast<v1::UserStatus>(status));
  return name.empty() ? "other" : absl::AsciiStrToLower(absl::StripPrefix(name, "USER_STATUS_"));
}

}  // namespace

QueryMetrics::QueryMetrics(Registry& registry, const ServiceState& state, const read_model::Folder& folder)
    : reader_(folder) {
  registry.AddReading("roster_query_waiting_reads", "Reads that wait for their read_after.", Kind::kGauge,
                      [&state] { return state.waiting_reads.open(); });
  registry.AddReading("roster_query_open_watches", "WatchUsers calls under way.", Kind::kGauge,
                      [&state] { return state.watches.open(); });
  registry.AddReading("roster_query_open_lists", "ListUsers calls under way.", Kind::kGauge,
                      [&state] { return state.lists.open(); });
  registry.AddReadings(
      "roster_read_model_fresh_timestamp_seconds",
      "Time since 1970 up to which the read model is known to hold every event.", Kind::kGauge, [this] {
        return Read([](read_model::Snapshot& snapshot) {
          const std::optional<absl::Time> fresh = snapshot.head().fresh_as_of;
          return fresh ? Readings{{{}, absl::ToDoubleSeconds(*fresh - absl::UnixEpoch())}} : Readings();
        });
      });
  registry.AddReadings("roster_read_model_open_dead_letters",
                       "Records that could not be folded, and wait for an operator.", Kind::kGauge, [this] {
                         return Read([](read_model::Snapshot& snapshot) {
                           const auto letters = snapshot.SummarizeDeadLetters(0);
                           return letters.ok() ? Readings{{{}, static_cast<double>(letters->open)}} : Readings();
                         });
                       });
  registry.AddReadings("roster_read_model_users", "Users by status.", Kind::kGauge, [this] {
    return Read([](read_model::Snapshot& snapshot) {
      Readings readings;
      const auto counts = snapshot.CountUsers();
      if (!counts.ok()) return readings;
      for (const auto& [status, users] : *counts) {
        readings.push_back({{{"status", StatusName(status)}}, static_cast<double>(users)});
      }
      return readings;
    });
  });
}

QueryMetrics::Readings QueryMetrics::Read(absl::FunctionRef<Readings(read_model::Snapshot&)> read) {
  absl::MutexLock lock(&mutex_);
  reader_.LookAgain();
  absl::StatusOr<read_model::Snapshot> snapshot = reader_.Begin();
  if (!snapshot.ok()) return {};
  return read(*snapshot);
}

}  // namespace roster::query_service
