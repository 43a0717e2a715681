#include "clients/cli/session.h"

#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "clients/cli/error_sentence.h"
#include "clients/cli/terminal_text.h"

namespace roster::cli {
namespace {

OutputFormat ParseFormat(const std::string& name) {
  if (name == "json") return OutputFormat::kJson;
  return name == "csv" ? OutputFormat::kCsv : OutputFormat::kTable;
}

absl::StatusOr<std::vector<std::string>> Addresses(const std::string& list, absl::string_view flag) {
  auto addresses = client::ParseAddresses(list);
  if (addresses.ok()) return addresses;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", addresses.status().message(), "; give host:port, or several with commas between them"));
}

bool IsUnknownToken(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "FOREIGN_TOKEN" || reason == "INVALID_TOKEN";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Session>> Session::Create(const Settings& settings, const Streams& streams,
                                                         const std::string& profile_folder) {
  ROSTER_ASSIGN_OR_RETURN(std::vector<std::string> commands, Addresses(settings.command_services, "--command-service"));
  ROSTER_ASSIGN_OR_RETURN(std::vector<std::string> queries, Addresses(settings.query_services, "--query-service"));
  ROSTER_ASSIGN_OR_RETURN(const client::Credentials credentials, client::Credentials::Create(settings.credentials));
  // Names of profiles and addresses never meet: "@" stands in no address.
  const std::string name = settings.profile.empty() ? settings.command_services : absl::StrCat("@", settings.profile);
  return std::unique_ptr<Session>(new Session(settings, streams, std::move(commands), std::move(queries), credentials,
                                              Profile(profile_folder, name)));
}

Session::Session(const Settings& settings, const Streams& streams, std::vector<std::string> command_addresses,
                 std::vector<std::string> query_addresses, const client::Credentials& credentials, Profile profile)
    : streams_(streams),
      format_(ParseFormat(settings.output)),
      profile_(std::move(profile)),
      call_options_(MakeCallOptions(settings)),
      command_endpoints_("command service", std::move(command_addresses), credentials),
      query_endpoints_("query service", std::move(query_addresses), credentials),
      commands_(command_endpoints_, call_options_),
      queries_(query_endpoints_, call_options_) {}

client::CallOptions Session::MakeCallOptions(const Settings& settings) {
  client::CallOptions options;
  options.timeout = absl::Seconds(settings.timeout_s);
  options.on_retry = [this](const absl::Status& failure, const std::string& address) {
    // Once is enough, and only for a person who sits there wondering.
    if (told_of_waiting_ || !streams_.err_is_terminal) return;
    told_of_waiting_ = true;
    Note(absl::StrCat(address, " is not ready (", failure.message(), "); trying again ..."));
  };
  return options;
}

absl::Status Session::Read(const ReadAfter& read_after,
                           const std::function<absl::Status(const std::string& token)>& read) {
  if (read_after.value == "none") return read("");
  if (!read_after.value.empty()) return read(read_after.value);
  const std::string saved = profile_.Load();
  const absl::Status status = read(saved);
  if (saved.empty() || !IsUnknownToken(status)) return status;
  Note(absl::StrCat("the saved token of the last write is of another log (", ReasonOf(status),
                    "): it was forgotten, and this read is made without it"));
  if (const absl::Status forgotten = profile_.Forget(saved); !forgotten.ok()) Note(forgotten.message());
  return read("");
}

void Session::SaveToken(const std::string& token) {
  if (token.empty()) return;
  const absl::Status status = profile_.Save(token);
  if (status.ok()) return;
  Note(absl::StrCat("the write was recorded, but its token could not be saved, so the next read may not show it yet: ",
                    status.message()));
}

void Session::Note(absl::string_view sentence) const {
  streams_.err << "rosterctl: " << Printable(sentence) << std::endl;
}

absl::Status Session::FlushOutput() const {
  streams_.out.flush();
  if (streams_.out.good()) return absl::OkStatus();
  return absl::DataLossError("the output could not be written: is the disk full?");
}

}  // namespace roster::cli
