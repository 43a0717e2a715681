#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/error.h"
#include "base/progress_bar.h"
#include "base/steady_time.h"
#include "clients/cli/command.h"
#include "clients/cli/import_report.h"
#include "clients/cli/import_rows.h"
#include "clients/cli/input_reader.h"
#include "clients/cli/user_format.h"
#include "clients/cli/write_result.h"
#include "clients/cpp/import_users.h"

namespace roster::cli {
namespace {

// A request stays well below what a server takes in one message.
constexpr size_t kMaxBatchBytes = 512 << 10;

struct ImportSettings {
  std::string file;
  std::string format;
  std::string errors_file;
  std::string request_id_prefix = "import";
  int batch_rows = 500;
  int window = 4;
  bool validate_only = false;
};

// A file's rows, put together into batches.
class Batcher {
 public:
  Batcher(ImportRows& rows, const ImportSettings& settings, ImportReport& report)
      : rows_(rows), settings_(settings), report_(report) {}

  absl::StatusOr<std::optional<client::ImportBatch>> Next() {
    client::ImportBatch batch;
    size_t bytes = 0;
    while (!ended_ && batch.request.rows_size() < settings_.batch_rows && bytes < kMaxBatchBytes) {
      absl::StatusOr<std::optional<ImportRow>> row = rows_.Next();
      if (!row.ok()) {
        // What was read before it is still sent.
        ended_ = true;
        failure_ = row.status();
      } else if (!row->has_value()) {
        ended_ = true;
      } else {
        bytes += Add(**std::move(row), batch);
      }
    }
    if (!batch.row_numbers.empty()) return batch;
    if (!failure_.ok()) return failure_;
    return std::nullopt;
  }

 private:
  // Returns the bytes added.
  size_t Add(ImportRow row, client::ImportBatch& batch) {
    if (!row.error.ok()) {
      report_.AddRefused(row.line, row.error);
      return 0;
    }
    if (row.was_inactive) report_.AddWasInactive();
    if (row.request.request_id().empty()) {
      row.request.set_request_id(DeriveRequestId(settings_.request_id_prefix, row.line, row.request));
    }
    if (settings_.validate_only) row.request.set_validate_only(true);
    const size_t bytes = row.request.ByteSizeLong();
    *batch.request.add_rows() = std::move(row.request);
    batch.row_numbers.push_back(row.line);
    return bytes;
  }

  ImportRows& rows_;
  const ImportSettings& settings_;
  ImportReport& report_;
  bool ended_ = false;
  absl::Status failure_;
};

// Bytes of a regular file; nothing for a pipe.
std::optional<int64_t> SizeOf(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  const auto size = std::filesystem::file_size(file, error);
  if (error || size == 0) return std::nullopt;
  return static_cast<int64_t>(size);
}

class ImportCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command =
        AddCommand(app, "import",
                   "Sign up the users of a CSV or NDJSON file. Safe to run again: rows recorded before "
                   "are not recorded twice",
                   "rosterctl import users.csv --errors refused.csv\n"
                   "rosterctl export --output json | rosterctl --command-service other:50051 import -\n\n"
                   "A CSV file begins with the names of its columns:\n"
                   "  email,name,label.team\n"
                   "  ann@example.com,Ann Lee,blue\n"
                   "Other columns: id, request_id, labels (a JSON object). NDJSON has a JSON object on "
                   "each line:\n"
                   "  {\"email\": \"ann@example.com\", \"displayName\": \"Ann Lee\"}");
    command->add_option("FILE", settings_.file, "What to read; - is the standard input")->required()->type_name("FILE");
    command
        ->add_option("--format", settings_.format, "csv or ndjson. Default: by the file's name, else by its first byte")
        ->check(CLI::IsMember({"csv", "ndjson"}));
    command
        ->add_option("--errors", settings_.errors_file,
                     "Write refused rows to this file, as CSV with line, reason and message, instead of to stderr")
        ->type_name("FILE");
    command
        ->add_option("--request-id-prefix", settings_.request_id_prefix,
                     "Begins the request_ids, which are made of line number and content. Change it to sign the same "
                     "rows up anew within the 24 hours in which they count as repeats")
        ->capture_default_str();
    command->add_option("--batch-rows", settings_.batch_rows, "Rows a request")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command
        ->add_option("--window", settings_.window, "Requests sent ahead of their answers: more where the way is long")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    AddValidateOnlyFlag(*command, settings_.validate_only);
    return OnlyInCommandLine(command);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    ROSTER_RETURN_IF_ERROR(RefuseCsv(session));
    if (settings_.request_id_prefix.size() > 64) {
      return absl::InvalidArgumentError("--request-id-prefix: longer than 64 bytes");
    }
    std::ifstream file;
    if (settings_.file != "-") {
      file.open(settings_.file, std::ios::binary);
      if (!file || std::filesystem::is_directory(settings_.file)) {
        return absl::FailedPreconditionError(absl::StrCat("cannot read the file ", settings_.file));
      }
    }
    std::ofstream errors;
    if (!settings_.errors_file.empty()) {
      errors.open(settings_.errors_file, std::ios::binary | std::ios::trunc);
      if (!errors) return absl::FailedPreconditionError(absl::StrCat("cannot write the file ", settings_.errors_file));
    }
    const auto result = Import(session, settings_.file == "-" ? session.streams().in : file,
                               settings_.errors_file.empty() ? nullptr : &errors);
    errors.close();
    if (errors.fail() && !settings_.errors_file.empty()) {
      return absl::DataLossError(absl::StrCat(settings_.errors_file, " could not be written whole"));
    }
    return result;
  }

 private:
  absl::StatusOr<ExitCode> Import(Session& session, std::istream& in, std::ostream* errors) {
    InputReader input(in);
    const std::optional<int64_t> size = settings_.file == "-" ? std::nullopt : SizeOf(settings_.file);
    const auto rows = MakeImportRows(Format(input), input);
    const absl::Time start = SteadyNow();
    ImportReport::Totals totals;
    absl::Status status;
    {
      ProgressBar bar(session.err(), session.streams().err_is_terminal, "rows");
      ImportReport report(settings_.file, session.err(), errors, bar);
      Batcher batcher(*rows, settings_, report);
      status = client::ImportUsers(
          session.command_endpoints(), {settings_.window, session.call_options()}, [&] { return batcher.Next(); },
          [&](const client::ImportBatch& batch, const v1::ImportUsersResponse& response) {
            std::optional<double> fraction;
            if (size) fraction = static_cast<double>(input.bytes_read()) / static_cast<double>(*size);
            report.AddAnswer(batch.row_numbers, response, fraction);
          });
      totals = report.totals();
    }
    session.SaveToken(totals.consistency_token);
    PrintSummary(session, totals, SteadyNow() - start);
    ROSTER_RETURN_IF_ERROR(session.FlushOutput());
    if (!status.ok()) {
      session.Note("the import stopped before its end; run it again, and it goes on where it stopped");
      return status;
    }
    return totals.refused == 0 ? ExitCode::kOk : ExitCode::kRowsRefused;
  }

  ImportFormat Format(InputReader& input) const {
    if (!settings_.format.empty()) return settings_.format == "csv" ? ImportFormat::kCsv : ImportFormat::kNdjson;
    if (const auto by_name = FormatOfName(settings_.file)) return *by_name;
    return input.Peek() == '{' ? ImportFormat::kNdjson : ImportFormat::kCsv;
  }

  void PrintSummary(Session& session, const ImportReport::Totals& totals, absl::Duration elapsed) const {
    if (session.format() == OutputFormat::kJson) {
      session.out() << "{\"signedUp\":" << totals.signed_up << ",\"refused\":" << totals.refused
                    << ",\"validateOnly\":" << (settings_.validate_only ? "true" : "false")
                    << ",\"partition\":" << totals.partition << ",\"offset\":\"" << totals.offset
                    << "\",\"consistencyToken\":" << JsonString(totals.consistency_token) << "}\n";
      return;
    }
    const double seconds = std::max(absl::ToDoubleSeconds(elapsed), 0.001);
    const auto rate = static_cast<int64_t>(static_cast<double>(totals.signed_up + totals.refused) / seconds);
    Rows summary = {{settings_.validate_only ? "valid" : "signed up", WithThousands(totals.signed_up)},
                    {"refused", WithThousands(totals.refused)},
                    {"took", absl::StrFormat("%.1f s (%s rows/s)", seconds, WithThousands(rate))}};
    if (!settings_.validate_only && totals.offset >= 0) {
      summary.emplace_back("last partition", absl::StrCat(totals.partition));
      summary.emplace_back("last offset", absl::StrCat(totals.offset));
    }
    session.out() << FormatRows(summary);
    if (totals.were_inactive > 0) {
      session.Note(absl::StrCat(totals.were_inactive,
                                " users are inactive in the file: they were signed up active; "
                                "`rosterctl update ID --status inactive` locks them"));
    }
  }

  ImportSettings settings_;
};

}  // namespace

std::unique_ptr<Command> MakeImportCommand() { return std::make_unique<ImportCommand>(); }

}  // namespace roster::cli
