#include "base/options.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "base/log.h"
#include "base/version.h"

namespace roster {
namespace {

const std::vector<std::string>& LogLevels() {
  static const auto* const levels = new std::vector<std::string>{"debug", "info", "warning", "error"};
  return *levels;
}

const std::vector<std::string>& LogFormats() {
  static const auto* const formats = new std::vector<std::string>{"json", "text"};
  return *formats;
}

// Settings of `app` and of its subcommands get their variables; --help, --version and --config are no settings.
void NameInEnvironment(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const bool is_setting = absl::StartsWith(name, "--") && option->get_configurable();
    if (is_setting && option->get_envname().empty()) option->envname(EnvironmentName(name));
  }
}

constexpr char kLogLevel[] = "log-level";
constexpr char kLogFormat[] = "log-format";

// Names of settings that two states of the file do not agree on, but for those that can change.
template <typename File>
std::set<std::string> ChangedSettings(const File& before, const File& now) {
  std::set<std::string> changed;
  const auto add = [&changed](const File& in_one, const File& in_other) {
    for (const auto& [name, inputs] : in_one) {
      const auto found = in_other.find(name);
      if (found == in_other.end() || found->second != inputs) changed.insert(name);
    }
  };
  add(before, now);
  add(now, before);
  changed.erase(kLogLevel);
  changed.erase(kLogFormat);
  return changed;
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
      ->check(CLI::IsMember(LogLevels()));
  app_.add_option("--log-format", log_format_, "Form of the log's lines: json, or text for people")
      ->capture_default_str()
      ->check(CLI::IsMember(LogFormats()));
  app_.footer(
      "Each --flag is also the environment variable ROSTER_FLAG and, in the file that --config names, the line `flag = "
      "value`.");
}

std::optional<int> Options::Parse(int argc, const char* const* argv) {
  NameInEnvironment(app_);
  for (CLI::App* subcommand : app_.get_subcommands([](CLI::App*) { return true; })) NameInEnvironment(*subcommand);
  try {
    app_.parse(argc, argv);
    given_.clear();
    for (const char* name : {kLogLevel, kLogFormat}) {
      if (app_.count(absl::StrCat("--", name)) > 0) given_.insert(name);
    }
    if (!config_file_.empty()) ParseConfigFile();
  } catch (const CLI::ParseError& error) {
    // CLI11's own codes are above 100; 2 is what shells and their users expect for a usage error.
    return app_.exit(error) == 0 ? 0 : 2;
  }
  ConfigureLog(program_, ParseLogLevel(log_level_), ParseLogFormat(log_format_));
  return std::nullopt;
}

void Options::Reload() {
  if (config_file_.empty()) {
    return Log(LogLevel::kWarning, "SIGHUP: no --config names a file to read again");
  }
  File file;
  const absl::Status reloaded = [&]() -> absl::Status {
    try {
      file = ReadFile();
    } catch (const CLI::Error& error) {
      return absl::InvalidArgumentError(error.what());
    }
    ROSTER_ASSIGN_OR_RETURN(const std::string level,
                            Reloaded(kLogLevel, file, log_level_, kDefaultLogLevel, LogLevels()));
    ROSTER_ASSIGN_OR_RETURN(const std::string format,
                            Reloaded(kLogFormat, file, log_format_, kDefaultLogFormat, LogFormats()));
    log_level_ = level;
    log_format_ = format;
    return absl::OkStatus();
  }();
  if (!reloaded.ok()) {
    return Log(LogLevel::kError, "SIGHUP: nothing changed, since the settings file cannot be used",
               {{"file", config_file_}, {"error", reloaded}});
  }
  // Told before a higher level hides it.
  ConfigureLog(program_, std::min(LogLevel::kInfo, ParseLogLevel(log_level_)), ParseLogFormat(log_format_));
  Log(LogLevel::kInfo, "SIGHUP: settings read again",
      {{"file", config_file_},
       {"log_level", log_level_},
       {"log_format", log_format_},
       {"needs_restart", absl::StrJoin(ChangedSettings(file_, file), ", ")}});
  ConfigureLog(program_, ParseLogLevel(log_level_), ParseLogFormat(log_format_));
}

// Sets what neither a flag nor the environment has set.
void Options::ParseConfigFile() {
  std::ifstream file(config_file_);
  if (!file) throw CLI::FileError("--config: cannot read the file " + config_file_);
  app_.parse_from_stream(file);
  file_ = ReadFile();
}

Options::File Options::ReadFile() const {
  std::ifstream stream(config_file_);
  if (!stream) throw CLI::FileError("--config: cannot read the file " + config_file_);
  File file;
  for (const CLI::ConfigItem& item : app_.get_config_formatter()->from_config(stream)) {
    file[item.fullname()] = item.inputs;
  }
  return file;
}

absl::StatusOr<std::string> Options::Reloaded(const std::string& name, const File& file, const std::string& value,
                                              const std::string& otherwise,
                                              const std::vector<std::string>& allowed) const {
  if (given_.count(name) > 0) return value;
  const auto line = file.find(name);
  if (line == file.end()) return otherwise;
  const std::string wanted = absl::StrJoin(line->second, " ");
  if (std::find(allowed.begin(), allowed.end(), wanted) != allowed.end()) return wanted;
  return absl::InvalidArgumentError(absl::StrCat(name, ": '", wanted, "' is none of ", absl::StrJoin(allowed, ", ")));
}

}  // namespace roster
