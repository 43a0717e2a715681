#include "command-service/batch_state.h"

#include "base/error.h"

namespace roster::command {

void BatchState::Add(const v1::UserEvent& event) {
  users_[event.user_id()] = &event;
  if (event.user().status() != v1::USER_STATUS_DELETED) claims_[EmailKey(event.user().email())] = event.user_id();
  if (!event.request_id().empty()) requests_[event.request_id()] = &event;
}

absl::StatusOr<std::optional<v1::User>> BatchState::FindUser(absl::string_view user_id) {
  if (const auto found = users_.find(user_id); found != users_.end()) return found->second->user();
  return folded_.FindUser(user_id);
}

std::optional<bool> BatchState::OwnsInBatch(absl::string_view user_id, absl::string_view email_key) const {
  const auto found = users_.find(user_id);
  if (found == users_.end()) return std::nullopt;
  const v1::User& user = found->second->user();
  return user.status() != v1::USER_STATUS_DELETED && EmailKey(user.email()) == email_key;
}

absl::StatusOr<std::optional<std::string>> BatchState::FindEmailOwner(absl::string_view email_key) {
  // Who claimed the address in this batch may have given it up since.
  const auto claim = claims_.find(email_key);
  if (claim != claims_.end() && OwnsInBatch(claim->second, email_key).value_or(false)) return claim->second;
  ROSTER_ASSIGN_OR_RETURN(std::optional<std::string> owner, folded_.FindEmailOwner(email_key));
  if (owner && !OwnsInBatch(*owner, email_key).value_or(true)) return std::nullopt;
  return owner;
}

absl::StatusOr<std::optional<RecordedCommand>> BatchState::FindRequest(absl::string_view request_id) {
  const auto found = requests_.find(request_id);
  if (found == requests_.end()) return folded_.FindRequest(request_id);
  const v1::UserEvent& event = *found->second;
  return RecordedCommand{
      .fingerprint = event.request_fingerprint(), .user = event.user(), .event_id = event.event_id()};
}

}  // namespace roster::command
