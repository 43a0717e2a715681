#include "projector/rebuild_messages.h"

namespace roster::projector {
namespace {

const char* NameOf(RebuildPhase phase) {
  switch (phase) {
    case RebuildPhase::kFolding:
      return "folding";
    case RebuildPhase::kIndexing:
      return "indexing";
    case RebuildPhase::kComparing:
      return "comparing";
    case RebuildPhase::kCatchingUp:
      return "catching up";
    case RebuildPhase::kSwitching:
      return "switching";
  }
  return "";
}

const char* KindOf(const read_model::UserDifference& difference) {
  if (difference.missing_in_first) return "missing in the live generation";
  return difference.missing_in_second ? "missing in the new generation" : "different";
}

}  // namespace

RebuildCall ToCall(const control::RebuildReadModelRequest& request) {
  RebuildCall call;
  call.switch_when = request.verify_only() ? SwitchWhen::kNever
                     : request.accept()    ? SwitchWhen::kAlways
                                           : SwitchWhen::kEqual;
  return call;
}

control::RebuildProgress ToProto(const RebuildProgress& progress) {
  control::RebuildProgress message;
  message.set_phase(NameOf(progress.phase));
  message.set_records(progress.records);
  message.set_total_records(progress.total);
  return message;
}

control::RebuildResult ToProto(const RebuildResult& result) {
  control::RebuildResult message;
  message.set_switched(result.switched);
  message.set_generation(result.generation);
  for (const int64_t offset : result.position.next_offsets) message.add_next_offsets(offset);
  message.set_not_compared(result.not_compared);
  if (result.comparison) {
    message.set_users_live(result.comparison->users_in_first);
    message.set_users_new(result.comparison->users_in_second);
    message.set_differing_users(result.comparison->differing_users);
    for (const read_model::UserDifference& difference : result.comparison->differences) {
      control::UserDifference& row = *message.add_differences();
      row.set_user_id(difference.user_id);
      row.set_kind(KindOf(difference));
      for (const std::string& column : difference.columns) row.add_columns(column);
    }
  }
  message.set_elapsed_seconds(absl::ToDoubleSeconds(result.elapsed));
  return message;
}

}  // namespace roster::projector
