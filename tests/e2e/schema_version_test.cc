// Programs of one release meet files of another: what they can make anew they make anew, and of what they cannot they
// say both numbers and leave it as it is. Another release is played by the number in the file.
#include <csignal>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"

namespace roster::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kNewer = 99;

int SchemaVersion(const std::string& path) {
  return SQLite::Database(path, SQLite::OPEN_READONLY).execAndGet("PRAGMA user_version").getInt();
}

void SetSchemaVersion(const std::string& path, int version) {
  SQLite::Database(path, SQLite::OPEN_READWRITE, 10'000).exec(absl::StrCat("PRAGMA user_version = ", version));
}

int StopWithSigterm(Process& process) {
  process.Signal(SIGTERM);
  return process.Wait();
}

class SchemaVersionTest : public EndToEndTest {
 protected:
  std::string log() const { return processes_.File("log.db"); }
  std::string generation(int number) const { return absl::StrCat(processes_.read_model(), "/", number, ".db"); }

  void ExpectReadModelEqualsTheLog() {
    const std::string token = MustSignUp("last").consistency_token();
    EXPECT_EQ(CompareUsers(ListAll(token), FoldUsers(ReadEvents(*processes_.OpenLog()))), std::vector<std::string>());
  }

  // What a program that cannot start says, and that it says so by its exit code.
  std::string Refusal(Process& process) {
    EXPECT_EQ(process.Wait(), 1);
    return process.Log();
  }
};

TEST_P(SchemaVersionTest, WriteModelOfAnotherSchemaIsFoldedAnewFromTheLog) {
  StartAll();
  const std::string event_id = MustSignUp("ann").event_id();
  const int present = [&] {
    EXPECT_EQ(StopWithSigterm(processes_.command_service()), 0);
    return SchemaVersion(processes_.write_model());
  }();
  for (const int other : {present - 1, kNewer}) {
    SetSchemaVersion(processes_.write_model(), other);
    processes_.StartCommandService();
    // The same request, so the first answer.
    EXPECT_EQ(MustSignUp("ann").event_id(), event_id);
    EXPECT_THAT(processes_.command_service().Log(),
                AllOf(HasSubstr("folding the log anew"),
                      HasSubstr(absl::StrCat("it has schema ", other, ", this program's is ", present))));
    v1::SignUpUserResponse response;
    EXPECT_EQ(ReasonOf(SignUp("ann@example.com", response)), "EMAIL_TAKEN");
    EXPECT_EQ(StopWithSigterm(processes_.command_service()), 0);
    EXPECT_EQ(SchemaVersion(processes_.write_model()), present);
  }
}

TEST_P(SchemaVersionTest, ReadModelOfANewerSchemaIsRefusedAndStays) {
  StartAll();
  ListAll(MustSignUp("ann").consistency_token());
  EXPECT_EQ(StopWithSigterm(processes_.projector()), 0);
  EXPECT_EQ(StopWithSigterm(processes_.query_service()), 0);
  const int present = SchemaVersion(generation(1));
  SetSchemaVersion(generation(1), kNewer);

  processes_.StartProjector();
  EXPECT_THAT(Refusal(processes_.projector()),
              AllOf(HasSubstr(absl::StrCat("has schema ", kNewer, ", this program writes ", present)),
                    HasSubstr("rebuild --accept")));
  processes_.StartQueryService();
  queries_ = v1::UserQueryService::NewStub(processes_.query_channel());
  EXPECT_TRUE(processes_.query_service().WaitForLogField("the read model cannot be read", "error").ok());
  EXPECT_THAT(processes_.query_service().Log(),
              AllOf(HasSubstr(absl::StrCat("has schema ", kNewer)), HasSubstr(absl::StrCat(" to ", present))));
  Context context;
  v1::GetUserRequest get;
  v1::GetUserResponse got;
  get.set_user_id("ann");
  EXPECT_EQ(ReasonOf(queries_->GetUser(&context, get, &got)), "NOT_READY");
  EXPECT_EQ(SchemaVersion(generation(1)), kNewer);

  // Put back, it is as it was: what refused it has not touched it.
  SetSchemaVersion(generation(1), present);
  processes_.StartProjector();
  ASSERT_TRUE(processes_.WaitUntilServing());
  ExpectReadModelEqualsTheLog();
}

TEST_P(SchemaVersionTest, RebuildTakesTheReadModelBackToAnOlderReleaseWhileItIsServed) {
  StartAll();
  ListAll(MustSignUp("ann").consistency_token());
  EXPECT_EQ(StopWithSigterm(processes_.projector()), 0);
  const int present = SchemaVersion(generation(1));
  // The query service that has it open stands for one of the newer release, which can read both.
  SetSchemaVersion(generation(1), kNewer);
  EXPECT_THAT(processes_.RunProjectorCommand({"rebuild"}).exit_code, 1);
  EXPECT_EQ(SchemaVersion(generation(1)), kNewer);
  EXPECT_EQ(ListAll("").size(), 1u);
  const CommandResult rebuilt = processes_.RunProjectorCommand({"rebuild", "--accept"});
  EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.output;
  EXPECT_THAT(rebuilt.output, HasSubstr(absl::StrCat("schema ", kNewer)));
  EXPECT_EQ(SchemaVersion(generation(2)), present);
  processes_.StartProjector();
  ExpectReadModelEqualsTheLog();
  EXPECT_EQ(StopWithSigterm(processes_.query_service()), 0);
  processes_.StartQueryService();
  ASSERT_TRUE(processes_.WaitUntilServing());
  queries_ = v1::UserQueryService::NewStub(processes_.query_channel());
  ExpectReadModelEqualsTheLog();
}

TEST_P(SchemaVersionTest, LogOfANewerSchemaIsRefusedByEveryProgramAndStays) {
  StartAll();
  MustSignUp("ann");
  EXPECT_EQ(StopWithSigterm(processes_.command_service()), 0);
  EXPECT_EQ(StopWithSigterm(processes_.projector()), 0);
  const int present = SchemaVersion(log());
  SetSchemaVersion(log(), kNewer);
  const auto names_both = HasSubstr(absl::StrCat("has schema ", kNewer, ", this program knows up to ", present));

  const auto command_service = Process::Start({ProgramPath("roster-command-service"), processes_.log_flag(),
                                               "--listen=127.0.0.1:0", "--write-model=" + processes_.write_model()},
                                              processes_.File("refused.log"));
  EXPECT_THAT(Refusal(*command_service), names_both);
  processes_.StartProjector();
  EXPECT_THAT(Refusal(processes_.projector()), names_both);
  const auto tool =
      Process::Start({ProgramPath("roster-log"), "show", processes_.log_flag()}, processes_.File("tool.log"));
  EXPECT_THAT(Refusal(*tool), names_both);
  EXPECT_EQ(SchemaVersion(log()), kNewer);

  SetSchemaVersion(log(), present);
  processes_.StartCommandService();
  processes_.StartProjector();
  ASSERT_TRUE(processes_.WaitUntilServing());
  ExpectReadModelEqualsTheLog();
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, SchemaVersionTest, LogsUnderTest(), LogName);

}  // namespace roster::test
