#include <signal.h>

#include <iostream>
#include <optional>

#include "absl/status/statusor.h"
#include "base/options.h"
#include "event-log/tool/copy_command.h"
#include "event-log/tool/exit_code.h"
#include "event-log/tool/show_command.h"
#include "google/protobuf/stubs/logging.h"

// Ended by a signal at any moment: a copy goes on where it was.
int main(int argc, char** argv) {
  // Bytes that are no message would otherwise be told of on stderr, each time.
  google::protobuf::SetLogHandler(nullptr);

  roster::Options settings("roster-log", "Copies one of Roster's logs into another, and shows what a log holds.");
  roster::event_log::tool::CopyCommand copy(settings.app());
  roster::event_log::tool::ShowCommand show(settings.app());
  settings.app().require_subcommand(1);
  // So that --log-level may stand after a subcommand too.
  settings.app().fallthrough();
  // What matters the commands say themselves, in a sentence.
  settings.app().get_option("--log-level")->default_val("error");
  if (const std::optional<int> exit_code = settings.Parse(argc, argv)) return *exit_code;

  absl::StatusOr<int> result = roster::event_log::tool::kDone;
  if (copy.parsed()) result = copy.Run();
  if (show.parsed()) {
    const absl::Status status = show.Run();
    if (!status.ok()) result = status;
  }
  std::cout.flush();
  if (result.ok()) return *result;
  std::cerr << "roster-log: " << result.status().message() << "\n";
  return roster::event_log::tool::kFailed;
}
