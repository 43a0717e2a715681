#ifndef ROSTER_BASE_OPTIONS_H_
#define ROSTER_BASE_OPTIONS_H_

#include <optional>
#include <string>

#include "CLI/CLI.hpp"

namespace roster {

// Settings of a program: each is a flag (`--listen`), an environment variable (`ROSTER_LISTEN`) and a line of the file
// that `--config` names (`listen = "..."`, TOML or INI). A flag goes before the environment, that before the file.
// Settings are declared with CLI11; this adds what all programs share: the environment's names, --config, --version,
// --log-level and one way to report what is wrong.
//
// Thread safety: none; used in main before threads start.
class Options {
 public:
  Options(std::string program, std::string description);

  // For settings CLI11 declares; give every one a line of help. Call before Parse.
  CLI::App& app() { return app_; }

  // Reads the settings into the variables they were declared with, and configures the log. On --help, --version or an
  // error it prints and returns the exit code that main should return at once.
  std::optional<int> Parse(int argc, const char* const* argv);

 private:
  void ParseConfigFile();

  CLI::App app_;
  std::string program_;
  std::string config_file_;
  std::string log_level_ = "info";
};

// "--write-model" -> "ROSTER_WRITE_MODEL".
std::string EnvironmentName(const std::string& flag);

}  // namespace roster

#endif  // ROSTER_BASE_OPTIONS_H_
