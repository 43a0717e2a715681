#include "base/options.h"

#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/log.h"
#include "base/version.h"

namespace roster {
namespace {

// Settings of `app` and of its subcommands get their variables; --help, --version and --config are no settings.
void NameInEnvironment(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const bool is_setting = absl::StartsWith(name, "--") && option->get_configurable();
    if (is_setting && option->get_envname().empty()) option->envname(EnvironmentName(name));
  }
}

}  // namespace

std::string EnvironmentName(const std::string& flag) {
  return "ROSTER_" + absl::AsciiStrToUpper(absl::StrReplaceAll(absl::StripPrefix(flag, "--"), {{"-", "_"}}));
}

Options::Options(std::string program, std::string description)
    : app_(std::move(description), program), program_(std::move(program)) {
  app_.set_version_flag("--version", std::string(Version()), "Print the version and exit")->configurable(false);
  // Not CLI11's own set_config, which lets the file go before the environment.
  app_.add_option("--config", config_file_, "Read settings from this file: lines of `name = value`, TOML or INI")
      ->envname("ROSTER_CONFIG")
      ->configurable(false);
  app_.allow_config_extras(CLI::config_extras_mode::error);
  app_.add_option("--log-level", log_level_, "Lowest level to log: debug, info, warning or error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  app_.footer(
      "Each --flag is also the environment variable ROSTER_FLAG and, in the file that --config names, the line `flag = "
      "value`.");
}

std::optional<int> Options::Parse(int argc, const char* const* argv) {
  NameInEnvironment(app_);
  for (CLI::App* subcommand : app_.get_subcommands([](CLI::App*) { return true; })) NameInEnvironment(*subcommand);
  try {
    app_.parse(argc, argv);
    if (!config_file_.empty()) ParseConfigFile();
  } catch (const CLI::ParseError& error) {
    // CLI11's own codes are above 100; 2 is what shells and their users expect for a usage error.
    return app_.exit(error) == 0 ? 0 : 2;
  }
  ConfigureLog(program_, ParseLogLevel(log_level_));
  return std::nullopt;
}

// Sets what neither a flag nor the environment has set.
void Options::ParseConfigFile() {
  std::ifstream file(config_file_);
  if (!file) throw CLI::FileError("--config: cannot read the file " + config_file_);
  app_.parse_from_stream(file);
}

}  // namespace roster
