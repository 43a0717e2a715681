#include "projector/rebuild.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/log.h"
#include "base/steady_time.h"
#include "projector/generation_fold.h"
#include "read-model/schema.h"
#include "read-model/writer.h"

namespace roster::projector {
namespace {

// Users that a comparison names one by one.
constexpr int kMaxDifferences = 100;
// The new generation runs after the live one until the rest is so short that folding it holds up nobody; a live one
// that grows faster than that is not run after for ever.
constexpr int64_t kShortRest = 2000;
constexpr int kMaxRounds = 20;
// How long the log may be unavailable while the live generation is paused.
constexpr absl::Duration kPausedPatience = absl::Seconds(2);

int64_t Distance(const Position& from, const Position& to) {
  int64_t distance = 0;
  for (size_t i = 0; i < to.next_offsets.size(); ++i) {
    distance += to.next_offsets[i] - (i < from.next_offsets.size() ? from.next_offsets[i] : 0);
  }
  return distance;
}

}  // namespace

// One run, with the files it makes.
class Rebuilder::Attempt {
 public:
  Attempt(Rebuilder& rebuilder, const RebuildCall& call, std::optional<int64_t> live)
      : rebuilder_(rebuilder),
        folder_(rebuilder.folder_),
        call_(call),
        live_(live),
        made_(live.value_or(0) + 1),
        path_(folder_.DatabasePath(made_)) {}

  ~Attempt() {
    writer_.reset();
    if (switched_) return;
    if (absl::Status removed = folder_.RemoveGeneration(made_); !removed.ok()) {
      Log(LogLevel::kWarning, "cannot remove a generation that is not needed", {{"error", removed}});
    }
  }

  absl::StatusOr<RebuildResult> Run() {
    const absl::Time began = SteadyNow();
    ROSTER_RETURN_IF_ERROR(FindLive());
    ROSTER_RETURN_IF_ERROR(Make());
    RebuildResult result;
    result.generation = made_;
    ROSTER_RETURN_IF_ERROR(Compare(result));
    if (MaySwitch(result)) ROSTER_RETURN_IF_ERROR(Switch(result));
    result.switched = switched_;
    ROSTER_ASSIGN_OR_RETURN(const Checkpoint reached, writer_->ReadCheckpoint());
    result.position = reached.position;
    result.elapsed = SteadyNow() - began;
    return result;
  }

 private:
  // Looks at the live generation. One that cannot be read is no error: that is what rebuilds are for.
  absl::Status FindLive() {
    if (!live_) {
      live_error_ = absl::NotFoundError("there is no live generation");
      return absl::OkStatus();
    }
    const auto live = read_model::FrozenGeneration::Open(folder_.DatabasePath(*live_));
    live_error_ = live.status();
    if (absl::IsUnavailable(live_error_)) return live_error_;
    if (!live.ok()) return absl::OkStatus();
    const int version = (*live)->schema_version();
    if (!read_model::IsReadableSchema(version)) {
      live_error_ = absl::FailedPreconditionError(
          absl::StrCat("the live generation has schema ", version, ", which this program cannot read"));
      return absl::OkStatus();
    }
    changes_from_ = (*live)->changes_from_offsets();
    return absl::OkStatus();
  }

  bool live_is_readable() const { return live_error_.ok(); }

  absl::StatusOr<Checkpoint> ReadLive() const {
    ROSTER_ASSIGN_OR_RETURN(const auto live, read_model::FrozenGeneration::Open(folder_.DatabasePath(*live_)));
    return live->checkpoint();
  }

  GenerationFold FoldAs(RebuildPhase phase, absl::Duration patience) const {
    return GenerationFold(
        rebuilder_.log_, rebuilder_.clock_,
        {.keep_going = call_.keep_going,
         .on_progress = [this, phase](int64_t records, int64_t total) { Tell(phase, records, total); },
         .patience = patience});
  }

  void Tell(RebuildPhase phase, int64_t records = 0, int64_t total = 0) const {
    if (call_.on_progress) call_.on_progress({phase, records, total});
  }

  // Folds everything up to about where the live one stands, and makes the indexes.
  absl::Status Make() {
    ROSTER_ASSIGN_OR_RETURN(writer_, read_model::Writer::MakeNew(path_));
    writer_->OmitChangesBefore(changes_from_);
    ROSTER_RETURN_IF_ERROR(FoldOn(RebuildPhase::kFolding));
    Tell(RebuildPhase::kIndexing);
    ROSTER_RETURN_IF_ERROR(read_model::Writer::CompleteNew(std::move(writer_), call_.keep_going));
    ROSTER_ASSIGN_OR_RETURN(writer_, read_model::Writer::Open(path_));
    writer_->OmitChangesBefore(changes_from_);
    return absl::OkStatus();
  }

  // Folds until little is left to where the live generation stands.
  absl::Status FoldOn(RebuildPhase phase) {
    GenerationFold fold = FoldAs(phase, GenerationFold::Settings().patience);
    if (!live_is_readable()) return fold.FoldToEnd(*writer_);
    for (int round = 0; round < kMaxRounds; ++round) {
      ROSTER_ASSIGN_OR_RETURN(const Checkpoint target, ReadLive());
      ROSTER_ASSIGN_OR_RETURN(const Checkpoint reached, writer_->ReadCheckpoint());
      const int64_t rest = Distance(reached.position, target.position);
      if (round > 0 && rest <= kShortRest) return absl::OkStatus();
      ROSTER_RETURN_IF_ERROR(fold.FoldTo(*writer_, target));
    }
    return absl::OkStatus();
  }

  absl::Status Compare(RebuildResult& result) {
    if (!live_is_readable()) {
      result.not_compared = std::string(live_error_.message());
      return absl::OkStatus();
    }
    ROSTER_ASSIGN_OR_RETURN(const auto live, read_model::FrozenGeneration::Open(folder_.DatabasePath(*live_)));
    ROSTER_RETURN_IF_ERROR(
        FoldAs(RebuildPhase::kCatchingUp, GenerationFold::Settings().patience).FoldTo(*writer_, live->checkpoint()));
    Tell(RebuildPhase::kComparing);
    ROSTER_ASSIGN_OR_RETURN(const auto made, read_model::FrozenGeneration::Open(path_));
    ROSTER_ASSIGN_OR_RETURN(result.comparison,
                            read_model::CompareUsers(*live, *made, kMaxDifferences, call_.keep_going));
    return absl::OkStatus();
  }

  bool MaySwitch(const RebuildResult& result) const {
    switch (call_.switch_when) {
      case SwitchWhen::kNever:
        return false;
      case SwitchWhen::kAlways:
        return true;
      case SwitchWhen::kEqual:
        // Where there is nothing live there is nothing to lose.
        return result.comparison ? result.comparison->equal() : !live_.has_value();
    }
    return false;
  }

  absl::Status Switch(const RebuildResult& result) {
    if (live_is_readable()) ROSTER_RETURN_IF_ERROR(FoldOn(RebuildPhase::kCatchingUp));
    Tell(RebuildPhase::kSwitching);
    return call_.with_live_paused([&]() -> absl::Status {
      if (live_is_readable()) ROSTER_RETURN_IF_ERROR(DrawLevel());
      const bool users_change = live_ && (!result.comparison || !result.comparison->equal());
      if (users_change) ROSTER_RETURN_IF_ERROR(MakeWatchesListAgain());
      ROSTER_RETURN_IF_ERROR(writer_->Sync());
      ROSTER_RETURN_IF_ERROR(folder_.SetCurrentGeneration(made_));
      switched_ = true;
      folder_.RingDoorbell();
      return absl::OkStatus();
    });
  }

  // With the live generation paused: folds the rest, and takes over what only that one knows.
  absl::Status DrawLevel() {
    ROSTER_ASSIGN_OR_RETURN(const Checkpoint target, ReadLive());
    ROSTER_RETURN_IF_ERROR(FoldAs(RebuildPhase::kSwitching, kPausedPatience).FoldTo(*writer_, target));
    return writer_->TakeOver(folder_.DatabasePath(*live_));
  }

  // Users change, or may change, by the switch itself, which no position tells of.
  absl::Status MakeWatchesListAgain() {
    ROSTER_RETURN_IF_ERROR(writer_->Begin());
    ROSTER_RETURN_IF_ERROR(writer_->MoveChangesHorizonToPosition());
    return writer_->Commit();
  }

  Rebuilder& rebuilder_;
  const read_model::Folder& folder_;
  const RebuildCall& call_;
  const std::optional<int64_t> live_;
  const int64_t made_;
  const std::string path_;
  // Why the live generation cannot be read.
  absl::Status live_error_;
  std::vector<int64_t> changes_from_;
  std::unique_ptr<read_model::Writer> writer_;
  bool switched_ = false;
};

Rebuilder::Rebuilder(event_log::EventLog& log, const read_model::Folder& folder, const Clock& clock)
    : log_(log), folder_(folder), clock_(clock) {}

absl::StatusOr<RebuildResult> Rebuilder::Run(const RebuildCall& call) {
  {
    absl::MutexLock lock(&mutex_);
    if (busy_) return absl::FailedPreconditionError("another rebuild or verify of this read model is under way");
    busy_ = true;
  }
  const absl::Cleanup done = [this] {
    absl::MutexLock lock(&mutex_);
    busy_ = false;
  };
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> live, folder_.CurrentGeneration());
  ROSTER_RETURN_IF_ERROR(folder_.RemoveOtherGenerations());
  return Attempt(*this, call, live).Run();
}

}  // namespace roster::projector
