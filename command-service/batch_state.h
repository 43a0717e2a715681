#ifndef ROSTER_COMMAND_SERVICE_BATCH_STATE_H_
#define ROSTER_COMMAND_SERVICE_BATCH_STATE_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "command-service/state.h"
#include "roster/v1/user_event.pb.h"

namespace roster::command {

// The state as it will be once the present batch is appended: its events over what was folded before. So each command
// of a batch sees those before it, and a batch that fails leaves nothing to undo.
//
// Thread safety: one thread. `folded` must outlive it, and stay as it is.
class BatchState final : public State {
 public:
  explicit BatchState(State& folded) : folded_(folded) {}

  // `event` was decided; it must outlive this object.
  void Add(const v1::UserEvent& event);

  absl::StatusOr<std::optional<v1::User>> FindUser(absl::string_view user_id) override;
  absl::StatusOr<std::optional<std::string>> FindEmailOwner(absl::string_view email_key) override;
  absl::StatusOr<std::optional<RecordedCommand>> FindRequest(absl::string_view request_id) override;

 private:
  // Whether the user's state within this batch is live with this address; absent where the batch does not touch the
  // user.
  std::optional<bool> OwnsInBatch(absl::string_view user_id, absl::string_view email_key) const;

  State& folded_;
  // Newest event of each user of the batch; who last took an address; the event under a request id.
  absl::flat_hash_map<std::string, const v1::UserEvent*> users_;
  absl::flat_hash_map<std::string, std::string> claims_;
  absl::flat_hash_map<std::string, const v1::UserEvent*> requests_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_BATCH_STATE_H_
