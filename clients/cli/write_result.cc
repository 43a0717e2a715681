#include "clients/cli/write_result.h"

namespace roster::cli {

absl::Status RefuseCsv(const Session& session) {
  if (session.format() != OutputFormat::kCsv) return absl::OkStatus();
  return absl::InvalidArgumentError("--output csv: only `get`, `list` and `export` write CSV; give table or json");
}

}  // namespace roster::cli
