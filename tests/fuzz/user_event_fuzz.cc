// Records on the log: any key, value and headers are sorted; what is a user event is written again as it was, and both
// folds can apply it, and agree on what becomes of it.
#include "absl/strings/str_cat.h"
#include "base/temp_dir.h"
#include "command-service/write_model.h"
#include "google/protobuf/util/message_differencer.h"
#include "read-model/writer.h"
#include "tests/fuzz/fuzz.h"
#include "user-event/sort_record.h"
#include "user-event/write_record.h"

namespace roster::user_event {
namespace {

using event_log::HeaderView;
using event_log::RecordView;

v1::UserEvent EventOf(const event_log::Record& record) {
  std::vector<HeaderView> headers;
  for (const event_log::Header& header : record.headers) headers.push_back({header.key, header.value});
  const SortedRecord sorted = SortRecord({.key = record.key, .value = record.value, .headers = headers});
  FUZZ_CHECK(std::holds_alternative<v1::UserEvent>(sorted));
  return std::get<v1::UserEvent>(sorted);
}

// What a fold relies on, where the bytes lack it: so that they need not be guessed.
void MakeWellFormed(v1::UserEvent& event, fuzz::InputReader& reader) {
  event.set_event_id(absl::StrCat("event-", reader.Byte() % 4));
  event.set_user_id(absl::StrCat("user-", reader.Byte() % 2));
  event.set_user_version(1 + reader.Byte() % 4);
  if (event.sequence() < 1) event.set_sequence(1);
  event.mutable_user()->set_user_id(event.user_id());
  event.mutable_user()->set_version(event.user_version());
  if (event.user().status() == v1::USER_STATUS_UNSPECIFIED) event.mutable_user()->set_status(v1::USER_STATUS_ACTIVE);
  if (!event.has_occurred_at()) event.mutable_occurred_at()->set_seconds(1'700'000'000);
  if (!event.user().has_create_time()) event.mutable_user()->mutable_create_time()->set_seconds(1'700'000'000);
}

// Both models, empty; what is folded is rolled back.
class Models {
 public:
  Models()
      : write_model_(command::WriteModel::Open(dir_.File("write-model.db"), "boot").value()),
        read_model_(read_model::Writer::Open(dir_.File("1.db")).value()) {
    write_model_->SetIdentity({.log_id = "0190a0a0-0000-7000-8000-000000000001"});
    FUZZ_CHECK(write_model_->Commit().ok());
  }

  void Begin() { FUZZ_CHECK(read_model_->Begin().ok()); }
  void Apply(const v1::UserEvent& event, int64_t offset) {
    const auto written = write_model_->Apply(event, {0, offset});
    const auto read = read_model_->Apply(event, 0, offset, absl::FromUnixSeconds(1'700'000'000));
    FUZZ_CHECK(written.ok() && read.ok());
    FUZZ_CHECK((*written == command::WriteModel::Applied::kYes) == (*read == read_model::Applied::kYes));
    FUZZ_CHECK((*written == command::WriteModel::Applied::kVersionConflict) ==
               (*read == read_model::Applied::kVersionConflict));
    const auto user = write_model_->FindUser(event.user_id());
    FUZZ_CHECK(user.ok() && user->has_value());
    FUZZ_CHECK((*user)->version() >= event.user_version());
    if (*written != command::WriteModel::Applied::kYes) return;
    const bool live = event.user().status() != v1::USER_STATUS_DELETED;
    const auto owner = write_model_->FindEmailOwner(command::EmailKey(event.user().email()));
    FUZZ_CHECK(owner.ok() && (!live || owner->has_value()));
    if (event.request_id().empty()) return;
    const auto request = write_model_->FindRequest(event.request_id());
    FUZZ_CHECK(request.ok() && request->has_value());
  }
  void Rollback() {
    read_model_->Rollback();
    FUZZ_CHECK(write_model_->Rollback().ok());
  }

 private:
  TempDir dir_;
  std::unique_ptr<command::WriteModel> write_model_;
  std::unique_ptr<read_model::Writer> read_model_;
};

void CheckEvent(const v1::UserEvent& event) {
  const v1::UserEvent again = EventOf(WriteRecord(event, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  FUZZ_CHECK(google::protobuf::util::MessageDifferencer::Equals(again, event));
}

// A few events of few users, in the order of the input.
void FoldAll(fuzz::InputReader& reader) {
  static Models models;
  models.Begin();
  for (int64_t offset = 1; !reader.empty() && offset <= 8; ++offset) {
    v1::UserEvent event;
    const bool parsed = event.ParseFromString(reader.Text());
    MakeWellFormed(event, reader);
    // What was parsed until it went wrong may hold strings that no protobuf reader takes.
    if (!parsed) continue;
    const event_log::Record record = WriteRecord(event, "");
    const SortedRecord sorted = SortRecord({.key = record.key, .value = record.value});
    if (!std::holds_alternative<v1::UserEvent>(sorted)) continue;
    CheckEvent(event);
    models.Apply(event, offset);
  }
  models.Rollback();
}

}  // namespace

ROSTER_FUZZER(user_event) {
  fuzz::InputReader reader(input);
  const int way = reader.Byte() % 4;
  if (way == 0) return FoldAll(reader);
  const std::string key = reader.Text();
  const std::string header = reader.Text();
  const HeaderView headers[] = {{header, header}};
  const absl::string_view value = reader.Rest();
  RecordView record{.key = key, .value = value, .headers = headers};
  if (way == 1) record.key = std::nullopt;
  if (way == 2) record.value = std::nullopt;
  const SortedRecord sorted = SortRecord(record);
  if (const auto* event = std::get_if<v1::UserEvent>(&sorted)) {
    FUZZ_CHECK(event->user_id() == key);
    CheckEvent(*event);
  } else if (const auto* unreadable = std::get_if<Unreadable>(&sorted)) {
    FUZZ_CHECK(!unreadable->reason.empty() && !unreadable->message.empty());
  }
}

}  // namespace roster::user_event
