#include <signal.h>
#include <unistd.h>

#include <optional>

#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/options.h"
#include "base/shutdown.h"
#include "google/protobuf/stubs/logging.h"
#include "projector/operator_commands.h"
#include "projector/projector.h"
#include "projector/projector_options.h"

namespace {

int RunProjector(const roster::projector::ProjectorOptions& options, roster::Options& settings,
                 roster::ShutdownSignal& shutdown) {
  // A fold that ends by itself ends the program as a signal does.
  const auto on_end = [] { kill(getpid(), SIGTERM); };
  auto projector = roster::projector::Projector::Start(options, roster::SystemClock(), on_end);
  absl::Status status = projector.status();
  if (projector.ok()) {
    shutdown.Wait([&] { settings.Reload(); });
    status = (*projector)->Stop();
  }
  if (status.ok()) return 0;
  roster::Log(roster::LogLevel::kError, "cannot go on", {{"error", status}});
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  roster::ShutdownSignal shutdown;
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Bytes that are no message would otherwise write lines that are no JSON.
  google::protobuf::SetLogHandler(nullptr);

  roster::projector::ProjectorOptions options;
  roster::Options settings("roster-projector",
                           "Folds Roster's log into the read model that roster-query-service answers from.");
  roster::projector::DeclareProjectorOptions(settings.app(), options);
  roster::projector::OperatorCommands commands(settings.app(), options);
  if (const std::optional<int> exit_code = settings.Parse(argc, argv)) return *exit_code;
  if (const std::optional<int> exit_code = commands.RunIfAsked()) return *exit_code;
  return RunProjector(options, settings, shutdown);
}
