#ifndef ROSTER_COMMAND_SERVICE_WRITE_MODEL_H_
#define ROSTER_COMMAND_SERVICE_WRITE_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/position.h"
#include "command-service/dirty_marker.h"
#include "command-service/state.h"
#include "event-log/event_log.h"
#include "roster/v1/user_event.pb.h"

namespace roster::command {

// The command service's own fold of the log, in one SQLite file: users, addresses, and the request ids of the last 48
// hours. It may be deleted at any time; then it is folded anew.
//
// It is written without fsync and in long transactions, since the log can always make it again: what Apply and Advance
// changed is kept only from the next Commit on, with the checkpoint, in one piece. A DirtyMarker beside it tells when a
// power cut may have torn it; such a file, a damaged one, and one of another schema are thrown away on Open.
//
// Users, addresses and request ids are found by a keyed hash (outsiders choose them) and always compared in full. Who
// owns an address is derived: the live user whose newest state has it. So it comes out right in whatever order
// partitions are folded.
//
// Thread safety: one thread. One process, by SQLite's exclusive lock.
class WriteModel final : public State {
 public:
  // Request ids are kept so long, by the time of events.
  static constexpr absl::Duration kRequestIdsKept = absl::Hours(48);

  // `hash_mask`: for tests, which bits of hashes are kept, so that different values share one.
  static absl::StatusOr<std::unique_ptr<WriteModel>> Open(const std::string& path, const std::string& boot_id,
                                                          uint64_t hash_mask = ~uint64_t{0});
  // Commits nothing; see Close.
  ~WriteModel() override;

  // The first call that failed since the last Rollback; OK where none did. SQLite may then have given up the whole open
  // transaction, so what is left may lack events that the checkpoint counts: all calls but Rollback and Close fail too.
  const absl::Status& fault() const;

  // How far the fold has come, uncommitted events included.
  const Checkpoint& checkpoint() const;
  // Highest sequence folded, and latest time; 0 and InfinitePast before the first event.
  int64_t last_sequence() const;
  absl::Time last_occurred_at() const;
  // Events applied since the last Commit.
  int uncommitted() const;

  // What became of an event.
  enum class Applied { kYes, kOutdated, kVersionConflict };
  absl::StatusOr<Applied> Apply(const v1::UserEvent& event, const event_log::RecordLocation& location);
  // Notes that the log has this identity. From a genesis record.
  void SetIdentity(const event_log::LogIdentity& identity);
  // Moves the checkpoint past a record.
  void Advance(const event_log::RecordLocation& location, uint64_t checksum);

  absl::Status Commit();
  // Forgets what was not committed.
  absl::Status Rollback();
  // Commits, or rolls back where there is a fault, syncs and marks the file clean. Nothing may follow.
  absl::Status Close();

  absl::StatusOr<std::optional<v1::User>> FindUser(absl::string_view user_id) override;
  absl::StatusOr<std::optional<std::string>> FindEmailOwner(absl::string_view email_key) override;
  absl::StatusOr<std::optional<RecordedCommand>> FindRequest(absl::string_view request_id) override;

 private:
  struct Parts;
  explicit WriteModel(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_WRITE_MODEL_H_
