// Requests of the three commands: one whose form passes is decided without a fault, and its event is small enough, is
// read again as it is, and is the same when it is decided once more.
#include "command-service/check_command.h"

#include "command-service/decide.h"
#include "command-service/fingerprint.h"
#include "command-service/state_for_test.h"
#include "google/protobuf/util/message_differencer.h"
#include "rpc-server/rpc_status.h"
#include "tests/fuzz/fuzz.h"
#include "user-event/event_for_test.h"
#include "user-event/sort_record.h"
#include "user-event/write_record.h"

namespace roster::command {
namespace {

constexpr size_t kMaxEventBytes = 64 << 10;

StateForTest& State() {
  static auto* const state = [] {
    auto* made = new StateForTest;
    v1::User user = user_event::SignUpEventForTest("u", "a@b").user();
    user.set_etag("e");
    user.mutable_labels()->insert({"k", "v"});
    made->Put(user);
    return made;
  }();
  return *state;
}

// Every refusal is one that its caller can read.
void CheckRefusal(const absl::Status& refusal) {
  const google::rpc::Status status = rpc::ToRpcStatus(refusal);
  FUZZ_CHECK(status.details_size() > 0);
  FUZZ_CHECK(refusal.code() != absl::StatusCode::kInternal && refusal.code() != absl::StatusCode::kUnknown);
  google::rpc::Status sent;
  FUZZ_CHECK(sent.ParseFromString(status.SerializeAsString()));
}

template <typename Request>
void CheckRequest(absl::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const Command command = &request;
  const bool well_formed = CheckForm(command).empty();
  const Stamp stamp{
      .event_id = "event-2", .new_user_id = "new", .sequence = 2, .occurred_at = absl::FromUnixSeconds(1'700'000'001)};
  const absl::StatusOr<Decision> decision = Decide(command, State(), stamp);
  FUZZ_CHECK(well_formed || !decision.ok());
  if (!decision.ok()) return CheckRefusal(decision.status());
  const v1::UserEvent& event = std::get<Accepted>(*decision).event;
  const event_log::Record record = user_event::WriteRecord(event, "");
  FUZZ_CHECK(record.value->size() < kMaxEventBytes);
  const user_event::SortedRecord sorted = user_event::SortRecord({.key = record.key, .value = record.value});
  FUZZ_CHECK(std::holds_alternative<v1::UserEvent>(sorted));
  FUZZ_CHECK(google::protobuf::util::MessageDifferencer::Equals(std::get<v1::UserEvent>(sorted), event));
  Request again;
  FUZZ_CHECK(again.ParseFromString(request.SerializeAsString()));
  FUZZ_CHECK(Fingerprint(&again) == Fingerprint(&request));
}

}  // namespace

ROSTER_FUZZER(check_command) {
  fuzz::InputReader reader(input);
  switch (reader.Byte() % 3) {
    case 0:
      return CheckRequest<v1::SignUpUserRequest>(reader.Rest());
    case 1:
      return CheckRequest<v1::UpdateUserRequest>(reader.Rest());
    default:
      return CheckRequest<v1::DeleteUserRequest>(reader.Rest());
  }
}

}  // namespace roster::command
