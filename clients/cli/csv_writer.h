#ifndef ROSTER_CLIENTS_CLI_CSV_WRITER_H_
#define ROSTER_CLIENTS_CLI_CSV_WRITER_H_

#include <string>
#include <vector>

namespace roster::cli {

// One record as RFC 4180 has it, with its CRLF. Fields that hold a comma, a quote, a line break, or a blank at an end
// are quoted. A single empty field is quoted too, so that no record is an empty line.
std::string FormatCsvRecord(const std::vector<std::string>& fields);

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_CSV_WRITER_H_
