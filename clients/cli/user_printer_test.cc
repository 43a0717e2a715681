#include "clients/cli/user_printer.h"

#include <sstream>

#include "clients/cli/import_rows.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::User Ann() {
  v1::User user;
  user.set_user_id("u-1");
  user.set_email("ann@example.com");
  user.set_display_name("Lee, \"Ann\"\n");
  user.set_status(v1::USER_STATUS_ACTIVE);
  (*user.mutable_labels())["team"] = "b\x1b[31mlue, \"x\"";
  user.set_version(3);
  user.set_etag("W3");
  user.mutable_create_time()->set_seconds(1'769'843'700);
  user.mutable_create_time()->set_nanos(5'000'000);
  return user;
}

std::string PrintAll(OutputFormat format, const std::vector<v1::User>& users, bool terminal) {
  std::ostringstream out;
  const auto printer = MakeUserPrinter(format, out, terminal);
  for (const v1::User& user : users) printer->Print(user);
  printer->Finish();
  return out.str();
}

TEST(UserPrinterTest, CsvThatWasExportedImportsAsTheSameUser) {
  std::istringstream in(PrintAll(OutputFormat::kCsv, {Ann()}, /*terminal=*/false));
  InputReader input(in);
  const auto rows = MakeImportRows(ImportFormat::kCsv, input);
  const auto row = rows->Next();
  ASSERT_TRUE(row.ok() && row->has_value());
  ASSERT_TRUE((*row)->error.ok()) << (*row)->error;
  EXPECT_EQ((*row)->request.email(), "ann@example.com");
  EXPECT_EQ((*row)->request.display_name(), Ann().display_name());
  EXPECT_EQ((*row)->request.user_id(), "u-1");
  EXPECT_EQ((*row)->request.labels().at("team"), Ann().labels().at("team"));
}

TEST(UserPrinterTest, JsonThatWasExportedImportsAsTheSameUser) {
  std::istringstream in(PrintAll(OutputFormat::kJson, {Ann()}, /*terminal=*/false));
  InputReader input(in);
  const auto rows = MakeImportRows(ImportFormat::kNdjson, input);
  const auto row = rows->Next();
  ASSERT_TRUE(row.ok() && row->has_value());
  EXPECT_EQ((*row)->request.display_name(), Ann().display_name());
  EXPECT_EQ((*row)->request.labels().at("team"), Ann().labels().at("team"));
}

TEST(UserPrinterTest, NoFormatSendsControlCharactersToATerminal) {
  for (const OutputFormat format : {OutputFormat::kTable, OutputFormat::kCsv, OutputFormat::kJson}) {
    EXPECT_THAT(PrintAll(format, {Ann()}, /*terminal=*/true), Not(HasSubstr("\x1b")));
  }
}

TEST(UserPrinterTest, TableColumnsStandBelowEachOtherAndNamesAreCutOnATerminalOnly) {
  v1::User bob;
  bob.set_user_id("user-with-a-longer-id");
  bob.set_email("b@c");
  bob.set_display_name(std::string(50, 'n'));
  const std::string table = PrintAll(OutputFormat::kTable, {Ann(), bob}, /*terminal=*/true);
  EXPECT_THAT(table, HasSubstr("USER_ID                EMAIL            NAME"));
  EXPECT_THAT(table, HasSubstr("u-1                    ann@example.com  Lee"));
  EXPECT_THAT(table, HasSubstr("2026-01-31T07:15:00Z"));
  EXPECT_THAT(table, HasSubstr("n…"));
  EXPECT_THAT(PrintAll(OutputFormat::kTable, {Ann(), bob}, /*terminal=*/false), HasSubstr(std::string(50, 'n')));
}

TEST(UserPrinterTest, TableHoldsNoMoreThanItsFirstPage) {
  std::ostringstream out;
  const auto printer = MakeUserPrinter(OutputFormat::kTable, out, /*out_is_terminal=*/false);
  printer->Print(Ann());
  EXPECT_EQ(out.str(), "");
  printer->EndOfPage();
  const size_t after_page = out.str().size();
  EXPECT_GT(after_page, 0u);
  printer->Print(Ann());
  EXPECT_GT(out.str().size(), after_page);
}

}  // namespace
}  // namespace roster::cli
