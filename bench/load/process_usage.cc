#include "bench/load/process_usage.h"

#include <time.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace roster::bench {

absl::StatusOr<absl::Duration> CpuTimeOf(pid_t process) {
  clockid_t clock;
  if (const int error = clock_getcpuclockid(process, &clock); error != 0) {
    return absl::ErrnoToStatus(error, "clock_getcpuclockid");
  }
  timespec time;
  if (clock_gettime(clock, &time) != 0) return absl::ErrnoToStatus(errno, "clock_gettime");
  return absl::DurationFromTimespec(time);
}

absl::StatusOr<int64_t> AnonymousBytesOf(pid_t process) {
  std::ifstream status(absl::StrCat("/proc/", process, "/status"));
  std::string word;
  int64_t kibibytes = 0;
  while (status >> word) {
    if (word == "RssAnon:" && status >> kibibytes) return kibibytes * 1024;
  }
  return absl::NotFoundError(absl::StrCat("process ", process, " tells no memory"));
}

}  // namespace roster::bench
