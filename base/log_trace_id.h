#ifndef ROSTER_BASE_LOG_TRACE_ID_H_
#define ROSTER_BASE_LOG_TRACE_ID_H_

#include "absl/strings/string_view.h"

namespace roster {

// While it lives, the lines that its thread logs (log.h) have one more field, trace_id: the trace of the call that the
// thread serves. Within another one it takes its place, and gives it back.
//
// Thread safety: of the thread that makes it.
class LogTraceId {
 public:
  // Empty: nothing changes. The text must outlive it.
  explicit LogTraceId(absl::string_view trace_id);
  ~LogTraceId();
  LogTraceId(const LogTraceId&) = delete;
  LogTraceId& operator=(const LogTraceId&) = delete;

 private:
  const absl::string_view before_;
};

}  // namespace roster

#endif  // ROSTER_BASE_LOG_TRACE_ID_H_
