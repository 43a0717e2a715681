#include "event-log/tool/lead_holder.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/steady_time.h"

namespace roster::event_log::tool {
namespace {

// Until it is asked again who is elected, should a change not have been told.
constexpr absl::Duration kLookAgain = absl::Seconds(1);

absl::Status AsUnavailable(const absl::Status& status) {
  return absl::IsCancelled(status) ? absl::UnavailableError("no answer from the log in time") : status;
}

}  // namespace

absl::StatusOr<LeadHolder> LeadHolder::Take(EventLog& log, absl::Duration patience) {
  LeadHolder holder(patience);
  const absl::Time deadline = SteadyNow() + patience;
  CandidacyOptions options;
  options.on_change = [change = holder.change_.get()] { change->End(); };
  auto candidacy = log.Stand(options, [&] { return SteadyNow() < deadline; });
  if (!candidacy.ok()) return AsUnavailable(candidacy.status());
  holder.candidacy_ = *std::move(candidacy);
  ROSTER_RETURN_IF_ERROR(holder.TakeAgain());
  return holder;
}

absl::Status LeadHolder::AwaitElection() {
  const absl::Time deadline = SteadyNow() + patience_;
  while (!candidacy_->Elected()) {
    ROSTER_RETURN_IF_ERROR(candidacy_->Problem());
    if (SteadyNow() > deadline) {
      const std::string leader = candidacy_->Leader();
      return absl::FailedPreconditionError(absl::StrCat("another program leads it",
                                                        leader.empty() ? "" : absl::StrCat(", at ", leader),
                                                        ": stop its command services, and any other copy to it"));
    }
    change_->For(kLookAgain);
  }
  return absl::OkStatus();
}

absl::Status LeadHolder::TakeAgain() {
  // The old one first: the log may know its writer by a lock.
  appender_.reset();
  const absl::Time deadline = SteadyNow() + 2 * patience_;
  for (;;) {
    ROSTER_RETURN_IF_ERROR(AwaitElection());
    auto appender = candidacy_->Lead([&] { return SteadyNow() < deadline; });
    if (appender.ok()) {
      appender_ = *std::move(appender);
      return absl::OkStatus();
    }
    // No longer elected: see whether it comes back.
    if (!absl::IsAborted(appender.status()) || SteadyNow() > deadline) return AsUnavailable(appender.status());
  }
}

}  // namespace roster::event_log::tool
