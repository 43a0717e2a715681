#ifndef ROSTER_CLIENTS_CLI_CSV_READER_H_
#define ROSTER_CLIENTS_CLI_CSV_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/input_reader.h"

namespace roster::cli {

// One record, as far as it could be read.
struct CsvRecord {
  // Line on which it begins; a quoted field may hold line breaks, so the next one need not be on the next line.
  int64_t line = 0;
  std::vector<std::string> fields;
  // Where the record is malformed, what is wrong. Reading goes on after the line's end.
  absl::Status error;
};

// Reads CSV as RFC 4180 has it: quoted fields with commas, line breaks and doubled quotes; lines end with CRLF or LF,
// the last one perhaps with neither. A UTF-8 byte order mark before the first field is dropped; empty lines are
// skipped. Holds one record.
//
// Thread safety: none.
class CsvReader {
 public:
  static constexpr size_t kMaxRecordBytes = 1 << 20;
  static constexpr size_t kMaxFields = 1000;

  // `input` must outlive it.
  explicit CsvReader(InputReader& input) : input_(input) {}

  // Reads the next record. False at the end. INVALID_ARGUMENT, after which nothing more can be read, where a record
  // exceeds a limit, a quote is never closed, or the input is not UTF-8 but UTF-16.
  absl::StatusOr<bool> Next(CsvRecord& record);

 private:
  absl::Status SkipByteOrderMark();
  absl::Status ReadField(CsvRecord& record);
  absl::Status ReadQuoted(const CsvRecord& record, std::string& field);
  absl::Status ReadBare(CsvRecord& record, std::string& field);
  absl::Status Append(const CsvRecord& record, int byte, std::string& field);
  bool AtEndOfRecord();
  bool TakeLineEnd();
  void SkipLine();

  InputReader& input_;
  bool begun_ = false;
  size_t record_bytes_ = 0;
};

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_CSV_READER_H_
