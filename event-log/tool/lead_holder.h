#ifndef ROSTER_EVENT_LOG_TOOL_LEAD_HOLDER_H_
#define ROSTER_EVENT_LOG_TOOL_LEAD_HOLDER_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/pause.h"
#include "event-log/event_log.h"

namespace roster::event_log::tool {

// Holds the lead of a log, as the elected one: a command service that runs is not deposed, and one that is started
// meanwhile stands by.
//
// Thread safety: one thread.
class LeadHolder {
 public:
  // FAILED_PRECONDITION where another program is elected and stays so for `patience`; after one was killed it takes
  // its session timeout until that is noticed. UNAVAILABLE where the log is away for so long. `log` must outlive it.
  static absl::StatusOr<LeadHolder> Take(EventLog& log, absl::Duration patience);

  // Takes the lead anew after the appender was spent. As Take.
  absl::Status TakeAgain();

  Appender& appender() { return *appender_; }

 private:
  explicit LeadHolder(absl::Duration patience) : patience_(patience), change_(std::make_unique<Pause>()) {}
  absl::Status AwaitElection();

  absl::Duration patience_;
  // Declared first: ended by the candidacy until that is gone.
  std::unique_ptr<Pause> change_;
  std::unique_ptr<Candidacy> candidacy_;
  std::unique_ptr<Appender> appender_;
};

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_LEAD_HOLDER_H_
