#ifndef ROSTER_EVENT_LOG_TOOL_COPY_COMMAND_H_
#define ROSTER_EVENT_LOG_TOOL_COPY_COMMAND_H_

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "event-log/open_event_log.h"
#include "event-log/tool/log_copier.h"

namespace roster::event_log::tool {

// `roster-log copy`.
//
// Thread safety: none.
class CopyCommand {
 public:
  // Declares it. `app` must outlive the object.
  explicit CopyCommand(CLI::App& app);

  bool parsed() const { return command_->parsed(); }
  // Copies, shows how far it is, and prints the outcome. Returns the exit code.
  absl::StatusOr<int> Run();

 private:
  CLI::App* command_;
  LogOptions from_;
  LogOptions to_;
  CopyOptions options_;
};

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_COPY_COMMAND_H_
