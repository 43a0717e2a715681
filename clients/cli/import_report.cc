#include "clients/cli/import_report.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv_writer.h"
#include "clients/cli/error_sentence.h"
#include "clients/cli/terminal_text.h"
#include "clients/cpp/rpc_error.h"

namespace roster::cli {

ImportReport::ImportReport(std::string file, std::ostream& err, std::ostream* errors, ProgressBar& bar)
    : file_(std::move(file)), err_(err), errors_(errors), bar_(bar) {
  if (errors_ != nullptr) *errors_ << FormatCsvRecord({"line", "reason", "message"});
}

void ImportReport::AddRefused(int64_t line, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  RefuseLocked(line, status);
}

void ImportReport::AddWasInactive() {
  absl::MutexLock lock(&mutex_);
  ++totals_.were_inactive;
}

void ImportReport::AddAnswer(const std::vector<int64_t>& lines, const v1::ImportUsersResponse& response,
                             std::optional<double> fraction) {
  absl::MutexLock lock(&mutex_);
  for (int i = 0; i < response.results_size(); ++i) {
    const v1::ImportUsersResult& result = response.results(i);
    if (result.has_error()) {
      RefuseLocked(lines[static_cast<size_t>(i)], client::ToStatus(result.error()));
      continue;
    }
    ++totals_.signed_up;
    totals_.partition = result.signed_up().partition();
    totals_.offset = result.signed_up().offset();
  }
  if (!response.consistency_token().empty()) totals_.consistency_token = response.consistency_token();
  bar_.Update(totals_.signed_up + totals_.refused, fraction);
}

ImportReport::Totals ImportReport::totals() const {
  absl::MutexLock lock(&mutex_);
  return totals_;
}

void ImportReport::RefuseLocked(int64_t line, const absl::Status& status) {
  ++totals_.refused;
  if (errors_ != nullptr) {
    *errors_ << FormatCsvRecord({absl::StrCat(line), ReasonOf(status), ErrorLine(status)});
    return;
  }
  bar_.Clear();
  err_ << "rosterctl: " << Printable(file_) << ":" << line << ": " << ErrorLine(status) << '\n';
}

}  // namespace roster::cli
