// Dead letters on a real broker: what readers, operators and the dead-letter topic see of them, and redrive.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "event-log/kafka/test_broker.h"
#include "gmock/gmock.h"
#include "read-model/folder.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"
#include "user-event/event_for_test.h"

namespace roster::test {
namespace {

using event_log::Header;
using event_log::kafka::Outsider;
using testing::HasSubstr;
using testing::IsSupersetOf;

class DeadLettersTest : public EndToEndTest {
 protected:
  // The token of an update; after it the writer's position is past all that outsiders have put before it.
  std::string MustUpdate(const std::string& id) {
    Context context;
    v1::UpdateUserRequest request;
    v1::UpdateUserResponse response;
    request.mutable_user()->set_user_id(id);
    request.mutable_user()->set_display_name("Newer");
    request.mutable_update_mask()->add_paths("display_name");
    EXPECT_TRUE(commands_->UpdateUser(&context, request, &response).ok());
    return response.consistency_token();
  }
  grpc::Status Get(const std::string& id, const std::string& token, v1::User& user) {
    Context context(absl::Seconds(5));
    v1::GetUserRequest request;
    v1::GetUserResponse response;
    request.set_user_id(id);
    request.set_read_after(token);
    const grpc::Status status = queries_->GetUser(&context, request, &response);
    user = response.user();
    return status;
  }
  v1::GetReadModelStatusResponse StatusOfReadModel() {
    Context context;
    v1::GetReadModelStatusResponse status;
    EXPECT_TRUE(queries_->GetReadModelStatus(&context, {}, &status).ok());
    return status;
  }

  // Of the copies on the dead-letter topic, at least `count`, by the offset at which they stood.
  std::map<std::string, Outsider::Message> Copies(size_t count) {
    std::map<std::string, Outsider::Message> copies;
    for (const Outsider::Message& message : outsider_.Consume(processes_.topic() + ".dlq", 0, count)) {
      for (const Header& header : message.headers) {
        if (header.key == "x-original-offset") copies[absl::StrCat(message.key.value_or("-"))] = message;
      }
    }
    return copies;
  }

  // As if this version of the program could read what the one before could not: the records are not changed on the log,
  // only what a dead letter holds of them.
  void MakeReadable(const std::string& user_id, const v1::UserEvent& event) {
    const read_model::Folder folder(processes_.read_model());
    SQLite::Database database(folder.DatabasePath(folder.CurrentGeneration().value().value()), SQLite::OPEN_READWRITE);
    SQLite::Statement update(database, "UPDATE dead_letters SET value = ? WHERE user_id = ?");
    const std::string bytes = event.SerializeAsString();
    update.bind(1, bytes.data(), static_cast<int>(bytes.size()));
    update.bind(2, user_id);
    ASSERT_EQ(update.exec(), 1);
  }

  Outsider outsider_{processes_.topic()};
};

TEST_P(DeadLettersTest, AreCopiedHoldReadsAndAreRedrivenWithoutUndoingWhatIsNewer) {
  StartAll();
  const v1::SignUpUserResponse ann = MustSignUp("ann");
  const v1::SignUpUserResponse bea = MustSignUp("bea");
  outsider_.Produce({.key = "ann", .value = "of another version", .partition = ann.partition()});
  outsider_.Produce({.key = "bea", .headers = {{"own", "header"}}, .partition = bea.partition()});
  outsider_.Produce({.key = "dan", .value = "of another version too", .partition = 0});
  const std::string token = MustUpdate("ann");
  const std::string later = MustUpdate("bea");

  // Seen by readers: what is newer is there, but a read that must include everything before a token is held.
  ASSERT_TRUE(Eventually([&] { return StatusOfReadModel().open_dead_letters() == 3; }));
  EXPECT_THAT(StatusOfReadModel().dead_letter_user_ids(), testing::UnorderedElementsAre("ann", "bea", "dan"));
  v1::User user;
  EXPECT_EQ(ReasonOf(Get("ann", token, user)), "HELD_BY_DEAD_LETTER");
  EXPECT_EQ(ReasonOf(Get("bea", later, user)), "HELD_BY_DEAD_LETTER");
  ASSERT_TRUE(Get("ann", "", user).ok());
  EXPECT_EQ(user.version(), 2);

  // On the dead-letter topic, at least once: with the projector killed at any moment too.
  processes_.projector().Kill();
  processes_.StartProjector();
  std::map<std::string, Outsider::Message> copies = Copies(3);
  ASSERT_EQ(copies.size(), 3u);
  EXPECT_EQ(copies["bea"].value, std::nullopt);
  EXPECT_EQ(copies["ann"].value, "of another version");
  const std::string partition = absl::StrCat(bea.partition());
  const auto offset = [&](const char* name) {
    for (const Header& header : copies["bea"].headers) {
      if (header.key == name) return header.value;
    }
    return std::string();
  };
  EXPECT_EQ(offset("x-original-offset"), offset("__connect.errors.offset"));
  EXPECT_THAT(copies["bea"].headers,
              IsSupersetOf(std::vector<Header>{{"own", "header"},
                                               {"__connect.errors.topic", processes_.topic()},
                                               {"__connect.errors.partition", partition},
                                               {"__connect.errors.exception.class.name", "NO_VALUE"},
                                               {"x-original-topic", processes_.topic()},
                                               {"x-original-partition", partition}}));

  // A fix comes: what it reads is applied unless something newer is there, under an open watch.
  processes_.projector().Signal(SIGTERM);
  ASSERT_EQ(processes_.projector().Wait(), 0);
  v1::UserEvent first;
  for (const LoggedEvent& logged : ReadEvents(*processes_.OpenLog())) {
    if (logged.event.event_id() == ann.event_id()) first = logged.event;
  }
  MakeReadable("ann", first);
  MakeReadable("dan", user_event::SignUpEventForTest("dan", "dan@example.com", 1000));
  processes_.StartProjector();
  ASSERT_TRUE(processes_.WaitUntilServing());
  Context context;
  auto watch = queries_->WatchUsers(&context, {});
  v1::WatchUsersResponse message;
  while (!message.has_synced()) ASSERT_TRUE(watch->Read(&message));
  CommandResult redriven;
  // A projector that has just started may not listen yet.
  ASSERT_TRUE(Eventually([&] {
    redriven = processes_.RunProjectorCommand({"dead-letters", "redrive", "--all"});
    return !redriven.output.empty();
  }));
  EXPECT_EQ(redriven.exit_code, 1);
  EXPECT_THAT(redriven.output, HasSubstr("OUTDATED"));
  EXPECT_THAT(redriven.output, HasSubstr("APPLIED"));
  EXPECT_THAT(redriven.output, HasSubstr("STILL_OPEN"));
  while (watch->Read(&message)) continue;
  EXPECT_EQ(ReasonOf(watch->Finish()), "RESUME_TOKEN_TOO_OLD");
  ASSERT_TRUE(Get("dan", "", user).ok());
  ASSERT_TRUE(Get("ann", token, user).ok());
  EXPECT_EQ(user.version(), 2);
  EXPECT_EQ(user.display_name(), "Newer");
  EXPECT_EQ(ReasonOf(Get("bea", later, user)), "HELD_BY_DEAD_LETTER");
  EXPECT_EQ(processes_.RunProjectorCommand({"dead-letters", "discard", "--all"}).exit_code, 0);
  ASSERT_TRUE(Get("bea", later, user).ok());
  EXPECT_EQ(StatusOfReadModel().open_dead_letters(), 0);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, DeadLettersTest, LogsUnderTest(), LogName);

}  // namespace roster::test
