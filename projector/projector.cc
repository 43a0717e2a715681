#include "projector/projector.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/log.h"
#include "base/version.h"
#include "metrics/process_metrics.h"
#include "projector/upgrade.h"

namespace roster::projector {
namespace {

absl::Status MakeFolder(const read_model::Folder& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder.path(), error);
  if (!error) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("--read-model: cannot make the folder ", folder.path(), ": ", error.message()));
}

absl::StatusOr<FileLock> Lock(const read_model::Folder& folder) {
  absl::StatusOr<FileLock> lock = FileLock::Acquire(folder.LockPath());
  if (!absl::IsFailedPrecondition(lock.status())) return lock;
  return absl::FailedPreconditionError(absl::StrCat("--read-model: another roster-projector writes the read model in ",
                                                    folder.path(), "; stop it, or name another folder"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Projector>> Projector::Start(const ProjectorOptions& options, const Clock& clock,
                                                            std::function<void()> on_end) {
  ROSTER_ASSIGN_OR_RETURN(std::unique_ptr<event_log::EventLog> log, event_log::OpenEventLog(options.log, clock));
  return Start(options, std::move(log), clock, std::move(on_end));
}

absl::StatusOr<std::unique_ptr<Projector>> Projector::Start(const ProjectorOptions& options,
                                                            std::unique_ptr<event_log::EventLog> log,
                                                            const Clock& clock, std::function<void()> on_end) {
  const read_model::Folder folder(options.read_model);
  ROSTER_RETURN_IF_ERROR(MakeFolder(folder));
  ROSTER_ASSIGN_OR_RETURN(FileLock lock, Lock(folder));
  std::unique_ptr<Projector> projector(new Projector(options, std::move(log), std::move(lock), clock));
  ROSTER_ASSIGN_OR_RETURN(projector->exposer_, metrics::Exposer::Start(options.metrics, projector->registry_));
  ROSTER_ASSIGN_OR_RETURN(projector->control_, ControlServer::Start(folder.ControlSocketPath(), *projector->fold_,
                                                                    projector->rebuilder_, clock));
  projector->thread_ = std::thread([projector = projector.get(), on_end = std::move(on_end)] {
    projector->result_ = projector->fold_->Run();
    if (!projector->result_.ok() && on_end) on_end();
  });
  Log(LogLevel::kInfo, "folding",
      {{"log", options.log.log}, {"read_model", options.read_model}, {"version", Version()}});
  return projector;
}

Projector::Projector(const ProjectorOptions& options, std::unique_ptr<event_log::EventLog> log, FileLock lock,
                     const Clock& clock)
    : log_(std::move(log)),
      folder_(options.read_model),
      lock_(std::move(lock)),
      rebuilder_(*log_, folder_, clock),
      fold_metrics_(registry_, clock) {
  metrics::AddProcessMetrics(registry_, "roster-projector");
  metrics::AddDatabaseSize(registry_, "read_model", [folder = folder_] {
    const absl::StatusOr<std::optional<int64_t>> current = folder.CurrentGeneration();
    return current.ok() && *current ? folder.DatabasePath(**current) : "";
  });
  const std::string topic = TopicOf(options.log);
  if (!topic.empty()) copier_.emplace(*log_, folder_, topic);
  const auto on_health = [this](bool serving) { control_->SetServing(serving); };
  fold_ = std::make_unique<Fold>(options.fold, *log_, folder_, clock, copier_ ? &*copier_ : nullptr, fold_metrics_,
                                 on_health, [this] { return Upgrade(); });
}

// A read model of an older schema cannot be written any more: made anew, and put in its place. Returns the old one's
// generation then.
absl::StatusOr<std::optional<int64_t>> Projector::Upgrade() {
  ROSTER_RETURN_IF_ERROR(folder_.RemoveOtherGenerations());
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> former, folder_.CurrentGeneration());
  if (!former) return std::nullopt;
  ROSTER_RETURN_IF_ERROR(UpgradeReadModel(rebuilder_, folder_, *former, [this] { return !fold_->stopping(); }));
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> current, folder_.CurrentGeneration());
  return current == former ? std::nullopt : former;
}

Projector::~Projector() { (void)Stop(); }

absl::Status Projector::Stop() {
  if (!thread_.joinable()) return result_;
  fold_->Stop();
  thread_.join();
  control_.reset();
  Log(LogLevel::kInfo, "stopped");
  return result_;
}

}  // namespace roster::projector
