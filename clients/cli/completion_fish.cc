#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/completion.h"

namespace roster::cli {
namespace {

std::string Quote(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

// The line for one option. `condition`: when it may be given.
std::string OptionLine(const CompletionOption& option, const std::string& condition) {
  std::string line = absl::StrCat("complete -c rosterctl", condition, " -l ", option.name.substr(2));
  if (option.takes_value) absl::StrAppend(&line, option.takes_file ? " -r -F" : " -x");
  if (!option.choices.empty()) {
    // Blanks part the choices, so one within a choice is escaped.
    absl::StrAppend(&line, " -a ", Quote(absl::StrJoin(option.choices, " ", [](std::string* out, const std::string& c) {
      absl::StrAppend(out, absl::StrReplaceAll(c, {{" ", "\\ "}}));
    })));
  }
  return absl::StrCat(line, " -d ", Quote(option.help), "\n");
}

}  // namespace

std::string FishCompletion(const std::vector<CompletionCommand>& model) {
  std::string script =
      "# Completion of rosterctl for fish, made by `rosterctl completion fish`.\n"
      "complete -c rosterctl -f\n";
  for (const CompletionCommand& command : model) {
    const std::string seen =
        command.name.empty() ? "" : absl::StrCat(" -n '__fish_seen_subcommand_from ", command.name, "'");
    if (!command.name.empty()) {
      absl::StrAppend(&script, "complete -c rosterctl -n __fish_use_subcommand -a ", command.name, " -d ",
                      Quote(command.help), "\n");
    }
    for (const CompletionOption& option : command.options) absl::StrAppend(&script, OptionLine(option, seen));
    for (const CompletionOption& positional : command.positionals) {
      if (positional.takes_file) absl::StrAppend(&script, "complete -c rosterctl", seen, " -F\n");
      if (positional.choices.empty()) continue;
      absl::StrAppend(&script, "complete -c rosterctl", seen, " -a ", Quote(absl::StrJoin(positional.choices, " ")),
                      "\n");
    }
  }
  return script;
}

}  // namespace roster::cli
