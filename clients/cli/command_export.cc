#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/progress_bar.h"
#include "clients/cli/command.h"
#include "clients/cli/import_rows.h"
#include "clients/cli/list_filter.h"
#include "clients/cli/user_printer.h"

namespace roster::cli {
namespace {

// A file that is there whole or not at all: written under another name, and renamed at the end. What is no regular
// file, a pipe or /dev/stdout, is written as it is.
class OutputFile {
 public:
  absl::Status Open(const std::string& path) {
    std::error_code error;
    const bool special = std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error);
    path_ = path;
    written_path_ = special ? path : path + ".part";
    stream_.open(written_path_, std::ios::binary | std::ios::trunc);
    return stream_ ? absl::OkStatus() : Failure();
  }

  absl::Status Commit() {
    stream_.close();
    if (stream_.fail()) return Failure();
    if (written_path_ != path_ && std::rename(written_path_.c_str(), path_.c_str()) != 0) return Failure();
    return absl::OkStatus();
  }

  std::ofstream& stream() { return stream_; }

 private:
  absl::Status Failure() const {
    return absl::FailedPreconditionError(absl::StrCat("cannot write the file ", written_path_));
  }

  std::string path_;
  std::string written_path_;
  std::ofstream stream_;
};

class ExportCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command =
        AddCommand(app, "export", "Write users to a file or to the standard output, as import reads them",
                   "rosterctl export users.csv\n"
                   "rosterctl export --format ndjson --status active | gzip > users.ndjson.gz");
    command->add_option("FILE", file_, "What to write; left out or -: the standard output")->type_name("FILE");
    command
        ->add_option("--format", format_,
                     "csv or ndjson. Default: by the file's name; else ndjson with --output json, and csv without")
        ->check(CLI::IsMember({"csv", "ndjson"}));
    filter_.AddOptions(*command);
    AddReadAfterOption(*command, read_after_);
    return OnlyInCommandLine(command);
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    const bool to_file = !file_.empty() && file_ != "-";
    OutputFile file;
    if (to_file) ROSTER_RETURN_IF_ERROR(file.Open(file_));
    std::ostream& out = to_file ? file.stream() : session.out();
    const bool terminal = !to_file && session.streams().out_is_terminal;
    const auto printer = MakeUserPrinter(
        Format(session) == ImportFormat::kCsv ? OutputFormat::kCsv : OutputFormat::kJson, out, terminal);
    int64_t count = 0;
    {
      // The users themselves are progress enough where they go to the terminal.
      ProgressBar bar(session.err(), session.streams().err_is_terminal && !terminal, "users");
      ROSTER_RETURN_IF_ERROR(Write(session, *printer, out, bar, count));
    }
    printer->Finish();
    if (to_file) ROSTER_RETURN_IF_ERROR(file.Commit());
    ROSTER_RETURN_IF_ERROR(session.FlushOutput());
    if (session.streams().err_is_terminal) session.Note(absl::StrCat(WithThousands(count), " users exported"));
    return ExitCode::kOk;
  }

 private:
  absl::Status Write(Session& session, UserPrinter& printer, std::ostream& out, ProgressBar& bar, int64_t& count) {
    ROSTER_ASSIGN_OR_RETURN(v1::ListUsersRequest request, filter_.MakeRequest());
    const std::optional<int64_t> total = Total(session);
    return session.Read(read_after_, [&](const std::string& token) {
      request.set_read_after(token);
      return session.queries().ListUsers(request, [&](const v1::ListUsersResponse& page) {
        for (const v1::User& user : page.users()) printer.Print(user);
        printer.EndOfPage();
        count += page.users_size();
        std::optional<double> fraction;
        if (total) fraction = static_cast<double>(count) / static_cast<double>(*total);
        bar.Update(count, fraction);
        return out.good() ? absl::OkStatus()
                          : absl::DataLossError("the output could not be written: is the disk full?");
      });
    });
  }

  // For the progress bar alone: how many users there are, where all are asked for.
  std::optional<int64_t> Total(Session& session) const {
    if (!filter_.IsEverybody() || !session.streams().err_is_terminal) return std::nullopt;
    const auto status = session.queries().GetReadModelStatus();
    if (!status.ok()) return std::nullopt;
    int64_t total = 0;
    for (const v1::UserCount& count : status->user_counts()) {
      if (count.status() != v1::USER_STATUS_DELETED) total += count.count();
    }
    return total > 0 ? std::optional(total) : std::nullopt;
  }

  ImportFormat Format(const Session& session) const {
    if (!format_.empty()) return format_ == "csv" ? ImportFormat::kCsv : ImportFormat::kNdjson;
    if (const auto by_name = FormatOfName(file_)) return *by_name;
    return session.format() == OutputFormat::kJson ? ImportFormat::kNdjson : ImportFormat::kCsv;
  }

  std::string file_;
  std::string format_;
  ListFilter filter_;
  ReadAfter read_after_;
};

}  // namespace

std::unique_ptr<Command> MakeExportCommand() { return std::make_unique<ExportCommand>(); }

}  // namespace roster::cli
