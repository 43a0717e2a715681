#include "sqlite/sqlite.h"

#include <sqlite3.h>

#include <fstream>

#include "base/temp_dir.h"
#include "gtest/gtest.h"

namespace roster::sqlite {
namespace {

TEST(SqliteTest, ErrorsTellWhatIsToBeDone) {
  TempDir dir;
  EXPECT_EQ(Try("open", [&] { SQLite::Database missing(dir.File("none.db")); }).code(),
            absl::StatusCode::kFailedPrecondition);
  std::ofstream(dir.File("junk.db")) << std::string(4096, 'x');
  const absl::Status junk = Try("open junk.db", [&] {
    SQLite::Database database(dir.File("junk.db"), SQLite::OPEN_READWRITE);
    database.exec("CREATE TABLE t (x)");
  });
  EXPECT_EQ(junk.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(junk.message().find("open junk.db"), std::string::npos);

  EXPECT_EQ(ToStatus(SQLite::Exception("cut short", SQLITE_IOERR_SHORT_READ), "read").code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(ToStatus(SQLite::Exception("away", SQLITE_IOERR_READ), "read").code(), absl::StatusCode::kUnavailable);

  SQLite::Database one(dir.File("a.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  SQLite::Database two(dir.File("a.db"), SQLite::OPEN_READWRITE);
  one.exec("BEGIN EXCLUSIVE");
  EXPECT_EQ(Try("write", [&] { two.exec("CREATE TABLE t (x)"); }).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Try("write", [&] { one.exec("no sql at all"); }).code(), absl::StatusCode::kInternal);
}

TEST(SqliteTest, ValuesAndStatusesPassThrough) {
  EXPECT_EQ(Try("x", [] { return 7; }).value(), 7);
  EXPECT_EQ(Try("x", [] { return absl::NotFoundError("y"); }).code(), absl::StatusCode::kNotFound);
}

TEST(SqliteTest, EmptyBytesAreNotNull) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE);
  SQLite::Statement statement(database, "SELECT ?1, ?1 IS NULL, ?2");
  BindBytes(statement, 1, absl::string_view());
  BindBytes(statement, 2, absl::string_view("a\0b", 3));
  ASSERT_TRUE(statement.executeStep());
  EXPECT_EQ(ColumnBytes(statement, 0), "");
  EXPECT_EQ(statement.getColumn(1).getInt(), 0);
  EXPECT_EQ(ColumnBytes(statement, 2), absl::string_view("a\0b", 3));
}

}  // namespace
}  // namespace roster::sqlite
