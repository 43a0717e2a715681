#include "clients/cli/import_rows.h"

#include <set>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Read {
  std::vector<ImportRow> rows;
  absl::Status end;
};

Read ReadAll(ImportFormat format, const std::string& text) {
  std::istringstream in(text);
  InputReader input(in);
  const auto rows = MakeImportRows(format, input);
  Read read;
  for (;;) {
    auto row = rows->Next();
    read.end = row.status();
    if (!row.ok() || !row->has_value()) return read;
    read.rows.push_back(**std::move(row));
  }
}

TEST(CsvRowsTest, ColumnsGoToTheirFieldsInAnyOrder) {
  const Read read = ReadAll(ImportFormat::kCsv,
                            "name,label.team,email,id,request_id,labels\r\n"
                            "\"Lee, Ann\",blue,ann@example.com,u-1,r-1,\"{\"\"tier\"\": \"\"gold\"\"}\"\r\n"
                            ",,bob@example.com,,,\r\n");
  ASSERT_TRUE(read.end.ok()) << read.end;
  ASSERT_THAT(read.rows, SizeIs(2));
  const v1::SignUpUserRequest& ann = read.rows[0].request;
  EXPECT_EQ(ann.display_name(), "Lee, Ann");
  EXPECT_EQ(ann.email(), "ann@example.com");
  EXPECT_EQ(ann.user_id(), "u-1");
  EXPECT_EQ(ann.request_id(), "r-1");
  EXPECT_EQ(ann.labels().at("team"), "blue");
  EXPECT_EQ(ann.labels().at("tier"), "gold");
  EXPECT_EQ(read.rows[1].line, 3);
  EXPECT_EQ(read.rows[1].request.email(), "bob@example.com");
  EXPECT_EQ(read.rows[1].request.labels_size(), 0);
}

TEST(CsvRowsTest, ARowThatCannotBeReadIsAnErrorOfItsOwn) {
  const Read read = ReadAll(ImportFormat::kCsv,
                            "email,labels,status\n"
                            "a@b,c\n"
                            "a@b,not json,\n"
                            "a@b,,deleted\n"
                            "a@b,,inactive\n"
                            "\xff@b,,\n"
                            "a@b,,\n");
  ASSERT_TRUE(read.end.ok());
  ASSERT_THAT(read.rows, SizeIs(6));
  EXPECT_EQ(read.rows[0].error.message(), "2 fields, but the first line names 3 columns");
  EXPECT_THAT(std::string(read.rows[1].error.message()), HasSubstr("labels: give a JSON object"));
  EXPECT_THAT(std::string(read.rows[2].error.message()), HasSubstr("deleted"));
  EXPECT_TRUE(read.rows[3].error.ok());
  EXPECT_TRUE(read.rows[3].was_inactive);
  EXPECT_THAT(std::string(read.rows[4].error.message()), HasSubstr("UTF-8"));
  EXPECT_TRUE(read.rows[5].error.ok());
}

TEST(CsvRowsTest, TheHeaderMustNameKnownColumnsOnceAndTheAddress) {
  const auto end = [](const std::string& text) { return std::string(ReadAll(ImportFormat::kCsv, text).end.message()); };
  EXPECT_THAT(end("email,nmae\n"),
              HasSubstr("unknown column 'nmae'; known are create_time, delete_time, display_name"));
  EXPECT_THAT(end("name\nx\n"), HasSubstr("no column 'email'"));
  EXPECT_THAT(end("email;name\nx\n"), HasSubstr("unknown column 'email;name'"));
  EXPECT_THAT(end("email,email\n"), HasSubstr("two columns 'email'"));
  EXPECT_THAT(end(""), HasSubstr("empty"));
  EXPECT_THAT(end("email,label.\xe9t\xe9\n"), HasSubstr("UTF-8"));
}

TEST(NdjsonRowsTest, TakesRequestsAndExportedUsers) {
  const Read read =
      ReadAll(ImportFormat::kNdjson,
              "{\"email\":\"a@b\",\"displayName\":\"A\",\"requestId\":\"r-1\",\"labels\":{\"k\":\"v\"}}\n"
              "\n"
              "{\"email\":\"c@d\",\"user_id\":\"u-2\",\"status\":\"USER_STATUS_INACTIVE\",\"version\":\"7\"}");
  ASSERT_TRUE(read.end.ok());
  ASSERT_THAT(read.rows, SizeIs(2));
  EXPECT_EQ(read.rows[0].request.request_id(), "r-1");
  EXPECT_EQ(read.rows[0].request.labels().at("k"), "v");
  EXPECT_EQ(read.rows[1].line, 3);
  EXPECT_EQ(read.rows[1].request.user_id(), "u-2");
  EXPECT_TRUE(read.rows[1].was_inactive);
}

TEST(NdjsonRowsTest, BadLinesAreErrorsOfTheirOwn) {
  const Read read = ReadAll(ImportFormat::kNdjson,
                            "{\"email\":\"a@b\",\"nmae\":\"A\"}\n"
                            "not json\n"
                            "{\"email\":\"a@b\",\"status\":\"USER_STATUS_DELETED\"}\n"
                            "{\"email\":\"a@b\"}\n");
  ASSERT_THAT(read.rows, SizeIs(4));
  EXPECT_THAT(std::string(read.rows[0].error.message()), HasSubstr("nmae"));
  EXPECT_FALSE(read.rows[1].error.ok());
  EXPECT_EQ(std::string(read.rows[1].error.message()).find('\n'), std::string::npos);
  EXPECT_FALSE(read.rows[2].error.ok());
  EXPECT_TRUE(read.rows[3].error.ok());
}

TEST(NdjsonRowsTest, ALineThatIsTooLongEndsTheFile) {
  const Read read = ReadAll(ImportFormat::kNdjson, "{\"email\":\"a@b\"}\n" + std::string((1 << 20) + 1, 'x'));
  EXPECT_THAT(read.rows, SizeIs(1));
  EXPECT_THAT(std::string(read.end.message()), HasSubstr("line 2"));
}

TEST(DeriveRequestIdTest, DependsOnPrefixLineAndContentAlone) {
  v1::SignUpUserRequest a;
  a.set_email("a@b");
  (*a.mutable_labels())["x"] = "1";
  (*a.mutable_labels())["y"] = "2";
  v1::SignUpUserRequest same;
  (*same.mutable_labels())["y"] = "2";
  (*same.mutable_labels())["x"] = "1";
  same.set_email("a@b");
  v1::SignUpUserRequest other = a;
  other.set_email("");
  other.set_display_name("a@b");
  EXPECT_EQ(DeriveRequestId("p", 7, a), DeriveRequestId("p", 7, same));
  const std::set<std::string> ids = {DeriveRequestId("p", 7, a), DeriveRequestId("p", 8, a), DeriveRequestId("q", 7, a),
                                     DeriveRequestId("p", 7, other)};
  EXPECT_THAT(ids, SizeIs(4));
  EXPECT_LE(DeriveRequestId(std::string(64, 'p'), INT64_MAX, a).size(), 128u);
}

TEST(DeriveRequestIdTest, StaysTheSameFromOneVersionToTheNext) {
  // A repeat of an import made with an older rosterctl must be a repeat: change this only with that in mind.
  v1::SignUpUserRequest request;
  request.set_email("ann@example.com");
  EXPECT_EQ(DeriveRequestId("import", 2, request), "import-2-e023162b6c520e87a0945f6b96afefbe");
}

TEST(FormatOfNameTest, KnowsTheUsualExtensions) {
  EXPECT_EQ(FormatOfName("a/b.CSV"), ImportFormat::kCsv);
  EXPECT_EQ(FormatOfName("b.ndjson"), ImportFormat::kNdjson);
  EXPECT_EQ(FormatOfName("b.jsonl"), ImportFormat::kNdjson);
  EXPECT_EQ(FormatOfName("csv"), std::nullopt);
}

}  // namespace
}  // namespace roster::cli
