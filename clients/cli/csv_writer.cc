#include "clients/cli/csv_writer.h"

namespace roster::cli {
namespace {

bool NeedsQuotes(const std::string& field) {
  if (field.empty()) return false;
  if (field.front() == ' ' || field.back() == ' ') return true;
  return field.find_first_of(",\"\r\n") != std::string::npos;
}

void AppendQuoted(const std::string& field, std::string& record) {
  record.push_back('"');
  for (const char c : field) {
    if (c == '"') record.push_back('"');
    record.push_back(c);
  }
  record.push_back('"');
}

}  // namespace

std::string FormatCsvRecord(const std::vector<std::string>& fields) {
  std::string record;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) record.push_back(',');
    if (NeedsQuotes(fields[i]) || (fields.size() == 1 && fields[i].empty())) {
      AppendQuoted(fields[i], record);
    } else {
      record += fields[i];
    }
  }
  return record + "\r\n";
}

}  // namespace roster::cli
