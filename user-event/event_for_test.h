#ifndef ROSTER_USER_EVENT_EVENT_FOR_TEST_H_
#define ROSTER_USER_EVENT_EVENT_FOR_TEST_H_

#include <string>

#include "roster/v1/user_event.pb.h"

namespace roster::user_event {

// A well-formed sign-up, for tests to change what they are about.
inline v1::UserEvent SignUpEventForTest(const std::string& user_id, const std::string& email, int64_t sequence = 1) {
  v1::UserEvent event;
  event.set_event_id("event-" + user_id + "-1");
  event.set_sequence(sequence);
  event.set_user_id(user_id);
  event.set_user_version(1);
  event.mutable_occurred_at()->set_seconds(1'700'000'000 + sequence);
  event.set_schema_version(1);
  v1::User& user = *event.mutable_user();
  user.set_user_id(user_id);
  user.set_email(email);
  user.set_display_name("Ada");
  user.set_status(v1::USER_STATUS_ACTIVE);
  user.set_version(1);
  user.set_etag("etag-1");
  *user.mutable_create_time() = event.occurred_at();
  *user.mutable_update_time() = event.occurred_at();
  event.mutable_signed_up();
  return event;
}

// The event that follows `last`: an update, or a deletion where `status` says so.
inline v1::UserEvent NextEventForTest(const v1::UserEvent& last, v1::UserStatus status, int64_t sequence) {
  v1::UserEvent event = last;
  event.clear_request_id();
  event.clear_request_fingerprint();
  event.set_sequence(sequence);
  event.set_user_version(last.user_version() + 1);
  event.set_event_id("event-" + last.user_id() + "-" + std::to_string(event.user_version()));
  event.mutable_occurred_at()->set_seconds(1'700'000'000 + sequence);
  v1::User& user = *event.mutable_user();
  user.set_status(status);
  user.set_version(event.user_version());
  user.set_etag("etag-" + std::to_string(event.user_version()));
  *user.mutable_update_time() = event.occurred_at();
  if (status == v1::USER_STATUS_DELETED) {
    *user.mutable_delete_time() = event.occurred_at();
    event.mutable_deleted();
  } else {
    event.mutable_updated()->add_changed_paths("status");
  }
  return event;
}

}  // namespace roster::user_event

#endif  // ROSTER_USER_EVENT_EVENT_FOR_TEST_H_
