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
#include "tracing/otlp_tracer.h"

namespace {

int Fail(const absl::Status& status) {
  roster::Log(roster::LogLevel::kError, "cannot go on", {{"error", status}});
  return 1;
}

int RunProjector(roster::projector::ProjectorOptions& options, const roster::tracing::TraceOptions& trace_options,
                 roster::Options& settings, roster::ShutdownSignal& shutdown) {
  const auto tracer = roster::tracing::StartOtlpTracer("roster-projector", trace_options);
  if (!tracer.ok()) return Fail(tracer.status());
  const roster::event_log::LogName log = roster::event_log::NameOfLog(options.log);
  options.fold.log_tracer = roster::tracing::LogTracer(tracer->get(), log.system, log.name);
  // A fold that ends by itself ends the program as a signal does.
  const auto on_end = [] { kill(getpid(), SIGTERM); };
  auto projector = roster::projector::Projector::Start(options, roster::SystemClock(), on_end);
  absl::Status status = projector.status();
  if (projector.ok()) {
    shutdown.Wait([&] { settings.Reload(); });
    status = (*projector)->Stop();
  }
  return status.ok() ? 0 : Fail(status);
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
  roster::tracing::TraceOptions trace_options;
  roster::tracing::DeclareTraceOptions(settings.app(), trace_options);
  roster::projector::OperatorCommands commands(settings.app(), options);
  if (const std::optional<int> exit_code = settings.Parse(argc, argv)) return *exit_code;
  if (const std::optional<int> exit_code = commands.RunIfAsked()) return *exit_code;
  return RunProjector(options, trace_options, settings, shutdown);
}
