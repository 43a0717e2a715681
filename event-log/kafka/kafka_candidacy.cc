#include "event-log/kafka/kafka_candidacy.h"

#include <utility>

#include "base/error.h"

namespace roster::event_log::kafka {

absl::StatusOr<std::unique_ptr<Candidacy>> KafkaCandidacy::Stand(const ClientConfig& config,
                                                                 const LeadTaker& lead_taker,
                                                                 const CandidacyOptions& options,
                                                                 KeepWaiting keep_waiting) {
  auto candidacy = std::unique_ptr<KafkaCandidacy>(new KafkaCandidacy(lead_taker, options.address));
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

absl::StatusOr<std::unique_ptr<Appender>> KafkaCandidacy::Lead(KeepWaiting keep_waiting) {
  return lead_taker_.Take(*consumer_, address_, [&] { return member_->ConfirmAssigned(keep_waiting); }, keep_waiting);
}

}  // namespace roster::event_log::kafka
