#include "base/log.h"

#include <unistd.h>

#include <atomic>

#include "absl/base/attributes.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/json_text.h"

namespace roster {
namespace {

std::atomic<LogLevel> lowest_level{LogLevel::kInfo};
ABSL_CONST_INIT absl::Mutex program_mutex(absl::kConstInit);
// Never destroyed: threads may log while the process exits.
std::string& ProgramName() {
  static std::string* const name = new std::string("roster");
  return *name;
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

}  // namespace

std::string FormatLogLine(absl::string_view time, LogLevel level, absl::string_view program, absl::string_view message,
                          std::initializer_list<LogField> fields) {
  std::string line = "{";
  AppendJsonMember("time", time, true, line);
  AppendJsonMember("level", LevelName(level), true, line);
  AppendJsonMember("program", program, true, line);
  AppendJsonMember("message", message, true, line);
  for (const LogField& field : fields) AppendJsonMember(field.key, field.value, field.quoted, line);
  line.push_back('}');
  return line;
}

void Log(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields) {
  if (level < lowest_level.load(std::memory_order_relaxed)) return;
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  std::string program;
  {
    absl::MutexLock lock(&program_mutex);
    program = ProgramName();
  }
  const std::string line = FormatLogLine(time, level, program, message, fields) + "\n";
  // One write keeps the line whole between threads and processes; a log that cannot be written must stop nothing.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

void ConfigureLog(absl::string_view program, LogLevel lowest) {
  lowest_level.store(lowest, std::memory_order_relaxed);
  absl::MutexLock lock(&program_mutex);
  ProgramName() = std::string(program);
}

LogLevel ParseLogLevel(absl::string_view name) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (name == LevelName(level)) return level;
  }
  return LogLevel::kInfo;
}

}  // namespace roster
