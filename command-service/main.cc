// roster-command-service: decides commands and records them on the log.
#include <csignal>
#include <optional>
#include <string>

#include <unistd.h>

#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/host_port.h"
#include "base/log.h"
#include "base/options.h"
#include "base/shutdown.h"
#include "base/version.h"
#include "command-service/command_service.h"
#include "event-log/open_event_log.h"
#include "google/protobuf/stubs/logging.h"
#include "tracing/otlp_tracer.h"

namespace {

constexpr char kDescription[] =
    "Roster's command service: signs users up, updates and deletes them over gRPC (roster.v1.UserCommandService), and "
    "records what it decides as events on the log. Of several on one Kafka topic one leads, and the others stand by; "
    "exactly one instance writes an embedded log.";

void DeclareOptions(CLI::App& app, roster::command::CommandServiceOptions& options,
                    roster::event_log::LogOptions& log_options) {
  roster::rpc::DeclareServerOptions(app, options.server);
  app.add_option("--advertise", options.sequencer.advertise,
                 "HOST:PORT at which clients reach this command service; others name it while this one leads. Default: "
                 "the address it serves on")
      ->check(roster::ServerAddress());
  roster::metrics::DeclareMetricsOptions(app, options.metrics);
  roster::event_log::DeclareLogOptions(app, log_options);
  app.add_option("--write-model", options.write_model,
                 "File for the service's own fold of the log; may be deleted while it is stopped")
      ->capture_default_str();
  app.add_option("--max-batch-commands", options.sequencer.max_batch_commands,
                 "Commands recorded in one append; lower it where single appends take too long")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--max-waiting-commands", options.sequencer.max_waiting_commands,
                 "Commands that may wait before callers get OVERLOADED; raise it for larger bursts")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--max-import-streams", options.max_import_streams,
                 "ImportUsers calls open at once; each may hold 1000 rows")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option_function<int64_t>(
         "--max-wait-ms", [&](int64_t ms) { options.sequencer.max_wait = absl::Milliseconds(ms); },
         "How long a command waits for a log that cannot be written before it is refused")
      ->default_str("10000")
      ->check(CLI::Range(1, 600'000));
}

int Fail(const absl::Status& status) {
  roster::Log(roster::LogLevel::kError, "cannot start", {{"error", status}});
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  roster::ShutdownSignal shutdown;
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // A record of foreign bytes is reported once, by the fold, as JSON.
  google::protobuf::SetLogHandler(nullptr);

  roster::Options settings("roster-command-service", kDescription);
  roster::command::CommandServiceOptions options;
  roster::event_log::LogOptions log_options;
  DeclareOptions(settings.app(), options, log_options);
  roster::tracing::TraceOptions trace_options;
  roster::tracing::DeclareTraceOptions(settings.app(), trace_options);
  if (const std::optional<int> exit_code = settings.Parse(argc, argv)) return *exit_code;

  const auto tracer = roster::tracing::StartOtlpTracer("roster-command-service", trace_options);
  if (!tracer.ok()) return Fail(tracer.status());
  options.server.tracer = tracer->get();
  const roster::event_log::LogName log_name = roster::event_log::NameOfLog(log_options);
  options.sequencer.log_tracer = roster::tracing::LogTracer(tracer->get(), log_name.system, log_name.name);
  auto log = roster::event_log::OpenEventLog(log_options, roster::SystemClock());
  if (!log.ok()) return Fail(log.status());
  auto service = roster::command::CommandService::Start(options, **log, roster::SystemClock());
  if (!service.ok()) return Fail(service.status());
  (*service)->OnFailure([] { kill(getpid(), SIGTERM); });
  roster::Log(roster::LogLevel::kInfo, "listening",
              {{"address", (*service)->address()}, {"log", log_options.log}, {"version", roster::Version()}});

  shutdown.Wait([&] { settings.Reload(); });
  roster::Log(roster::LogLevel::kInfo, "stopping");
  const absl::Status outcome = (*service)->Stop();
  if (!outcome.ok()) return 1;
  roster::Log(roster::LogLevel::kInfo, "stopped");
  return 0;
}
