#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "clients/cli/command.h"
#include "clients/cli/error_sentence.h"
#include "clients/cli/terminal_text.h"
#include "clients/cli/user_format.h"
#include "clients/cpp/health.h"

namespace roster::cli {
namespace {

constexpr absl::Duration kMaxHealthWait = absl::Seconds(2);

struct ServerHealth {
  std::string service;
  std::string address;
  // "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN", "NOT_ALLOWED" (to ask) or "UNREACHABLE".
  std::string health;
};

std::vector<ServerHealth> AskAll(client::Endpoints& endpoints, absl::string_view service, absl::Duration wait) {
  std::vector<ServerHealth> all;
  for (const std::string& address : endpoints.addresses()) {
    const auto health = client::CheckHealth(endpoints.At(address), service, wait);
    const bool not_allowed = ExitCodeFor(health.status()) == ExitCode::kNotAllowed;
    all.push_back({endpoints.service(), address, health.ok() ? *health : not_allowed ? "NOT_ALLOWED" : "UNREACHABLE"});
  }
  return all;
}

// A standby does not serve, so one server is enough.
bool AnyServes(const std::vector<ServerHealth>& servers) {
  return std::any_of(servers.begin(), servers.end(), [](const auto& server) { return server.health == "SERVING"; });
}

Rows ReadModelRows(const v1::GetReadModelStatusResponse& status) {
  const auto position = [](std::string* out, const v1::PartitionPosition& p) {
    absl::StrAppend(out, p.partition(), ":", p.next_offset());
  };
  const auto count = [](std::string* out, const v1::UserCount& c) {
    absl::StrAppend(out, c.count(), " ", StatusName(c.status()));
  };
  Rows rows = {
      {"log", status.log_id().empty() ? "(none read yet)" : status.log_id()},
      {"position", absl::StrJoin(status.positions(), " ", position)},
      {"fresh as of", status.has_fresh_as_of() ? FormatTime(status.fresh_as_of()) : "(not yet at the log's end)"},
      {"users", status.user_counts().empty() ? "none" : absl::StrJoin(status.user_counts(), ", ", count)},
      {"dead letters", absl::StrCat(status.open_dead_letters())}};
  if (!status.dead_letter_user_ids().empty()) {
    rows.emplace_back("they concern", absl::StrJoin(status.dead_letter_user_ids(), " "));
  }
  return rows;
}

class StatusCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    return OnlyInCommandLine(AddCommand(app, "status", "Show the health of the services and how far the read model is",
                                        "rosterctl status --output json"));
  }

  absl::StatusOr<ExitCode> Run(Session& session) override {
    if (session.format() == OutputFormat::kCsv) return absl::InvalidArgumentError("--output csv: give table or json");
    const absl::Duration wait = std::min(kMaxHealthWait, session.call_options().timeout);
    const auto commands = AskAll(session.command_endpoints(), client::kCommandServiceName, wait);
    const auto queries = AskAll(session.query_endpoints(), client::kQueryServiceName, wait);
    const bool serving = AnyServes(commands) && AnyServes(queries);
    absl::StatusOr<v1::GetReadModelStatusResponse> read_model = absl::UnavailableError("no query service answers");
    const bool reachable =
        std::any_of(queries.begin(), queries.end(), [](const auto& server) { return server.health != "UNREACHABLE"; });
    if (reachable) read_model = session.queries().GetReadModelStatus();

    std::vector<ServerHealth> servers = commands;
    servers.insert(servers.end(), queries.begin(), queries.end());
    if (session.format() == OutputFormat::kJson) {
      PrintJson(session, servers, read_model);
    } else {
      PrintTable(session, servers, read_model);
    }
    ROSTER_RETURN_IF_ERROR(session.FlushOutput());
    if (ExitCodeFor(read_model.status()) == ExitCode::kNotAllowed) return ExitCode::kNotAllowed;
    return serving && read_model.ok() ? ExitCode::kOk : ExitCode::kTryAgain;
  }

 private:
  static void PrintTable(Session& session, const std::vector<ServerHealth>& servers,
                         const absl::StatusOr<v1::GetReadModelStatusResponse>& read_model) {
    int width = DisplayWidth("ADDRESS");
    for (const ServerHealth& server : servers) width = std::max(width, DisplayWidth(server.address));
    session.out() << Fit("SERVICE", 17, false) << Fit("ADDRESS", width + 2, false) << "HEALTH\n";
    for (const ServerHealth& server : servers) {
      session.out() << Fit(server.service, 17, false) << Fit(Printable(server.address), width + 2, false)
                    << server.health << '\n';
    }
    if (read_model.ok()) {
      session.out() << '\n' << FormatRows(ReadModelRows(*read_model));
    } else {
      session.Note(absl::StrCat("the state of the read model is not known: ", ErrorLine(read_model.status())));
    }
  }

  // {"services": [...], "readModel": GetReadModelStatusResponse or null}
  static void PrintJson(Session& session, const std::vector<ServerHealth>& servers,
                        const absl::StatusOr<v1::GetReadModelStatusResponse>& read_model) {
    const auto service = [](std::string* out, const ServerHealth& server) {
      absl::StrAppend(out, "{\"service\":", JsonString(server.service), ",\"address\":", JsonString(server.address),
                      ",\"health\":", JsonString(server.health), "}");
    };
    session.out() << "{\"services\":[" << absl::StrJoin(servers, ",", service)
                  << "],\"readModel\":" << (read_model.ok() ? ToJson(*read_model) : "null") << "}\n";
  }
};

}  // namespace

std::unique_ptr<Command> MakeStatusCommand() { return std::make_unique<StatusCommand>(); }

}  // namespace roster::cli
