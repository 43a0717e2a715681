#include "rpc-server/grpc_log.h"

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/log.h"
#include "base/steady_time.h"
#include "grpc/support/log.h"

namespace roster::rpc {
namespace {

constexpr int kMaxErrorsASecond = 10;

// Lets so many through in a second, and counts the others.
class Allowance {
 public:
  // Whether one more may pass; then `left_out` is how many could not since the last one that could.
  bool Take(int64_t& left_out) {
    const absl::Time now = SteadyNow();
    absl::MutexLock lock(&mutex_);
    if (now >= end_) {
      end_ = now + absl::Seconds(1);
      taken_ = 0;
    }
    if (taken_ == kMaxErrorsASecond) {
      ++left_out_;
      return false;
    }
    ++taken_;
    left_out = left_out_;
    left_out_ = 0;
    return true;
  }

 private:
  absl::Mutex mutex_;
  absl::Time end_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

// gRPC's threads may log to the end of the process: it is never destroyed.
Allowance& Errors() {
  static auto* const kErrors = new Allowance;
  return *kErrors;
}

void LogOne(gpr_log_func_args* said) {
  if (said->severity != GPR_LOG_SEVERITY_ERROR) {
    const LogLevel level = said->severity == GPR_LOG_SEVERITY_INFO ? LogLevel::kInfo : LogLevel::kDebug;
    return Log(level, "gRPC says", {{"text", said->message}});
  }
  int64_t left_out = 0;
  if (!Errors().Take(left_out)) return;
  // Most are about callers, and nothing that this program could mend.
  Log(LogLevel::kWarning, "gRPC says", {{"text", said->message}, {"left_out_before", left_out}});
}

}  // namespace

void LogWhatGrpcSays() { gpr_set_log_function(LogOne); }

}  // namespace roster::rpc
