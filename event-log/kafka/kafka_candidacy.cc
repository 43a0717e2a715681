#include "event-log/kafka/kafka_candidacy.h"

#include <utility>

#include "base/error.h"

namespace roster::event_log::kafka {

absl::StatusOr<std::unique_ptr<Candidacy>> KafkaCandidacy::Stand(const ClientConfig& config,
                                                                 const LeadTaker& lead_taker,
                                                                 const CandidacyOptions& options,
                                                                 KeepWaiting keep_waiting) {
  auto candidacy = std::unique_ptr<KafkaCandidacy>(new KafkaCandidacy(config, lead_taker, options.address));
  ROSTER_ASSIGN_OR_RETURN(auto consumer, config.MakeConsumer());
  // A member whose topic is missing would look for it again only minutes later.
  ROSTER_RETURN_IF_ERROR(lead_taker.SetUpTopics(*consumer, keep_waiting));
  candidacy->Retire(std::move(consumer));
  ROSTER_ASSIGN_OR_RETURN(candidacy->watch_, LeaderWatch::Start(config, options.on_change));
  ROSTER_ASSIGN_OR_RETURN(candidacy->member_, GroupMember::Join(config, options.on_change));
  return std::unique_ptr<Candidacy>(std::move(candidacy));
}

KafkaCandidacy::~KafkaCandidacy() {
  // First, since another one waits for it.
  member_.reset();
  if (retiring_.joinable()) retiring_.join();
}

bool KafkaCandidacy::Elected() const {
  return member_->assigned() || (member_->out_of_touch() && watch_->leader() == address_);
}

std::string KafkaCandidacy::Leader() const {
  const std::string leader = watch_->leader();
  return leader == address_ ? "" : leader;
}

// With a client of its own each time. An older one's connections may have been cut off without a word while nobody used
// them; and where it knew a topic that was made anew since, librdkafka 2.8 crashes (its issue 4964).
absl::StatusOr<std::unique_ptr<Appender>> KafkaCandidacy::Lead(KeepWaiting keep_waiting) {
  // The appender that it led on with is gone.
  member_->StepDown();
  ROSTER_ASSIGN_OR_RETURN(auto consumer, config_.MakeConsumer());
  auto appender =
      lead_taker_.Take(consumer, address_, [&] { return member_->ConfirmAssigned(keep_waiting); }, keep_waiting);
  Retire(std::move(consumer));
  return appender;
}

// To end one may take librdkafka a second.
void KafkaCandidacy::Retire(std::unique_ptr<Client> client) {
  if (retiring_.joinable()) retiring_.join();
  retiring_ = std::thread([client = std::move(client)]() mutable { client.reset(); });
}

}  // namespace roster::event_log::kafka
