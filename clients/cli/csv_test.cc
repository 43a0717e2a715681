#include <sstream>

#include "clients/cli/csv_reader.h"
#include "clients/cli/csv_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Fields = std::vector<std::string>;

struct Parsed {
  std::vector<Fields> records;
  std::vector<int64_t> lines;
  // "LINE: message" of each malformed record.
  std::vector<std::string> malformed;
  absl::Status end;
};

Parsed Parse(const std::string& text) {
  std::istringstream in(text);
  InputReader input(in);
  CsvReader reader(input);
  Parsed parsed;
  CsvRecord record;
  for (;;) {
    const auto more = reader.Next(record);
    parsed.end = more.status();
    if (!more.ok() || !*more) return parsed;
    if (record.error.ok()) {
      parsed.records.push_back(record.fields);
      parsed.lines.push_back(record.line);
    } else {
      parsed.malformed.push_back(std::to_string(record.line) + ": " + std::string(record.error.message()));
    }
  }
}

TEST(CsvReaderTest, LinesEndWithLfOrCrlfAndTheLastOneWithNothing) {
  EXPECT_THAT(Parse("a,b\nc,d\r\ne,f").records, ElementsAre(Fields{"a", "b"}, Fields{"c", "d"}, Fields{"e", "f"}));
  EXPECT_THAT(Parse("a,b\r\n").records, ElementsAre(Fields{"a", "b"}));
  EXPECT_THAT(Parse("").records, ElementsAre());
}

TEST(CsvReaderTest, QuotedFieldsHoldCommasQuotesAndLineBreaks) {
  const Parsed parsed = Parse("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\r\nx,\"\",y\n");
  EXPECT_THAT(parsed.records, ElementsAre(Fields{"a,b", "say \"hi\"", "two\r\nlines"}, Fields{"x", "", "y"}));
  EXPECT_THAT(parsed.lines, ElementsAre(1, 3));
}

TEST(CsvReaderTest, EmptyFieldsCountAndEmptyLinesDoNot) {
  const Parsed parsed = Parse("\n,,\n\n\r\n,x\n\n");
  EXPECT_THAT(parsed.records, ElementsAre(Fields{"", "", ""}, Fields{"", "x"}));
  EXPECT_THAT(parsed.lines, ElementsAre(2, 5));
}

TEST(CsvReaderTest, AByteOrderMarkIsDropped) {
  EXPECT_THAT(Parse("\xEF\xBB\xBF"
                    "a,b\n")
                  .records,
              ElementsAre(Fields{"a", "b"}));
  EXPECT_THAT(Parse("\xEF\xBB\xBF\"a\",b\n").records, ElementsAre(Fields{"a", "b"}));
}

TEST(CsvReaderTest, Utf16IsNamedAsWhatItIs) {
  EXPECT_THAT(std::string(Parse(std::string("\xFF\xFE"
                                            "a\0",
                                            4))
                              .end.message()),
              HasSubstr("UTF-16"));
}

TEST(CsvReaderTest, AMalformedRecordIsReportedAndTheNextOneRead) {
  const Parsed parsed = Parse("a,b\n\"x\"y,z\nc\"d,e\nf,g\n\"q\"\rr\nh,i");
  EXPECT_THAT(parsed.records, ElementsAre(Fields{"a", "b"}, Fields{"f", "g"}, Fields{"h", "i"}));
  EXPECT_THAT(parsed.malformed, ElementsAre(HasSubstr("2: text follows"), HasSubstr("3: a quote stands within"),
                                            HasSubstr("5: text follows")));
}

TEST(CsvReaderTest, AQuoteThatIsNeverClosedNamesTheLineItWasOpenedOn) {
  const Parsed parsed = Parse("a\nb,\"c\nd\n");
  EXPECT_THAT(parsed.records, ElementsAre(Fields{"a"}));
  EXPECT_EQ(parsed.end, absl::InvalidArgumentError("line 2: a quote is opened and never closed"));
}

TEST(CsvReaderTest, RecordsAndFieldsHaveLimits) {
  EXPECT_TRUE(Parse(std::string(CsvReader::kMaxRecordBytes, 'x')).end.ok());
  EXPECT_THAT(std::string(Parse(std::string(CsvReader::kMaxRecordBytes + 1, 'x')).end.message()), HasSubstr("line 1"));
  EXPECT_TRUE(Parse(std::string(CsvReader::kMaxFields - 1, ',')).end.ok());
  EXPECT_FALSE(Parse(std::string(CsvReader::kMaxFields, ',')).end.ok());
}

TEST(CsvReaderTest, ReadsBackWhatTheWriterWrites) {
  const std::vector<Fields> records = {
      {"plain", "a,b", "\"", "\r\n", "", " blank "}, {""}, {"", ""}, {"\"\"", "x\"y", "\n", "ümläut", "東京", "a\tb"}};
  std::string text;
  for (const Fields& record : records) text += FormatCsvRecord(record);
  EXPECT_EQ(Parse(text).records, records);
}

TEST(CsvReaderTest, NoBytesWhateverTheyAreBreakIt) {
  // Every text of up to 6 of these bytes, which include all that mean something.
  const std::string alphabet = "a,\"\r\n";
  for (int length = 0; length <= 6; ++length) {
    std::string text(length, alphabet[0]);
    std::vector<size_t> digits(length, 0);
    for (;;) {
      for (int i = 0; i < length; ++i) text[i] = alphabet[digits[i]];
      const Parsed parsed = Parse(text);
      size_t bytes = 0;
      for (const Fields& record : parsed.records) {
        EXPECT_FALSE(record.empty());
        for (const std::string& field : record) bytes += field.size();
      }
      ASSERT_LE(bytes, text.size()) << testing::PrintToString(text);
      int i = 0;
      while (i < length && ++digits[i] == alphabet.size()) digits[i++] = 0;
      if (i == length) break;
    }
  }
}

TEST(CsvWriterTest, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(FormatCsvRecord({"a b", "c,d", "e\"f", "", " g"}), "a b,\"c,d\",\"e\"\"f\",,\" g\"\r\n");
  EXPECT_EQ(FormatCsvRecord({""}), "\"\"\r\n");
}

}  // namespace
}  // namespace roster::cli
