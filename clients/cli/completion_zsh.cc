#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/completion.h"

namespace roster::cli {
namespace {

// Text within '...[here]...' of _arguments.
std::string Escape(const std::string& text) {
  return absl::StrReplaceAll(text, {{"'", "'\\''"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

std::string Action(const CompletionOption& option) {
  if (option.takes_file) return "_files";
  if (option.choices.empty()) return "";
  const std::string joined = absl::StrJoin(option.choices, " ", [](std::string* out, const std::string& choice) {
    absl::StrAppend(out, absl::StrReplaceAll(choice, {{" ", "\\ "}}));
  });
  return absl::StrCat("(", joined, ")");
}

std::string Spec(const CompletionOption& option) {
  return absl::StrCat("'", option.repeatable ? "*" : "", option.name, option.takes_value ? "=" : "", "[",
                      Escape(option.help), "]", option.takes_value ? absl::StrCat(":value:", Action(option)) : "", "'");
}

std::string Specs(const CompletionCommand& command, const std::string& indent) {
  std::string specs;
  for (const CompletionOption& option : command.options) absl::StrAppend(&specs, " \\\n", indent, Spec(option));
  for (size_t i = 0; i < command.positionals.size(); ++i) {
    const CompletionOption& positional = command.positionals[i];
    absl::StrAppend(&specs, " \\\n", indent, "'", i + 1, ":", Escape(positional.name), ":", Action(positional), "'");
  }
  return specs;
}

}  // namespace

std::string ZshCompletion(const std::vector<CompletionCommand>& model) {
  const CompletionCommand& program = model.front();
  std::string commands, cases;
  for (const CompletionCommand& command : model) {
    if (command.name.empty()) continue;
    absl::StrAppend(&commands, "        '", command.name, ":", Escape(command.help), "'\n");
    absl::StrAppend(&cases, "        ", command.name, ")\n          _arguments", Specs(command, "            "),
                    " \\\n", "            $settings ;;\n");
  }
  return absl::StrCat(
      "#compdef rosterctl\n"
      "# Completion of rosterctl for zsh, made by `rosterctl completion zsh`.\n"
      "_rosterctl() {\n"
      "  local context state state_descr line\n"
      "  typeset -A opt_args\n"
      "  local -a settings commands\n"
      "  settings=(",
      absl::StrReplaceAll(Specs({"", "", program.options, {}}, "    "), {{" \\\n", "\n"}}),
      "\n  )\n"
      "  _arguments -C $settings '1:command:->command' '*::argument:->argument'\n"
      "  case $state in\n"
      "    command)\n"
      "      commands=(\n",
      commands,
      "      )\n"
      "      _describe command commands ;;\n"
      "    argument)\n"
      "      case $line[1] in\n",
      cases,
      "      esac ;;\n"
      "  esac\n"
      "}\n"
      "if [ \"$funcstack[1]\" = _rosterctl ]; then _rosterctl \"$@\"; else compdef _rosterctl rosterctl; fi\n");
}

}  // namespace roster::cli
