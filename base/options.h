#ifndef ROSTER_BASE_OPTIONS_H_
#define ROSTER_BASE_OPTIONS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"

namespace roster {

// Settings of a program: each is a flag (`--listen`), an environment variable (`ROSTER_LISTEN`) and a line of the file
// that `--config` names (`listen = "..."`, TOML or INI). A flag goes before the environment, that before the file.
// Settings are declared with CLI11; this adds what all programs share: the environment's names, --config, --version,
// --log-level, --log-format and one way to report what is wrong.
//
// Thread safety: one thread, main's.
class Options {
 public:
  Options(std::string program, std::string description);

  // For settings CLI11 declares; give every one a line of help. Call before Parse.
  CLI::App& app() { return app_; }

  // Reads the settings into the variables they were declared with, and configures the log. On --help, --version or an
  // error it prints and returns the exit code that main should return at once.
  std::optional<int> Parse(int argc, const char* const* argv);

  // Reads the file that --config names again, and takes over what can change while a program runs: the log's level and
  // format, where neither a flag nor the environment sets them. What else has changed in the file is named in the log
  // and waits for the next start; with an error in the file nothing changes. For SIGHUP.
  void Reload();

 private:
  static constexpr char kDefaultLogLevel[] = "info";
  static constexpr char kDefaultLogFormat[] = "json";

  // What a settings file says, by name.
  using File = std::map<std::string, std::vector<std::string>>;

  void ParseConfigFile();
  File ReadFile() const;
  // `value` as it is to be by `file`: its line there, or the default; unchanged where the file is not what sets it.
  // INVALID_ARGUMENT where the line has none of `allowed`.
  absl::StatusOr<std::string> Reloaded(const std::string& name, const File& file, const std::string& value,
                                       const std::string& otherwise, const std::vector<std::string>& allowed) const;

  CLI::App app_;
  std::string program_;
  std::string config_file_;
  std::string log_level_ = kDefaultLogLevel;
  std::string log_format_ = kDefaultLogFormat;
  // The file as it was at the start.
  File file_;
  // Of the two that can change: those that a flag or the environment sets.
  std::set<std::string> given_;
};

// "--write-model" -> "ROSTER_WRITE_MODEL".
std::string EnvironmentName(const std::string& flag);

}  // namespace roster

#endif  // ROSTER_BASE_OPTIONS_H_
