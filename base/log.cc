#include "base/log.h"

#include <unistd.h>

#include <atomic>

#include "absl/base/attributes.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/json_text.h"
#include "base/log_trace_id.h"

namespace roster {
namespace {

std::atomic<LogLevel> lowest_level{LogLevel::kInfo};
std::atomic<LogFormat> line_format{LogFormat::kJson};
// By level.
std::atomic<uint64_t> logged_lines[4];
ABSL_CONST_INIT absl::Mutex program_mutex(absl::kConstInit);
// Never destroyed: threads may log while the process exits.
std::string& ProgramName() {
  static std::string* const name = new std::string("roster");
  return *name;
}

// Of LogTraceId.
thread_local absl::string_view trace_id_of_thread;

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

std::string FormatJson(absl::string_view time, LogLevel level, absl::string_view program, absl::string_view message,
                       std::initializer_list<LogField> fields) {
  std::string line = "{";
  AppendJsonMember("time", time, true, line);
  AppendJsonMember("level", LevelName(level), true, line);
  AppendJsonMember("program", program, true, line);
  AppendJsonMember("message", message, true, line);
  for (const LogField& field : fields) AppendJsonMember(field.key, field.value, field.quoted, line);
  if (!trace_id_of_thread.empty()) AppendJsonMember("trace_id", trace_id_of_thread, true, line);
  line.push_back('}');
  return line;
}

// Values are quoted as in JSON, so that no value can make up a field or a line.
std::string FormatText(absl::string_view time, LogLevel level, absl::string_view program, absl::string_view message,
                       std::initializer_list<LogField> fields) {
  std::string line = absl::StrCat(time, " ", LevelName(level), " ", program, ": ", message);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", absl::StrReplaceAll(field.key, {{" ", "_"}}), "=");
    if (field.quoted) {
      AppendJsonString(field.value, line);
    } else {
      line += field.value;
    }
  }
  if (!trace_id_of_thread.empty()) absl::StrAppend(&line, " trace_id=", trace_id_of_thread);
  return line;
}

}  // namespace

std::string FormatLogLine(LogFormat format, absl::string_view time, LogLevel level, absl::string_view program,
                          absl::string_view message, std::initializer_list<LogField> fields) {
  const auto form = format == LogFormat::kText ? FormatText : FormatJson;
  return form(time, level, program, message, fields);
}

void Log(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields) {
  if (level < lowest_level.load(std::memory_order_relaxed)) return;
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  std::string program;
  {
    absl::MutexLock lock(&program_mutex);
    program = ProgramName();
  }
  const LogFormat format = line_format.load(std::memory_order_relaxed);
  const std::string line = FormatLogLine(format, time, level, program, message, fields) + "\n";
  logged_lines[static_cast<int>(level)].fetch_add(1, std::memory_order_relaxed);
  // One write keeps the line whole between threads and processes; a log that cannot be written must stop nothing.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

LogTraceId::LogTraceId(absl::string_view trace_id) : before_(trace_id_of_thread) {
  if (!trace_id.empty()) trace_id_of_thread = trace_id;
}

LogTraceId::~LogTraceId() { trace_id_of_thread = before_; }

void ConfigureLog(absl::string_view program, LogLevel lowest, LogFormat format) {
  lowest_level.store(lowest, std::memory_order_relaxed);
  line_format.store(format, std::memory_order_relaxed);
  absl::MutexLock lock(&program_mutex);
  ProgramName() = std::string(program);
}

LogLevel ParseLogLevel(absl::string_view name) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (name == LevelName(level)) return level;
  }
  return LogLevel::kInfo;
}

LogFormat ParseLogFormat(absl::string_view name) { return name == "text" ? LogFormat::kText : LogFormat::kJson; }

uint64_t LoggedLines(LogLevel level) { return logged_lines[static_cast<int>(level)].load(std::memory_order_relaxed); }

}  // namespace roster
