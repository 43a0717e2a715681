#ifndef ROSTER_CLIENTS_CLI_IMPORT_REPORT_H_
#define ROSTER_CLIENTS_CLI_IMPORT_REPORT_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/progress_bar.h"
#include "roster/v1/user_command_service.pb.h"

namespace roster::cli {

// What became of an import's rows: counts them, writes the refused ones down, shows how far it is.
//
// Thread safety: safe from any thread; rows that cannot be read are reported by another one than refused ones.
class ImportReport {
 public:
  struct Totals {
    int64_t signed_up = 0;
    int64_t refused = 0;
    int64_t were_inactive = 0;
    // Of the last row recorded.
    int32_t partition = 0;
    int64_t offset = -1;
    std::string consistency_token;
  };

  // Refused rows go to `errors` as CSV, "line,reason,message", where that is not null; else to `err`, one line each, as
  // "rosterctl: FILE:LINE: ...". All must outlive it.
  ImportReport(std::string file, std::ostream& err, std::ostream* errors, ProgressBar& bar);

  void AddRefused(int64_t line, const absl::Status& status);
  void AddWasInactive();
  void AddAnswer(const std::vector<int64_t>& lines, const v1::ImportUsersResponse& response,
                 std::optional<double> fraction);

  Totals totals() const;

 private:
  void RefuseLocked(int64_t line, const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string file_;
  mutable absl::Mutex mutex_;
  std::ostream& err_ ABSL_GUARDED_BY(mutex_);
  std::ostream* const errors_ ABSL_PT_GUARDED_BY(mutex_);
  ProgressBar& bar_ ABSL_GUARDED_BY(mutex_);
  Totals totals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_IMPORT_REPORT_H_
