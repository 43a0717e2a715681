// roster-query-service: answers questions about users from the read model.
#include <cstdio>
#include <memory>
#include <optional>

#include "absl/synchronization/mutex.h"
#include "base/log.h"
#include "base/options.h"
#include "base/shutdown.h"
#include "query-service/options.h"
#include "query-service/query_service.h"
#include "tracing/otlp_tracer.h"

int main(int argc, char** argv) {
  using roster::LogLevel;
  roster::ShutdownSignal shutdown;
  roster::query_service::QueryServiceOptions settings;
  roster::Options options("roster-query-service",
                          "Answers questions about users from the read model that roster-projector keeps.");
  roster::query_service::DeclareQueryServiceOptions(options.app(), settings);
  roster::tracing::TraceOptions trace_options;
  roster::tracing::DeclareTraceOptions(options.app(), trace_options);
  if (const std::optional<int> exit_code = options.Parse(argc, argv)) return *exit_code;
  // A debugging aid of abseil's that Debian's build has on, at a price for every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  const auto fail = [](const absl::Status& status) {
    roster::Log(LogLevel::kError, "cannot start", {{"error", status}});
    return 1;
  };
  const auto tracer = roster::tracing::StartOtlpTracer("roster-query-service", trace_options);
  if (!tracer.ok()) return fail(tracer.status());
  settings.server.tracer = tracer->get();
  auto service = roster::query_service::QueryService::Start(settings);
  if (!service.ok()) return fail(service.status());
  shutdown.Wait([&] { options.Reload(); });
  (*service)->Stop();
  roster::Log(LogLevel::kInfo, "stopped");
  return 0;
}
