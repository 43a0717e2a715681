#include "bench/raw_append.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "base/error.h"

namespace roster::bench {
namespace {

// As long as SQLite's write-ahead log is by default when it is wound up: 1000 pages of 4 KiB.
constexpr off_t kPreallocatedBytes = 4 << 20;

absl::Status WriteAt(int file, const std::string& bytes, off_t offset) {
  if (pwrite(file, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size())) {
    return absl::ErrnoToStatus(errno, "pwrite");
  }
  if (fdatasync(file) != 0) return absl::ErrnoToStatus(errno, "fdatasync");
  return absl::OkStatus();
}

// Writes to a file that has `preallocated` bytes; from its front again where the next write would make it longer, but
// not where it has none.
absl::StatusOr<double> WritesPerSecond(const std::string& path, int bytes, off_t preallocated,
                                       absl::Duration duration) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return absl::ErrnoToStatus(errno, path);
  const auto remove_file = absl::MakeCleanup([file, &path] {
    close(file);
    unlink(path.c_str());
  });
  if (preallocated > 0) ROSTER_RETURN_IF_ERROR(WriteAt(file, std::string(static_cast<size_t>(preallocated), '\0'), 0));
  const std::string record(static_cast<size_t>(bytes), 'x');
  const absl::Time begin = absl::Now();
  int64_t writes = 0;
  off_t offset = 0;
  while (absl::Now() < begin + duration) {
    if (preallocated > 0 && offset + bytes > preallocated) offset = 0;
    ROSTER_RETURN_IF_ERROR(WriteAt(file, record, offset));
    offset += bytes;
    ++writes;
  }
  return static_cast<double>(writes) / absl::ToDoubleSeconds(absl::Now() - begin);
}

}  // namespace

absl::StatusOr<double> AppendsPerSecond(const std::string& path, int bytes, absl::Duration duration) {
  return WritesPerSecond(path, bytes, 0, duration);
}

absl::StatusOr<double> OverwritesPerSecond(const std::string& path, int bytes, absl::Duration duration) {
  return WritesPerSecond(path, bytes, kPreallocatedBytes, duration);
}

}  // namespace roster::bench
