#include "clients/cli/completion.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace roster::cli {
namespace {

// CLI11 keeps the choices of IsMember only in the text it shows: "TEXT:{active,inactive}".
std::vector<std::string> Choices(const std::string& type_name) {
  const size_t open = type_name.find('{');
  const size_t close = type_name.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  return absl::StrSplit(type_name.substr(open + 1, close - open - 1), ',');
}

CompletionOption MakeOption(const CLI::Option& option) {
  CompletionOption made;
  const bool positional = option.get_positional();
  made.name = positional ? option.get_name(true) : "--" + option.get_lnames().front();
  made.help = option.get_description();
  made.takes_value = option.get_items_expected_max() > 0;
  made.repeatable = option.get_items_expected_max() > 1;
  made.takes_file = absl::StartsWith(option.get_type_name(), "FILE") || made.name == "--config";
  made.choices = Choices(option.get_type_name());
  return made;
}

CompletionCommand MakeCommand(const CLI::App& app, const std::string& name) {
  CompletionCommand command{name, app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      command.positionals.push_back(MakeOption(*option));
    } else if (!option->get_lnames().empty()) {
      command.options.push_back(MakeOption(*option));
    }
  }
  return command;
}

}  // namespace

std::vector<CompletionCommand> CompletionModel(const CLI::App& app) {
  std::vector<CompletionCommand> model = {MakeCommand(app, "")};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    model.push_back(MakeCommand(*command, command->get_name()));
  return model;
}

}  // namespace roster::cli
