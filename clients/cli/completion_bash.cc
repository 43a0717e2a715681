#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/completion.h"

namespace roster::cli {
namespace {

using Model = std::vector<CompletionCommand>;

std::string Lines(const std::vector<std::string>& words) {
  return absl::StrCat("$'", absl::StrJoin(words, "\\n"), "'");
}

// A case of "$command $previous": what the value of one option may be.
std::string ValueCase(const CompletionCommand& command, const CompletionOption& option) {
  // Settings may stand behind any command.
  const std::string pattern = command.name.empty() ? absl::StrCat("*\" ", option.name, "\"")
                                                   : absl::StrCat("\"", command.name, " ", option.name, "\"");
  if (!option.choices.empty()) return absl::StrCat("    ", pattern, ") words=", Lines(option.choices), " ;;\n");
  if (option.takes_file) return absl::StrCat("    ", pattern, ") files=yes ;;\n");
  return absl::StrCat("    ", pattern, ") ;;\n");
}

std::vector<std::string> OptionNames(const CompletionCommand& command) {
  std::vector<std::string> names;
  for (const CompletionOption& option : command.options) names.push_back(option.name);
  return names;
}

// A case of "$command": what may follow it.
std::string CommandCase(const CompletionCommand& command, const std::vector<std::string>& settings) {
  std::vector<std::string> words;
  bool files = false;
  for (const CompletionOption& positional : command.positionals) {
    words.insert(words.end(), positional.choices.begin(), positional.choices.end());
    files = files || positional.takes_file;
  }
  const std::vector<std::string> own = OptionNames(command);
  words.insert(words.end(), own.begin(), own.end());
  words.insert(words.end(), settings.begin(), settings.end());
  return absl::StrCat("      ", command.name, ") words=", Lines(words), files ? " files=yes" : "", " ;;\n");
}

}  // namespace

std::string BashCompletion(const Model& model) {
  const CompletionCommand& program = model.front();
  std::vector<std::string> commands, first_words;
  std::string values, command_cases;
  const std::vector<std::string> settings = OptionNames(program);
  for (const CompletionCommand& command : model) {
    for (const CompletionOption& option : command.options) {
      if (option.takes_value) absl::StrAppend(&values, ValueCase(command, option));
    }
    if (command.name.empty()) continue;
    commands.push_back(command.name);
    absl::StrAppend(&command_cases, CommandCase(command, settings));
  }
  first_words = commands;
  first_words.insert(first_words.end(), settings.begin(), settings.end());
  return absl::StrCat(
      "# Completion of rosterctl for bash, made by `rosterctl completion bash`.\n"
      "_rosterctl() {\n"
      "  local IFS=$'\\n' current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  local command='' word words='' files=''\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$word\" in\n"
      "      ",
      absl::StrJoin(commands, "|"),
      ") command=\"$word\"; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$command $previous\" in\n",
      values,
      "    *) case \"$command\" in\n"
      "      '') words=",
      Lines(first_words), " ;;\n", command_cases,
      "    esac ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  [[ -n $files ]] && COMPREPLY+=($(compgen -f -- \"$current\"))\n"
      "  # A choice with a blank in it is one word to the shell only with a backslash.\n"
      "  COMPREPLY=(\"${COMPREPLY[@]// /\\\\ }\")\n"
      "}\n"
      "complete -F _rosterctl rosterctl\n");
}

}  // namespace roster::cli
