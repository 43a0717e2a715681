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

int main(int argc, char** argv) {
  using roster::LogLevel;
  roster::ShutdownSignal shutdown;
  roster::query_service::QueryServiceOptions settings;
  roster::Options options("roster-query-service",
                          "Answers questions about users from the read model that roster-projector keeps.");
  roster::query_service::DeclareQueryServiceOptions(options.app(), settings);
  if (const std::optional<int> exit_code = options.Parse(argc, argv)) return *exit_code;
  // A debugging aid of abseil's that Debian's build has on, at a price for every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  auto service = roster::query_service::QueryService::Start(settings);
  if (!service.ok()) {
    roster::Log(LogLevel::kError, "cannot start", {{"error", service.status()}});
    return 1;
  }
  shutdown.Wait([&] { options.Reload(); });
  (*service)->Stop();
  roster::Log(LogLevel::kInfo, "stopped");
  return 0;
}
