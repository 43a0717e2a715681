#include "event-log/kafka/kafka_candidacy.h"

#include <utility>

#include "base/error.h"

namespace roster::event_log::kafka {

absl::StatusOr<std::unique_ptr<Candidacy>> KafkaCandidacy::Stand(const ClientConfig& config,
                                                                 const LeadTaker& lead_taker,
                                                                 const CandidacyOptions& options,
                                                                 KeepWaiting keep_waiting) {
  auto candidacy = std::unique_ptr<KafkaCandidacy>(new KafkaCandidacy(config, lead_taker, options.address));
  ROSTER_ASSIGN_OR_RETURN(candidacy->consumer_, config.MakeConsumer());
  // A member whose topic is missing would look for it again only minutes later.
  ROSTER_RETURN_IF_ERROR(lead_taker.SetUpTopics(*candidacy->consumer_, keep_waiting));
  ROSTER_ASSIGN_OR_RETURN(candidacy->watch_, LeaderWatch::Start(config));
  ROSTER_ASSIGN_OR_RETURN(candidacy->member_, GroupMember::Join(config, options.on_change));
  return std::unique_ptr<Candidacy>(std::move(candidacy));
}

std::string KafkaCandidacy::Leader() const {
  const std::string leader = watch_->leader();
  return leader == address_ ? "" : leader;
}

// To lead again may be necessary because the topic was made anew, and librdkafka 2.8 crashes in a client that knew the
// former one (its issue 4964).
absl::StatusOr<std::unique_ptr<Appender>> KafkaCandidacy::Lead(KeepWaiting keep_waiting) {
  if (consumer_is_used_) {
    ROSTER_ASSIGN_OR_RETURN(auto fresh, config_.MakeConsumer());
    former_consumer_ = std::exchange(consumer_, std::move(fresh));
  }
  consumer_is_used_ = true;
  return lead_taker_.Take(*consumer_, address_, [&] { return member_->ConfirmAssigned(keep_waiting); }, keep_waiting);
}

}  // namespace roster::event_log::kafka
