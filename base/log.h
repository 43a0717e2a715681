#ifndef ROSTER_BASE_LOG_H_
#define ROSTER_BASE_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace roster {

// Structured logs on stderr: one JSON object a line, or a line of text for people.
//
//   Log(LogLevel::kInfo, "listening", {{"address", address}});
//   {"time":"2026-01-02T03:04:05.678901Z","level":"info","program":"roster-projector","message":"listening","address":"..."}
//   2026-01-02T03:04:05.678901Z info roster-projector: listening address="..."
//
// The message is a constant; what varies goes into fields. No field holds an e-mail address, a name or a secret: say
// user_id, partition and offset instead.
//
// Thread safety: safe from any thread; a line is written whole.
enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kJson, kText };

struct LogField {
  LogField(absl::string_view key, absl::string_view value) : key(key), value(value) {}
  LogField(absl::string_view key, const char* value) : key(key), value(value) {}
  LogField(absl::string_view key, const std::string& value) : key(key), value(value) {}
  LogField(absl::string_view key, const absl::Status& status)
      : key(key), value(status.ToString(absl::StatusToStringMode::kWithNoExtraData)) {}
  LogField(absl::string_view key, bool flag) : key(key), value(flag ? "true" : "false"), quoted(false) {}
  template <typename Integer, typename = std::enable_if_t<std::is_integral_v<Integer>>>
  LogField(absl::string_view key, Integer number) : key(key), value(absl::StrCat(number)), quoted(false) {}

  absl::string_view key;
  std::string value;
  bool quoted = true;
};

void Log(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields = {});

// Names the program in every later line, and sets the lowest level that is written (kInfo before) and the form of the
// lines (kJson before). May be called again while others log.
void ConfigureLog(absl::string_view program, LogLevel lowest, LogFormat format = LogFormat::kJson);

// Lines written at this level since the program was started.
uint64_t LoggedLines(LogLevel level);

// "debug", "info", "warning" or "error"; anything else is kInfo.
LogLevel ParseLogLevel(absl::string_view name);
// "json" or "text"; anything else is kJson.
LogFormat ParseLogFormat(absl::string_view name);

// The line that Log writes, without the line's end; for tests.
std::string FormatLogLine(LogFormat format, absl::string_view time, LogLevel level, absl::string_view program,
                          absl::string_view message, std::initializer_list<LogField> fields);

}  // namespace roster

#endif  // ROSTER_BASE_LOG_H_
