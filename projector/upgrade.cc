#include "projector/upgrade.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "base/log.h"
#include "base/steady_time.h"
#include "projector/rebuild.h"
#include "projector/rebuild_messages.h"
#include "read-model/frozen_generation.h"
#include "read-model/schema.h"

namespace roster::projector {
namespace {

constexpr absl::Duration kTellAgain = absl::Seconds(10);
// Of those who differ.
constexpr size_t kNamedUsers = 10;

absl::Status UsersDiffer(const read_model::Comparison& comparison) {
  std::vector<std::string> user_ids;
  for (const read_model::UserDifference& difference : comparison.differences) {
    if (user_ids.size() < kNamedUsers) user_ids.push_back(difference.user_id);
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the read model cannot be made anew for this version as it is: ", comparison.differing_users,
      " users are not what the log says (", absl::StrJoin(user_ids, ", "),
      "); run roster-projector rebuild to see them, and roster-projector rebuild --accept to take what the log says"));
}

}  // namespace

absl::Status UpgradeReadModel(Rebuilder& rebuilder, const read_model::Folder& folder, int64_t live,
                              std::function<bool()> keep_going) {
  int version = 0;
  {
    const auto frozen = read_model::FrozenGeneration::Open(folder.DatabasePath(live));
    if (absl::IsUnavailable(frozen.status())) return frozen.status();
    if (!frozen.ok()) return absl::OkStatus();
    version = (*frozen)->schema_version();
  }
  if (version == 0 || version >= read_model::kSchemaVersion) return absl::OkStatus();
  Log(LogLevel::kInfo, "the read model is of an older schema: making it anew from the log",
      {{"schema", version}, {"needed", read_model::kSchemaVersion}});

  absl::Time told_at = SteadyNow();
  RebuildCall call;
  const bool served = read_model::IsReadableSchema(version);
  call.switch_when = served ? SwitchWhen::kEqual : SwitchWhen::kAlways;
  call.keep_going = std::move(keep_going);
  call.on_progress = [&](const RebuildProgress& progress) {
    if (SteadyNow() - told_at < kTellAgain) return;
    told_at = SteadyNow();
    const control::RebuildProgress message = ToProto(progress);
    Log(LogLevel::kInfo, "making the read model anew",
        {{"phase", message.phase()}, {"records", message.records()}, {"total_records", message.total_records()}});
  };
  ROSTER_ASSIGN_OR_RETURN(const RebuildResult result, rebuilder.Run(call));
  if (!result.switched) return UsersDiffer(*result.comparison);
  Log(LogLevel::kInfo, "the read model is of this version's schema now",
      {{"generation", result.generation}, {"elapsed_ms", absl::ToInt64Milliseconds(result.elapsed)}});
  return absl::OkStatus();
}

}  // namespace roster::projector
