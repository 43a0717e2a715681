#include "clients/cli/csv_reader.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace roster::cli {

absl::StatusOr<bool> CsvReader::Next(CsvRecord& record) {
  ROSTER_RETURN_IF_ERROR(SkipByteOrderMark());
  while (TakeLineEnd()) {
  }
  record = {input_.line(), {}, absl::OkStatus()};
  record_bytes_ = 0;
  if (input_.Peek() == InputReader::kEnd) {
    if (input_.failed()) return absl::DataLossError("the input cannot be read");
    return false;
  }
  for (;;) {
    ROSTER_RETURN_IF_ERROR(ReadField(record));
    if (!record.error.ok()) {
      SkipLine();
      return true;
    }
    if (record.fields.size() > kMaxFields) {
      return absl::InvalidArgumentError(absl::StrCat("line ", record.line, ": more than ", kMaxFields, " fields"));
    }
    if (AtEndOfRecord()) return true;
    // ReadField stops at a comma or the record's end.
    input_.Take();
  }
}

absl::Status CsvReader::SkipByteOrderMark() {
  if (begun_) return absl::OkStatus();
  begun_ = true;
  const int first = input_.Peek();
  if (first == 0xFF || first == 0xFE) {
    return absl::InvalidArgumentError("line 1: this is UTF-16; save the file as CSV in UTF-8");
  }
  if (first != 0xEF) return absl::OkStatus();
  for (const int byte : {0xEF, 0xBB, 0xBF}) {
    if (input_.Take() != byte) return absl::InvalidArgumentError("line 1: this is no UTF-8");
  }
  return absl::OkStatus();
}

absl::Status CsvReader::ReadField(CsvRecord& record) {
  std::string& field = record.fields.emplace_back();
  if (input_.Peek() != '"') return ReadBare(record, field);
  ROSTER_RETURN_IF_ERROR(ReadQuoted(record, field));
  const bool carriage_return = input_.Peek() == '\r';
  if (carriage_return) input_.Take();
  if ((carriage_return || input_.Peek() != ',') && !AtEndOfRecord()) {
    record.error =
        absl::InvalidArgumentError("text follows the quote that closes a field; write a quote within a field twice");
  }
  return absl::OkStatus();
}

absl::Status CsvReader::ReadQuoted(const CsvRecord& record, std::string& field) {
  const int64_t opened_at = input_.line();
  input_.Take();
  for (;;) {
    const int byte = input_.Take();
    if (byte == InputReader::kEnd) {
      return absl::InvalidArgumentError(absl::StrCat("line ", opened_at, ": a quote is opened and never closed"));
    }
    if (byte == '"') {
      if (input_.Peek() != '"') return absl::OkStatus();
      input_.Take();
    }
    ROSTER_RETURN_IF_ERROR(Append(record, byte, field));
  }
}

absl::Status CsvReader::ReadBare(CsvRecord& record, std::string& field) {
  while (input_.Peek() != ',' && !AtEndOfRecord()) {
    const int byte = input_.Take();
    if (byte == '"') {
      record.error = absl::InvalidArgumentError(
          "a quote stands within a field that does not begin with one; put the whole field in quotes");
      return absl::OkStatus();
    }
    ROSTER_RETURN_IF_ERROR(Append(record, byte, field));
  }
  // The CR of a CRLF is taken as part of the field before the LF is seen.
  if (AtEndOfRecord() && !field.empty() && field.back() == '\r') field.pop_back();
  return absl::OkStatus();
}

absl::Status CsvReader::Append(const CsvRecord& record, int byte, std::string& field) {
  field.push_back(static_cast<char>(byte));
  if (++record_bytes_ <= kMaxRecordBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("line ", record.line, ": a record of more than ", kMaxRecordBytes,
                                                 " bytes; is a quote not closed?"));
}

// Leaves the line's end where it is: it is taken before the next record.
bool CsvReader::AtEndOfRecord() { return input_.Peek() == '\n' || input_.Peek() == InputReader::kEnd; }

bool CsvReader::TakeLineEnd() {
  if (input_.Peek() != '\n' && input_.Peek() != '\r') return false;
  input_.Take();
  return true;
}

void CsvReader::SkipLine() {
  while (!AtEndOfRecord()) input_.Take();
}

}  // namespace roster::cli
