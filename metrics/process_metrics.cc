#include "metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/log.h"
#include "base/version.h"

namespace roster::metrics {
namespace {

using Readings = std::vector<Registry::Reading>;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Field `number` of /proc/self/stat, as proc(5) counts them; absent where it cannot be read.
std::optional<double> StatField(size_t number) {
  // The second field is the program's name in brackets, and may hold blanks.
  const std::string stat = ReadFile("/proc/self/stat");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 > stat.size()) return std::nullopt;
  const std::vector<std::string> fields = absl::StrSplit(stat.substr(name_end + 2), ' ');
  double value = 0;
  if (number < 3 || number - 3 >= fields.size() || !absl::SimpleAtod(fields[number - 3], &value)) return std::nullopt;
  return value;
}

// Since 1970; absent where it cannot be read.
std::optional<double> StartTime() {
  double booted = 0;
  const std::vector<std::string> lines = absl::StrSplit(ReadFile("/proc/stat"), '\n');
  for (const std::string& line : lines) {
    if (absl::StartsWith(line, "btime ") && !absl::SimpleAtod(line.substr(6), &booted)) return std::nullopt;
  }
  const std::optional<double> ticks = StatField(22);
  if (booted == 0 || !ticks) return std::nullopt;
  return booted + *ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  // One of them is the folder's.
  return error ? 0 : static_cast<double>(std::distance(begin(files), end(files)) - 1);
}

// Not by getrlimit, which a unit's system call filter may forbid.
std::optional<double> MostOpenFiles() {
  const std::vector<std::string> lines = absl::StrSplit(ReadFile("/proc/self/limits"), '\n');
  for (const std::string& line : lines) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    double limit = 0;
    if (absl::StartsWith(line, "Max open files") && words.size() > 3 && absl::SimpleAtod(words[3], &limit))
      return limit;
  }
  return std::nullopt;
}

Readings Known(const std::optional<double>& value) {
  if (!value) return {};
  return {{.labels = {}, .value = *value}};
}

Readings FileSize(const std::string& label, const std::string& path) {
  std::error_code error;
  if (path.empty()) return {};
  const uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error) return {};
  return {{.labels = {{"file", label}}, .value = static_cast<double>(bytes)}};
}

}  // namespace

void AddProcessMetrics(Registry& registry, const std::string& program) {
  registry
      .AddGauge("roster_build_info", "Always 1; the labels say what runs.",
                {{"program", program}, {"version", std::string(Version())}})
      .Set(1);
  registry.AddReadings("roster_log_lines_total", "Lines logged at the levels warning and error.", Kind::kCounter, [] {
    return Readings{{{{"level", "warning"}}, static_cast<double>(LoggedLines(LogLevel::kWarning))},
                    {{{"level", "error"}}, static_cast<double>(LoggedLines(LogLevel::kError))}};
  });
  registry.AddReadings("process_start_time_seconds", "When the process was started, since 1970.", Kind::kGauge,
                       [start = StartTime()] { return Known(start); });
  registry.AddReading("process_cpu_seconds_total", "Processor time spent.", Kind::kCounter, CpuSeconds);
  registry.AddReadings("process_resident_memory_bytes", "Memory in use.", Kind::kGauge, [] {
    const std::optional<double> pages = StatField(24);
    return pages ? Known(*pages * static_cast<double>(sysconf(_SC_PAGESIZE))) : Readings();
  });
  registry.AddReading("process_open_fds", "Open files and connections.", Kind::kGauge, OpenFiles);
  registry.AddReadings("process_max_fds", "The most that may be open.", Kind::kGauge,
                       [] { return Known(MostOpenFiles()); });
}

void AddDatabaseSize(Registry& registry, const std::string& file, std::function<std::string()> path) {
  registry.AddReadings("roster_database_bytes", "Size of an SQLite file.", Kind::kGauge,
                       [file, path] { return FileSize(file, path()); });
  registry.AddReadings("roster_wal_bytes", "Size of an SQLite file's write-ahead log.", Kind::kGauge,
                       [file, path = std::move(path)] {
                         const std::string database = path();
                         return database.empty() ? Readings() : FileSize(file, absl::StrCat(database, "-wal"));
                       });
}

}  // namespace roster::metrics
