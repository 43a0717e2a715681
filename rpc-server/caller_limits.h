#ifndef ROSTER_RPC_SERVER_CALLER_LIMITS_H_
#define ROSTER_RPC_SERVER_CALLER_LIMITS_H_

#include <optional>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "rpc-server/call_rates.h"

namespace roster::rpc {

// What one caller may take of a server, so that something is left for the others. 0: as much as there is.
struct CallerLimitOptions {
  // Calls that begin in a second; after a pause as many at once.
  int calls_per_second = 0;
  // Calls that are open at the same time: streams, and calls that are not answered yet.
  int open_calls = 0;
};

// Declares --max-caller-calls-per-second and --max-caller-open-calls.
void DeclareCallerLimits(CLI::App& app, CallerLimitOptions& options);

// Counts calls by caller. A caller is whoever its credentials name or, where they name nobody, its address
// (peer_address.h).
//
// Thread safety: safe from any thread.
class CallerLimits {
 public:
  // A call that has been let in; over when this goes. Must not outlive its limits. An empty one counts for nobody.
  class OpenCall {
   public:
    OpenCall() = default;
    OpenCall(OpenCall&& other) noexcept
        : limits_(std::exchange(other.limits_, nullptr)), caller_(std::move(other.caller_)) {}
    OpenCall& operator=(OpenCall&& other) noexcept {
      std::swap(limits_, other.limits_);
      std::swap(caller_, other.caller_);
      return *this;
    }
    ~OpenCall() {
      if (limits_ != nullptr) limits_->End(caller_);
    }

   private:
    friend class CallerLimits;
    OpenCall(CallerLimits& limits, std::string caller) : limits_(&limits), caller_(std::move(caller)) {}

    CallerLimits* limits_ = nullptr;
    std::string caller_;
  };

  explicit CallerLimits(const CallerLimitOptions& options);

  // Lets a call of `caller` in, or says which limit forbids it: RESOURCE_EXHAUSTED/CALLER_OVER_LIMIT, with a RetryInfo.
  absl::StatusOr<OpenCall> Admit(const std::string& caller);

 private:
  void End(const std::string& caller);

  const CallerLimitOptions options_;
  // Absent where there is no limit.
  std::optional<CallRates> rates_;
  absl::Mutex mutex_;
  // Callers with at least one open call; as many as there are open calls, at most.
  absl::flat_hash_map<std::string, int> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_CALLER_LIMITS_H_
