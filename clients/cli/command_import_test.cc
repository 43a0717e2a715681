#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "clients/cli/command_line_fixture.h"
#include "gmock/gmock.h"

namespace roster::cli {
namespace {

using client::FakeError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A command service that keeps what it recorded, as far as an import can tell it from the real one.
class ImportTest : public CommandLineFixture {
 protected:
  ImportTest() {
    fake_.import = [this](grpc::ServerReaderWriter<v1::ImportUsersResponse, v1::ImportUsersRequest>* stream) {
      v1::ImportUsersRequest request;
      while (stream->Read(&request)) {
        ++requests_;
        v1::ImportUsersResponse response;
        for (const v1::SignUpUserRequest& row : request.rows()) *response.add_results() = Decide(row);
        response.set_consistency_token(Token(static_cast<int64_t>(offsets_.size())));
        if (requests_ == cut_before_answer_) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
        stream->Write(response);
      }
      return grpc::Status::OK;
    };
  }

  v1::ImportUsersResult Decide(const v1::SignUpUserRequest& row) {
    v1::ImportUsersResult result;
    const auto repeated = offsets_.find(row.request_id());
    if (repeated == offsets_.end() && !emails_.insert(row.email()).second) {
      *result.mutable_error() =
          FakeError{grpc::StatusCode::ALREADY_EXISTS, "the address is taken", "EMAIL_TAKEN"}.Rpc();
      return result;
    }
    const auto offset = offsets_.emplace(row.request_id(), offsets_.size()).first->second;
    result.mutable_signed_up()->set_offset(static_cast<int64_t>(offset));
    return result;
  }

  std::string WriteFile(const std::string& name, const std::string& content) {
    std::ofstream(profile_.File(name), std::ios::binary) << content;
    return profile_.File(name);
  }

  int requests_ = 0;
  int cut_before_answer_ = 0;
  std::map<std::string, size_t> offsets_;
  std::set<std::string> emails_;
};

TEST_F(ImportTest, SignsUpEachRowAndNamesTheRefusedOnesByLine) {
  const std::string file = WriteFile("users.csv",
                                     "email,name\n"
                                     "a@example.com,\"two\nlines\"\n"
                                     "a@example.com,again\n"
                                     "b@example.com\n"
                                     "c@example.com,C\n");
  const Result result = Run({"import", file});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, HasSubstr(file + ":4: the address is taken (EMAIL_TAKEN)"));
  EXPECT_THAT(result.err, HasSubstr(file + ":5: 1 fields, but the first line names 2 columns"));
  EXPECT_THAT(result.out, HasSubstr("signed up       2\n"));
  EXPECT_THAT(result.out, HasSubstr("refused         2\n"));
  EXPECT_THAT(result.out, HasSubstr("last offset     1\n"));
  EXPECT_THAT(emails_, ElementsAre("a@example.com", "c@example.com"));
}

TEST_F(ImportTest, RunAgainItRecordsNothingTwice) {
  std::string rows = "email\n";
  for (int i = 0; i < 50; ++i) absl::StrAppend(&rows, "u", i, "@example.com\n");
  const std::string file = WriteFile("users.csv", rows);
  EXPECT_EQ(Run({"import", file, "--batch-rows", "7"}).exit_code, 0);
  EXPECT_THAT(offsets_, SizeIs(50));
  EXPECT_EQ(requests_, 8);
  EXPECT_EQ(Run({"import", file}).exit_code, 0);
  EXPECT_THAT(offsets_, SizeIs(50));
  const Result anew = Run({"import", file, "--request-id-prefix", "second"});
  EXPECT_EQ(anew.exit_code, 6);
  EXPECT_THAT(anew.err, HasSubstr("EMAIL_TAKEN"));
}

TEST_F(ImportTest, AfterARowIsCorrectedOnlyThatOneIsNew) {
  EXPECT_EQ(Run({"import", WriteFile("users.csv", "email\na@x\na@x\nb@x\n")}).exit_code, 6);
  EXPECT_THAT(offsets_, SizeIs(2));
  EXPECT_EQ(Run({"import", WriteFile("users.csv", "email\na@x\nc@x\nb@x\n")}).exit_code, 0);
  EXPECT_THAT(emails_, ElementsAre("a@x", "b@x", "c@x"));
}

TEST_F(ImportTest, AStreamCutBeforeTheAnswerIsMadeGoodOnTheNext) {
  cut_before_answer_ = 2;
  std::string rows;
  for (int i = 0; i < 40; ++i) absl::StrAppend(&rows, "{\"email\":\"u", i, "@example.com\"}\n");
  const Result result = Run({"import", "-", "--batch-rows", "10"}, rows);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(offsets_, SizeIs(40));
  EXPECT_THAT(result.out, HasSubstr("signed up       40\n"));
}

TEST_F(ImportTest, RefusedRowsGoToTheErrorsFileWhereThereIsOne) {
  const Result result =
      Run({"import", "-", "--errors", profile_.File("errors.csv")}, "email\na@example.com\na@example.com\n");
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_EQ(result.err, "");
  std::ifstream file(profile_.File("errors.csv"), std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(content, HasSubstr("line,reason,message\r\n3,EMAIL_TAKEN,"));
}

TEST_F(ImportTest, TheSummaryAsJsonAndTheTokenForTheNextRead) {
  const Result result = Run({"import", "-", "--output", "json"}, "email\na@example.com\n");
  EXPECT_EQ(result.out, absl::StrCat("{\"signedUp\":1,\"refused\":0,\"validateOnly\":false,\"partition\":0,"
                                     "\"offset\":\"0\",\"consistencyToken\":\"",
                                     Token(1), "\"}\n"));
  std::string read_after;
  fake_.get = [&](const v1::GetUserRequest& request, v1::GetUserResponse*) {
    read_after = request.read_after();
    return grpc::Status::OK;
  };
  Run({"get", "u-1"});
  EXPECT_EQ(read_after, Token(1));
}

TEST_F(ImportTest, AFileThatBreaksOffIsAnErrorAfterTheRowsBeforeIt) {
  const Result result = Run({"import", "-"}, "email,name\na@example.com,A\nb@example.com,\"B\n");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("line 3: a quote is opened and never closed"));
  EXPECT_THAT(emails_, ElementsAre("a@example.com"));
}

TEST_F(ImportTest, AFileThatIsNotThereIsNamed) {
  const Result result = Run({"import", profile_.File("none.csv")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("none.csv"));
  EXPECT_EQ(Run({"import", profile_.path()}).exit_code, 1);
}

TEST_F(ImportTest, AServiceThatStaysAwayEndsItWithExitCode5) {
  fake_.Stop();
  const Result result = Run({"import", "-", "--timeout", "0.2"}, "email\na@example.com\n");
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.err, HasSubstr("run it again"));
  EXPECT_THAT(result.err, HasSubstr("roster-command-service"));
}

}  // namespace
}  // namespace roster::cli
