// CSV, as `rosterctl import` reads it: any bytes are rows or errors that name a line; and what the CSV writer has
// written is read as it was.
#include <sstream>
#include <vector>

#include "clients/cli/csv_reader.h"
#include "clients/cli/csv_writer.h"
#include "clients/cli/import_rows.h"
#include "tests/fuzz/import_input.h"

namespace roster::cli {
namespace {

void CheckRecordsComeBack(fuzz::InputReader& reader) {
  std::vector<std::vector<std::string>> records = {{"email"}};
  while (!reader.empty()) {
    std::vector<std::string>& record = records.emplace_back();
    for (int fields = 1 + reader.Byte() % 4; fields > 0; --fields) record.push_back(reader.Text());
  }
  std::string text;
  for (const auto& record : records) text += FormatCsvRecord(record);
  std::istringstream in(text);
  InputReader input(in);
  CsvReader csv(input);
  CsvRecord read;
  for (const auto& record : records) {
    FUZZ_CHECK(csv.Next(read).value());
    FUZZ_CHECK(read.error.ok());
    FUZZ_CHECK(read.fields == record);
  }
  FUZZ_CHECK(!csv.Next(read).value());
}

void CheckUserComesBack(fuzz::InputReader& reader) {
  const v1::SignUpUserRequest request = fuzz::SignUpOf(reader);
  std::string text = FormatCsvRecord({"email", "name", "id", "request_id", "label.team"});
  const std::string team = request.labels().contains("team") ? request.labels().at("team") : "";
  text += FormatCsvRecord({request.email(), request.display_name(), request.user_id(), request.request_id(), team});
  fuzz::CheckOneRow(ImportFormat::kCsv, text, request);
}

}  // namespace

ROSTER_FUZZER(csv_import) {
  fuzz::InputReader reader(input);
  switch (reader.Byte() % 4) {
    case 0:
      return CheckRecordsComeBack(reader);
    case 1:
      return CheckUserComesBack(reader);
    case 2:
      return fuzz::ReadAllRows(ImportFormat::kCsv,
                               "email,name,labels,status,label.team\n" + std::string(reader.Rest()));
    default:
      return fuzz::ReadAllRows(ImportFormat::kCsv, std::string(reader.Rest()));
  }
}

}  // namespace roster::cli
