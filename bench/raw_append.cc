#include "bench/raw_append.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"

namespace roster::bench {

absl::StatusOr<double> RawAppendsPerSecond(const std::string& path, int bytes, absl::Duration duration) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return absl::ErrnoToStatus(errno, path);
  const auto close_file = absl::MakeCleanup([file] { close(file); });
  const std::string record(bytes, 'x');
  const absl::Time begin = absl::Now();
  int64_t appends = 0;
  while (absl::Now() < begin + duration) {
    if (write(file, record.data(), record.size()) != bytes) return absl::ErrnoToStatus(errno, "write " + path);
    if (fdatasync(file) != 0) return absl::ErrnoToStatus(errno, "fdatasync " + path);
    ++appends;
  }
  return static_cast<double>(appends) / absl::ToDoubleSeconds(absl::Now() - begin);
}

}  // namespace roster::bench
