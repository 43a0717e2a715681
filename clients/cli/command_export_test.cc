#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "clients/cli/command_line_fixture.h"
#include "gmock/gmock.h"

namespace roster::cli {
namespace {

using client::FakeError;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ExportTest : public CommandLineFixture {
 protected:
  ExportTest() {
    fake_.list = [](const v1::ListUsersRequest&, grpc::ServerWriter<v1::ListUsersResponse>* out) {
      for (int page_number = 0; page_number < 3; ++page_number) {
        v1::ListUsersResponse page;
        for (int i = 0; i < 2; ++i) page.add_users()->set_user_id(absl::StrCat("u-", page_number, i));
        if (page_number < 2) page.set_next_page_token("more");
        out->Write(page);
      }
      return grpc::Status::OK;
    };
  }

  static std::string Content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(ExportTest, TheFormatFollowsTheName) {
  ASSERT_EQ(Run({"export", profile_.File("users.csv")}).exit_code, 0);
  const std::string csv = Content(profile_.File("users.csv"));
  EXPECT_THAT(csv, StartsWith("user_id,email,display_name"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 7);
  ASSERT_EQ(Run({"export", profile_.File("users.ndjson")}).exit_code, 0);
  EXPECT_THAT(Content(profile_.File("users.ndjson")), StartsWith("{\"userId\":\"u-00\""));
}

TEST_F(ExportTest, ToTheStandardOutputWithoutAFile) {
  EXPECT_THAT(Run({"export"}).out, StartsWith("user_id,"));
  EXPECT_THAT(Run({"export", "-", "--output", "json"}).out, StartsWith("{\"userId\""));
}

TEST_F(ExportTest, AnExportThatFailsLeavesTheOldFileAsItWas) {
  std::ofstream(profile_.File("users.csv")) << "old";
  fake_.list = [calls = 0](const v1::ListUsersRequest&, grpc::ServerWriter<v1::ListUsersResponse>* out) mutable {
    v1::ListUsersResponse page;
    page.set_next_page_token("more");
    if (calls++ == 0) out->Write(page);
    return FakeError{grpc::StatusCode::INTERNAL, "broken", "INTERNAL"}.Grpc();
  };
  EXPECT_EQ(Run({"export", profile_.File("users.csv")}).exit_code, 1);
  EXPECT_EQ(Content(profile_.File("users.csv")), "old");
}

TEST_F(ExportTest, AFolderThatIsNotThereIsNamed) {
  const Result result = Run({"export", profile_.File("none/users.csv")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("none/users.csv"));
}

}  // namespace
}  // namespace roster::cli
