#ifndef ROSTER_EVENT_LOG_TOOL_SHOW_COMMAND_H_
#define ROSTER_EVENT_LOG_TOOL_SHOW_COMMAND_H_

#include <cstdint>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "event-log/open_event_log.h"

namespace roster::event_log::tool {

// `roster-log show`.
//
// Thread safety: none.
class ShowCommand {
 public:
  // Declares it. `app` must outlive the object.
  explicit ShowCommand(CLI::App& app);

  bool parsed() const { return command_->parsed(); }
  // Prints the records that were asked for, partition by partition.
  absl::Status Run();

 private:
  CLI::App* command_;
  LogOptions log_;
  // Negative: all.
  int32_t partition_ = -1;
  int64_t from_ = 0;
  // 0: all.
  int64_t limit_ = 0;
  std::string output_ = "text";
  bool with_personal_data_ = false;
};

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_SHOW_COMMAND_H_
