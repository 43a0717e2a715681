#include "clients/cli/command.h"

#include "absl/strings/str_cat.h"

namespace roster::cli {

CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& description,
                     const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer(absl::StrCat(
      "Example", examples.find('\n') == std::string::npos ? "" : "s", ":\n  ",
      [&] {
        std::string indented;
        for (const char c : examples) absl::StrAppend(&indented, std::string(1, c), c == '\n' ? "  " : "");
        return indented;
      }(),
      "\n\nSettings of every command (--output, --timeout, addresses): see `rosterctl --help`."));
  return command;
}

void AddReadAfterOption(CLI::App& command, ReadAfter& read_after) {
  command
      .add_option("--read-after", read_after.value,
                  "Answer with a state that includes this consistency token. Default: the last write of this profile; "
                  "`none`: whatever is there now")
      ->type_name("TOKEN");
}

void AddRequestIdOption(CLI::App& command, std::string& request_id) {
  command
      .add_option("--request-id", request_id,
                  "Makes a repeat by hand safe: the same id gives the first answer again. Default: a new UUID")
      ->type_name("ID");
}

void AddValidateOnlyFlag(CLI::App& command, bool& validate_only) {
  command.add_flag("--validate-only", validate_only, "Check and answer, but record nothing");
}

CLI::App* OnlyInCommandLine(CLI::App* command) {
  for (CLI::Option* option : command->get_options()) option->configurable(false);
  return command;
}

absl::StatusOr<std::pair<std::string, std::string>> ParseLabel(const std::string& text) {
  const size_t split = text.find('=');
  if (split == std::string::npos || split == 0) {
    return absl::InvalidArgumentError(absl::StrCat("--label: '", text, "' is not of the form KEY=VALUE"));
  }
  return std::pair(text.substr(0, split), text.substr(split + 1));
}

}  // namespace roster::cli
