#ifndef ROSTER_CLIENTS_CLI_IMPORT_ROWS_H_
#define ROSTER_CLIENTS_CLI_IMPORT_ROWS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/input_reader.h"
#include "roster/v1/user_command_service.pb.h"

namespace roster::cli {

// One user to sign up, as it stands in a file.
struct ImportRow {
  // Line on which it begins.
  int64_t line = 0;
  v1::SignUpUserRequest request;
  // Why the row can't be sent, where it can't.
  absl::Status error;
  // The file says that the user is inactive, which a sign-up can't.
  bool was_inactive = false;
};

// Reads rows one after another. Holds one.
//
// Thread safety: none.
class ImportRows {
 public:
  virtual ~ImportRows() = default;
  // The next row, or nothing at the end. An error ends the file.
  virtual absl::StatusOr<std::optional<ImportRow>> Next() = 0;
};

enum class ImportFormat { kCsv, kNdjson };

// What a file's name says of its format: .csv, .ndjson, .jsonl. Nothing for other names.
std::optional<ImportFormat> FormatOfName(const std::string& name);

// CSV: the first record names the columns: email; name or display_name; id or user_id; request_id; labels (a JSON
// object); label.KEY, which is left out where it is empty. The other columns that `rosterctl export` writes may stand
// there, and are not read, but a deleted user is refused. Any other column is an error. NDJSON: on each line a JSON
// object with the fields of SignUpUserRequest or of User. `input` must outlive the result.
std::unique_ptr<ImportRows> MakeImportRows(ImportFormat format, InputReader& input);

// A request_id that is the same whenever the same row stands on the same line: so an import can be repeated, also after
// some rows were corrected. `prefix` sets imports apart that shall not count as repeats of each other; at most 64
// bytes.
std::string DeriveRequestId(const std::string& prefix, int64_t line, const v1::SignUpUserRequest& request);

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_IMPORT_ROWS_H_
