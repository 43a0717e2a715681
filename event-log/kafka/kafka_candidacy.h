#ifndef ROSTER_EVENT_LOG_KAFKA_KAFKA_CANDIDACY_H_
#define ROSTER_EVENT_LOG_KAFKA_KAFKA_CANDIDACY_H_

#include <memory>
#include <string>
#include <thread>

#include "event-log/event_log.h"
#include "event-log/kafka/group_member.h"
#include "event-log/kafka/lead_taker.h"
#include "event-log/kafka/leader_watch.h"

namespace roster::event_log::kafka {

// Elects by the consumer group `roster.<topic>.lead`, and tells who leads on the control topic.
//
// Who leads and loses touch with the group (its coordinator may have died) leads on with the appender it has, for as
// long as nobody else says on the control topic that he leads: the fence, not the membership, is what makes that safe.
class KafkaCandidacy : public Candidacy {
 public:
  // Makes the topics where they are missing, and joins. `config` and `lead_taker` must outlive it.
  static absl::StatusOr<std::unique_ptr<Candidacy>> Stand(const ClientConfig& config, const LeadTaker& lead_taker,
                                                          const CandidacyOptions& options, KeepWaiting keep_waiting);
  ~KafkaCandidacy() override;

  bool Elected() const override;
  std::string Leader() const override;
  absl::Status Problem() const override { return member_->problem(); }
  absl::StatusOr<std::unique_ptr<Appender>> Lead(KeepWaiting keep_waiting) override;

 private:
  KafkaCandidacy(const ClientConfig& config, const LeadTaker& lead_taker, std::string address)
      : config_(config), lead_taker_(lead_taker), address_(std::move(address)) {}

  void Retire(std::unique_ptr<Client> client);

  const ClientConfig& config_;
  const LeadTaker& lead_taker_;
  const std::string address_;
  std::unique_ptr<LeaderWatch> watch_;
  std::unique_ptr<GroupMember> member_;
  // Ends a client that is not needed any more.
  std::thread retiring_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_KAFKA_CANDIDACY_H_
